"""Deciding: by someone with the authority, who neither wrote nor reviewed the application."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from grants import clock
from grants.applications import rules
from grants.applications.models import (
    Application,
    ApplicationState,
    Call,
    Decision,
    Review,
)
from grants.applications.queries.scope import recipient
from grants.applications.rules.decisions import NoReview, check_amount
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Refused
from grants.funding import actions as funding
from grants.funding.actions import NewGrant
from grants.money import Money
from grants.outbox import actions as outbox
from grants.people import queries as people
from grants.people.permissions import Actor, Verb, require

DECIDABLE = (ApplicationState.REVIEWED,)
DECLINABLE = (
    ApplicationState.SUBMITTED,
    ApplicationState.ELIGIBLE,
    ApplicationState.IN_REVIEW,
    ApplicationState.REVIEWED,
)


def approve(
    actor: Actor,
    application_id: int,
    amount: Money,
    reason: str,
    *,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Decision:
    """Approve an application and reserve its money (US dollars) from the layers that may pay.

    Refuses the author and the reviewers, what lies above the actor's delegated authority, an
    application without review, an amount outside the call, and what the fund cannot afford.
    """
    application = lock(Application, application_id)
    today = clock.today(people.fund(application.fund_id).time_zone)
    require(actor, Verb.APPROVE, application.fund_id)
    reviews = _reviews(application_id)
    _check(actor, application, reason, reviews, DECIDABLE)
    require(actor, Verb.APPROVE, application.fund_id, amount=amount, on=today)
    if not any(review.submitted_at for review in reviews):
        raise NoReview(reference=application.reference)
    call = db.session.get_one(Call, application.call_id)
    check_amount(amount, _usd(call.grant_min_minor), _usd(call.grant_max_minor))
    if call.programme_id is None:
        raise Refused(f"{call.reference} belongs to no programme, so no money can be set aside.")

    grant = funding.reserve(
        actor,
        NewGrant(
            fund_id=application.fund_id,
            programme_id=call.programme_id,
            grantee_id=application.organisation_id,
            reference=application.reference,
            title=application.title,
            amount=amount,
            approved_on=today,
            programme_year=today.year,
            starts_on=starts_on,
            ends_on=ends_on,
            round_name=call.title,
        ),
    )
    application.state = ApplicationState.APPROVED
    decision = _decide(actor, application, "approved", reason, amount, grant.id, today)
    outbox.tell(
        recipient(application.author_id),
        template="application_approved",
        subject=f"{application.reference} is approved",
        body=(
            f"Your application {application.title} is approved with {amount}.\n\n{reason}\n\n"
            "What happens next: the Secretariat prepares the grant agreement and sends it to you."
        ),
    )
    return decision


def decline(actor: Actor, application_id: int, reason: str) -> Decision:
    """Decline an application, with the reason that the applicant reads."""
    application = lock(Application, application_id)
    today = clock.today(people.fund(application.fund_id).time_zone)
    require(actor, Verb.APPROVE, application.fund_id)
    _check(actor, application, reason, _reviews(application_id), DECLINABLE)
    application.state = ApplicationState.DECLINED
    decision = _decide(actor, application, "declined", reason, None, None, today)
    outbox.tell(
        recipient(application.author_id),
        template="application_declined",
        subject=f"{application.reference} was not selected",
        body=f"Your application {application.title} was not selected.\n\n{reason}\n\n"
        "Thank you for the work that you put into it.",
    )
    return decision


def _check(
    actor: Actor,
    application: Application,
    reason: str,
    reviews: list[Review],
    decidable: tuple[ApplicationState, ...],
) -> None:
    rules.check_can_be_decided(
        reference=application.reference,
        state=application.state,
        decidable=decidable,
        decider_id=actor.user_id,
        author_id=application.author_id,
        reviewer_ids=[review.reviewer_id for review in reviews],
        reason=reason,
    )


def _decide(
    actor: Actor,
    application: Application,
    outcome: str,
    reason: str,
    amount: Money | None,
    grant_id: int | None,
    today: date,
) -> Decision:
    decision = Decision(
        application_id=application.id,
        outcome=outcome,
        amount_minor=amount.minor if amount else None,
        reason=reason,
        author_id=application.author_id,
        decided_by_id=actor.user_id,
        decided_at=clock.now(),
        ceiling_minor=actor.ceiling_in(application.fund_id, today).minor,
        grant_id=grant_id,
    )
    db.session.add(decision)
    db.session.flush()
    audit.record(
        actor,
        f"application.{outcome}",
        "application",
        application.id,
        fund_id=application.fund_id,
        reason=reason,
        amount=amount or Money.zero("USD"),
    )
    return decision


def _reviews(application_id: int) -> list[Review]:
    return list(
        db.session.scalars(
            select(Review).where(Review.application_id == application_id).order_by(Review.id)
        )
    )


def _usd(minor: int | None) -> Money | None:
    return None if minor is None else Money.of_minor(minor, "USD")
