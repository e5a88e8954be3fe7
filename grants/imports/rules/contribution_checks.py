"""What is odd about a line of contributions, beside what keeps it out of the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from grants.imports.rules.cells import day_in, is_sentinel, is_unreadable_day, number_in
from grants.imports.rules.findings import Findings, Tell
from grants.imports.rules.rates import SIDES
from grants.imports.rules.table import Row
from grants.money import is_currency

_CODE_COLUMNS = ("ContributionCode", "PaidAmtLocalCurrency", "PledgeAmtLocalCurrency")
_DATE_COLUMNS = ("LatestDate", "ActivityDate", "PaidDate", "PledgeDate")
_NEVER = {"Paid": "There is no date of payment: none came.", "Pledge": "There is no pledge date."}


def look_at_line(row: Row, findings: Findings) -> None:
    """Codes with blanks around them, currencies that are none, lines that carry nothing."""
    _look_for_blanks(row, findings)
    for side in SIDES:
        _look_at_currency(row, side, findings)
    if not any(_amount(row, side) for side in SIDES):
        _tell(findings.notice, row, "zero_row", "PaidAmt", "Nothing is paid or pledged here.")


def look_at_dates(row: Row, findings: Findings, *, today: date) -> None:
    """Dates that stand for none, that cannot be read, that are missing or still to come."""
    sentinels = [column for column in _DATE_COLUMNS if is_sentinel(row, column)]
    if sentinels:
        sentence = f"{row.text(sentinels[0])[:10]} stands for no date and was not used."
        _tell(findings.notice, row, "sentinel_date", ", ".join(sentinels), sentence)
    for column in _DATE_COLUMNS:
        if is_unreadable_day(row, column):
            sentence = f"{row.text(column)[:40]!r} is no day that can be read; it was not used."
            _tell(findings.warning, row, "bad_date", column, sentence)
    for side in SIDES:
        column = f"{side}Date"
        if not row.text(column) and not _amount(row, side):
            _tell(findings.notice, row, "missing_date", column, _NEVER[side])
    paid_on = day_in(row, "PaidDate")
    if paid_on and paid_on > today and _amount(row, "Paid"):
        sentence = f"The payment is dated {paid_on:%d %B %Y}, which is still to come."
        _tell(findings.warning, row, "future_date", "PaidDate", sentence)


def look_at_shared_codes(lines: Sequence[tuple[int, str, str]], findings: Findings) -> None:
    """Codes on several lines: instalments, or perhaps the same payment twice.

    Lines are row number, code and a hash of what matters.
    """
    by_key: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, key, content in lines:
        by_key[key].append((number, content))
    for key, group in by_key.items():
        if len(group) < 2:
            continue
        first_with: dict[str, int] = {}
        for place, (number, content) in enumerate(group, 1):
            same = first_with.setdefault(content, number)
            if same == number:
                sentence = f"{len(group)} lines bear this code: this is instalment {place}."
                findings.notice(number, key, "shared_code", "ContributionCode", sentence)
            else:
                sentence = f"The line says the same as row {same}: is one payment here twice?"
                findings.warning(number, key, "repeated_line", "ContributionCode", sentence)


def _look_for_blanks(row: Row, findings: Findings) -> None:
    padded = [column for column in _CODE_COLUMNS if row.raw(column) != row.text(column)]
    if padded:
        values = ", ".join(repr(row.raw(column)) for column in padded)
        sentence = f"{values} carries blanks; they were taken off."
        _tell(findings.notice, row, "padded_code", ", ".join(padded), sentence)


def _look_at_currency(row: Row, side: str, findings: Findings) -> None:
    column = f"{side}AmtLocalCurrency"
    currency = row.text(column).upper()
    if currency and is_currency(currency):
        return
    is_used = bool(_amount(row, side))
    what = f"{currency[:20]!r} is no currency of ISO 4217" if currency else "No currency is given"
    if not is_used:
        sentence = f"{what}; no amount needs one."
    else:
        sentence = f"{what}{_hint(row, side)}; the value in US dollars is booked."
    tell = findings.warning if is_used else findings.notice
    _tell(tell, row, "unknown_currency", column, sentence)


def _hint(row: Row, side: str) -> str:
    other = row.text("PledgeAmtLocalCurrency" if side == "Paid" else "PaidAmtLocalCurrency")
    return f" (the other amount of the line is in {other})" if other else ""


def _amount(row: Row, side: str) -> Decimal | None:
    return number_in(row, f"{side}Amt", "", Findings())


def _tell(tell: Tell, row: Row, code: str, column: str, sentence: str) -> None:
    tell(row.number, row.text("ContributionCode"), code, column, sentence)
