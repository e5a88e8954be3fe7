"""What stands in a cell: numbers and days, exactly, or a finding that says why not."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from grants.imports.rules.findings import Findings
from grants.imports.rules.table import Row

_NUMBER = re.compile(
    r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)?(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?"
)
#: A number beyond these is a slip: no fund receives an amount of nineteen digits.
_SIZE_MAX, _PLACES_MAX = 18, 18
#: The American way of writing days is that of the source; the other way round is refused.
_DAY_FORMATS = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y")
YEARS = range(1945, 2101)


def number_in(
    row: Row, column: str, key: str, findings: Findings, *, is_needed: bool = True
) -> Decimal | None:
    """The number in a cell; None where it is empty or no number, which is a finding.

    Commas are read between groups of three digits only: 1234,56 might mean two things. What is no
    number is an error, or a warning where the row is sound without it.
    """
    typed = row.text(column)
    if not typed:
        return None
    value = _number(typed)
    if value is None:
        tell = findings.error if is_needed else findings.warning
        tell(row.number, key, "bad_number", column, f"{typed[:60]!r} is not a number.")
        return None
    if "e" in typed.lower():
        findings.notice(
            row.number,
            key,
            "scientific_notation",
            column,
            f"{typed} is in scientific notation, read as {value:,f}; digits may be lost.",
        )
    return value


def year_in(row: Row, column: str, key: str, findings: Findings) -> int | None:
    """The year in a cell; None where there is none that can be meant, which is a finding."""
    value = _number(row.text(column)) if row.text(column) else None
    if value is None or value != value.to_integral_value() or int(value) not in YEARS:
        typed = row.text(column)[:60]
        findings.error(row.number, key, "bad_year", column, f"{typed!r} is not a year.")
        return None
    return int(value)


def day_in(row: Row, column: str) -> date | None:
    """The day in a cell; None where it is empty, unreadable or stands for "there is none"."""
    found = _day(row.text(column))
    return found if found and found.year in YEARS else None


def is_sentinel(row: Row, column: str) -> bool:
    """Whether the date in a cell stands for "there is none": the first or last of its system."""
    found = _day(row.text(column))
    return found is not None and (found.year in {1, 1899, 1900, 9999})


def is_unreadable_day(row: Row, column: str) -> bool:
    """Whether a cell holds something that is no day."""
    found = _day(row.text(column))
    if found is None:
        return bool(row.text(column))
    return found.year not in YEARS and not is_sentinel(row, column)


@lru_cache(maxsize=20_000)
def _number(typed: str) -> Decimal | None:
    if not _NUMBER.fullmatch(typed) or not any(sign.isdigit() for sign in typed):
        return None
    mantissa = typed.lower().partition("e")[0]
    if not any(sign.isdigit() for sign in mantissa):
        return None
    value = Decimal(typed.replace(",", ""))
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    if value and value.adjusted() >= _SIZE_MAX:
        return None
    return value if -exponent <= _PLACES_MAX else None


@lru_cache(maxsize=20_000)
def _day(typed: str) -> date | None:
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).date()
    except ValueError:
        pass
    for form in _DAY_FORMATS:
        try:
            return datetime.strptime(typed, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None
