"""How the conditions of a deposit changed: proposed by one person, put in force by another."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from grants.db import Base


class ChangeState(StrEnum):
    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REFUSED = "refused"


class ConditionChange(Base):
    """What a deposit may pay for is narrowed or widened. Kept for good: the database sees to it."""

    __tablename__ = "condition_change"
    __table_args__ = (
        CheckConstraint(
            "state IN ('proposed', 'in_force', 'refused')", name="change_state_is_known"
        ),
        CheckConstraint("reason <> ''", name="change_says_why"),
        CheckConstraint(
            "state <> 'in_force' OR decided_by_id <> proposed_by_id",
            name="conditions_are_changed_by_two",
        ),
        CheckConstraint(
            "(state = 'proposed') = (decided_by_id IS NULL)"
            " AND (decided_by_id IS NULL) = (decided_at IS NULL)",
            name="decided_by_somebody",
        ),
        Index(
            "ix_condition_change_proposed",
            "deposit_id",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
        Index("ix_condition_change_deposit", "deposit_id", "id"),
        Index("ix_condition_change_fund", "fund_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    deposit_id: Mapped[int] = mapped_column(ForeignKey("deposit.id", ondelete="RESTRICT"))
    #: Conditions and dates as rules.Earmark stores them.
    was: Mapped[dict[str, Any]] = mapped_column(JSON)
    becomes: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: Why, and where the donor says so: a letter, an amendment.
    reason: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(16), default=ChangeState.PROPOSED)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    proposed_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="RESTRICT")
    )
    decided_at: Mapped[datetime | None]
