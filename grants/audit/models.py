"""The audit trail. Rows are never changed or deleted; each carries the hash of the one before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from grants.db import Base


class AuditEvent(Base):
    """Somebody did something to a thing, for a reason."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_thing", "thing_type", "thing_id", "sequence"),)

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    fund_id: Mapped[int | None] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    verb: Mapped[str] = mapped_column(String(60))
    thing_type: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(default="")
    #: Canonical JSON of what is worth knowing, without personal text.
    facts: Mapped[str] = mapped_column(default="{}")
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The end of the chain: one row, locked while the chain grows."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(String(64), default="0" * 64)
