"""Lists of applications: one's own organisation's, and a fund's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from grants.applications.models import (
    Application,
    ApplicationState,
    Call,
    Decision,
    Review,
)
from grants.applications.queries.scope import usd
from grants.db import db
from grants.money import Money
from grants.people.models import Organisation
from grants.people.permissions import Actor, Verb, require


@dataclass(frozen=True, kw_only=True)
class ApplicationLine:
    """An application in a list."""

    id: int
    fund_id: int
    reference: str
    title: str
    organisation: str
    call_id: int
    call: str
    requested: Money | None
    state: str
    saved_at: datetime
    submitted_at: datetime | None
    closes_at: datetime | None
    time_zone: str
    reviews: int
    reviews_submitted: int
    grant_id: int | None
    approved: Money | None


def my_applications(actor: Actor, *, limit: int = 100) -> list[ApplicationLine]:
    """The applications of the actor's organisation, the latest touched first."""
    if actor.organisation_id is None:
        return []
    where = (Application.organisation_id == actor.organisation_id,)
    return lines(where, order="-saved_at", limit=limit)


def applications(
    actor: Actor,
    fund_id: int,
    *,
    search: str = "",
    state: str = "",
    call_id: int | None = None,
    order: str = "-submitted_at",
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[ApplicationLine], int]:
    """What was submitted to a fund, and how much there is. Drafts belong to their authors alone."""
    require(actor, Verb.SEE_APPLICATIONS, fund_id)
    where: list[ColumnElement[bool]] = [
        Application.fund_id == fund_id,
        Application.submitted_at.is_not(None),
    ]
    if search:
        where.append(
            or_(
                Application.title.icontains(search, autoescape=True),
                Application.reference.icontains(search, autoescape=True),
                Organisation.name.icontains(search, autoescape=True),
            )
        )
    if state:
        where.append(Application.state == state)
    if call_id is not None:
        where.append(Application.call_id == call_id)
    counted = (
        select(func.count(Application.id))
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(*where)
    )
    total = db.session.scalar(counted) or 0
    return lines(tuple(where), order=order, offset=offset, limit=limit), total


def counts_by_state(fund_id: int) -> dict[str, int]:
    """How many submitted applications of a fund are in each state."""
    rows = db.session.execute(
        select(Application.state, func.count(Application.id))
        .where(Application.fund_id == fund_id, Application.submitted_at.is_not(None))
        .group_by(Application.state)
    )
    return {state: count for state, count in rows}


def asked_for(fund_id: int) -> Money:
    """What the applications that are still to be decided ask for, in US dollars."""
    open_states = (
        ApplicationState.SUBMITTED,
        ApplicationState.ELIGIBLE,
        ApplicationState.IN_REVIEW,
        ApplicationState.REVIEWED,
    )
    total = db.session.scalar(
        select(func.coalesce(func.sum(Application.requested_minor), 0)).where(
            Application.fund_id == fund_id, Application.state.in_(open_states)
        )
    )
    return Money.of_minor(int(total or 0), "USD")


_ORDERS = {
    "reference": Application.reference,
    "title": Application.title,
    "organisation": Organisation.name,
    "requested": Application.requested_minor,
    "submitted_at": Application.submitted_at,
    "saved_at": Application.saved_at,
    "state": Application.state,
}


def lines(
    where: tuple[ColumnElement[bool], ...],
    *,
    order: str = "-submitted_at",
    offset: int = 0,
    limit: int = 50,
) -> list[ApplicationLine]:
    """Applications that match, in one statement."""
    column = _ORDERS.get(order.removeprefix("-"), Application.submitted_at)
    rows = db.session.execute(
        select(
            Application,
            Organisation.name,
            Call.title,
            Call.closes_at,
            Call.time_zone,
            _count(asked := aliased(Review), asked.id),
            _count(done := aliased(Review), done.submitted_at),
            Decision,
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(Call, Call.id == Application.call_id)
        .outerjoin(Decision, Decision.application_id == Application.id)
        .where(*where)
        .order_by(column.desc() if order.startswith("-") else column.asc(), Application.id.desc())
        .offset(offset)
        .limit(min(limit, 1000))
    )
    return [
        ApplicationLine(
            id=application.id,
            fund_id=application.fund_id,
            reference=application.reference,
            title=application.title,
            organisation=organisation,
            call_id=application.call_id,
            call=call,
            requested=usd(application.requested_minor),
            state=application.state,
            saved_at=application.saved_at,
            submitted_at=application.submitted_at,
            closes_at=closes_at,
            time_zone=zone,
            reviews=reviews,
            reviews_submitted=submitted,
            grant_id=decision.grant_id if decision else None,
            approved=usd(decision.amount_minor) if decision else None,
        )
        for application, organisation, call, closes_at, zone, reviews, submitted, decision in rows
    ]


def _count(review: type[Review], column: object) -> ColumnElement[int]:
    return (
        select(func.count(column))  # type: ignore[arg-type] # a column of the alias
        .where(review.application_id == Application.id)
        .correlate(Application)
        .scalar_subquery()
    )
