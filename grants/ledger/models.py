"""Tables of the ledger. Only this room imports them; all others use its actions and queries.

One move takes an amount from the credit account to the debit account, in one book and one currency:
an entry that does not balance cannot be written down. Entries and moves are never changed or
deleted (triggers refuse it in both databases); balances follow each move by trigger.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from grants.db import Base


class Book(StrEnum):
    """A is what happened to cash and claims; B is what the fund may still promise."""

    ACTUAL = "A"
    CONTROL = "B"


class PeriodState(StrEnum):
    OPEN = "open"
    SOFT_CLOSED = "soft_closed"
    CLOSED = "closed"


class Account(Base):
    """One account: a number of the chart, a currency and the dimensions it is kept for."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("fund_id", "key", name="account_key_is_unique_in_fund"),
        UniqueConstraint(
            "id", "fund_id", "book", "currency", name="account_with_book_and_currency"
        ),
        CheckConstraint("book IN ('A', 'B')", name="book_is_known"),
        CheckConstraint("normal_side IN (1, -1)", name="normal_side_is_debit_or_credit"),
        Index("ix_account_fund_number", "fund_id", "number"),
        Index("ix_account_layer", "fund_id", "layer_id", "number"),
        Index("ix_account_grant", "fund_id", "grant_id", "number"),
        Index("ix_account_programme", "fund_id", "programme_id", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    #: Number, currency and dimensions in one string, such as `9130/USD/L12/P3/G7`.
    key: Mapped[str] = mapped_column(String(120))
    book: Mapped[str] = mapped_column(String(1))
    number: Mapped[str] = mapped_column(String(8))
    currency: Mapped[str] = mapped_column(String(3))
    #: 1 for an account that grows on the debit side, -1 on the credit side.
    normal_side: Mapped[int]
    #: Donor, layer, programme and grant as the rooms above number them; the ledger only keeps them.
    donor_id: Mapped[int | None]
    layer_id: Mapped[int | None]
    programme_id: Mapped[int | None]
    grant_id: Mapped[int | None]


class Balance(Base):
    """What an account holds now, on its normal side. Kept by the database with each move."""

    __tablename__ = "account_balance"
    __table_args__ = (
        CheckConstraint(
            "floor_minor IS NULL OR balance_minor >= floor_minor", name="balance_not_below_floor"
        ),
    )

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    balance_minor: Mapped[int] = mapped_column(default=0)
    usd_minor: Mapped[int] = mapped_column(default=0)
    moves: Mapped[int] = mapped_column(default=0)
    floor_minor: Mapped[int | None]


class MonthTurnover(Base):
    """What went in and out of an account in one month by one kind of event.

    Kept by the database with each move, so that what stood on any day of the past costs as much
    as there were months, not as there were moves.
    """

    __tablename__ = "month_turnover"
    __table_args__ = (
        CheckConstraint(
            "debit_minor >= 0 AND credit_minor >= 0"
            " AND debit_usd_minor >= 0 AND credit_usd_minor >= 0",
            name="turnover_not_negative",
        ),
    )

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    #: The first day of the month, by value date.
    month: Mapped[date] = mapped_column(primary_key=True)
    event: Mapped[str] = mapped_column(String(40), primary_key=True)
    debit_minor: Mapped[int]
    credit_minor: Mapped[int]
    debit_usd_minor: Mapped[int]
    credit_usd_minor: Mapped[int]


class Entry(Base):
    """One event in the books of a fund, with the hash of the entry before it."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("fund_id", "sequence", name="sequence_is_unique_in_fund"),
        UniqueConstraint("id", "fund_id", name="entry_with_fund"),
        CheckConstraint("sequence > 0", name="sequence_starts_at_one"),
        CheckConstraint("lines > 0", name="entry_has_moves"),
        CheckConstraint(
            "reverses_id IS NULL OR length(reason) > 0", name="reversal_gives_its_reason"
        ),
        CheckConstraint(
            "second_actor_id IS NULL OR second_actor_id <> actor_id",
            name="second_person_is_another_person",
        ),
        UniqueConstraint("reverses_id", name="entry_is_reversed_once"),
        Index("ix_entry_fund_value_on", "fund_id", "value_on"),
        Index("ix_entry_source", "fund_id", "source_type", "source_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    sequence: Mapped[int]
    event: Mapped[str] = mapped_column(String(40))
    value_on: Mapped[date]
    recorded_at: Mapped[datetime]
    period_id: Mapped[int | None] = mapped_column(ForeignKey("period.id", ondelete="RESTRICT"))
    relates_to_on: Mapped[date | None]
    actor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    second_actor_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="RESTRICT")
    )
    reason: Mapped[str] = mapped_column(default="")
    #: The document behind the entry, such as ("deposit", 12).
    source_type: Mapped[str] = mapped_column(String(40), default="")
    source_id: Mapped[int | None]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id", ondelete="RESTRICT"))
    #: How many moves it has: no later move can be slipped in.
    lines: Mapped[int]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Move(Base):
    """An amount from the credit account to the debit account, with its value in US dollars."""

    __tablename__ = "move"
    __table_args__ = (
        ForeignKeyConstraint(
            ["debit_id", "fund_id", "book", "currency"],
            ["account.id", "account.fund_id", "account.book", "account.currency"],
            name="debit_account_has_book_and_currency",
            ondelete="RESTRICT",
        ),
        ForeignKeyConstraint(
            ["credit_id", "fund_id", "book", "currency"],
            ["account.id", "account.fund_id", "account.book", "account.currency"],
            name="credit_account_has_book_and_currency",
            ondelete="RESTRICT",
        ),
        ForeignKeyConstraint(
            ["entry_id", "fund_id"],
            ["entry.id", "entry.fund_id"],
            name="move_is_in_the_fund_of_its_entry",
            ondelete="RESTRICT",
        ),
        UniqueConstraint("entry_id", "line", name="line_is_unique_in_entry"),
        CheckConstraint("debit_id <> credit_id", name="accounts_of_a_move_differ"),
        CheckConstraint("amount_minor >= 0 AND usd_minor >= 0", name="amounts_not_negative"),
        CheckConstraint("amount_minor > 0 OR usd_minor > 0", name="move_moves_something"),
        CheckConstraint(
            "currency <> 'USD' OR amount_minor = usd_minor", name="dollars_are_worth_themselves"
        ),
        Index("ix_move_debit", "debit_id", "value_on", "sequence", "amount_minor", "usd_minor"),
        Index("ix_move_credit", "credit_id", "value_on", "sequence", "amount_minor", "usd_minor"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int]
    entry_id: Mapped[int]
    line: Mapped[int]
    #: The entry's own, repeated here so that a balance as of a day, as known then, is one index.
    sequence: Mapped[int]
    value_on: Mapped[date]
    book: Mapped[str] = mapped_column(String(1))
    currency: Mapped[str] = mapped_column(String(3))
    debit_id: Mapped[int]
    credit_id: Mapped[int]
    #: In minor units of the currency; 0 only in a pure revaluation, which moves dollars alone.
    amount_minor: Mapped[int]
    usd_minor: Mapped[int]
    #: Units of the currency for one US dollar, as the source printed it, where there is a rate.
    rate: Mapped[str] = mapped_column(String(40), default="")
    rate_source: Mapped[str] = mapped_column(String(60), default="")
    rate_on: Mapped[date | None]


class JournalHead(Base):
    """The last entry of a fund. Locking it puts the writers of a fund in one queue."""

    __tablename__ = "journal_head"

    fund_id: Mapped[int] = mapped_column(
        ForeignKey("fund.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    sequence: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(String(64), default="0" * 64)


class Period(Base):
    """A stretch of time that the books are kept in, of any length. A closed one refuses entries."""

    __tablename__ = "period"
    __table_args__ = (
        UniqueConstraint("fund_id", "starts_on", name="period_starts_once"),
        CheckConstraint("ends_on >= starts_on", name="period_ends_after_it_starts"),
        CheckConstraint("state IN ('open', 'soft_closed', 'closed')", name="period_state_is_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(60))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(16), default=PeriodState.OPEN)


class PeriodStep(Base):
    """A step in the life of a period: who opened, soft-closed, reopened or closed it, and why.

    Steps are never changed or deleted. Each is sealed together with the period's name and days
    and the seal of the step before.
    """

    __tablename__ = "period_step"
    __table_args__ = (
        CheckConstraint(
            "step IN ('opened', 'soft_closed', 'reopened', 'closed')", name="period_step_is_known"
        ),
        CheckConstraint(
            "step <> 'closed' OR (first_person_id IS NOT NULL AND first_person_id <> by_id)",
            name="period_is_closed_by_two_people",
        ),
        CheckConstraint(
            "step <> 'closed' OR (through_sequence IS NOT NULL AND balance_sha256 <> '')",
            name="closing_freezes_a_trial_balance",
        ),
        Index("ix_period_step_period_id_id", "period_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("period.id", ondelete="RESTRICT"))
    step: Mapped[str] = mapped_column(String(16))
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    #: Of a closing: who soft-closed the period before.
    first_person_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="RESTRICT")
    )
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    #: JSON of the checklist as it stood: a list of [key, state, what].
    checklist: Mapped[str] = mapped_column(default="[]")
    #: Of a closing: the last entry that the frozen trial balance knows, and its SHA-256.
    through_sequence: Mapped[int | None]
    balance_sha256: Mapped[str] = mapped_column(String(64), default="")
    seal: Mapped[str] = mapped_column(String(64))


class TrialBalanceLine(Base):
    """What an account held and turned over in a period, frozen when the period was closed."""

    __tablename__ = "trial_balance_line"

    period_id: Mapped[int] = mapped_column(
        ForeignKey("period.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    #: On the account's normal side, in minor units of its currency and in US cents.
    opening_minor: Mapped[int]
    debit_minor: Mapped[int]
    credit_minor: Mapped[int]
    closing_minor: Mapped[int]
    opening_usd_minor: Mapped[int]
    debit_usd_minor: Mapped[int]
    credit_usd_minor: Mapped[int]
    closing_usd_minor: Mapped[int]


class ExchangeRate(Base):
    """A rate of exchange in force from a day on, as its source published it.

    A source that puts a rate right makes a new revision; the earlier one stays. A rate far from its
    neighbours is held: it is used once another person has confirmed it. Rows are never changed;
    each is sealed together with the one before.
    """

    __tablename__ = "exchange_rate"
    __table_args__ = (
        UniqueConstraint(
            "currency", "source", "effective_on", "revision", name="one_rate_per_source_and_day"
        ),
        CheckConstraint("revision = 1 OR length(reason) > 0", name="revision_gives_its_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(String(3))
    #: A decimal number as text, exactly as published: units of the currency for one US dollar.
    units_per_usd: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(60))
    effective_on: Mapped[date]
    revision: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(default="")
    is_held: Mapped[bool] = mapped_column(default=False)
    recorded_at: Mapped[datetime]
    actor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    seal: Mapped[str] = mapped_column(String(64))


class RateConfirmation(Base):
    """Another person looked at a rate that was held, and says that it is right."""

    __tablename__ = "rate_confirmation"
    __table_args__ = (CheckConstraint("length(reason) > 0", name="confirmation_gives_its_reason"),)

    rate_id: Mapped[int] = mapped_column(
        ForeignKey("exchange_rate.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    at: Mapped[datetime]
    reason: Mapped[str]
    seal: Mapped[str] = mapped_column(String(64))


class ExchangePolicy(Base):
    """Who bears exchange differences in a fund from a day on, and which rates it may fall back on.

    Proposed by one person, in force once another has approved it.
    """

    __tablename__ = "exchange_policy"
    __table_args__ = (
        CheckConstraint("bearer IN ('contributor', 'fund', 'shared')", name="bearer_is_known"),
        CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> set_by_id",
            name="policy_is_approved_by_another_person",
        ),
        CheckConstraint("rate_days_max BETWEEN 1 AND 3660", name="rate_age_is_in_days"),
        Index("ix_exchange_policy_fund_id_from_on", "fund_id", "from_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    from_on: Mapped[date]
    bearer: Mapped[str] = mapped_column(String(16))
    #: Whether a reference rate stands in where no operational rate is young enough.
    allows_fallback: Mapped[bool]
    rate_days_max: Mapped[int]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    set_at: Mapped[datetime]
    approved_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="RESTRICT")
    )
    approved_at: Mapped[datetime | None]
