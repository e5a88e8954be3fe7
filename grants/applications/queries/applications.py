"""Applications: one's own, the fund's, and the whole case of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from grants.applications import rules
from grants.applications.models import (
    AnswerVersion,
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
from grants.applications.queries.scope import criteria_of
from grants.applications.rules import Form, Problem
from grants.db import db
from grants.errors import NotFound
from grants.money import Money
from grants.people.models import Organisation, User
from grants.people.permissions import Actor, Verb, may, require


@dataclass(frozen=True, kw_only=True)
class ApplicationLine:
    """An application in a list."""

    id: int
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


@dataclass(frozen=True, kw_only=True)
class ReviewLine:
    """A review as the Secretariat sees it."""

    id: int
    reviewer: str
    conflict: str | None
    conflict_reason: str
    submitted_at: datetime | None
    score: Decimal | None
    scores: Mapping[str, Mapping[str, object]]
    comment: str
    recommendation: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """One application whole: its call, answers, screening, reviews and decision."""

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
    revision: int
    requested: Money | None
    state: str
    saved_at: datetime
    submitted_at: datetime | None
    receipt_number: str | None
    answers_hash: str
    screening: EligibilityCheck | None
    screened_by: str
    reviews: tuple[ReviewLine, ...]
    decision: Decision | None
    decided_by: str

    @property
    def problems(self) -> list[Problem]:
        return rules.problems_of(self.form, self.answers)

    @property
    def score(self) -> Decimal | None:
        """The mean of the submitted reviews, out of 100."""
        scores = [
            each.score for each in self.reviews if each.submitted_at and each.score is not None
        ]
        if not scores:
            return None
        return (sum(scores, Decimal(0)) / len(scores)).quantize(Decimal("0.1"))


@dataclass(frozen=True, kw_only=True)
class VersionLine:
    """One save of a draft."""

    revision: int
    saved_at: datetime
    saved_by: str
    changes: Mapping[str, str]


def my_applications(actor: Actor, *, limit: int = 100) -> list[ApplicationLine]:
    """The applications of the actor's organisation, the latest touched first."""
    if actor.organisation_id is None:
        return []
    found, _ = _lines(
        (Application.organisation_id == actor.organisation_id,),
        order="-saved_at",
        offset=0,
        limit=limit,
    )
    return found


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
        pattern = f"%{search}%"
        where.append(
            or_(
                Application.title.ilike(pattern),
                Application.reference.ilike(pattern),
                Organisation.name.ilike(pattern),
            )
        )
    if state:
        where.append(Application.state == state)
    if call_id is not None:
        where.append(Application.call_id == call_id)
    return _lines(tuple(where), order=order, offset=offset, limit=limit)


def case_for_applicant(actor: Actor, application_id: int) -> Case:
    """One's own organisation's application. Another's is not there."""
    application = _application(application_id)
    require(actor, Verb.APPLY, application.fund_id, organisation_id=application.organisation_id)
    return _case(actor, application)


def case_for_staff(actor: Actor, application_id: int) -> Case:
    """A submitted application of a fund whose applications the actor may see."""
    application = _application(application_id)
    if application.submitted_at is None or not may(
        actor, Verb.SEE_APPLICATIONS, application.fund_id
    ):
        raise NotFound
    return _case(actor, application)


def versions_of(actor: Actor, application_id: int, *, limit: int = 100) -> list[VersionLine]:
    """Every save of a draft, newest first: what was typed before can be copied back."""
    application = _application(application_id)
    require(actor, Verb.APPLY, application.fund_id, organisation_id=application.organisation_id)
    rows = db.session.execute(
        select(AnswerVersion, User.name)
        .join(User, User.id == AnswerVersion.saved_by_id)
        .where(AnswerVersion.application_id == application_id)
        .order_by(AnswerVersion.revision.desc())
        .limit(limit)
    )
    return [
        VersionLine(
            revision=version.revision,
            saved_at=version.saved_at,
            saved_by=name,
            changes=version.changes,
        )
        for version, name in rows
    ]


def may_open_files(actor: Actor, application_id: int) -> bool:
    """Whether the actor may open what is attached to an application."""
    application = _application(application_id)
    if application.organisation_id == actor.organisation_id and actor.organisation_id is not None:
        return True
    if application.submitted_at is None:
        return False
    if may(actor, Verb.SEE_APPLICATIONS, application.fund_id):
        return True
    review = db.session.scalar(
        select(Review.conflict).where(
            Review.application_id == application_id, Review.reviewer_id == actor.user_id
        )
    )
    return review == ConflictAnswer.NONE


