"""What was proven, and when. Rows are never changed or deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from grants.db import Base


class Proof(Base):
    """One look at the books of a fund; or, without a fund, at what all funds have in common."""

    __tablename__ = "proof"
    __table_args__ = (
        CheckConstraint("holds = (breaks = '[]')", name="proof_holds_without_breaks"),
        Index("ix_proof_fund_id_id", "fund_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int | None] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    proven_at: Mapped[datetime]
    actor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    #: What was read: entries and moves; or, of all funds together, events and files.
    entries: Mapped[int]
    moves: Mapped[int]
    #: Where the chain ended.
    sequence: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64), default="")
    holds: Mapped[bool]
    #: JSON: a list of [check, where, what].
    breaks: Mapped[str] = mapped_column(default="[]")
