"""What waits for somebody, and what happened to an application."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from grants import clock
from grants.applications.models import (
    AnswerVersion,
    Application,
    ApplicationState,
    Call,
    ConflictAnswer,
    Review,
)
from grants.applications.queries.applications import lines
from grants.applications.queries.cases import application_row
from grants.audit import queries as audit
from grants.db import db
from grants.errors import NotFound
from grants.money import Money
from grants.people.models import Organisation
from grants.people.permissions import Actor, Verb, may


@dataclass(frozen=True, kw_only=True)
class WaitingApplication:
    """Something that somebody has to do about an application.

    `what` is finish, screen, assign, review or decide; `thing_id` is the review's for a review,
    the application's otherwise.
    """

    what: str
    thing_id: int
    reference: str
    title: str
    organisation: str
    amount: Money | None
    since: datetime
    due_on: date | None = None
    closes_at: datetime | None = None
    time_zone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Something that happened to an application: `what` is its verb in the audit trail."""

    at: datetime
    what: str
    who: str
    reason: str
    outcome: str = ""


def waiting_for(
    actor: Actor, fund_id: int | None = None, *, limit: int = 50
) -> list[WaitingApplication]:
    """What waits for somebody in a fund (without one: in all of theirs), the most urgent first."""
    found = [
        *_drafts(actor, fund_id, limit),
        *_reviews(actor, fund_id, limit),
        *_of_state(actor, fund_id, Verb.SCREEN, ApplicationState.SUBMITTED, "screen", limit),
        *_of_state(actor, fund_id, Verb.ASSIGN_REVIEWS, ApplicationState.ELIGIBLE, "assign", limit),
        *_of_state(actor, fund_id, Verb.APPROVE, ApplicationState.REVIEWED, "decide", limit),
    ]
    found.sort(key=lambda each: (each.due_on or date.max, each.since, each.thing_id))
    return found[:limit]


def timeline(actor: Actor, application_id: int, *, limit: int = 100) -> list[Happening]:
    """What happened to an application, newest first, for whoever may see it.

    Its applicant reads what concerns them, without the names of those who judge.
    """
    application = application_row(application_id)
    is_staff = application.submitted_at is not None and may(
        actor, Verb.SEE_APPLICATIONS, application.fund_id
    )
    if not is_staff and not may(
        actor, Verb.APPLY, application.fund_id, organisation_id=application.organisation_id
    ):
        raise NotFound
    own = {"application.started", "application.submitted", "application.withdrawn"}
    return [
        Happening(
            at=line.at,
            what=line.verb,
            who=line.actor if is_staff or line.verb in own else "",
            reason=line.reason,
            outcome=_outcome(line.facts),
        )
        for line in reversed(audit.trail_of("application", application_id, limit=limit))
        if is_staff or line.verb.startswith("application.")
    ]


def _outcome(facts: dict[str, object]) -> str:
    for name in ("eligible", "conflict"):
        if name in facts:
            return "yes" if facts[name] in {True, "True", "true"} else "no"
    return str(facts.get("amount", ""))


def _drafts(actor: Actor, fund_id: int | None, limit: int) -> list[WaitingApplication]:
    if actor.organisation_id is None:
        return []
    where: list[ColumnElement[bool]] = [
        Application.organisation_id == actor.organisation_id,
        Application.state == ApplicationState.DRAFT,
        or_(Call.closes_at.is_(None), Call.closes_at > clock.now()),
    ]
    if fund_id is not None:
        where.append(Application.fund_id == fund_id)
    return [
        WaitingApplication(
            what="finish",
            thing_id=line.id,
            reference=line.reference,
            title=line.title or line.call,
            organisation=line.organisation,
            amount=line.requested,
            since=line.saved_at,
            due_on=line.closes_at.date() if line.closes_at else None,
            closes_at=line.closes_at,
            time_zone=line.time_zone,
        )
        for line in lines(tuple(where), order="saved_at", limit=limit)
        if may(actor, Verb.APPLY, line.fund_id, organisation_id=actor.organisation_id)
    ]


def _reviews(actor: Actor, fund_id: int | None, limit: int) -> list[WaitingApplication]:
    query = (
        select(Review, Application, Organisation.name)
        .join(Application, Application.id == Review.application_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(
            Review.reviewer_id == actor.user_id,
            Review.submitted_at.is_(None),
            or_(Review.conflict.is_(None), Review.conflict == ConflictAnswer.NONE),
            Application.state == ApplicationState.IN_REVIEW,
        )
        .order_by(Review.due_on, Review.id)
        .limit(limit)
    )
    if fund_id is not None:
        query = query.where(Application.fund_id == fund_id)
    return [
        WaitingApplication(
            what="review",
            thing_id=review.id,
            reference=application.reference,
            title=application.title,
            organisation=organisation,
            amount=None,
            since=review.assigned_at,
            due_on=review.due_on,
        )
        for review, application, organisation in db.session.execute(query)
    ]


def _of_state(
    actor: Actor,
    fund_id: int | None,
    verb: Verb,
    state: ApplicationState,
    what: str,
    limit: int,
) -> list[WaitingApplication]:
    where: list[ColumnElement[bool]] = [Application.state == state]
    funds = actor.funds_with(verb)
    if funds is not None:
        funds = funds if fund_id is None else funds & {fund_id}
        where.append(Application.fund_id.in_(funds))
    elif fund_id is not None:
        where.append(Application.fund_id == fund_id)
    if funds == set():
        return []
    if verb is Verb.APPROVE:
        where += _may_decide(actor)
    return [
        WaitingApplication(
            what=what,
            thing_id=line.id,
            reference=line.reference,
            title=line.title,
            organisation=line.organisation,
            amount=line.requested,
            since=line.submitted_at or line.saved_at,
        )
        for line in lines(tuple(where), order="submitted_at", limit=limit)
    ]


def _may_decide(actor: Actor) -> list[ColumnElement[bool]]:
    """What the actor neither wrote nor reviewed, nor does their organisation apply for."""
    review, version = aliased(Review), aliased(AnswerVersion)
    return [
        Application.author_id != actor.user_id,
        Application.organisation_id != (actor.organisation_id or 0),
        ~select(review.id)
        .where(review.application_id == Application.id, review.reviewer_id == actor.user_id)
        .exists(),
        ~select(version.id)
        .where(version.application_id == Application.id, version.saved_by_id == actor.user_id)
        .exists(),
    ]
