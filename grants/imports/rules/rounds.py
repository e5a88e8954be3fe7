"""Allocation rounds as the pooled funds publish them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from grants.imports.rules.cells import day_in, is_unreadable_day, number_in, year_in
from grants.imports.rules.findings import Findings
from grants.imports.rules.layouts import LAYOUTS, ROUNDS
from grants.imports.rules.reading import Reading, hash_of, reading_of
from grants.imports.rules.table import Row, key_in, name_in, read_table
from grants.money import Money, NotMoney

#: The central fund allocates to countries: all its rounds are of one fund.
CENTRAL_FUND_TYPE, CENTRAL_FUND = "2", "CERF"
TITLE_MAX, FUND_MAX = 300, 200


@dataclass(frozen=True, kw_only=True)
class Round:
    """One allocation round."""

    row: int
    key: str
    fund: str
    #: The number of the fund in its source; empty where the round is of the central fund.
    fund_number: str
    title: str
    summary: str
    kind: str
    year: int
    planned: Money | None
    starts_on: date | None
    ends_on: date | None
    approved: Money | None
    grants_approved: int

    @property
    def content(self) -> dict[str, object]:
        return {name: _plain(value) for name, value in asdict(self).items() if name != "row"} | {
            "planned": _plain(self.planned),
            "approved": _plain(self.approved),
        }

    @property
    def content_hash(self) -> str:
        return hash_of(self.content)

    @property
    def has_span(self) -> bool:
        """Whether it is known when the round opened and closed, in this order."""
        if self.starts_on is None or self.ends_on is None:
            return False
        return self.starts_on <= self.ends_on


def read_rounds(content: bytes, findings: Findings) -> Reading[Round]:
    """The sound lines of a file of rounds; all else is in the findings."""
    table = read_table(content, ROUNDS, findings, LAYOUTS)
    found: dict[str, Round] = {}
    for row in table.rows:
        line = _round(row, findings)
        if line is None:
            continue
        if line.key in found:
            sentence = f"Row {found[line.key].row} has this number already."
            findings.error(row.number, line.key, "duplicate_key", "AllocationTypeId", sentence)
            continue
        found[line.key] = line
    return reading_of(table, list(found.values()), findings)


def _round(row: Row, findings: Findings) -> Round | None:
    number = key_in(row, "AllocationTypeId", findings)
    if not number:
        return None
    kind = row.text("FundTypeId")
    key = f"{kind}/{row.text('PooledFundId')}/{number}"[:80]
    before = findings.errors
    is_central = kind == CENTRAL_FUND_TYPE
    named = name_in(row, "PooledFundName", key, findings, length=FUND_MAX)
    fund = CENTRAL_FUND if is_central else named
    if not fund:
        findings.error(row.number, key, "no_fund", "PooledFundName", "The line names no fund.")
    year = year_in(row, "AllocationYear", key, findings)
    planned = _usd(row, "TotalUSDPlanned", key, findings)
    approved = _usd(row, "TotalApprovedBudget", key, findings)
    grants = _count(row, "TotalProjectsApproved", key, findings)
    title = _title(row, key, findings)
    if findings.errors > before or year is None:
        return None
    found = Round(
        row=row.number,
        key=key,
        fund=fund,
        fund_number="" if is_central else row.text("PooledFundId"),
        title=title[:TITLE_MAX] or f"Round {number}",
        summary=row.text("AllocationSummary") or title,
        kind=row.text("AllocationSource"),
        year=year,
        planned=planned,
        starts_on=_day(row, "PlannedStartDate", key, findings),
        ends_on=_day(row, "PlannedEndDate", key, findings),
        approved=approved,
        grants_approved=grants,
    )
    _look_at_span(found, findings)
    return found


def _title(row: Row, key: str, findings: Findings) -> str:
    title = row.words("AllocationTitle")
    if len(title) > TITLE_MAX:
        sentence = (
            f"The title has {len(title)} characters; the first {TITLE_MAX} head the round,"
            " the whole is kept in its summary."
        )
        findings.notice(row.number, key, "long_title", "AllocationTitle", sentence)
    elif not title:
        sentence = "The round has no title; its number stands for it."
        findings.notice(row.number, key, "no_title", "AllocationTitle", sentence)
    return title


def _usd(row: Row, column: str, key: str, findings: Findings) -> Money | None:
    value = number_in(row, column, key, findings)
    if value is None:
        return None
    if value < 0:
        sentence = f"USD {value:,f} is below nothing; left out."
        findings.warning(row.number, key, "negative_amount", column, sentence)
        return None
    try:
        amount = Money.rounded(value, "USD")
    except NotMoney:
        sentence = f"USD {value:,f} is more than the books can hold."
        findings.error(row.number, key, "too_large", column, sentence)
        return None
    if amount.amount != value:
        sentence = f"USD {value:,f} is kept as {amount}, a difference of {value - amount.amount:f}."
        findings.notice(row.number, key, "rounding_usd", column, sentence)
    return amount


def _count(row: Row, column: str, key: str, findings: Findings) -> int:
    value = number_in(row, column, key, findings) or 0
    if value != int(value) or not 0 <= value < 1_000_000:
        sentence = f"{row.text(column)[:40]!r} is no number of grants."
        findings.error(row.number, key, "bad_number", column, sentence)
    return int(value)


def _day(row: Row, column: str, key: str, findings: Findings) -> date | None:
    day = day_in(row, column)
    if day is None:
        is_bad = is_unreadable_day(row, column)
        code, tell = ("bad_date", findings.warning) if is_bad else ("missing_date", findings.notice)
        typed = f": {row.text(column)[:40]!r}" if is_bad else ""
        tell(row.number, key, code, column, f"There is no {column} that can be read{typed}.")
    return day


def _look_at_span(found: Round, findings: Findings) -> None:
    if found.starts_on and found.ends_on and not found.has_span:
        sentence = f"The round ends on {found.ends_on}, before it starts on {found.starts_on}."
        findings.warning(found.row, found.key, "dates_crossed", "PlannedEndDate", sentence)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, (date, Money)) else value
