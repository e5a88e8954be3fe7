"""Grants (projects) as the pooled funds publish them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from grants.imports.rules.cells import day_in, is_unreadable_day, number_in, year_in
from grants.imports.rules.findings import Findings
from grants.imports.rules.layouts import GRANTS, LAYOUTS
from grants.imports.rules.reading import Reading, hash_of, reading_of
from grants.imports.rules.table import Row, key_in, name_in, read_table
from grants.money import Money, NotMoney

LONG_TITLE = 300
NAME_MAX = 300
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
        return hash_of(self.content)


def read_grants(content: bytes, findings: Findings) -> Reading[ImportedGrant]:
    """The sound lines of a file of grants; all else is in the findings."""
    table = read_table(content, GRANTS, findings, LAYOUTS)
    found: dict[str, ImportedGrant] = {}
    for row in table.rows:
        grant = _grant(row, findings)
        if grant is None:
            continue
        if grant.key in found:
            sentence = f"Row {found[grant.key].row} has this code already."
            findings.error(row.number, grant.key, "duplicate_key", "PrjCode", sentence)
            continue
        found[grant.key] = grant
    return reading_of(table, list(found.values()), findings)


def _grant(row: Row, findings: Findings) -> ImportedGrant | None:
    key = key_in(row, "PrjCode", findings)
    if not key:
        return None
    before = findings.errors
    if row.raw("PrjCode") != key:
        sentence = f"{row.raw('PrjCode')!r} carries blanks; they were taken off."
        findings.notice(row.number, key, "padded_code", "PrjCode", sentence)
    for column in ("PFId", "OrgNm"):
        if not row.text(column):
            sentence = f"The line has no {column}."
            findings.error(row.number, key, f"no_{column.lower()}", column, sentence)
    year = year_in(row, "AllYr", key, findings)
    amount = _budget(row, key, findings)
    if findings.errors > before or year is None or amount is None:
        return None
    grant = ImportedGrant(
        row=row.number,
        key=key,
        fund_number=row.text("PFId")[:40],
        round_name=row.words("AllNm")[:300],
        year=year,
        grantee=name_in(row, "OrgNm", key, findings, length=NAME_MAX),
        grantee_kind=ORGANISATION_KINDS.get(row.text("OrgTypeId"), "other"),
        title=_title(row, key, findings),
        starts_on=_day(row, "AStrDt", key, findings),
        ends_on=_day(row, "AEndDt", key, findings),
        amount=amount,
        state=_state(row, key, findings),
        approved_on=_approved_on(row, key, year, findings),
    )
    if grant.starts_on and grant.ends_on and grant.starts_on > grant.ends_on:
        sentence = f"The grant ends on {grant.ends_on}, before it starts on {grant.starts_on}."
        findings.warning(row.number, key, "dates_crossed", "AEndDt", sentence)
    return grant


def _budget(row: Row, key: str, findings: Findings) -> Money | None:
    budget = number_in(row, "PrgBdg", key, findings)
    if budget is None or budget < 0:
        if budget is not None or not row.text("PrgBdg"):
            sentence = "A grant needs a budget of at least nothing."
            findings.error(row.number, key, "bad_number", "PrgBdg", sentence)
        return None
    try:
        amount = Money.rounded(budget, "USD")
    except NotMoney:
        sentence = f"USD {budget:,f} is more than the books can hold."
        findings.error(row.number, key, "too_large", "PrgBdg", sentence)
        return None
    if amount.amount != budget:
        difference = budget - amount.amount
        sentence = f"USD {budget:,f} is kept as {amount}, a difference of {difference:f}."
        findings.notice(row.number, key, "rounding_usd", "PrgBdg", sentence)
    if not amount:
        sentence = "The grant has no budget; no money is set aside."
        findings.warning(row.number, key, "zero_row", "PrgBdg", sentence)
    return amount


def _title(row: Row, key: str, findings: Findings) -> str:
    title = row.words("PrjTitle")
    if len(title) > LONG_TITLE:
        sentence = f"The title has {len(title)} characters; it is kept whole."
        findings.notice(row.number, key, "long_title", "PrjTitle", sentence)
    return title or key


def _state(row: Row, key: str, findings: Findings) -> str:
    words = row.words("PrjStsNm")
    state = STATES.get(words.lower())
    if state is None:
        sentence = f"{words[:60]!r} is no known state; the grant is kept as active."
        findings.warning(row.number, key, "unknown_state", "PrjStsNm", sentence)
    return state or "active"


def _day(row: Row, column: str, key: str, findings: Findings) -> date | None:
    if is_unreadable_day(row, column):
        sentence = f"{row.text(column)[:40]!r} is no day that can be read; it was not used."
        findings.warning(row.number, key, "bad_date", column, sentence)
    return day_in(row, column)


def _approved_on(row: Row, key: str, year: int, findings: Findings) -> date:
    day = _day(row, "ApprDt", key, findings)
    if day is not None:
        return day
    instead = day_in(row, "PrjSubDt") or day_in(row, "AStrDt") or date(year, 12, 31)
    sentence = f"There is no date of approval; {instead:%d %B %Y} is used instead."
    findings.warning(row.number, key, "missing_date", "ApprDt", sentence)
    return instead
