"""Tables of the bank: what it said is never changed; what a movement is stands beside it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from grants.db import Base


class ImportState(StrEnum):
    LOADED = "loaded"
    TRIED = "tried"
    REFUSED = "refused"


class MatchKind(StrEnum):
    """What a movement is in the books."""

    DEPOSIT = "deposit"
    UNIDENTIFIED = "unidentified"
    #: The books had it before the statement came: a tranche or a fee that was paid, say.
    BOOKED = "booked"
    CHARGE = "charge"
    INTEREST = "interest"
    OTHER_INCOME = "other_income"
    CONVERSION = "conversion"
    LEFT_OUT = "left_out"


class BankLayout(Base):
    """How a bank lays out its CSV; another version of it is another row."""

    __tablename__ = "bank_layout"
    __table_args__ = (UniqueConstraint("fund_id", "name", name="layout_name_is_unique_in_fund"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(80))
    layout: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))


class BankAccount(Base):
    """An account of a fund at a bank."""

    __tablename__ = "bank_account"
    __table_args__ = (
        UniqueConstraint("number", "currency", name="account_belongs_to_one_fund"),
        CheckConstraint("tolerance_minor >= 0", name="tolerance_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"), index=True)
    #: IBAN or the bank's own number: letters and digits alone.
    number: Mapped[str] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    bank: Mapped[str] = mapped_column(String(120))
    bic: Mapped[str] = mapped_column(String(11), default="")
    holder: Mapped[str] = mapped_column(String(120), default="")
    #: What banks on the way may keep back of a payment, in the currency of the account.
    tolerance_minor: Mapped[int]
    layout_id: Mapped[int | None] = mapped_column(ForeignKey("bank_layout.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))


class BankImport(Base):
    """A file of a bank that was loaded, tried out, or refused."""

    __tablename__ = "bank_import"
    __table_args__ = (
        CheckConstraint(
            "state IN ('loaded', 'tried', 'refused')", name="bank_import_state_is_known"
        ),
        Index("ix_bank_import_account", "account_id", "id"),
        Index(
            "ix_bank_import_once",
            "account_id",
            "sha256",
            unique=True,
            sqlite_where=text("state = 'loaded'"),
            postgresql_where=text("state = 'loaded'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("bank_account.id", ondelete="RESTRICT"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="RESTRICT"))
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    format: Mapped[str] = mapped_column(String(16), default="")
    encoding: Mapped[str] = mapped_column(String(24), default="")
    state: Mapped[str] = mapped_column(String(16))
    is_trial: Mapped[bool]
    #: What was read, what of it is new, and what an earlier statement had.
    statements: Mapped[int] = mapped_column(default=0)
    lines_read: Mapped[int] = mapped_column(default=0)
    lines_new: Mapped[int] = mapped_column(default=0)
    lines_known: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime]
    actor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))


class BankFinding(Base):
    """Something about a line of a file that a person should know."""

    __tablename__ = "bank_finding"
    __table_args__ = (
        CheckConstraint(
            "severity IN ('notice', 'warning', 'error')", name="bank_severity_is_known"
        ),
        Index("ix_bank_finding_import", "import_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("bank_import.id", ondelete="RESTRICT"))
    row_number: Mapped[int]
    severity: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(40))
    message: Mapped[str]


class BankStatement(Base):
    """A statement of an account. Never changed."""

    __tablename__ = "bank_statement"
    __table_args__ = (
        UniqueConstraint("import_id", "position", name="statement_stands_once_in_its_file"),
        CheckConstraint("to_on >= from_on", name="statement_ends_after_it_begins"),
        Index("ix_bank_statement_account", "account_id", "to_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("bank_account.id", ondelete="RESTRICT"))
    import_id: Mapped[int] = mapped_column(ForeignKey("bank_import.id", ondelete="RESTRICT"))
    position: Mapped[int]
    number: Mapped[str] = mapped_column(String(60), default="")
    from_on: Mapped[date]
    to_on: Mapped[date]
    opening_minor: Mapped[int]
    closing_minor: Mapped[int]
    #: Whether the bank said so, or it was reckoned from the movements.
    has_balances: Mapped[bool]


class BankLine(Base):
    """A movement as the bank told it: above zero it came in, below it went out. Never changed."""

    __tablename__ = "bank_line"
    __table_args__ = (
        UniqueConstraint("account_id", "fingerprint", "occurrence", name="movement_is_kept_once"),
        CheckConstraint("amount_minor <> 0", name="movement_moves_something"),
        Index("ix_bank_line_account", "account_id", "booked_on", "id"),
        Index("ix_bank_line_statement", "statement_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("bank_account.id", ondelete="RESTRICT"))
    statement_id: Mapped[int] = mapped_column(ForeignKey("bank_statement.id", ondelete="RESTRICT"))
    row_number: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))
    #: 1, 2, ... where several movements look alike.
    occurrence: Mapped[int]
    booked_on: Mapped[date]
    value_on: Mapped[date]
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    reference: Mapped[str] = mapped_column(String(200), default="")
    end_to_end: Mapped[str] = mapped_column(String(200), default="")
    other_party: Mapped[str] = mapped_column(String(300), default="")
    other_account: Mapped[str] = mapped_column(String(60), default="")
    words: Mapped[str] = mapped_column(default="")
    code: Mapped[str] = mapped_column(String(40), default="")
    is_reversal: Mapped[bool] = mapped_column(default=False)
    #: What the bank kept back, and what was sent in another currency, as it says them.
    charges: Mapped[str] = mapped_column(String(40), default="")
    sent: Mapped[str] = mapped_column(String(40), default="")


class BankMatch(Base):
    """What a movement is: an entry of the books, or left out. Several where one pays for several.

    It holds until it is taken back, or until its entry is reversed.
    """

    __tablename__ = "bank_match"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('deposit', 'unidentified', 'booked', 'charge', 'interest', 'other_income',"
            " 'conversion', 'left_out')",
            name="match_kind_is_known",
        ),
        CheckConstraint(
            "(kind = 'left_out') = (entry_id IS NULL)", name="match_has_its_entry_or_is_left_out"
        ),
        CheckConstraint("kind <> 'left_out' OR reason <> ''", name="left_out_with_its_reason"),
        CheckConstraint(
            "(ended_at IS NULL) = (ended_by_id IS NULL)", name="match_is_ended_by_somebody"
        ),
        Index(
            "ix_bank_match_entry",
            "entry_id",
            "currency",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_bank_match_line", "line_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("bank_line.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(16))
    #: An entry that converts is one movement in each of its currencies.
    currency: Mapped[str] = mapped_column(String(3))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id", ondelete="RESTRICT"))
    deposit_id: Mapped[int | None] = mapped_column(ForeignKey("deposit.id", ondelete="RESTRICT"))
    #: Why it was left out.
    reason: Mapped[str] = mapped_column(String(500), default="")
    #: What spoke for it when it was accepted, and the score; empty where a person chose.
    grounds: Mapped[list[str]] = mapped_column(JSON, default=list)
    score: Mapped[int | None]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="RESTRICT")
    )
    ended_reason: Mapped[str] = mapped_column(String(500), default="")
