"""Reading issued statements: one's own, the fund's, and what a visitor may check."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, select
from sqlalchemy.orm import aliased, defer

from grants.db import db
from grants.errors import NotFound
from grants.files import queries as files
from grants.files.models import StoredFile
from grants.files.queries import OpenFile
from grants.money import Money
from grants.outbox.models import Job, JobState
from grants.people.models import Fund, Organisation, User
from grants.people.permissions import Actor, Verb, may, require
from grants.people.queries import SYSTEM_EMAIL
from grants.reports.models import IssuedReport, StatementState
from grants.reports.shapes import BalanceLine, Change, EntryBehind, FlowLine
from grants.reports.shapes.plain import statement_of

FORMATS: Final = ("pdf", "xlsx", "csv", "json")
ROWS_MAX: Final = 500
_MAKING: Final = "statement.make/"
_READY: Final = (StatementState.PROVISIONAL.value, StatementState.CERTIFIED.value)
_NOT_READY: Final = "This statement is not ready yet."


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """A statement in a list. `prepared_by` is empty where the house prepared it by itself."""

    id: int
    fund_id: int
    fund: str
    donor_id: int
    donor: str
    number: str
    version: int
    is_latest: bool
    from_on: date
    until_on: date
    state: str
    prepared_by_id: int
    prepared_by: str
    prepared_at: datetime
    certified_by: str
    certified_at: datetime | None
    ledger_sequence: int | None
    received: Money | None
    balance: Money | None
    error: str
    verification_code: str
    progress_done: int
    progress_total: int

    @property
    def is_ready(self) -> bool:
        return self.state in _READY

    @property
    def is_being_made(self) -> bool:
        return self.state == StatementState.REQUESTED

    @property
    def is_being_certified(self) -> bool:
        """Signed for, while the paper with both names is made."""
        return self.state == StatementState.PROVISIONAL and self.certified_at is not None


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What somebody who signs must have seen of a statement, as it was frozen."""

    flows: tuple[FlowLine, ...]
    balance: tuple[BalanceLine, ...]
    changes: tuple[Change, ...]
    entries_behind: tuple[EntryBehind, ...]
    grants: int
    ledger_sequence: int
    ledger_hash: str


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What anybody may know of an issued statement: enough to recognise it, no figures.

    `file_name` is the file that was compared, and `is_current_file` whether it is still the one
    handed out; both say nothing where only a code was given.
    """

    fund: str
    donor: str
    number: str
    version: int
    from_on: date
    until_on: date
    state: str
    issued_at: datetime
    verification_code: str
    ledger_sequence: int | None
    ledger_hash: str
    figures_hash: str
    pdf_sha256: str
    pdf_bytes: int
    latest_version: int
    file_name: str = ""
    is_current_file: bool = True

    @property
    def is_latest(self) -> bool:
        return self.version == self.latest_version


def making_key(report_id: int) -> str:
    """The job that makes a statement has this key, by which its progress is found."""
    return f"{_MAKING}{report_id}"


def certifying_key(report_id: int) -> str:
    """The job that makes the certified paper of a statement has this key."""
    return f"statement.certify/{report_id}"


def statements_of_fund(
    actor: Actor,
    fund_id: int,
    *,
    search: str = "",
    state: str = "",
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[StatementLine], int]:
    """The statements of a fund, newest first, and how many there are."""
    require(actor, Verb.SEE_MONEY, fund_id)
    where = [IssuedReport.fund_id == fund_id]
    if search:
        where.append(
            Organisation.name.icontains(search, autoescape=True)
            | IssuedReport.number.icontains(search, autoescape=True)
        )
    if state:
        where.append(IssuedReport.state == state)
    return _lines(where, offset, limit)


def my_statements(
    actor: Actor, *, offset: int = 0, limit: int = 50
) -> tuple[list[StatementLine], int]:
    """The statements of the actor's own organisation, newest first, and how many there are."""
    fund_ids = actor.funds_with(Verb.SEE_OWN_STATEMENTS)
    if actor.organisation_id is None or actor.is_system:
        return [], 0
    where = [IssuedReport.donor_id == actor.organisation_id, *_in_funds(fund_ids)]
    return _lines(where, offset, limit)


