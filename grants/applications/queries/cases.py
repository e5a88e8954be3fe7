"""One application whole: what it says, how it was screened and reviewed, what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from grants.applications import rules
from grants.applications.models import (
    Application,
    ApplicationState,
    Call,
    ConflictAnswer,
    Decision,
    EligibilityCheck,
    FormVersion,
    Review,
)
from grants.applications.queries.calls import CallPage, call_page
from grants.applications.queries.scope import criteria_of, usd
from grants.applications.rules import Form, Problem
from grants.db import db
from grants.errors import NotFound
from grants.files import queries as files
from grants.files.queries import OpenFile
from grants.money import Money
from grants.people.models import Organisation, User
from grants.people.permissions import Actor, Verb, may, require


@dataclass(frozen=True, kw_only=True)
class Screening:
    """An officer's answers to the call's eligibility rules."""

    answers: Mapping[str, bool]
    is_eligible: bool
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ReviewLine:
    """A review as the Secretariat sees it. What a recused reviewer typed is not shown."""

    id: int
    reviewer_id: int
    reviewer: str
    conflict: str | None
    conflict_reason: str
    assigned_at: datetime
    declared_at: datetime | None
    submitted_at: datetime | None
    score: Decimal | None
    scores: Mapping[str, Mapping[str, object]]
    comment: str
    recommendation: str


@dataclass(frozen=True, kw_only=True)
class DecisionLine:
    """What was decided, by whom and why."""

    outcome: str
    amount: Money | None
    reason: str
    by: str
    at: datetime
    ceiling: Money
    grant_id: int | None


@dataclass(frozen=True, kw_only=True)
class Case:
    """One application whole. For its applicant it holds neither reviews nor who screened it."""

    id: int
    fund_id: int
    call: CallPage
    form: Form
    reference: str
    title: str
    organisation_id: int
    organisation: str
    author_id: int
    author: str
    answers: Mapping[str, str]
    files: Mapping[int, OpenFile]
    revision: int
    requested: Money | None
    state: str
    saved_at: datetime
    submitted_at: datetime | None
    receipt_number: str | None
    answers_hash: str
    screening: Screening | None
    reviews: tuple[ReviewLine, ...]
    decision: DecisionLine | None

    @property
    def problems(self) -> list[Problem]:
        return rules.problems_of(self.form, self.answers)

    @property
    def is_draft(self) -> bool:
        return self.state == ApplicationState.DRAFT

    @property
    def score(self) -> Decimal | None:
        """The mean of the submitted reviews, out of 100."""
        scores = [
            each.score for each in self.reviews if each.submitted_at and each.score is not None
        ]
        if not scores:
            return None
        return (sum(scores, Decimal(0)) / len(scores)).quantize(Decimal("0.1"))


def case_for_applicant(actor: Actor, application_id: int) -> Case:
    """One's own organisation's application. Another's is not there."""
    application = application_row(application_id)
    require(actor, Verb.APPLY, application.fund_id, organisation_id=application.organisation_id)
    return case_of(actor, application, is_applicant=True)


def case_for_staff(actor: Actor, application_id: int) -> Case:
    """A submitted application of a fund whose applications the actor may see."""
    return case_of(actor, submitted_row(actor, application_id))


def may_open_files(actor: Actor, application_id: int) -> bool:
    """Whether the actor may open what is attached to an application."""
    application = application_row(application_id)
    if may(actor, Verb.APPLY, application.fund_id, organisation_id=application.organisation_id):
        return True
    if application.submitted_at is None:
        return False
    if may(actor, Verb.SEE_APPLICATIONS, application.fund_id):
        return True
    conflict = db.session.scalar(
        select(Review.conflict).where(
            Review.application_id == application_id, Review.reviewer_id == actor.user_id
        )
    )
    return conflict == ConflictAnswer.NONE and may(actor, Verb.REVIEW, application.fund_id)


def open_attachment(actor: Actor, application_id: int, file_id: int) -> OpenFile:
    """A file attached to an application, for whoever may read the application."""
    if not may_open_files(actor, application_id):
        raise NotFound
    found = files.open_file(file_id)
    if (found.owner_type, found.owner_id) != ("application", application_id):
        raise NotFound
    return found


