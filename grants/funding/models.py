"""Tables of who pays for what."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from grants.db import Base
from grants.funding.rules import Basis as Basis


class GrantState(StrEnum):
    """Where a grant stands. IATI activity status in brackets."""

    RESERVED = "reserved"  # 1 pipeline: approved, money set aside
    ACTIVE = "active"  # 2 implementation: agreement signed, money committed
    REPORTING = "reporting"  # 2
    OPERATIONALLY_CLOSED = "operationally_closed"  # 3 finalisation
    CLOSED = "closed"  # 4
    CANCELLED = "cancelled"  # 5


class Grant(Base):
    """A grant of the fund from its approval on: one record, one reference, one set of payers."""

    __tablename__ = "grant_record"
    __table_args__ = (
        UniqueConstraint("fund_id", "reference", name="grant_reference_is_unique_in_fund"),
        CheckConstraint("approved_minor >= 0", name="approved_amount_not_negative"),
        CheckConstraint(
            "state IN ('reserved', 'active', 'reporting', 'operationally_closed', 'closed',"
            " 'cancelled')",
            name="grant_state_is_known",
        ),
        Index("ix_grant_record_fund_approved_on", "fund_id", "approved_on"),
        Index("ix_grant_record_programme", "programme_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id", ondelete="RESTRICT"))
    grantee_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="RESTRICT"), index=True
    )
    reference: Mapped[str] = mapped_column(String(80))
    title: Mapped[str]
    #: US dollars, minor units; agreements in other currencies come with a later chapter.
    approved_minor: Mapped[int]
    approved_on: Mapped[date]
    #: The year of the round or programme that the grant belongs to.
    programme_year: Mapped[int]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(24), default=GrantState.RESERVED)
    #: False where an imported grant could not be covered by the deposits in these books.
    is_funded: Mapped[bool] = mapped_column(default=True)
    #: The allocation round or call it came from, as its source names it.
    round_name: Mapped[str] = mapped_column(String(300), default="")
    sector: Mapped[str] = mapped_column(String(80), default="")
    #: What it buys, as donors' exclusions look at it, and what kind of cost it is; None: not known.
    items: Mapped[list[str] | None] = mapped_column(JSON)
    cost_type: Mapped[str | None] = mapped_column(String(24))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))


class Attribution(Base):
    """The part of a grant that a layer pays, and by which rule. Only ever added to."""

    __tablename__ = "attribution"
    __table_args__ = (
        CheckConstraint("basis IN ('tracked', 'notional')", name="basis_is_known"),
        CheckConstraint("amount_minor <> 0", name="attribution_is_something"),
        Index("ix_attribution_grant", "grant_id", "layer_id"),
        Index("ix_attribution_layer", "layer_id", "grant_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    grant_id: Mapped[int] = mapped_column(ForeignKey("grant_record.id", ondelete="RESTRICT"))
    #: A layer is what is left to spend of one deposit, and bears its number.
    layer_id: Mapped[int] = mapped_column(ForeignKey("deposit.id", ondelete="RESTRICT"))
    #: US dollars, minor units; negative where money went back to the layer.
    amount_minor: Mapped[int]
    basis: Mapped[str] = mapped_column(String(16))
    rule: Mapped[str] = mapped_column(String(40))
    entry_id: Mapped[int]