def to_certify(actor: Actor, *, limit: int = 50) -> list[StatementLine]:
    """The statements that the actor may sign for: the newest version, prepared by somebody else."""
    where = [
        *_in_funds(actor.funds_with(Verb.CERTIFY_STATEMENT)),
        IssuedReport.state == StatementState.PROVISIONAL,
        IssuedReport.certified_at.is_(None),
        IssuedReport.prepared_by_id != actor.user_id,
    ]
    return [line for line in _lines(where, 0, limit)[0] if line.is_latest]


def issued_statement(actor: Actor, report_id: int) -> StatementLine:
    """One statement. Another donor's is not there."""
    found, _ = _lines([IssuedReport.id == report_id], 0, 1)
    if not found:
        raise NotFound
    line = found[0]
    is_own = may(actor, Verb.SEE_OWN_STATEMENTS, line.fund_id, organisation_id=line.donor_id)
    if not (is_own or may(actor, Verb.SEE_MONEY, line.fund_id)):
        raise NotFound
    return line


def versions_of(actor: Actor, report_id: int) -> list[StatementLine]:
    """All versions of a statement, the newest first."""
    line = issued_statement(actor, report_id)
    return _lines([IssuedReport.number == line.number], 0, ROWS_MAX)[0]


def summary(actor: Actor, report_id: int) -> Summary:
    """The frozen figures of a statement in short. Refuses with NotFound one that is not ready."""
    issued_statement(actor, report_id)
    figures = db.session.scalar(select(IssuedReport.figures).where(IssuedReport.id == report_id))
    if figures is None:
        raise NotFound(_NOT_READY)
    statement = statement_of(figures)
    return Summary(
        flows=statement.flows,
        balance=statement.balance,
        changes=statement.changes,
        entries_behind=statement.entries_behind,
        grants=len(statement.grants),
        ledger_sequence=statement.cover.ledger_sequence,
        ledger_hash=statement.cover.ledger_hash,
    )


def statement_file(actor: Actor, report_id: int, ending: str) -> OpenFile:
    """The very bytes that were issued, as pdf, xlsx, csv or json."""
    issued_statement(actor, report_id)
    if ending not in FORMATS:
        raise NotFound
    file_id: int | None = db.session.scalar(
        select(getattr(IssuedReport, f"{ending}_file_id")).where(IssuedReport.id == report_id)
    )
    if file_id is None:
        raise NotFound(_NOT_READY)
    return files.open_file(file_id)


def verified(code: str) -> Verified:
    """The statement with this verification code. Refuses with NotFound."""
    cleaned = "".join(letter for letter in code.upper() if letter.isalnum())
    dashed = "-".join(cleaned[start : start + 4] for start in range(0, 12, 4))
    found = _verified(IssuedReport.verification_code == dashed, None)
    if found is None or len(cleaned) != 12:
        raise NotFound("The fund has issued no statement with this code.")
    return found


def verified_by_bytes(sha256: str) -> Verified:
    """The statement that a file with this SHA-256 was issued as. Refuses with NotFound."""
    file = db.session.scalar(
        select(StoredFile)
        .where(StoredFile.sha256 == sha256, StoredFile.owner_type == "issued_report")
        .order_by(StoredFile.id.desc())
        .limit(1)
    )
    found = _verified(IssuedReport.id == file.owner_id, file) if file else None
    if found is None:
        raise NotFound(
            "The fund has not issued this file, or it was changed since: even one letter counts."
        )
    return found


def _in_funds(fund_ids: Collection[int] | None) -> list[ColumnElement[bool]]:
    return [] if fund_ids is None else [IssuedReport.fund_id.in_(sorted(fund_ids))]


