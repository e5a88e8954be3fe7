"""Reading imports: runs, their findings, and what rounding took away."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, case, false, func, or_, select, true

from grants.db import db
from grants.errors import NotFound
from grants.imports.models import Finding, ImportedRow, ImportRun, ImportState
from grants.imports.rules.layouts import FUND_NUMBER
from grants.people.models import Fund, FundAlias, User
from grants.people.permissions import Actor, Verb

FINDINGS_MAX = 100_000
_GRAVITY = {"error": 0, "warning": 1, "notice": 2}


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


@dataclass(kw_only=True)
class Rounding:
    """What the lines of a source say less what is booked: their value, and their own amounts."""

    lines: int = 0
    usd: Decimal = Decimal(0)
    usd_by_fund: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    by_currency: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


def runs(actor: Actor, *, offset: int = 0, limit: int = 50) -> tuple[list[RunView], int]:
    """The runs that the actor may see, newest first, and how many there are."""
    mine = _visible_to(actor)
    total = db.session.scalar(select(func.count(ImportRun.id)).where(mine)) or 0
    rows = db.session.execute(
        select(ImportRun, User.name)
        .join(User, User.id == ImportRun.actor_id)
        .where(mine)
        .order_by(ImportRun.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [_view(run, name) for run, name in rows], total


def run(actor: Actor, run_id: int) -> RunView:
    """One run. Refuses with NotFound what the actor may not see."""
    row = db.session.execute(
        select(ImportRun, User.name)
        .join(User, User.id == ImportRun.actor_id)
        .where(ImportRun.id == run_id, _visible_to(actor))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound
    return _view(row[0], row[1])


def is_over(run_id: int) -> bool:
    """Whether a run is done or has failed."""
    state = db.session.scalar(select(ImportRun.state).where(ImportRun.id == run_id))
    return state in {ImportState.DONE, ImportState.FAILED}


def loaded_as(run_of: RunView) -> int | None:
    """The run in which the file of a trial was loaded afterwards, if it was."""
    return db.session.scalar(
        select(ImportRun.id)
        .where(
            ImportRun.id > run_of.id,
            ImportRun.kind == run_of.kind,
            ImportRun.source == run_of.source,
            ImportRun.file_sha256 == run_of.file_sha256,
            ImportRun.is_dry_run.is_(False),
            ImportRun.state != ImportState.FAILED,
        )
        .order_by(ImportRun.id)
        .limit(1)
    )


def findings(
    actor: Actor,
    run_id: int,
    *,
    severity: str = "",
    code: str = "",
    search: str = "",
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[FindingView], int]:
    """The findings of a run, errors first, each kind by its rows; and how many there are."""
    run(actor, run_id)
    where: list[ColumnElement[bool]] = [Finding.run_id == run_id]
    if severity:
        where.append(Finding.severity == severity)
    if code:
        where.append(Finding.code == code)
    if search:
        where.append(
            or_(
                Finding.key.icontains(search, autoescape=True),
                Finding.message.icontains(search, autoescape=True),
            )
        )
    total = db.session.scalar(select(func.count(Finding.id)).where(*where)) or 0
    found = db.session.scalars(
        select(Finding)
        .where(*where)
        .order_by(
            case(_GRAVITY, value=Finding.severity, else_=len(_GRAVITY)),
            Finding.row_number,
            Finding.id,
        )
        .offset(offset)
        .limit(min(limit, FINDINGS_MAX))
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


def findings_by_code(actor: Actor, run_id: int) -> list[tuple[str, str, int]]:
    """How often each code was found: severity, code, count; the serious ones first."""
    run(actor, run_id)
    rows = db.session.execute(
        select(Finding.severity, Finding.code, func.count(Finding.id))
        .where(Finding.run_id == run_id)
        .group_by(Finding.severity, Finding.code)
    )
    found = [(severity, code, count) for severity, code, count in rows]
    return sorted(found, key=lambda one: (_GRAVITY[one[0]], one[1]))


def rounding_of(kind: str, fund_id: int | None = None) -> Rounding:
    """What rounding took away: what the source says less what is booked."""
    where = [
        ImportedRow.kind == kind,
        ImportedRow.is_withdrawn.is_(False),
        or_(ImportedRow.rounding_usd != "0", ImportedRow.rounding_original != "0"),
    ]
    if fund_id is not None:
        where.append(ImportedRow.fund_id == fund_id)
    rows = db.session.execute(
        select(Fund.name, ImportedRow.rounding_usd, ImportedRow.content)
        .join(Fund, Fund.id == ImportedRow.fund_id)
        .where(*where)
        .order_by(ImportedRow.id)
    )
    found = Rounding()
    for fund, usd, content in rows:
        found.lines += 1
        found.usd += Decimal(usd)
        found.usd_by_fund[fund] += Decimal(usd)
        for side in ("paid", "pledged"):
            part = content.get(side) or {"rounding_original": "0"}
            difference = Decimal(part["rounding_original"])
            if difference:
                found.by_currency[part["amount"][:3]] += difference
    return found


def fund_numbers(source: str | None = None) -> dict[str, list[str]]:
    """By which numbers sources know the funds, by the name of the fund."""
    query = (
        select(Fund.name, FundAlias.external_key)
        .join(FundAlias, FundAlias.fund_id == Fund.id)
        .where(FundAlias.external_key.startswith(FUND_NUMBER))
        .order_by(Fund.name, FundAlias.external_key)
    )
    if source is not None:
        query = query.where(FundAlias.source == source)
    found: dict[str, list[str]] = defaultdict(list)
    for name, key in db.session.execute(query):
        number = key.removeprefix(FUND_NUMBER)
        if number.isdigit():
            found[name].append(number)
    return dict(found)


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    """One's own runs, those of funds in which one may import, and all for whom may everywhere."""
    funds = actor.funds_with(Verb.IMPORT)
    if funds is None:
        return true()
    if not funds:
        return false()
    return or_(ImportRun.actor_id == actor.user_id, ImportRun.fund_id.in_(funds))


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