def _application(application_id: int) -> Application:
    found = db.session.get(Application, application_id)
    if found is None:
        raise NotFound
    return found


def _case(actor: Actor, application: Application) -> Case:
    author, organisation = db.session.execute(
        select(User.name, Organisation.name)
        .select_from(User)
        .join(Organisation, Organisation.id == application.organisation_id)
        .where(User.id == application.author_id)
    ).one()
    version = db.session.get_one(FormVersion, application.form_version_id)
    screening = db.session.execute(
        select(EligibilityCheck, User.name)
        .join(User, User.id == EligibilityCheck.checked_by_id)
        .where(EligibilityCheck.application_id == application.id)
    ).one_or_none()
    decision = db.session.execute(
        select(Decision, User.name)
        .join(User, User.id == Decision.decided_by_id)
        .where(Decision.application_id == application.id)
    ).one_or_none()
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
        revision=application.revision,
        requested=_usd(application.requested_minor),
        state=application.state,
        saved_at=application.saved_at,
        submitted_at=application.submitted_at,
        receipt_number=application.receipt_number,
        answers_hash=application.answers_hash,
        screening=screening[0] if screening else None,
        screened_by=screening[1] if screening else "",
        reviews=tuple(_reviews(application)),
        decision=decision[0] if decision else None,
        decided_by=decision[1] if decision else "",
    )


def _reviews(application: Application) -> list[ReviewLine]:
    criteria = criteria_of(db.session.get_one(Call, application.call_id))
    rows = db.session.execute(
        select(Review, User.name)
        .join(User, User.id == Review.reviewer_id)
        .where(Review.application_id == application.id)
        .order_by(Review.id)
    )
    return [
        ReviewLine(
            id=review.id,
            reviewer=name,
            conflict=review.conflict,
            conflict_reason=review.conflict_reason,
            submitted_at=review.submitted_at,
            score=rules.weighted_score(
                criteria, {key: held.get("score") for key, held in review.scores.items()}
            ),
            scores=review.scores,
            comment=review.comment,
            recommendation=review.recommendation,
        )
        for review, name in rows
    ]


_ORDERS = {
    "reference": Application.reference,
    "organisation": Organisation.name,
    "requested": Application.requested_minor,
    "submitted_at": Application.submitted_at,
    "saved_at": Application.saved_at,
    "state": Application.state,
}


def _lines(
    where: tuple[ColumnElement[bool], ...], *, order: str, offset: int, limit: int
) -> tuple[list[ApplicationLine], int]:
    review = aliased(Review)
    asked = (
        select(func.count(review.id))
        .where(review.application_id == Application.id)
        .correlate(Application)
        .scalar_subquery()
    )
    done = (
        select(func.count(review.submitted_at))
        .where(review.application_id == Application.id)
        .correlate(Application)
        .scalar_subquery()
    )
    base = (
        select(Application.id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(*where)
    )
    total = db.session.scalar(select(func.count()).select_from(base.subquery())) or 0
    column = _ORDERS.get(order.removeprefix("-"), Application.submitted_at)
    rows = db.session.execute(
        select(
            Application,
            Organisation.name,
            Call.title,
            Call.closes_at,
            Call.time_zone,
            asked,
            done,
            Decision.grant_id,
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(Call, Call.id == Application.call_id)
        .outerjoin(Decision, Decision.application_id == Application.id)
        .where(*where)
        .order_by(column.desc() if order.startswith("-") else column.asc(), Application.id)
        .offset(offset)
        .limit(min(limit, 1000))
    )
    lines = [
        ApplicationLine(
            id=application.id,
            reference=application.reference,
            title=application.title,
            organisation=organisation,
            call_id=application.call_id,
            call=call,
            requested=_usd(application.requested_minor),
            state=application.state,
            saved_at=application.saved_at,
            submitted_at=application.submitted_at,
            closes_at=closes_at,
            time_zone=zone,
            reviews=reviews,
            reviews_submitted=submitted,
            grant_id=grant_id,
        )
        for application, organisation, call, closes_at, zone, reviews, submitted, grant_id in rows
    ]
    return lines, total


def _usd(minor: int | None) -> Money | None:
    return None if minor is None else Money.of_minor(minor, "USD")


def counts_by_state(fund_id: int) -> dict[str, int]:
    """How many applications of a fund are in each state; drafts are not counted."""
    rows = db.session.execute(
        select(Application.state, func.count(Application.id))
        .where(Application.fund_id == fund_id, Application.state != ApplicationState.DRAFT)
        .group_by(Application.state)
    )
    return {state: count for state, count in rows}
