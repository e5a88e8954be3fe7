"""Tables of what was agreed with a grantee, what was paid, and what the grantee reported."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from grants.db import Base


class TrancheState(StrEnum):
    PLANNED = "planned"
    REQUESTED = "requested"
    CERTIFIED = "certified"
    RELEASED = "released"


class ReportState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"


class GrantAgreement(Base):
    """The Grant Support Agreement of one grant. Signing it commits the reserved money."""

    __tablename__ = "grant_agreement"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="agreement_amount_is_positive"),
        CheckConstraint("ends_on >= starts_on", name="agreement_ends_after_it_starts"),
        CheckConstraint(
            "(signed_on IS NULL) = (entry_id IS NULL)", name="signature_and_commitment_together"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"), index=True)
    grant_id: Mapped[int] = mapped_column(
        ForeignKey("grant_record.id", ondelete="RESTRICT"), unique=True
    )
    amount_minor: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    template_version: Mapped[str] = mapped_column(String(40))
    terms_of_reference: Mapped[str] = mapped_column(default="")
    document_id: Mapped[int | None] = mapped_column(
        ForeignKey("stored_file.id", ondelete="RESTRICT")
    )
    signed_on: Mapped[date | None]
    signed_by_fund: Mapped[str] = mapped_column(String(200), default="")
    signed_by_grantee: Mapped[str] = mapped_column(String(200), default="")
    entry_id: Mapped[int | None]
    prepared_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]


class Tranche(Base):
    """A part of a grant: requested, certified and released by three different people."""

    __tablename__ = "tranche"
    __table_args__ = (
        UniqueConstraint("grant_id", "number", name="tranche_number_is_unique"),
        CheckConstraint("amount_minor > 0", name="tranche_is_positive"),
        CheckConstraint(
            "certified_by_id <> requested_by_id", name="certifier_is_not_the_requester"
        ),
        CheckConstraint(
            "released_by_id <> requested_by_id AND released_by_id <> certified_by_id",
            name="releaser_is_a_third_person",
        ),
        CheckConstraint(
            "state NOT IN ('certified', 'released')"
            " OR (requested_by_id IS NOT NULL AND certified_by_id IS NOT NULL)",
            name="certified_only_after_a_request",
        ),
        CheckConstraint(
            "state <> 'released' OR (released_by_id IS NOT NULL AND entry_id IS NOT NULL)",
            name="released_only_with_its_entry",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"), index=True)
    grant_id: Mapped[int] = mapped_column(ForeignKey("grant_record.id", ondelete="RESTRICT"))
    number: Mapped[int]
    amount_minor: Mapped[int]
    due_on: Mapped[date]
    condition: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(String(16), default=TrancheState.PLANNED)
    requested_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="RESTRICT")
    )
    requested_at: Mapped[datetime | None]
    request_note: Mapped[str] = mapped_column(default="")
    certified_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="RESTRICT")
    )
    certified_at: Mapped[datetime | None]
    released_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="RESTRICT")
    )
    released_at: Mapped[datetime | None]
    paid_on: Mapped[date | None]
    bank_reference: Mapped[str] = mapped_column(String(200), default="")
    #: The entry that turns commitment into an advance (on certification), and the payment.
    advance_entry_id: Mapped[int | None]
    entry_id: Mapped[int | None]


class PartnerReport(Base):
    """What a grantee says it did and spent in a stretch of time."""

    __tablename__ = "partner_report"
    __table_args__ = (
        UniqueConstraint("grant_id", "number", name="report_number_is_unique"),
        CheckConstraint("until_on >= from_on", name="report_ends_after_it_starts"),
        CheckConstraint("decided_by_id <> submitted_by_id", name="accepter_is_not_the_reporter"),
        CheckConstraint(
            "state <> 'accepted' OR (decided_by_id IS NOT NULL AND entry_id IS NOT NULL)",
            name="accepted_only_with_its_entry",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"), index=True)
    grant_id: Mapped[int] = mapped_column(ForeignKey("grant_record.id", ondelete="RESTRICT"))
    number: Mapped[int]
    from_on: Mapped[date]
    until_on: Mapped[date]
    narrative: Mapped[str] = mapped_column(default="")
    is_final: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(16), default=ReportState.DRAFT)
    submitted_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="RESTRICT")
    )
    submitted_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="RESTRICT")
    )
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(default="")
    entry_id: Mapped[int | None]
    created_at: Mapped[datetime]


class ReportLine(Base):
    """Reported spending of one category (UNSDG 1 to 8), US dollars, minor units."""

    __tablename__ = "report_line"
    __table_args__ = (
        UniqueConstraint("report_id", "category", name="category_is_reported_once"),
        CheckConstraint("category BETWEEN 1 AND 8", name="category_is_of_the_unsdg_list"),
        CheckConstraint(
            "claimed_minor >= 0 AND refused_minor >= 0", name="report_amounts_not_negative"
        ),
        CheckConstraint("refused_minor <= claimed_minor", name="no_more_refused_than_claimed"),
        CheckConstraint("refused_minor = 0 OR length(reason) > 0", name="refusal_gives_its_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("partner_report.id", ondelete="RESTRICT"))
    category: Mapped[int]
    claimed_minor: Mapped[int]
    refused_minor: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")


class Refund(Base):
    """Money that a grantee sent back: unspent advance, and spending that was refused."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("unspent_minor >= 0 AND refused_minor >= 0", name="refund_not_negative"),
        CheckConstraint("unspent_minor + refused_minor > 0", name="refund_is_something"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"), index=True)
    grant_id: Mapped[int] = mapped_column(
        ForeignKey("grant_record.id", ondelete="RESTRICT"), index=True
    )
    unspent_minor: Mapped[int]
    refused_minor: Mapped[int]
    value_on: Mapped[date]
    bank_reference: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(default="")
    entry_id: Mapped[int]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]
