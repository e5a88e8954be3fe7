"""Calls, for the public and for the Secretariat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, or_, select

from grants import clock
from grants.applications import rules
from grants.applications.models import (
    Application,
    ApplicationState,
    Call,
    CallState,
    FormVersion,
)
from grants.applications.queries.scope import criteria_of, eligibility_of, usd
from grants.applications.rules import Criterion, EligibilityRule, Form
from grants.db import db
from grants.errors import NotFound
from grants.money import Money
from grants.people.models import Fund
from grants.people.permissions import Actor, Verb, may, require
from grants.programmes.models import Programme


@dataclass(frozen=True, kw_only=True)
class CallLine:
    """A call in a list."""

    id: int
    reference: str
    title: str
    summary: str
    fund: str
    programme: str
    country_code: str | None
    envelope: Money | None
    grant_max: Money | None
    opens_at: datetime | None
    closes_at: datetime | None
    time_zone: str
    state: str
    is_open: bool
    is_imported: bool
    year: int
    submitted: int


@dataclass(frozen=True, kw_only=True)
class CallPage:
    """Everything that an applicant should know before writing a word."""

    id: int
    fund_id: int
    fund: str
    programme_id: int | None
    programme: str
    form_version_id: int | None
    reference: str
    title: str
    summary: str
    year: int
    envelope: Money | None
    grant_min: Money | None
    grant_max: Money | None
    opens_at: datetime | None
    closes_at: datetime | None
    time_zone: str
    grace_minutes: int
    state: str
    is_open: bool
    days_left: int | None
    criteria: tuple[Criterion, ...]
    eligibility: tuple[EligibilityRule, ...]
    form: Form | None


def open_calls(*, limit: int = 50) -> list[CallLine]:
    """Published calls that take applications now or later, the next to close first."""
    at = clock.now()
    return _lines(
        (Call.state == CallState.PUBLISHED, or_(Call.closes_at.is_(None), Call.closes_at > at)),
        order=(Call.closes_at, Call.id),
        limit=limit,
    )


def calls(
    actor: Actor,
    fund_id: int,
    *,
    search: str = "",
    state: str = "",
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[CallLine], int]:
    """The calls and rounds of a fund, newest first, and how many there are."""
    require(actor, Verb.SEE_APPLICATIONS, fund_id)
    where: list[ColumnElement[bool]] = [Call.fund_id == fund_id]
    if search:
        where.append(
            or_(
                Call.title.icontains(search, autoescape=True),
                Call.reference.icontains(search, autoescape=True),
            )
        )
    if state:
        where.append(Call.state == state)
    total = db.session.scalar(select(func.count(Call.id)).where(*where)) or 0
    found = _lines(
        tuple(where), order=(Call.year.desc(), Call.id.desc()), offset=offset, limit=limit
    )
    return found, total


def call_page(actor: Actor | None, call_id: int) -> CallPage:
    """A call with its questions. A draft is there only for those who run the fund's calls."""
    row = db.session.execute(
        select(Call, Fund.name, Programme.name, FormVersion.definition)
        .join(Fund, Fund.id == Call.fund_id)
        .outerjoin(Programme, Programme.id == Call.programme_id)
        .outerjoin(FormVersion, FormVersion.id == Call.form_version_id)
        .where(Call.id == call_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    call, fund, programme, definition = row
    if call.state == CallState.DRAFT and (
        actor is None or not may(actor, Verb.SEE_APPLICATIONS, call.fund_id)
    ):
        raise NotFound
    return CallPage(
        id=call.id,
        fund_id=call.fund_id,
        fund=fund,
        programme_id=call.programme_id,
        programme=programme or "",
        form_version_id=call.form_version_id,
        reference=call.reference,
        title=call.title,
        summary=call.summary,
        year=call.year,
        envelope=usd(call.envelope_minor),
        grant_min=usd(call.grant_min_minor),
        grant_max=usd(call.grant_max_minor),
        opens_at=call.opens_at,
        closes_at=call.closes_at,
        time_zone=call.time_zone,
        grace_minutes=call.grace_minutes,
        state=call.state,
        is_open=_is_open(call),
        days_left=_days_left(call),
        criteria=criteria_of(call),
        eligibility=eligibility_of(call),
        form=rules.parse_form(definition) if definition else None,
    )


def calls_choice(actor: Actor, fund_id: int, *, limit: int = 200) -> list[tuple[int, str]]:
    """The calls of a fund that anybody applied to, the newest first, for choosing one."""
    require(actor, Verb.SEE_APPLICATIONS, fund_id)
    rows = db.session.execute(
        select(Call.id, Call.reference, Call.title)
        .where(
            Call.fund_id == fund_id,
            select(Application.id).where(Application.call_id == Call.id).exists(),
        )
        .order_by(Call.id.desc())
        .limit(limit)
    )
    return [(row.id, f"{row.reference} · {row.title}") for row in rows]


def forms(actor: Actor, fund_id: int, *, limit: int = 100) -> list[tuple[int, str]]:
    """The published forms of a fund, newest version first, for choosing one."""
    require(actor, Verb.SEE_APPLICATIONS, fund_id)
    rows = db.session.execute(
        select(FormVersion.id, FormVersion.name, FormVersion.version)
        .where(FormVersion.fund_id == fund_id)
        .order_by(FormVersion.name, FormVersion.version.desc())
        .limit(limit)
    )
    return [(row.id, f"{row.name}, version {row.version}") for row in rows]


def _lines(
    where: tuple[ColumnElement[bool], ...],
    *,
    order: tuple[object, ...],
    limit: int,
    offset: int = 0,
) -> list[CallLine]:
    handed_in = case((Application.state != ApplicationState.DRAFT, 1))
    submitted = (
        select(func.count(handed_in))
        .where(Application.call_id == Call.id)
        .correlate(Call)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Call, Fund.name, Programme.name, Programme.country_code, submitted)
        .join(Fund, Fund.id == Call.fund_id)
        .outerjoin(Programme, Programme.id == Call.programme_id)
        .where(*where)
        .order_by(*order)  # type: ignore[arg-type] # columns, as the callers give them
        .offset(offset)
        .limit(min(limit, 500))
    )
    return [
        CallLine(
            id=call.id,
            reference=call.reference,
            title=call.title,
            summary=call.summary,
            fund=fund,
            programme=programme or "",
            country_code=country_code,
            envelope=usd(call.envelope_minor),
            grant_max=usd(call.grant_max_minor),
            opens_at=call.opens_at,
            closes_at=call.closes_at,
            time_zone=call.time_zone,
            state=call.state,
            is_open=_is_open(call),
            is_imported=call.is_imported,
            year=call.year,
            submitted=count,
        )
        for call, fund, programme, country_code, count in rows
    ]


def _is_open(call: Call) -> bool:
    return call.state == CallState.PUBLISHED and rules.is_open(
        clock.now(), call.opens_at, call.closes_at, call.grace_minutes
    )


def _days_left(call: Call) -> int | None:
    return None if call.closes_at is None else rules.days_left(clock.now(), call.closes_at)
