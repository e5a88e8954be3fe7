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
from grants.applications.queries.deciding import items_of
from grants.applications.queries.scope import authors_of, form_of, recipient, usd
from grants.applications.rules.decisions import NoReview, check_amount
from grants.applications.rules.letters import approved_letter, declined_letter
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed, Refused
from grants.funding import actions as funding
from grants.funding.actions import NewGrant
from grants.funding.models import Grant
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

    Refuses authors, reviewers and the applying organisation, what lies above the actor's delegated
    authority, an application without review, an amount outside the call, and what the fund cannot
    afford.
    """
    application = lock(Application, application_id)
    today = clock.today(people.fund(application.fund_id).time_zone)
    require(actor, Verb.APPROVE, application.fund_id)
    reviews = _reviews(application_id)
    _check(actor, application, reviews, DECIDABLE)
    require(actor, Verb.APPROVE, application.fund_id, amount=amount, on=today)
    rules.check_reason(reason)
    if not any(review.submitted_at for review in reviews):
        raise NoReview(reference=application.reference)
    call = db.session.get_one(Call, application.call_id)
    check_amount(amount, usd(call.grant_min_minor), usd(call.grant_max_minor))
    if starts_on and ends_on and ends_on < starts_on:
        raise Malformed("A grant ends after it starts.")
    if call.programme_id is None:
        raise Refused(f"{call.reference} belongs to no programme, so no money can be set aside.")
    new = NewGrant(
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
        items=items_of(form_of(application), application.answers),
    )
    grant = funding.reserve(actor, new)
    decision = _decide(actor, application, ApplicationState.APPROVED, reason, grant, today)
    _tell_approved(application, amount, reason)
    return decision


def decline(actor: Actor, application_id: int, reason: str) -> Decision:
    """Decline an application, with the reason that the applicant reads.

    Refuses authors, reviewers and the applying organisation.
    """
    application = lock(Application, application_id)
    today = clock.today(people.fund(application.fund_id).time_zone)
    require(actor, Verb.APPROVE, application.fund_id)
    _check(actor, application, _reviews(application_id), DECLINABLE)
    rules.check_reason(reason)
    decision = _decide(actor, application, ApplicationState.DECLINED, reason, None, today)
    outbox.tell(
        recipient(application.author_id),
        template="application_declined",
        subject=f"{application.reference} was not selected",
        body=declined_letter(application.title, reason),
    )
    return decision


def _check(
    actor: Actor,
    application: Application,
    reviews: list[Review],
    decidable: tuple[ApplicationState, ...],
) -> None:
    rules.check_can_be_decided(
        reference=application.reference,
        state=application.state,
        decidable=decidable,
        decider=rules.Decider(user_id=actor.user_id, organisation_id=actor.organisation_id),
        author_ids=authors_of(application),
        reviewer_ids=[review.reviewer_id for review in reviews],
        organisation_id=application.organisation_id,
    )


def _decide(
    actor: Actor,
    application: Application,
    outcome: ApplicationState,
    reason: str,
    grant: Grant | None,
    today: date,
) -> Decision:
    application.state = outcome
    decision = Decision(
        application_id=application.id,
        outcome=outcome,
        amount_minor=grant.approved_minor if grant else None,
        reason=reason,
        author_id=application.author_id,
        decided_by_id=actor.user_id,
        decided_at=clock.now(),
        ceiling_minor=actor.ceiling_in(application.fund_id, today).minor,
        grant_id=grant.id if grant else None,
    )
    db.session.add(decision)
    db.session.flush()
    facts: dict[str, object] = {"amount": usd(grant.approved_minor)} if grant else {}
    audit.record(
        actor,
        f"application.{outcome}",
        "application",
        application.id,
        fund_id=application.fund_id,
        reason=reason,
        **facts,
    )
    return decision


def _tell_approved(application: Application, amount: Money, reason: str) -> None:
    outbox.tell(
        recipient(application.author_id),
        template="application_approved",
        subject=f"{application.reference} is approved",
        body=approved_letter(application.title, amount, reason),
    )


def _reviews(application_id: int) -> list[Review]:
    return list(
        db.session.scalars(
            select(Review).where(Review.application_id == application_id).order_by(Review.id)
        )
    )
