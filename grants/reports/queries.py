"""Reading issued statements: one's own, the fund's, and what a visitor may check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from grants.db import db
from grants.errors import NotFound
from grants.files import queries as files
from grants.files.models import StoredFile
from grants.files.queries import OpenFile
from grants.people.models import Fund, Organisation, User
from grants.people.permissions import Actor, Verb, may, require
from grants.reports.models import IssuedReport, StatementState

FORMATS = ("pdf", "xlsx", "csv", "json")


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """A statement in a list."""

    id: int
    fund_id: int
    fund: str
    donor_id: int
    donor: str
    number: str
    version: int
    from_on: date
    until_on: date
    state: str
    prepared_by_id: int
    prepared_by: str
    prepared_at: datetime
    certified_by: str
    certified_at: datetime | None
    ledger_sequence: int | None
    error: str
    verification_code: str

    @property
    def is_ready(self) -> bool:
        return self.state in {StatementState.PROVISIONAL, StatementState.CERTIFIED}


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What anybody may know of an issued statement: enough to recognise it, no figures."""

    fund: str
    donor: str
    number: str
    version: int
    from_on: date
    until_on: date
    state: str
    issued_at: datetime
    ledger_sequence: int | None
    ledger_hash: str
    figures_hash: str
    pdf_sha256: str
    latest_version: int

    @property
    def is_latest(self) -> bool:
        return self.version == self.latest_version


def statements_of_fund(
    actor: Actor, fund_id: int, *, search: str = "", offset: int = 0, limit: int = 50
) -> tuple[list[StatementLine], int]:
    """The statements of a fund, newest first, and how many there are."""
    require(actor, Verb.SEE_MONEY, fund_id)
    where = [IssuedReport.fund_id == fund_id]
    if search:
        where.append(Organisation.name.ilike(f"%{search}%"))
    return _lines(where, offset, limit)


def my_statements(actor: Actor, *, limit: int = 200) -> list[StatementLine]:
    """The statements of the actor's own organisation, newest first, in every fund."""
    if actor.organisation_id is None:
        return []
    return _lines([IssuedReport.donor_id == actor.organisation_id], 0, limit)[0]


def issued_statement(actor: Actor, report_id: int) -> StatementLine:
    """One statement. Another donor's is not there."""
    found, _ = _lines([IssuedReport.id == report_id], 0, 1)
    if not found:
        raise NotFound
    line = found[0]
    if not may(actor, Verb.SEE_MONEY, line.fund_id):
        require(actor, Verb.SEE_OWN_STATEMENTS, line.fund_id, organisation_id=line.donor_id)
    return line


def statement_file(actor: Actor, report_id: int, ending: str) -> OpenFile:
    """The very bytes that were issued, as pdf, xlsx, csv or json."""
    issued_statement(actor, report_id)
    if ending not in FORMATS:
        raise NotFound
    file_id: int | None = db.session.scalar(
        select(getattr(IssuedReport, f"{ending}_file_id")).where(IssuedReport.id == report_id)
    )
    if file_id is None:
        raise NotFound("This statement is not ready yet.")
    return files.open_file(file_id)


def figures_of(actor: Actor, report_id: int) -> dict[str, Any]:
    """The frozen figures of a statement."""
    issued_statement(actor, report_id)
    figures: dict[str, Any] | None = db.session.scalar(
        select(IssuedReport.figures).where(IssuedReport.id == report_id)
    )
    if figures is None:
        raise NotFound("This statement is not ready yet.")
    return figures


def verified(code: str) -> Verified:
    """The statement with this verification code. Refuses with NotFound."""
    cleaned = "".join(letter for letter in code.upper() if letter.isalnum())
    dashed = "-".join(cleaned[start : start + 4] for start in range(0, 12, 4))
    return _verified(IssuedReport.verification_code == dashed)


def verified_by_bytes(sha256: str) -> Verified:
    """The statement whose file has this SHA-256. Refuses with NotFound."""
    file = db.session.scalar(
        select(StoredFile.owner_id)
        .where(StoredFile.sha256 == sha256, StoredFile.owner_type == "issued_report")
        .limit(1)
    )
    if file is None:
        raise NotFound("The fund has not issued this file, or it was changed since.")
    return _verified(IssuedReport.id == file)


def _verified(where: Any) -> Verified:
    row = db.session.execute(
        select(IssuedReport, Fund.name, Organisation.name, StoredFile.sha256)
        .join(Fund, Fund.id == IssuedReport.fund_id)
        .join(Organisation, Organisation.id == IssuedReport.donor_id)
        .outerjoin(StoredFile, StoredFile.id == IssuedReport.pdf_file_id)
        .where(where, IssuedReport.state.in_(["provisional", "certified"]))
    ).one_or_none()
    if row is None:
        raise NotFound("The fund has issued no statement with this code.")
    report, fund, donor, sha256 = row
    latest = db.session.scalar(
        select(func.max(IssuedReport.version)).where(IssuedReport.number == report.number)
    )
    return Verified(
        fund=fund,
        donor=donor,
        number=report.number,
        version=report.version,
        from_on=report.from_on,
        until_on=report.until_on,
        state=report.state,
        issued_at=report.certified_at or report.prepared_at,
        ledger_sequence=report.ledger_sequence,
        ledger_hash=report.ledger_hash,
        figures_hash=report.figures_hash,
        pdf_sha256=sha256 or "",
        latest_version=latest or report.version,
    )


def _lines(where: list[Any], offset: int, limit: int) -> tuple[list[StatementLine], int]:
    prepared, certified = aliased(User), aliased(User)
    total = (
        db.session.scalar(
            select(func.count(IssuedReport.id))
            .join(Organisation, Organisation.id == IssuedReport.donor_id)
            .where(*where)
        )
        or 0
    )
    rows = db.session.execute(
        select(
            IssuedReport,
            Fund.name,
            Organisation.name,
            prepared.name,
            certified.name,
        )
        .join(Fund, Fund.id == IssuedReport.fund_id)
        .join(Organisation, Organisation.id == IssuedReport.donor_id)
        .join(prepared, prepared.id == IssuedReport.prepared_by_id)
        .outerjoin(certified, certified.id == IssuedReport.certified_by_id)
        .where(*where)
        .order_by(IssuedReport.id.desc())
        .offset(offset)
        .limit(min(limit, 500))
    )
    lines = [
        StatementLine(
            id=report.id,
            fund_id=report.fund_id,
            fund=fund,
            donor_id=report.donor_id,
            donor=donor,
            number=report.number,
            version=report.version,
            from_on=report.from_on,
            until_on=report.until_on,
            state=report.state,
            prepared_by_id=report.prepared_by_id,
            prepared_by=prepared_by,
            prepared_at=report.prepared_at,
            certified_by=certified_by or "",
            certified_at=report.certified_at,
            ledger_sequence=report.ledger_sequence,
            error=report.error,
            verification_code=report.verification_code,
        )
        for report, fund, donor, prepared_by, certified_by in rows
    ]
    return lines, total
