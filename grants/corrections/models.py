"""What is to be put right, who says so, and who agreed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from grants.db import Base


class CorrectionState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Correction(Base):
    """A correction as it was proposed. Once it is decided it is never changed."""

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint(
            "state IN ('proposed', 'approved', 'refused', 'withdrawn')",
            name="correction_state_is_known",
        ),
        CheckConstraint(
            "state NOT IN ('approved', 'refused')"
            " OR (decided_by_id IS NOT NULL AND decided_by_id <> proposed_by_id)",
            name="correction_is_decided_by_another_person",
        ),
        CheckConstraint(
            "(state = 'approved') = (entry_id IS NOT NULL)",
            name="approved_correction_has_its_entry",
        ),
        CheckConstraint("length(reason) > 0", name="correction_gives_its_reason"),
        Index("ix_correction_fund_state", "fund_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(24))
    #: JSON of what is to be corrected, as the rules of the kind read it.
    payload: Mapped[str]
    #: The size of it in US cents, for lists and for delegated authority.
    usd_minor: Mapped[int]
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(String(16), default=CorrectionState.PROPOSED)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    proposed_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="RESTRICT")
    )
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id", ondelete="RESTRICT"))
