"""Tables of imports: each run, each row of a source as last loaded, and what was found."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from grants.db import Base


class ImportState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ImportRun(Base):
    """One file brought in, or tried out."""

    __tablename__ = "import_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: contributions, rounds or grants
    kind: Mapped[str] = mapped_column(String(24))
    source: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str] = mapped_column(String(255))
    file_sha256: Mapped[str] = mapped_column(String(64))
    stored_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    #: The fund of the file, where it is of one alone: then others who may import there see the run.
    fund_id: Mapped[int | None] = mapped_column(
        ForeignKey("fund.id", ondelete="RESTRICT"), index=True
    )
    is_dry_run: Mapped[bool]
    state: Mapped[str] = mapped_column(String(16), default=ImportState.WAITING)
    rows_read: Mapped[int] = mapped_column(default=0)
    rows_loaded: Mapped[int] = mapped_column(default=0)
    rows_updated: Mapped[int] = mapped_column(default=0)
    rows_withdrawn: Mapped[int] = mapped_column(default=0)
    rows_unchanged: Mapped[int] = mapped_column(default=0)
    rows_refused: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    actor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    error: Mapped[str] = mapped_column(default="")


class ImportedRow(Base):
    """A row of a source as it was last loaded, and the records that came of it."""

    __tablename__ = "imported_row"
    __table_args__ = (
        UniqueConstraint(
            "kind", "source", "key", "occurrence", name="row_of_a_source_is_known_once"
        ),
        Index("ix_imported_row_fund", "fund_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    source: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(200))
    #: 1, 2, ... where several rows share the source's key (instalments of one contribution).
    occurrence: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    fund_id: Mapped[int | None] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    first_run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="RESTRICT"))
    last_run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="RESTRICT"))
    is_withdrawn: Mapped[bool] = mapped_column(default=False)
    #: The parsed row, for showing what changed.
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    deposit_id: Mapped[int | None] = mapped_column(ForeignKey("deposit.id", ondelete="RESTRICT"))
    pledge_id: Mapped[int | None] = mapped_column(ForeignKey("pledge.id", ondelete="RESTRICT"))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id", ondelete="RESTRICT"))
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("grant_record.id", ondelete="RESTRICT"))
    #: What rounding to minor units took away: the source's amount less the booked one, as text.
    rounding_usd: Mapped[str] = mapped_column(String(40), default="0")
    rounding_original: Mapped[str] = mapped_column(String(40), default="0")


class Finding(Base):
    """Something about a row of a file that a person should know."""

    __tablename__ = "import_finding"
    __table_args__ = (
        CheckConstraint("severity IN ('notice', 'warning', 'error')", name="severity_is_known"),
        Index("ix_import_finding_run", "run_id", "severity", "row_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="RESTRICT"))
    #: The row of the file as a spreadsheet numbers it, the heading being row 1.
    row_number: Mapped[int]
    key: Mapped[str] = mapped_column(String(200), default="")
    severity: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(40))
    column: Mapped[str] = mapped_column(String(60), default="")
    message: Mapped[str]
