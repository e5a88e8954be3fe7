"""Tables of calls, applications, reviews and decisions."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from grants.db import Base


class CallState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


class ApplicationState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    IN_REVIEW = "in_review"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ConflictAnswer(StrEnum):
    NONE = "none"
    CONFLICT = "conflict"


class FormVersion(Base):
    """A form as it stood when it was published: sections, questions, conditions. Never changed."""

    __tablename__ = "form_version"
    __table_args__ = (
        UniqueConstraint("fund_id", "name", "version", name="form_version_is_unique"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(120))
    version: Mapped[int]
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]


class Call(Base):
    """A call for proposals. Its deadline is an instant, and the zone that it is announced in."""

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("fund_id", "reference", name="call_reference_is_unique_in_fund"),
        CheckConstraint(
            "envelope_minor IS NULL OR envelope_minor >= 0", name="envelope_not_negative"
        ),
        CheckConstraint(
            "closes_at IS NULL OR opens_at IS NULL OR closes_at > opens_at",
            name="call_closes_after_it_opens",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    #: None for a round imported from a fund whose programmes are not in these books.
    programme_id: Mapped[int | None] = mapped_column(
        ForeignKey("programme.id", ondelete="RESTRICT"), index=True
    )
    form_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("form_version.id", ondelete="RESTRICT")
    )
    reference: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(300))
    summary: Mapped[str] = mapped_column(default="")
    year: Mapped[int]
    #: US dollars, minor units.
    envelope_minor: Mapped[int | None]
    grant_min_minor: Mapped[int | None]
    grant_max_minor: Mapped[int | None]
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    grace_minutes: Mapped[int] = mapped_column(default=0)
    #: [{"key", "name", "help", "weight", "max"}]
    criteria: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    #: [{"key", "rule"}]: what an officer checks before review, each with pass or fail.
    eligibility: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(String(16), default=CallState.DRAFT)
    is_imported: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))


class Application(Base):
    """One organisation's proposal, from its first saved word to the decision."""

    __tablename__ = "application"
    __table_args__ = (
        UniqueConstraint("reference", name="application_reference_is_unique"),
        CheckConstraint(
            "state IN ('draft', 'submitted', 'eligible', 'ineligible', 'in_review', 'reviewed',"
            " 'approved', 'declined', 'withdrawn')",
            name="application_state_is_known",
        ),
        CheckConstraint(
            "state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL",
            name="submitted_has_its_instant",
        ),
        Index("ix_application_fund_state", "fund_id", "state", "submitted_at"),
        Index("ix_application_organisation", "organisation_id", "state"),
        Index("ix_application_call", "call_id", "state"),
        Index(
            "one_draft_per_organisation_and_call",
            "call_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="RESTRICT"))
    #: The form as it was when the draft was begun.
    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_version.id", ondelete="RESTRICT"))
    #: Drafts belong to the organisation, not to the person.
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    reference: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(300), default="")
    #: {name of a control: what was typed, as typed}; a file is the id of what is kept.
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: Goes up by one with each save; a save that does not know it is merged field by field.
    revision: Mapped[int] = mapped_column(default=0)
    requested_minor: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(16), default=ApplicationState.DRAFT)
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    receipt_number: Mapped[str | None] = mapped_column(String(40), unique=True)
    #: SHA-256 of the answers as submitted, printed on the receipt.
    answers_hash: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]


class AnswerVersion(Base):
    """What one save changed: kept so that nothing typed is ever lost."""

    __tablename__ = "answer_version"
    __table_args__ = (
        UniqueConstraint("application_id", "revision", name="one_version_per_revision"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="RESTRICT"))
    revision: Mapped[int]
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    saved_at: Mapped[datetime]


class EligibilityCheck(Base):
    """An officer's answers to the call's eligibility rules, with the reason."""

    __tablename__ = "eligibility_check"
    __table_args__ = (
        CheckConstraint("is_eligible OR length(reason) > 0", name="ineligible_gives_its_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(
        ForeignKey("application.id", ondelete="RESTRICT"), unique=True
    )
    #: {rule key: true | false}
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_eligible: Mapped[bool]
    reason: Mapped[str] = mapped_column(default="")
    checked_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    checked_at: Mapped[datetime]


class Review(Base):
    """One reviewer's reading of one application. The conflict question comes before the text."""

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("application_id", "reviewer_id", name="one_review_per_reviewer"),
        CheckConstraint(
            "submitted_at IS NULL OR (conflict IS NOT NULL AND conflict = 'none')",
            name="no_scores_without_a_declaration",
        ),
        Index("ix_review_reviewer", "reviewer_id", "submitted_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="RESTRICT"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    assigned_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    assigned_at: Mapped[datetime]
    due_on: Mapped[date | None]
    conflict: Mapped[str | None] = mapped_column(String(16))
    conflict_reason: Mapped[str] = mapped_column(default="")
    declared_at: Mapped[datetime | None]
    #: {criterion key: {"score": whole number, "comment": text}}
    scores: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    comment: Mapped[str] = mapped_column(default="")
    recommendation: Mapped[str] = mapped_column(String(24), default="")
    saved_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]


class Decision(Base):
    """What was decided, by whom, with which authority and why. Never changed (see triggers)."""

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("application_id", name="one_decision_per_application"),
        CheckConstraint("decided_by_id <> author_id", name="decider_is_not_the_author"),
        CheckConstraint("length(reason) > 0", name="decision_gives_its_reason"),
        CheckConstraint("outcome IN ('approved', 'declined')", name="outcome_is_known"),
        CheckConstraint(
            "outcome <> 'approved'"
            " OR (amount_minor IS NOT NULL AND amount_minor > 0 AND grant_id IS NOT NULL)",
            name="approval_has_amount_and_grant",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="RESTRICT"))
    outcome: Mapped[str] = mapped_column(String(16))
    amount_minor: Mapped[int | None]
    #: What the applicant reads.
    reason: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    decided_at: Mapped[datetime]
    #: The ceiling of the decider's delegation at that moment, US dollars, minor units.
    ceiling_minor: Mapped[int]
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("grant_record.id", ondelete="RESTRICT"))
