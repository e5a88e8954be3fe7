"""Reading imports: runs, their findings, and what rounding took away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, func, or_, select

from grants.db import db
from grants.errors import NotFound
from grants.imports.models import Finding, ImportedRow, ImportRun, ImportState
from grants.people.models import User
from grants.people.permissions import Actor, Verb, may


@dataclass(frozen=True, kw_only=True)
class RunView:
    """One run of an import."""

    id: int
    kind: str
    source: str
    file_name: str
    file_sha256: str
    stored_file_id: int | None
    is_dry_run: bool
    state: str
    rows_read: int
    rows_loaded: int
    rows_updated: int
    rows_withdrawn: int
    rows_unchanged: int
    rows_refused: int
    started_at: datetime
    finished_at: datetime | None
    actor: str
    error: str


@dataclass(frozen=True, kw_only=True)
class FindingView:
    """One finding of a run."""

    id: int
    row_number: int
    key: str
    severity: str
    code: str
    column: str
    message: str


def runs(actor: Actor, *, offset: int = 0, limit: int = 50) -> tuple[list[RunView], int]:
    """The runs, newest first, and how many there are."""
    _require_some(actor)
    total = db.session.scalar(select(func.count(ImportRun.id))) or 0
    rows = db.session.execute(
        select(ImportRun, User.name)
        .join(User, User.id == ImportRun.actor_id)
        .order_by(ImportRun.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [_view(run, name) for run, name in rows], total


def run(actor: Actor, run_id: int) -> RunView:
    """One run. Refuses with NotFound."""
    _require_some(actor)
    row = db.session.execute(
        select(ImportRun, User.name)
        .join(User, User.id == ImportRun.actor_id)
        .where(ImportRun.id == run_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return _view(row[0], row[1])


def is_over(run_id: int) -> bool:
    """Whether a run is done or has failed."""
    state = db.session.scalar(select(ImportRun.state).where(ImportRun.id == run_id))
    return state in {ImportState.DONE, ImportState.FAILED}


def findings(
    run_id: int,
    *,
    severity: str = "",
    code: str = "",
    search: str = "",
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[FindingView], int]:
    """The findings of a run in the order of its lines, and how many there are."""
    where: list[ColumnElement[bool]] = [Finding.run_id == run_id]
    if severity:
        where.append(Finding.severity == severity)
    if code:
        where.append(Finding.code == code)
    if search:
        pattern = f"%{search}%"
        where.append(or_(Finding.key.ilike(pattern), Finding.message.ilike(pattern)))
    total = db.session.scalar(select(func.count(Finding.id)).where(*where)) or 0
    found = db.session.scalars(
        select(Finding)
        .where(*where)
        .order_by(Finding.row_number, Finding.id)
        .offset(offset)
        .limit(min(limit, 100_000))
    )
    return [
        FindingView(
            id=one.id,
            row_number=one.row_number,
            key=one.key,
            severity=one.severity,
            code=one.code,
            column=one.column,
            message=one.message,
        )
        for one in found
    ], total


def findings_by_code(run_id: int) -> list[tuple[str, str, int]]:
    """How often each code was found: severity, code, count; the serious ones first."""
    rows = db.session.execute(
        select(Finding.severity, Finding.code, func.count(Finding.id))
        .where(Finding.run_id == run_id)
        .group_by(Finding.severity, Finding.code)
    )
    order = {"error": 0, "warning": 1, "notice": 2}
    found = [(severity, code, count) for severity, code, count in rows]
    return sorted(found, key=lambda one: (order[one[0]], one[1]))


def rounding_of(kind: str, fund_id: int | None = None) -> dict[str, str]:
    """What rounding to cents took away in all: the source's US dollars less the booked ones."""
    where = [
        ImportedRow.kind == kind,
        ImportedRow.is_withdrawn.is_(False),
        ImportedRow.rounding_usd != "0",
    ]
    if fund_id is not None:
        where.append(ImportedRow.fund_id == fund_id)
    found = [
        Decimal(one) for one in db.session.scalars(select(ImportedRow.rounding_usd).where(*where))
    ]
    return {"usd": f"{sum(found, Decimal(0)):f}", "lines": str(len(found))}


def _require_some(actor: Actor) -> None:
    funds = actor.funds_with(Verb.IMPORT)
    if not actor.is_system and funds == set():
        raise NotFound
    assert actor.is_system or funds is None or any(may(actor, Verb.IMPORT, one) for one in funds)


def _view(found: ImportRun, name: str) -> RunView:
    return RunView(
        id=found.id,
        kind=found.kind,
        source=found.source,
        file_name=found.file_name,
        file_sha256=found.file_sha256,
        stored_file_id=found.stored_file_id,
        is_dry_run=found.is_dry_run,
        state=found.state,
        rows_read=found.rows_read,
        rows_loaded=found.rows_loaded,
        rows_updated=found.rows_updated,
        rows_withdrawn=found.rows_withdrawn,
        rows_unchanged=found.rows_unchanged,
        rows_refused=found.rows_refused,
        started_at=found.started_at,
        finished_at=found.finished_at,
        actor=name,
        error=found.error,
    )
