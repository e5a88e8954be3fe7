"""Reviews, as their reviewers see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from grants.applications import rules
from grants.applications.models import (
    Application,
    ApplicationState,
    Call,
    ConflictAnswer,
    FormVersion,
    Review,
)
from grants.applications.queries.cases import attached
from grants.applications.queries.scope import criteria_of, usd
from grants.applications.rules import Criterion, Form
from grants.db import db
from grants.errors import NotFound
from grants.files.queries import OpenFile
from grants.money import Money
from grants.people.models import Organisation
from grants.people.permissions import Actor, Verb, require


@dataclass(frozen=True, kw_only=True)
class MyReview:
    """A review in the reviewer's list. The title shows who applies: enough to know a conflict."""

    id: int
    reference: str
    title: str
    organisation: str
    call: str
    conflict: str | None
    due_on: date | None
    submitted_at: datetime | None
    saved_at: datetime | None
    #: Whether the application still waits for this review.
    is_wanted: bool


@dataclass(frozen=True, kw_only=True)
class ReviewPage:
    """What a reviewer works with: answers only after a declaration that there is no conflict."""

    id: int
    application_id: int
    fund_id: int
    reference: str
    title: str
    organisation: str
    call: str
    conflict: str | None
    conflict_reason: str
    due_on: date | None
    criteria: tuple[Criterion, ...]
    scores: Mapping[str, Mapping[str, object]]
    comment: str
    recommendation: str
    saved_at: datetime | None
    submitted_at: datetime | None
    is_wanted: bool
    form: Form | None
    answers: Mapping[str, str]
    files: Mapping[int, OpenFile]
    requested: Money | None
    next_id: int | None

    @property
    def is_readable(self) -> bool:
        return self.form is not None


def my_reviews(actor: Actor, *, limit: int = 200) -> list[MyReview]:
    """The reviews that somebody was asked for: the open ones first, by when they are due."""
    rows = db.session.execute(
        select(Review, Application, Organisation.name, Call.title)
        .join(Application, Application.id == Review.application_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(Call, Call.id == Application.call_id)
        .where(Review.reviewer_id == actor.user_id)
        .order_by(Review.submitted_at.is_not(None), Review.due_on, Review.id)
        .limit(limit)
    )
    return [
        MyReview(
            id=review.id,
            reference=application.reference,
            title=application.title,
            organisation=organisation,
            call=call,
            conflict=review.conflict,
            due_on=review.due_on,
            submitted_at=review.submitted_at,
            saved_at=review.saved_at,
            is_wanted=_is_wanted(review, application),
        )
        for review, application, organisation, call in rows
    ]


def review_page(actor: Actor, review_id: int) -> ReviewPage:
    """One's own review. Another's is not there."""
    row = db.session.execute(
        select(Review, Application, Call, Organisation.name, FormVersion.definition)
        .join(Application, Application.id == Review.application_id)
        .join(Call, Call.id == Application.call_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(FormVersion, FormVersion.id == Application.form_version_id)
        .where(Review.id == review_id, Review.reviewer_id == actor.user_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    review, application, call, organisation, definition = row
    require(actor, Verb.REVIEW, application.fund_id)
    is_readable = review.conflict == ConflictAnswer.NONE
    return ReviewPage(
        id=review.id,
        application_id=application.id,
        fund_id=application.fund_id,
        reference=application.reference,
        title=application.title,
        organisation=organisation,
        call=call.title,
        conflict=review.conflict,
        conflict_reason=review.conflict_reason,
        due_on=review.due_on,
        criteria=criteria_of(call),
        scores=review.scores,
        comment=review.comment,
        recommendation=review.recommendation,
        saved_at=review.saved_at,
        submitted_at=review.submitted_at,
        is_wanted=_is_wanted(review, application),
        form=rules.parse_form(definition) if is_readable else None,
        answers=application.answers if is_readable else {},
        files=attached(application.id) if is_readable else {},
        requested=usd(application.requested_minor) if is_readable else None,
        next_id=_next_open(actor, review_id),
    )


def _is_wanted(review: Review, application: Application) -> bool:
    return (
        review.submitted_at is None
        and review.conflict != ConflictAnswer.CONFLICT
        and application.state == ApplicationState.IN_REVIEW
    )


def _next_open(actor: Actor, review_id: int) -> int | None:
    return db.session.scalar(
        select(Review.id)
        .join(Application, Application.id == Review.application_id)
        .where(
            Review.reviewer_id == actor.user_id,
            Review.submitted_at.is_(None),
            Review.id != review_id,
            or_(Review.conflict.is_(None), Review.conflict == ConflictAnswer.NONE),
            Application.state == ApplicationState.IN_REVIEW,
        )
        .order_by(Review.due_on, Review.id)
        .limit(1)
    )
