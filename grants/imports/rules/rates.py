"""Rates of exchange in a file: which of them cannot be right."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

from grants.imports.rules.cells import day_in, number_in
from grants.imports.rules.findings import Findings
from grants.imports.rules.table import Row

#: A rate this many times its neighbours, or this part of them, is off by a factor.
FACTOR = Decimal("1.5")
#: Further than this from its neighbours a rate is worth a look; so is one that the amounts deny.
UNUSUAL, MISMATCH = Decimal("0.15"), Decimal("0.02")
#: How near a rate is to one divided by the usual one if it was turned round.
TURNED = Decimal("0.03")
#: The neighbours of a rate: so many before and after it, within so many days, at least so many.
NEIGHBOURS, NEIGHBOUR_DAYS, NEIGHBOURS_MIN = 5, 366, 3
ONE = Decimal(1)
SIDES = ("Paid", "Pledge")


@dataclass(frozen=True)
class _Quote:
    """A rate as one line states it, and as its amounts make it."""

    row: Row
    side: str
    currency: str
    day: date
    stated: Decimal
    implied: Decimal | None
    #: Whether an amount of the line was valued with it.
    is_used: bool


def look_at_rates(rows: Sequence[Row], findings: Findings) -> None:
    """Find each rate that is missing, far from its neighbours, or not what the amounts make.

    Neighbours are the rates of the same currency nearest in time in the file. A rate more than one
    and a half times their median, or less than two thirds of it, is off by a factor; so is a rate
    that far from the one that the amounts of its line make, and one that is turned round (dollars
    for a euro where euros for a dollar are meant). A US dollar is one US dollar.
    """
    quotes: dict[str, list[_Quote]] = defaultdict(list)
    for row in rows:
        for side in SIDES:
            quote = _quote(row, side, findings)
            if quote is not None:
                quotes[quote.currency].append(quote)
    for of_currency in quotes.values():
        usual = _usual(of_currency)
        for quote in of_currency:
            near = ONE if quote.currency == "USD" else usual.get((quote.day, quote.stated))
            _judge(quote, near, findings)


def _quote(row: Row, side: str, findings: Findings) -> _Quote | None:
    quiet = Findings()
    currency = row.text(f"{side}AmtLocalCurrency").upper()
    if not currency:
        return None
    stated = number_in(row, f"{side}AmtCurrencyExchangeRate", "", quiet)
    usd = number_in(row, f"{side}Amt", "", quiet)
    if not stated or stated < 0:
        if currency != "USD":
            _tell_missing(row, side, currency, is_used=bool(usd), findings=findings)
        return None
    local = number_in(row, f"{side}AmtLocal", "", quiet)
    day = day_in(row, f"{side}Date") or day_in(row, "PledgeDate") or day_in(row, "PaidDate")
    return _Quote(
        row=row,
        side=side,
        currency=currency,
        day=day or date.min,
        stated=stated,
        implied=local / usd if usd and local and usd > 0 and local > 0 else None,
        is_used=bool(usd),
    )


def _usual(quotes: Sequence[_Quote]) -> dict[tuple[date, Decimal], Decimal]:
    """The median of the rates around each one in time, where there are enough of them.

    A rate that many lines share on a day counts once, so that a slip that was copied stays one.
    """
    points = sorted({(quote.day, quote.stated) for quote in quotes if quote.day != date.min})
    days = [day.toordinal() for day, _ in points]
    found: dict[tuple[date, Decimal], Decimal] = {}
    for index, day in enumerate(days):
        first = max(index - NEIGHBOURS, bisect_left(days, day - NEIGHBOUR_DAYS))
        last = min(index + 1 + NEIGHBOURS, bisect_left(days, day + NEIGHBOUR_DAYS + 1))
        around = [rate for _, rate in points[first:index] + points[index + 1 : last]]
        if len(around) >= NEIGHBOURS_MIN:
            found[points[index]] = median(around)
    return found


def _judge(quote: _Quote, usual: Decimal | None, findings: Findings) -> None:
    per_dollar = f"{_short(quote.stated)} {quote.currency} for a US dollar"
    if usual and _is_turned(quote.stated, usual):
        sentence = f"{per_dollar} looks turned round, as {_short(usual)} is usual at that time"
        _tell_factor(quote, sentence, quote.stated / usual, findings)
    elif usual and _is_off(quote.stated, usual):
        sentence = f"{per_dollar} is far from {_short(usual)}, usual at that time"
        _tell_factor(quote, sentence, quote.stated / usual, findings)
    elif quote.implied and _is_off(quote.stated, quote.implied):
        sentence = f"The rate says {per_dollar}, the amounts say {_short(quote.implied)}"
        _tell_factor(quote, sentence, quote.stated / quote.implied, findings)
    elif quote.implied and abs(quote.stated / quote.implied - 1) > MISMATCH:
        _tell_mismatch(
            quote, f"The amounts make a rate of {_short(quote.implied)}, not {per_dollar}", findings
        )
    elif usual and abs(quote.stated / usual - 1) > (0 if quote.currency == "USD" else UNUSUAL):
        _tell_mismatch(quote, f"{per_dollar} is not the usual {_short(usual)}", findings)


def _is_off(rate: Decimal, usual: Decimal) -> bool:
    return rate > usual * FACTOR or rate * FACTOR < usual


def _is_turned(rate: Decimal, usual: Decimal) -> bool:
    return abs(rate * usual - 1) < TURNED and abs(rate / usual - 1) > UNUSUAL


def _tell_factor(quote: _Quote, sentence: str, ratio: Decimal, findings: Findings) -> None:
    times = ratio if ratio > 1 else 1 / ratio
    which = "more" if ratio > 1 else "less"
    tell = findings.warning if quote.is_used else findings.notice
    tell(
        quote.row.number,
        quote.row.text("ContributionCode"),
        "rate_factor",
        f"{quote.side}AmtCurrencyExchangeRate",
        f"{sentence}: {times:,.1f} times {which}. {_use(quote)}",
    )


def _tell_mismatch(quote: _Quote, sentence: str, findings: Findings) -> None:
    findings.notice(
        quote.row.number,
        quote.row.text("ContributionCode"),
        "rate_mismatch",
        f"{quote.side}AmtCurrencyExchangeRate",
        f"{sentence}. {_use(quote)}",
    )


def _tell_missing(row: Row, side: str, currency: str, *, is_used: bool, findings: Findings) -> None:
    tell = findings.warning if is_used else findings.notice
    words = "the value in US dollars is booked as given" if is_used else "no amount needs one"
    tell(
        row.number,
        row.text("ContributionCode"),
        "missing_rate",
        f"{side}AmtCurrencyExchangeRate",
        f"There is no rate of {currency}; {words}.",
    )


def _use(quote: _Quote) -> str:
    if quote.is_used:
        return "The value in US dollars is booked as given."
    return "No amount of the line uses it."


def _short(rate: Decimal) -> str:
    """A rate with as many decimals as a person needs to see the difference."""
    text = f"{rate:.4f}" if rate >= 1 else f"{rate:.6f}"
    return text.rstrip("0").rstrip(".") or "0"
