"""Pledges, contribution agreements, instalments and deposits."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from grants.db import Base


class PledgeState(StrEnum):
    OPEN = "open"
    AGREED = "agreed"
    PAID = "paid"
    WITHDRAWN = "withdrawn"


class AgreementState(StrEnum):
    DRAFT = "draft"
    SIGNED = "signed"
    WITHDRAWN = "withdrawn"


class InstalmentState(StrEnum):
    SCHEDULED = "scheduled"
    REQUESTED = "requested"
    PAID = "paid"
    CANCELLED = "cancelled"


class DepositState(StrEnum):
    MATCHED = "matched"
    UNIDENTIFIED = "unidentified"
    REVERSED = "reversed"
    #: Nobody was found for it, and it went back to its sender.
    RETURNED = "returned"


class Pledge(Base):
    """A donor's non-binding intention to give. It never raises what the fund can promise."""

    __tablename__ = "pledge"
    __table_args__ = (
        CheckConstraint(
            "state IN ('open', 'agreed', 'paid', 'withdrawn')", name="pledge_state_is_known"
        ),
        Index("ix_pledge_fund_donor", "fund_id", "donor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    donor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    reference: Mapped[str] = mapped_column(String(80), default="")
    #: None where the source does not say the currency; the amount is then in US dollars.
    stated_currency: Mapped[str | None] = mapped_column(String(3))
    #: The amount as the source has it, where the books cannot hold it as the amount below.
    stated_amount: Mapped[str] = mapped_column(String(40), default="")
    currency: Mapped[str] = mapped_column(String(3))
    #: Negative where a donor takes back part of an earlier pledge.
    amount_minor: Mapped[int]
    usd_minor: Mapped[int]
    pledged_on: Mapped[date]
    fiscal_year: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), default=PledgeState.OPEN)
    entry_id: Mapped[int | None]
    closing_entry_id: Mapped[int | None]
    #: From this day on it is no longer open.
    closed_on: Mapped[date | None]
    #: When the money is hoped for; None: by the end of the fiscal year.
    expected_on: Mapped[date | None]
    created_at: Mapped[datetime]


class ContributionAgreement(Base):
    """A donor's signed commitment, with its earmark and instalments."""

    __tablename__ = "contribution_agreement"
    __table_args__ = (
        UniqueConstraint("fund_id", "reference", name="agreement_reference_is_unique_in_fund"),
        CheckConstraint("amount_minor >= 0", name="agreed_amount_not_negative"),
        CheckConstraint("state <> 'signed' OR signed_on IS NOT NULL", name="signed_has_its_date"),
        Index("ix_contribution_agreement_donor", "fund_id", "donor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    donor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    pledge_id: Mapped[int | None] = mapped_column(ForeignKey("pledge.id", ondelete="RESTRICT"))
    reference: Mapped[str] = mapped_column(String(80))
    is_core: Mapped[bool] = mapped_column(default=True)
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    usd_minor: Mapped[int]
    signed_on: Mapped[date | None]
    #: {"windows": [ids], "countries": [ISO 3166], "themes": [words], "from": date, "until": date}
    earmark: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: Spending of grantees counts from and until these days.
    eligible_from: Mapped[date | None]
    eligible_until: Mapped[date | None]
    provider_activity_id: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[str] = mapped_column(String(16), default=AgreementState.DRAFT)
    entry_id: Mapped[int | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))


class Instalment(Base):
    """A scheduled part of an agreement."""

    __tablename__ = "instalment"
    __table_args__ = (
        UniqueConstraint("agreement_id", "number", name="instalment_number_is_unique"),
        CheckConstraint("amount_minor >= 0", name="instalment_not_negative"),
        CheckConstraint(
            "state IN ('scheduled', 'requested', 'paid', 'cancelled')",
            name="instalment_state_is_known",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(
        ForeignKey("contribution_agreement.id", ondelete="RESTRICT")
    )
    number: Mapped[int]
    due_on: Mapped[date]
    amount_minor: Mapped[int]
    #: Its value at the rate of the agreement: the exchange difference is measured against it.
    usd_minor: Mapped[int]
    #: What will not come of it after all, and what that was worth when it was agreed.
    cancelled_minor: Mapped[int] = mapped_column(default=0)
    cancelled_usd_minor: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(16), default=InstalmentState.SCHEDULED)


class Deposit(Base):
    """Cash received from a donor, or from somebody not yet known.

    What is left to spend of a deposit is its layer: in the books, layer n is deposit n.
    """

    __tablename__ = "deposit"
    __table_args__ = (
        CheckConstraint("amount_minor > 0 AND usd_minor > 0", name="deposit_is_positive"),
        CheckConstraint(
            "settled_minor BETWEEN 0 AND amount_minor AND settled_usd_minor >= 0",
            name="deposit_settles_no_more_than_it_is",
        ),
        CheckConstraint(
            "converted_minor BETWEEN 0 AND amount_minor"
            " AND converted_usd_minor BETWEEN 0 AND usd_minor",
            name="no_more_is_converted_than_came_in",
        ),
        CheckConstraint(
            "state IN ('matched', 'unidentified', 'reversed', 'returned')",
            name="deposit_state_is_known",
        ),
        CheckConstraint("state <> 'matched' OR donor_id IS NOT NULL", name="matched_has_its_donor"),
        Index("ix_deposit_fund_donor", "fund_id", "donor_id", "value_on"),
        Index("ix_deposit_fund_value_on", "fund_id", "value_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    donor_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    agreement_id: Mapped[int | None] = mapped_column(
        ForeignKey("contribution_agreement.id", ondelete="RESTRICT"), index=True
    )
    instalment_id: Mapped[int | None] = mapped_column(
        ForeignKey("instalment.id", ondelete="RESTRICT"), index=True
    )
    #: The membership contribution that it pays.
    invoice_id: Mapped[int | None] = mapped_column(
        ForeignKey("membership_invoice.id", ondelete="RESTRICT"), index=True
    )
    #: None where the source does not say the currency; the amount is then in US dollars.
    stated_currency: Mapped[str | None] = mapped_column(String(3))
    #: The amount as the source has it, where the books cannot hold it as the amount below.
    stated_amount: Mapped[str] = mapped_column(String(40), default="")
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    usd_minor: Mapped[int]
    rate: Mapped[str] = mapped_column(String(40), default="")
    rate_source: Mapped[str] = mapped_column(String(60), default="")
    rate_on: Mapped[date | None]
    value_on: Mapped[date]
    #: The year whose programme the money is for; deposits of late autumn may be for the next.
    programming_year: Mapped[int]
    is_core: Mapped[bool] = mapped_column(default=True)
    fee_minor: Mapped[int] = mapped_column(default=0)
    #: The part that settles the agreement, and what that part was worth when it was agreed.
    settled_minor: Mapped[int] = mapped_column(default=0)
    settled_usd_minor: Mapped[int] = mapped_column(default=0)
    #: The part that the bank has turned into US dollars, and what that part was worth till then.
    converted_minor: Mapped[int] = mapped_column(default=0)
    converted_usd_minor: Mapped[int] = mapped_column(default=0)
    remitter: Mapped[str] = mapped_column(String(300), default="")
    bank_reference: Mapped[str] = mapped_column(String(200), default="")
    #: What the money of this deposit may pay for: the agreement's earmark, or a narrower one.
    conditions: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    usable_from: Mapped[date | None]
    usable_until: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(16))
    entry_id: Mapped[int | None]
    #: Where it came unidentified: the entry that made it a donor's.
    matching_entry_id: Mapped[int | None]
    reversal_entry_id: Mapped[int | None]
    created_at: Mapped[datetime]
