"""Screening and reviewing: a conflict of interest is declared before the text opens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from grants import clock
from grants.applications import rules
from grants.applications.models import (
    Application,
    ApplicationState,
    Call,
    ConflictAnswer,
    EligibilityCheck,
    Review,
)
from grants.applications.queries.scope import (
    authors_of,
    criteria_of,
    eligibility_of,
    recipient,
)
from grants.applications.rules.decisions import NotWaitingForThis
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed, NotAllowed, NotFound, Refused
from grants.outbox import actions as outbox
from grants.people import queries as people
from grants.people.models import Role
from grants.people.permissions import Actor, Verb, require

ASSIGNABLE = {
    ApplicationState.ELIGIBLE,
    ApplicationState.IN_REVIEW,
    ApplicationState.REVIEWED,
}
RECOMMENDATIONS = ("fund", "fund_with_changes", "do_not_fund")


class ConflictNotDeclared(NotAllowed):
    """Say first whether you have a conflict of interest; the application opens after that."""


class RecusedReviewer(NotAllowed):
    """You declared a conflict of interest, so this application stays closed to you."""


class SameOrganisation(Refused):
    """{reviewer} wrote in this application or belongs to its organisation: ask someone else."""


def check_eligibility(
    actor: Actor, application_id: int, answers: Mapping[str, bool], *, reason: str = ""
) -> Application:
    """Note whether an application is eligible; the applicant is told, with the reason of a no."""
    application = lock(Application, application_id)
    require(actor, Verb.SCREEN, application.fund_id)
    _check_state(application, {ApplicationState.SUBMITTED}, "screened")
    call = db.session.get_one(Call, application.call_id)
    is_eligible = rules.check_screening(eligibility_of(call), answers, reason)
    db.session.add(
        EligibilityCheck(
            application_id=application_id,
            answers=dict(answers),
            is_eligible=is_eligible,
            reason=reason,
            checked_by_id=actor.user_id,
            checked_at=clock.now(),
        )
    )
    application.state = ApplicationState.ELIGIBLE if is_eligible else ApplicationState.INELIGIBLE
    db.session.flush()
    audit.record(
        actor,
        "application.screened",
        "application",
        application_id,
        fund_id=application.fund_id,
        eligible=is_eligible,
        reason=reason,
    )
    _tell_screened(application, reason, is_eligible=is_eligible)
    return application


def assign_review(
    actor: Actor, application_id: int, reviewer_id: int, *, due_on: date | None = None
) -> Review:
    """Ask somebody to review. Refuses the author, and anybody of the applying organisation."""
    application = lock(Application, application_id)
    require(actor, Verb.ASSIGN_REVIEWS, application.fund_id)
    _check_state(application, ASSIGNABLE, "given to a reviewer")
    reviewer = people.actor_of(reviewer_id)
    if not reviewer.has_role(Role.REVIEWER, application.fund_id):
        raise Refused(f"{reviewer.name} is not a reviewer of this fund.")
    if reviewer_id in authors_of(application) or (
        reviewer.organisation_id is not None
        and reviewer.organisation_id == application.organisation_id
    ):
        raise SameOrganisation(reviewer=reviewer.name)
    known = db.session.scalar(
        select(Review.id).where(
            Review.application_id == application_id, Review.reviewer_id == reviewer_id
        )
    )
    if known is not None:
        raise Refused(f"{reviewer.name} has been asked already.")
    review = Review(
        application_id=application_id,
        reviewer_id=reviewer_id,
        assigned_by_id=actor.user_id,
        assigned_at=clock.now(),
        due_on=due_on,
    )
    db.session.add(review)
    application.state = ApplicationState.IN_REVIEW
    db.session.flush()
    audit.record(
        actor,
        "review.assigned",
        "application",
        application_id,
        fund_id=application.fund_id,
        reviewer=reviewer_id,
    )
    outbox.tell(
        recipient(reviewer_id),
        template="review_assigned",
        subject=f"Please review {application.reference}",
        body="Sign in, say whether you have a conflict of interest, and the application opens."
        + (f" Your review is expected by {due_on:%d %B %Y}." if due_on else ""),
    )
    return review


def declare_conflict(
    actor: Actor, review_id: int, *, has_conflict: bool, reason: str = ""
) -> Review:
    """Say whether there is a conflict of interest. With one, the application stays closed.

    Refuses a second declaration, a conflict that says nothing, and a review that nobody needs.
    """
    review = _own_review(actor, review_id)
    _check_state(_application_of(review), {ApplicationState.IN_REVIEW}, "reviewed")
    if review.conflict is not None:
        raise Refused("You have declared this already. The officer can assign the review anew.")
    if has_conflict and not reason.strip():
        raise Malformed("Say in a few words what the conflict is.")
    review.conflict = ConflictAnswer.CONFLICT if has_conflict else ConflictAnswer.NONE
    review.conflict_reason = reason
    review.declared_at = clock.now()
    db.session.flush()
    application = _application_of(review)
    audit.record(
        actor,
        "review.conflict_declared",
        "application",
        application.id,
        fund_id=application.fund_id,
        conflict=has_conflict,
    )
    if has_conflict:
        _close_reviewing(application)
        outbox.tell(
            recipient(review.assigned_by_id),
            template="review_recused",
            subject=f"{actor.name} cannot review {application.reference}",
            body=f"A conflict of interest was declared: {reason}\n\n"
            "What happens next: you assign another reviewer, or decide with the reviews at hand.",
        )
    return review


def save_scores(
    actor: Actor,
    review_id: int,
    scores: Mapping[str, int | None],
    comments: Mapping[str, str],
    *,
    comment: str | None = None,
    recommendation: str | None = None,
) -> Review:
    """Keep a review as it stands, complete or not. Refuses a score outside its range.

    Scores and comments of criteria that are not given stay as they were.
    """
    review = _open_review(actor, review_id)
    _check_state(_application_of(review), {ApplicationState.IN_REVIEW}, "reviewed")
    criteria = _criteria(review)
    rules.check_scores(criteria, scores, must_be_complete=False)
    held = review.scores
    review.scores = {
        key: {
            "score": scores[key] if key in scores else held.get(key, {}).get("score"),
            "comment": comments.get(key, held.get(key, {}).get("comment", "")),
        }
        for key in (criterion.key for criterion in criteria)
    }
    if comment is not None:
        review.comment = comment
    if recommendation is not None:
        review.recommendation = recommendation if recommendation in RECOMMENDATIONS else ""
    review.saved_at = clock.now()
    db.session.flush()
    return review


def submit_review(actor: Actor, review_id: int) -> Review:
    """Hand a review in. Refuses one without all scores and a recommendation."""
    review = _open_review(actor, review_id)
    application = _application_of(review)
    _check_state(application, {ApplicationState.IN_REVIEW}, "reviewed")
    scores = {key: held.get("score") for key, held in review.scores.items()}
    rules.check_scores(_criteria(review), scores, must_be_complete=True)
    if not review.recommendation:
        raise Malformed("Choose what you recommend.")
    review.submitted_at = clock.now()
    db.session.flush()
    _close_reviewing(application)
    audit.record(
        actor,
        "review.submitted",
        "application",
        application.id,
        fund_id=application.fund_id,
        recommendation=review.recommendation,
    )
    return review


def close_reviewing(actor: Actor, application_id: int, *, reason: str) -> Application:
    """Go on to the decision with the reviews at hand; who has not answered is not waited for.

    Refuses while no review has been handed in, and without a reason.
    """
    application = lock(Application, application_id)
    require(actor, Verb.ASSIGN_REVIEWS, application.fund_id)
    _check_state(application, {ApplicationState.IN_REVIEW}, "decided yet")
    if not reason.strip():
        raise Malformed("Say why the other reviews are not waited for.")
    found = db.session.execute(
        select(Review.reviewer_id, Review.submitted_at, Review.conflict)
        .where(Review.application_id == application_id)
        .order_by(Review.id)
    ).all()
    if not any(row.submitted_at for row in found):
        raise Refused(f"{application.reference} has no submitted review yet.")
    application.state = ApplicationState.REVIEWED
    db.session.flush()
    audit.record(
        actor,
        "review.closed",
        "application",
        application_id,
        fund_id=application.fund_id,
        reason=reason,
    )
    for row in found:
        if row.submitted_at is None and row.conflict != ConflictAnswer.CONFLICT:
            outbox.tell(
                recipient(row.reviewer_id),
                template="review_not_needed",
                subject=f"Your review of {application.reference} is no longer needed",
                body="The application goes on to its decision with the reviews at hand. Thank you.",
            )
    return application


def _own_review(actor: Actor, review_id: int) -> Review:
    application_id = db.session.scalar(select(Review.application_id).where(Review.id == review_id))
    if application_id is None:
        raise NotFound
    # The application first, as everybody who decides about it does.
    application = lock(Application, application_id)
    review = lock(Review, review_id)
    if review.reviewer_id != actor.user_id:
        raise NotFound
    require(actor, Verb.REVIEW, application.fund_id)
    return review


def _open_review(actor: Actor, review_id: int) -> Review:
    review = _own_review(actor, review_id)
    if review.conflict is None:
        raise ConflictNotDeclared
    if review.conflict == ConflictAnswer.CONFLICT:
        raise RecusedReviewer
    if review.submitted_at is not None:
        raise Refused("You have submitted this review, so it stays as it is.")
    return review


def _close_reviewing(application: Application) -> None:
    """Once nobody is waited for and somebody has reviewed, it can be decided."""
    if application.state != ApplicationState.IN_REVIEW:
        return
    found = db.session.execute(
        select(Review.conflict, Review.submitted_at).where(Review.application_id == application.id)
    ).all()
    done = [row for row in found if row.submitted_at is not None]
    recused = [row for row in found if row.conflict == ConflictAnswer.CONFLICT]
    if done and len(done) + len(recused) == len(found):
        application.state = ApplicationState.REVIEWED
        db.session.flush()


def _criteria(review: Review) -> tuple[rules.Criterion, ...]:
    return criteria_of(db.session.get_one(Call, _application_of(review).call_id))


def _application_of(review: Review) -> Application:
    return db.session.get_one(Application, review.application_id)


def _check_state(application: Application, wanted: set[ApplicationState], done: str) -> None:
    if application.state not in wanted:
        raise NotWaitingForThis(
            reference=application.reference, state=application.state.replace("_", " "), done=done
        )


def _tell_screened(application: Application, reason: str, *, is_eligible: bool) -> None:
    outbox.tell(
        recipient(application.author_id),
        template="application_screened",
        subject=f"{application.reference} is {'eligible' if is_eligible else 'not eligible'}",
        body=(
            "Your application is eligible. Independent reviewers read it next; you hear from us"
            " when it is decided."
            if is_eligible
            else f"Your application cannot be considered, for this reason:\n\n{reason}\n\n"
            "You are welcome to apply to another call."
        ),
    )