def _verified(where: ColumnElement[bool], file: StoredFile | None) -> Verified | None:
    row = db.session.execute(
        select(IssuedReport, Fund.name, Organisation.name, StoredFile)
        .join(Fund, Fund.id == IssuedReport.fund_id)
        .join(Organisation, Organisation.id == IssuedReport.donor_id)
        .join(StoredFile, StoredFile.id == IssuedReport.pdf_file_id)
        .where(where, IssuedReport.state.in_(_READY))
        .options(defer(IssuedReport.figures))
    ).one_or_none()
    if row is None:
        return None
    report, fund, donor, pdf = row
    current = {getattr(report, f"{ending}_file_id") for ending in FORMATS}
    return Verified(
        fund=fund,
        donor=donor,
        number=report.number,
        version=report.version,
        from_on=report.from_on,
        until_on=report.until_on,
        state=report.state,
        issued_at=report.certified_at or report.prepared_at,
        verification_code=report.verification_code,
        ledger_sequence=report.ledger_sequence,
        ledger_hash=report.ledger_hash,
        figures_hash=report.figures_hash,
        pdf_sha256=pdf.sha256,
        pdf_bytes=pdf.size_bytes,
        latest_version=_newest([report.number])[report.number],
        file_name=file.name if file else "",
        is_current_file=file is None or file.id in current,
    )


def _newest(numbers: Collection[str]) -> dict[str, int]:
    """The newest version that was issued, by number."""
    rows = db.session.execute(
        select(IssuedReport.number, func.max(IssuedReport.version))
        .where(IssuedReport.number.in_(sorted(numbers)), IssuedReport.state.in_(_READY))
        .group_by(IssuedReport.number)
    )
    return {number: version for number, version in rows}


def _lines(
    where: Sequence[ColumnElement[bool]], offset: int, limit: int
) -> tuple[list[StatementLine], int]:
    total = db.session.scalar(
        select(func.count(IssuedReport.id))
        .join(Organisation, Organisation.id == IssuedReport.donor_id)
        .where(*where)
    )
    query = _rows().where(*where).order_by(IssuedReport.id.desc())
    rows = list(db.session.execute(query.offset(offset).limit(min(limit, ROWS_MAX))))
    newest = _newest({row[0].number for row in rows}) if rows else {}
    return [_line(row, newest) for row in rows], total or 0


def _rows() -> Select[*tuple[Any, ...]]:
    prepared, certified = aliased(User), aliased(User)
    figures = IssuedReport.figures
    return (
        select(
            IssuedReport,
            figures["contribution", "received", "amount"].as_string().label("received"),
            figures["closing_balance", "amount"].as_string().label("balance"),
            Fund.name.label("fund"),
            Organisation.name.label("donor"),
            prepared.name.label("prepared_by"),
            prepared.email.label("prepared_email"),
            certified.name.label("certified_by"),
            Job.state.label("job"),
            Job.error.label("job_error"),
            func.coalesce(Job.progress_done, 0).label("done"),
            func.coalesce(Job.progress_total, 0).label("total"),
        )
        .join(Fund, Fund.id == IssuedReport.fund_id)
        .join(Organisation, Organisation.id == IssuedReport.donor_id)
        .join(prepared, prepared.id == IssuedReport.prepared_by_id)
        .outerjoin(certified, certified.id == IssuedReport.certified_by_id)
        .outerjoin(Job, Job.unique_key == literal(_MAKING) + cast(IssuedReport.id, String))
        # A list does not read the figures of every statement in it.
        .options(defer(IssuedReport.figures))
        .execution_options(populate_existing=True)
    )


def _line(row: Any, newest: dict[str, int]) -> StatementLine:
    report: IssuedReport = row[0]
    is_broken = report.state == StatementState.REQUESTED and row.job == JobState.FAILED
    return StatementLine(
        id=report.id,
        fund_id=report.fund_id,
        fund=row.fund,
        donor_id=report.donor_id,
        donor=row.donor,
        number=report.number,
        version=report.version,
        is_latest=report.version == newest.get(report.number),
        from_on=report.from_on,
        until_on=report.until_on,
        state=StatementState.FAILED.value if is_broken else report.state,
        prepared_by_id=report.prepared_by_id,
        prepared_by="" if row.prepared_email == SYSTEM_EMAIL else row.prepared_by,
        prepared_at=report.prepared_at,
        certified_by=row.certified_by or "",
        certified_at=report.certified_at,
        ledger_sequence=report.ledger_sequence,
        received=_usd(row.received),
        balance=_usd(row.balance),
        error="It could not be made. Ask for it again." if is_broken else report.error,
        verification_code=report.verification_code,
        progress_done=row.done,
        progress_total=row.total,
    )


def _usd(amount: str | None) -> Money | None:
    return None if amount is None else Money(Decimal(amount), "USD")
