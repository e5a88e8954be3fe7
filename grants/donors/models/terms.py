"""What an agreement asks for and how it changed: versions, conditions, duties to report."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from grants.db import Base


class VersionKind(StrEnum):
    SIGNED = "signed"
    AMENDED = "amended"
    #: An instalment, or all that is left, will not come.
    WITHDRAWN = "withdrawn"


class DutyKind(StrEnum):
    """What a donor wants to be told."""

    NARRATIVE = "narrative"
    FINANCIAL = "financial"
    CERTIFIED = "certified"
    OTHER = "other"


class AgreementVersion(Base):
    """An agreement as it stood from a day on. Written once: the database refuses to change it."""

    __tablename__ = "agreement_version"
    __table_args__ = (
        UniqueConstraint("agreement_id", "number", name="version_number_is_unique"),
        CheckConstraint("kind IN ('signed', 'amended', 'withdrawn')", name="version_kind_is_known"),
        CheckConstraint("number > 0", name="versions_count_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(
        ForeignKey("contribution_agreement.id", ondelete="RESTRICT")
    )
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    #: From this day on it holds: the day of the signature under it.
    signed_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(500), default="")
    #: Amount, value, earmark, dates and instalments in full: see rules.Terms.
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: None where the books did not move.
    entry_id: Mapped[int | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))


class AgreementCondition(Base):
    """A condition precedent: until it is met, what depends on it is neither asked for nor due."""

    __tablename__ = "agreement_condition"
    __table_args__ = (
        CheckConstraint(
            "met_on IS NULL OR (met_by_id IS NOT NULL AND evidence <> '')",
            name="met_has_its_evidence",
        ),
        Index("ix_agreement_condition_agreement", "agreement_id", "instalment_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(
        ForeignKey("contribution_agreement.id", ondelete="RESTRICT")
    )
    #: What depends on it; None: every instalment of the agreement.
    instalment_id: Mapped[int | None] = mapped_column(
        ForeignKey("instalment.id", ondelete="RESTRICT")
    )
    words: Mapped[str]
    due_on: Mapped[date | None]
    met_on: Mapped[date | None]
    met_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="RESTRICT")
    )
    evidence: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))


class ReportingDuty(Base):
    """A report that the fund owes a donor under an agreement, by a day."""

    __tablename__ = "reporting_duty"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('narrative', 'financial', 'certified', 'other')", name="duty_kind_is_known"
        ),
        CheckConstraint("done_on IS NULL OR done_by_id IS NOT NULL", name="done_by_somebody"),
        Index("ix_reporting_duty_due", "due_on", "agreement_id"),
        Index("ix_reporting_duty_agreement", "agreement_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(
        ForeignKey("contribution_agreement.id", ondelete="RESTRICT")
    )
    kind: Mapped[str] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(String(300), default="")
    due_on: Mapped[date]
    done_on: Mapped[date | None]
    done_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="RESTRICT")
    )
    #: What was sent, and how: the number of a statement, the date of a letter.
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
