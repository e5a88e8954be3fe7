"""Allocation rounds as the pooled funds publish them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from grants.imports.rules.findings import Findings
from grants.imports.rules.table import Row, day_in, number_in, read_table
from grants.money import Money

COLUMNS = (
    "AllocationTitle",
    "AllocationSource",
    "TotalUSDPlanned",
    "PlannedStartDate",
    "PlannedEndDate",
    "PooledFundId",
    "PooledFundName",
    "AllocationYear",
    "TotalProjectsApproved",
    "TotalApprovedBudget",
    "AllocationTypeId",
    "FundTypeId",
)
#: The central fund allocates to countries: all its rounds are of one fund.
CENTRAL_FUND_TYPE, CENTRAL_FUND = "2", "CERF"
TITLE_MAX = 300


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
        text = json.dumps(self.content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def read_rounds(content: bytes, findings: Findings) -> list[Round]:
    """The sound lines of a file of rounds; all else is in the findings."""
    rows = read_table(content, "allocation rounds", COLUMNS, findings)
    found = [_round(row, findings) for row in rows]
    return [each for each in found if each is not None]


def _round(row: Row, findings: Findings) -> Round | None:
    number, kind = row.text("AllocationTypeId"), row.text("FundTypeId")
    key = f"{kind}/{row.text('PooledFundId')}/{number}"
    year = number_in(row, "AllocationYear", key, findings)
    if not number or year is None:
        findings.error(
            row.number, key, "no_key", "AllocationTypeId", "The line has no number or no year."
        )
        return None
    is_central = kind == CENTRAL_FUND_TYPE
    fund = CENTRAL_FUND if is_central else row.text("PooledFundName")
    if not fund:
        findings.error(row.number, key, "no_fund", "PooledFundName", "The line names no fund.")
        return None
    title = " ".join(row.text("AllocationTitle").split())
    if len(title) > TITLE_MAX:
        findings.notice(
            row.number,
            key,
            "long_title",
            "AllocationTitle",
            f"The title has {len(title)} characters; the first {TITLE_MAX} head the round,"
            " the whole is kept in its summary.",
        )
    return Round(
        row=row.number,
        key=key,
        fund=fund,
        fund_number="" if is_central else row.text("PooledFundId"),
        title=title[:TITLE_MAX] or f"Round {number}",
        summary=row.text("AllocationSummary") or title,
        kind=row.text("AllocationSource"),
        year=int(year),
        planned=_usd(row, "TotalUSDPlanned", key, findings),
        starts_on=_day(row, "PlannedStartDate", key, findings),
        ends_on=_day(row, "PlannedEndDate", key, findings),
        approved=_usd(row, "TotalApprovedBudget", key, findings),
        grants_approved=int(number_in(row, "TotalProjectsApproved", key, findings) or 0),
    )


def _usd(row: Row, column: str, key: str, findings: Findings) -> Money | None:
    value = number_in(row, column, key, findings)
    if value is None:
        return None
    if value < 0:
        findings.warning(
            row.number,
            key,
            "negative_amount",
            column,
            f"USD {value:,f} is below nothing; left out.",
        )
        return None
    amount = Money.rounded(value, "USD")
    if amount.amount != value:
        findings.notice(
            row.number,
            key,
            "rounding_usd",
            column,
            f"USD {value:,f} is kept as {amount}, a difference of {value - amount.amount:f}.",
        )
    return amount


def _day(row: Row, column: str, key: str, findings: Findings) -> date | None:
    day = day_in(row, column)
    if day is None:
        findings.notice(
            row.number, key, "missing_date", column, f"There is no {column} that can be read."
        )
    return day


def _plain(value: object) -> object:
    return str(value) if isinstance(value, (date, Decimal, Money)) else value
