"""Tables of what money is set aside for."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from grants.db import Base


class Window(Base):
    """A thematic or geographic sub-pool of the fund."""

    __tablename__ = "funding_window"
    __table_args__ = (UniqueConstraint("fund_id", "name", name="window_name_is_unique_in_fund"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(120))
    purpose: Mapped[str] = mapped_column(default="")


class Programme(Base):
    """A Country Programme, or a global or regional one (then without a country)."""

    __tablename__ = "programme"
    __table_args__ = (
        UniqueConstraint("fund_id", "name", name="programme_name_is_unique_in_fund"),
        CheckConstraint(
            "ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on",
            name="programme_ends_after_it_starts",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    window_id: Mapped[int] = mapped_column(ForeignKey("funding_window.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(200))
    country_code: Mapped[str | None] = mapped_column(String(2))
    theme: Mapped[str] = mapped_column(String(80), default="")
    purpose: Mapped[str] = mapped_column(default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class Allocation(Base):
    """The deciding body sets an amount (US dollars) aside for a programme, or takes some back."""

    __tablename__ = "allocation"
    __table_args__ = (CheckConstraint("amount_minor <> 0", name="allocation_is_something"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"), index=True)
    programme_id: Mapped[int] = mapped_column(
        ForeignKey("programme.id", ondelete="RESTRICT"), index=True
    )
    amount_minor: Mapped[int]
    decided_on: Mapped[date]
    decided_by: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(default="")
    entry_id: Mapped[int | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