def application_row(application_id: int) -> Application:
    """The row, or NotFound."""
    found = db.session.get(Application, application_id)
    if found is None:
        raise NotFound
    return found


def submitted_row(actor: Actor, application_id: int) -> Application:
    """The row of a submitted application that the actor may see as staff, or NotFound."""
    application = application_row(application_id)
    if application.submitted_at is None or not may(
        actor, Verb.SEE_APPLICATIONS, application.fund_id
    ):
        raise NotFound
    return application


def case_of(actor: Actor, application: Application, *, is_applicant: bool = False) -> Case:
    """The whole case, in a fixed number of statements."""
    author, organisation = db.session.execute(
        select(User.name, Organisation.name)
        .select_from(User)
        .join(Organisation, Organisation.id == application.organisation_id)
        .where(User.id == application.author_id)
    ).one()
    version = db.session.get_one(FormVersion, application.form_version_id)
    return Case(
        id=application.id,
        fund_id=application.fund_id,
        call=call_page(actor, application.call_id),
        form=rules.parse_form(version.definition),
        reference=application.reference,
        title=application.title,
        organisation_id=application.organisation_id,
        organisation=organisation,
        author_id=application.author_id,
        author=author,
        answers=application.answers,
        files=attached(application.id),
        revision=application.revision,
        requested=usd(application.requested_minor),
        state=application.state,
        saved_at=application.saved_at,
        submitted_at=application.submitted_at,
        receipt_number=application.receipt_number,
        answers_hash=application.answers_hash,
        screening=_screening(application.id, is_applicant=is_applicant),
        reviews=() if is_applicant else tuple(_reviews(application)),
        decision=_decision(application.id, is_applicant=is_applicant),
    )


def attached(application_id: int) -> dict[int, OpenFile]:
    """Every file that was ever attached to an application, by its id."""
    return {file.id: file for file in files.files_of("application", application_id, limit=500)}


def _screening(application_id: int, *, is_applicant: bool) -> Screening | None:
    row = db.session.execute(
        select(EligibilityCheck, User.name)
        .join(User, User.id == EligibilityCheck.checked_by_id)
        .where(EligibilityCheck.application_id == application_id)
    ).one_or_none()
    if row is None:
        return None
    check, name = row
    return Screening(
        answers=check.answers,
        is_eligible=check.is_eligible,
        reason=check.reason,
        by="" if is_applicant else name,
        at=check.checked_at,
    )


def _decision(application_id: int, *, is_applicant: bool) -> DecisionLine | None:
    row = db.session.execute(
        select(Decision, User.name)
        .join(User, User.id == Decision.decided_by_id)
        .where(Decision.application_id == application_id)
    ).one_or_none()
    if row is None:
        return None
    decision, name = row
    return DecisionLine(
        outcome=decision.outcome,
        amount=usd(decision.amount_minor),
        reason=decision.reason,
        by="" if is_applicant else name,
        at=decision.decided_at,
        ceiling=Money.of_minor(decision.ceiling_minor, "USD"),
        grant_id=decision.grant_id,
    )


def _reviews(application: Application) -> list[ReviewLine]:
    criteria = criteria_of(db.session.get_one(Call, application.call_id))
    rows = db.session.execute(
        select(Review, User.name)
        .join(User, User.id == Review.reviewer_id)
        .where(Review.application_id == application.id)
        .order_by(Review.id)
    )
    return [_review_line(criteria, review, name) for review, name in rows]


def _review_line(
    criteria: tuple[rules.Criterion, ...], review: Review, reviewer: str
) -> ReviewLine:
    is_shown = review.submitted_at is not None
    scores = review.scores if is_shown else {}
    return ReviewLine(
        id=review.id,
        reviewer_id=review.reviewer_id,
        reviewer=reviewer,
        conflict=review.conflict,
        conflict_reason=review.conflict_reason,
        assigned_at=review.assigned_at,
        declared_at=review.declared_at,
        submitted_at=review.submitted_at,
        score=rules.weighted_score(
            criteria, {key: held.get("score") for key, held in scores.items()}
        ),
        scores=scores,
        comment=review.comment if is_shown else "",
        recommendation=review.recommendation if is_shown else "",
    )
