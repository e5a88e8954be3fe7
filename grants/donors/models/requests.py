"""Asking for money: bank details, letters, membership invoices, and who was reminded of what."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from grants.db import Base


class InstructionState(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REPLACED = "replaced"


class RequestState(StrEnum):
    ISSUED = "issued"
    CANCELLED = "cancelled"


class InvoiceState(StrEnum):
    ISSUED = "issued"
    CANCELLED = "cancelled"


class PaymentInstruction(Base):
    """Where donors pay in a currency: written by one person, confirmed by another."""

    __tablename__ = "payment_instruction"
    __table_args__ = (
        CheckConstraint(
            "state IN ('proposed', 'confirmed', 'replaced')", name="instruction_state_is_known"
        ),
        CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> proposed_by_id",
            name="bank_details_are_seen_by_two",
        ),
        CheckConstraint(
            "state <> 'confirmed' OR (confirmed_by_id IS NOT NULL AND confirmed_at IS NOT NULL)",
            name="confirmed_by_somebody",
        ),
        Index(
            "ix_payment_instruction_in_force",
            "fund_id",
            "currency",
            unique=True,
            sqlite_where=text("state = 'confirmed'"),
            postgresql_where=text("state = 'confirmed'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    currency: Mapped[str] = mapped_column(String(3))
    #: As it is to stand on the letter, a line each: bank, account, IBAN, SWIFT code.
    lines: Mapped[str]
    state: Mapped[str] = mapped_column(String(16), default=InstructionState.PROPOSED)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    proposed_at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="RESTRICT")
    )
    confirmed_at: Mapped[datetime | None]


class PaymentRequest(Base):
    """A numbered letter that asks for an instalment or a membership contribution."""

    __tablename__ = "payment_request"
    __table_args__ = (
        UniqueConstraint("fund_id", "number", name="request_number_is_unique_in_fund"),
        CheckConstraint(
            "(instalment_id IS NULL) <> (invoice_id IS NULL)", name="request_asks_for_one_thing"
        ),
        CheckConstraint("amount_minor > 0", name="request_asks_for_something"),
        CheckConstraint("state IN ('issued', 'cancelled')", name="request_state_is_known"),
        CheckConstraint(
            "state <> 'cancelled' OR (cancelled_at IS NOT NULL AND cancelled_by_id IS NOT NULL"
            " AND reason <> '')",
            name="cancelled_request_says_why",
        ),
        Index(
            "ix_payment_request_instalment",
            "instalment_id",
            unique=True,
            sqlite_where=text("state = 'issued'"),
            postgresql_where=text("state = 'issued'"),
        ),
        Index(
            "ix_payment_request_invoice",
            "invoice_id",
            unique=True,
            sqlite_where=text("state = 'issued'"),
            postgresql_where=text("state = 'issued'"),
        ),
        Index("ix_payment_request_donor", "donor_id", "fund_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    donor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    number: Mapped[str] = mapped_column(String(40))
    instalment_id: Mapped[int | None] = mapped_column(
        ForeignKey("instalment.id", ondelete="RESTRICT")
    )
    invoice_id: Mapped[int | None] = mapped_column(
        ForeignKey("membership_invoice.id", ondelete="RESTRICT")
    )
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    requested_on: Mapped[date]
    due_on: Mapped[date]
    #: All that stands on the letter, as plain values: it never changes.
    letter: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16), default=RequestState.ISSUED)
    #: The letter on paper, once the worker has made it.
    document_id: Mapped[int | None] = mapped_column(
        ForeignKey("stored_file.id", ondelete="RESTRICT")
    )
    #: The letter that this one stands for.
    replaces_id: Mapped[int | None] = mapped_column(
        ForeignKey("payment_request.id", ondelete="RESTRICT")
    )
    reason: Mapped[str] = mapped_column(String(500), default="")
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="RESTRICT")
    )
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))


class MembershipInvoice(Base):
    """The contribution of a member for a year. Nothing is posted until it is paid."""

    __tablename__ = "membership_invoice"
    __table_args__ = (
        CheckConstraint("amount_minor > 0 AND usd_minor > 0", name="invoice_is_positive"),
        CheckConstraint("state IN ('issued', 'cancelled')", name="invoice_state_is_known"),
        Index(
            "ix_membership_invoice_year",
            "membership_id",
            "year",
            unique=True,
            sqlite_where=text("state = 'issued'"),
            postgresql_where=text("state = 'issued'"),
        ),
        Index("ix_membership_invoice_fund", "fund_id", "year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id", ondelete="RESTRICT"))
    donor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    year: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    #: Its value on the day of the invoice.
    usd_minor: Mapped[int]
    issued_on: Mapped[date]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(16), default=InvoiceState.ISSUED)
    reason: Mapped[str] = mapped_column(String(500), default="")
    cancelled_on: Mapped[date | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))


class Reminder(Base):
    """That somebody was reminded of a thing at a stage before or after its day: once."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint(
            "thing_type", "thing_id", "due_on", "stage", name="reminded_once_per_stage"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"), index=True)
    thing_type: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[int]
    due_on: Mapped[date]
    #: Days before (below zero) or after the day: -30, -7, 1, 30 ...
    stage: Mapped[int]
    sent_on: Mapped[date]
    messages: Mapped[int]
