"""Tables of issued reports: frozen as they were handed out."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from grants.db import Base


class StatementState(StrEnum):
    REQUESTED = "requested"
    PROVISIONAL = "provisional"
    CERTIFIED = "certified"
    FAILED = "failed"


class IssuedReport(Base):
    """A statement as issued: the figures, the bytes, and the place in the books they came from."""

    __tablename__ = "issued_report"
    __table_args__ = (
        UniqueConstraint("number", "version", name="number_and_version_are_unique"),
        CheckConstraint("until_on >= from_on", name="statement_ends_after_it_starts"),
        CheckConstraint(
            "certified_by_id IS NULL OR certified_by_id <> prepared_by_id",
            name="certifier_is_not_the_preparer",
        ),
        CheckConstraint(
            "state <> 'certified' OR certified_by_id IS NOT NULL",
            name="certified_has_its_certifier",
        ),
        Index("ix_issued_report_fund_donor", "fund_id", "donor_id", "until_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    donor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    from_on: Mapped[date]
    until_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(16), default=StatementState.REQUESTED)
    #: The last entry of the fund's journal that the figures know of, and its hash.
    ledger_sequence: Mapped[int | None]
    ledger_hash: Mapped[str] = mapped_column(String(64), default="")
    #: The figures as JSON, and the SHA-256 of that JSON in canonical form.
    figures: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    figures_hash: Mapped[str] = mapped_column(String(64), default="")
    verification_code: Mapped[str] = mapped_column(String(40), unique=True)
    pdf_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    xlsx_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    csv_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    json_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    prepared_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    prepared_at: Mapped[datetime]
    certified_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="RESTRICT")
    )
    certified_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
