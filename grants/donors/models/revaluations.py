"""Foreign cash as it was valued at the end of a period, and back on the day after."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from grants.db import Base


class Revaluation(Base):
    """What the rate of a day made of a deposit's cash that is still in its own currency."""

    __tablename__ = "revaluation"
    __table_args__ = (
        CheckConstraint("difference_minor <> 0", name="revaluation_is_something"),
        Index("ix_revaluation_fund_id_on", "fund_id", "on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    on: Mapped[date]
    deposit_id: Mapped[int] = mapped_column(ForeignKey("deposit.id", ondelete="RESTRICT"))
    currency: Mapped[str] = mapped_column(String(3))
    #: What was left in the currency, what it was worth in the books, and what it became more.
    left_minor: Mapped[int]
    book_usd_minor: Mapped[int]
    difference_minor: Mapped[int]
    rate: Mapped[str] = mapped_column(String(40))
    rate_source: Mapped[str] = mapped_column(String(60))
    rate_on: Mapped[date]
    bearer: Mapped[str] = mapped_column(String(16))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="RESTRICT"))
    reversal_entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="RESTRICT"))
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    at: Mapped[datetime]
