"""Grants (projects) as the pooled funds publish them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date

from grants.imports.rules.findings import Findings
from grants.imports.rules.table import Row, day_in, number_in, read_table
from grants.money import Money

COLUMNS = (
    "PFId",
    "AllNm",
    "PrjCode",
    "AllYr",
    "OrgNm",
    "OrgTypeId",
    "PrjTitle",
    "AStrDt",
    "AEndDt",
    "PrgBdg",
    "PrjStsNm",
    "ApprDt",
)
LONG_TITLE = 300
#: How the source's words for a state read here.
STATES = {
    "implementation": "active",
    "reporting": "reporting",
    "project closure": "closed",
    "project closed": "closed",
}
ORGANISATION_KINDS = {"2": "ngo", "3": "multilateral", "4": "ngo"}


@dataclass(frozen=True, kw_only=True)
class ImportedGrant:
    """One grant."""

    row: int
    key: str
    fund_number: str
    round_name: str
    year: int
    grantee: str
    grantee_kind: str
    title: str
    starts_on: date | None
    ends_on: date | None
    amount: Money
    state: str
    approved_on: date

    @property
    def content(self) -> dict[str, object]:
        return {
            name: str(value) if isinstance(value, date) else value
            for name, value in asdict(self).items()
            if name not in {"row", "amount"}
        } | {"amount": str(self.amount)}

    @property
    def content_hash(self) -> str:
        text = json.dumps(self.content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def read_grants(content: bytes, findings: Findings) -> list[ImportedGrant]:
    """The sound lines of a file of grants; all else is in the findings."""
    rows = read_table(content, "grants", COLUMNS, findings)
    found, seen = [], set()
    for row in rows:
        grant = _grant(row, findings)
        if grant is None:
            continue
        if grant.key in seen:
            findings.error(
                row.number, grant.key, "duplicate_key", "PrjCode", "The code was used further up."
            )
            continue
        seen.add(grant.key)
        found.append(grant)
    return found


def _grant(row: Row, findings: Findings) -> ImportedGrant | None:
    key = row.text("PrjCode")
    if not key or not row.text("PFId") or not row.text("OrgNm"):
        column = next(name for name in ("PrjCode", "PFId", "OrgNm") if not row.text(name))
        findings.error(row.number, key, "no_key", column, f"The line has no {column}.")
        return None
    year, budget = number_in(row, "AllYr", key, findings), number_in(row, "PrgBdg", key, findings)
    if year is None or budget is None or budget < 0:
        findings.error(
            row.number, key, "bad_number", "PrgBdg", "The line has no year or no budget."
        )
        return None
    amount = Money.rounded(budget, "USD")
    if amount.amount != budget:
        findings.notice(
            row.number,
            key,
            "rounding_usd",
            "PrgBdg",
            f"USD {budget:,f} is kept as {amount}, a difference of {budget - amount.amount:f}.",
        )
    if not amount:
        findings.warning(
            row.number, key, "zero_row", "PrgBdg", "The grant has no budget; no money is set aside."
        )
    title = " ".join(row.text("PrjTitle").split())
    if len(title) > LONG_TITLE:
        findings.notice(
            row.number, key, "long_title", "PrjTitle", f"The title has {len(title)} characters."
        )
    return ImportedGrant(
        row=row.number,
        key=key,
        fund_number=row.text("PFId"),
        round_name=row.text("AllNm")[:300],
        year=int(year),
        grantee=" ".join(row.text("OrgNm").split()),
        grantee_kind=ORGANISATION_KINDS.get(row.text("OrgTypeId"), "other"),
        title=title or key,
        starts_on=day_in(row, "AStrDt"),
        ends_on=day_in(row, "AEndDt"),
        amount=amount,
        state=_state(row, key, findings),
        approved_on=_approved_on(row, key, int(year), findings),
    )


def _state(row: Row, key: str, findings: Findings) -> str:
    words = row.text("PrjStsNm")
    state = STATES.get(words.lower())
    if state is None:
        findings.warning(
            row.number,
            key,
            "unknown_state",
            "PrjStsNm",
            f"{words!r} is no known state; the grant is kept as active.",
        )
    return state or "active"


def _approved_on(row: Row, key: str, year: int, findings: Findings) -> date:
    day = day_in(row, "ApprDt")
    if day is not None:
        return day
    instead = day_in(row, "PrjSubDt") or day_in(row, "AStrDt") or date(year, 12, 31)
    findings.warning(
        row.number,
        key,
        "missing_date",
        "ApprDt",
        f"There is no date of approval; {instead:%d %B %Y} is used instead.",
    )
    return instead
