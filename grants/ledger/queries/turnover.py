"""Debits and credits up to a day, from kept months where they are whole, from moves at the edges.

The months are kept by the database with each move, so what stood on a day long past costs as much
as there were months since, however many moves there are. An earlier knowledge of the books is what
is known today less the entries that came after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    Subquery,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from grants.db import db
from grants.ledger.chart import AccountRef
from grants.ledger.models import Account, Entry, JournalHead, MonthTurnover, Move
from grants.money import Money

#: Which accounts: a query for their ids.
Accounts = Select[int]
Rows = Select[*tuple[Any, ...]]
_AMOUNTS = ("debit", "credit", "debit_usd", "credit_usd")


@dataclass(frozen=True)
class _Days:
    """A stretch of days, both included; without a first day, all that went before."""

    first: date | None
    last: date

    @property
    def whole_months(self) -> tuple[date | None, date] | None:
        """The first day of the first and of the last month that lies wholly inside."""
        if self.last + timedelta(days=1) == _month(self.last + timedelta(days=1)):
            last = _month(self.last)
        else:
            last = _month(_month(self.last) - timedelta(days=1))
        first = self.first
        if first is not None and first != _month(first):
            first = _next_month(first)
        return None if first is not None and last < first else (first, last)

    @property
    def edges(self) -> list[tuple[date | None, date]]:
        """The days that belong to no whole month."""
        months = self.whole_months
        if months is None:
            return [(self.first, self.last)]
        first, last = months
        found: list[tuple[date | None, date]] = []
        if self.first is not None and first is not None and self.first < first:
            found.append((self.first, first - timedelta(days=1)))
        if _next_month(last) <= self.last:
            found.append((_next_month(last), self.last))
        return found


def turnover(
    fund_id: int,
    accounts: Accounts,
    *,
    from_on: date | None,
    until_on: date,
    known_at: int | None,
    by_event: bool = False,
) -> Subquery:
    """What went in and out of accounts by value date, both days included.

    Columns: `account_id`, `event` (if asked for), and `debit`, `credit`, `debit_usd`,
    `credit_usd` in minor units; several rows for one account, to be summed by whoever asks. With
    `known_at`, only entries up to that sequence number count.
    """
    days = _Days(from_on, _no_later_than_the_calendar(until_on))
    later = None if known_at is None else _after(fund_id, known_at)
    parts: list[Rows] = []
    months = days.whole_months
    if months is not None:
        parts.append(_kept(accounts, months, by_event=by_event))
        if later is not None:
            taken_back = (months[0], _next_month(months[1]) - timedelta(days=1))
            parts += _moved(accounts, [taken_back], [Move.entry_id > later], -1, by_event=by_event)
    if days.edges:
        known = [] if later is None else [Move.entry_id <= later]
        parts += _moved(accounts, days.edges, known, 1, by_event=by_event)
    found: CompoundSelect[*tuple[Any, ...]] = union_all(*parts)
    return found.subquery()


def balance_by_sum(fund_id: int, account: AccountRef, *, on: date) -> Money:
    """What an account held at the end of a day, its moves added up one by one.

    What balances_as_of() must come to, and what it would cost without kept months.
    """
    account_id = db.session.scalar(
        select(Account.id).where(Account.fund_id == fund_id, Account.key == account.key)
    )
    held = 0
    for side, column in ((1, Move.debit_id), (-1, Move.credit_id)):
        total = db.session.scalar(
            select(summed(Move.amount_minor)).where(column == account_id, Move.value_on <= on)
        )
        held += side * account.line.side * (total or 0)
    return Money.of_minor(held, account.currency)


def summed(column: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[int]:
    """A sum that stays a whole number in both databases."""
    return cast(func.sum(column), BigInteger)


def _after(fund_id: int, known_at: int) -> int | None:
    """The id of the last entry known then. None if nothing came after it.

    Entries of a fund are written one after the other, so their ids ascend with their sequence.
    """
    head = db.session.scalar(select(JournalHead.sequence).where(JournalHead.fund_id == fund_id))
    if head is None or known_at >= head:
        return None
    found = db.session.scalar(
        select(Entry.id).where(Entry.fund_id == fund_id, Entry.sequence == known_at)
    )
    return found or 0


def _kept(accounts: Accounts, months: tuple[date | None, date], *, by_event: bool) -> Rows:
    first, last = months
    kept = select(
        MonthTurnover.account_id,
        *([MonthTurnover.event] if by_event else []),
        MonthTurnover.debit_minor.label("debit"),
        MonthTurnover.credit_minor.label("credit"),
        MonthTurnover.debit_usd_minor.label("debit_usd"),
        MonthTurnover.credit_usd_minor.label("credit_usd"),
    ).where(MonthTurnover.account_id.in_(accounts), MonthTurnover.month <= last)
    return kept if first is None else kept.where(MonthTurnover.month >= first)


def _moved(
    accounts: Accounts,
    stretches: list[tuple[date | None, date]],
    known: list[ColumnElement[bool]],
    sign: int,
    *,
    by_event: bool,
) -> list[Rows]:
    zero = literal(0)
    when = or_(*(_within(first, last) for first, last in stretches))
    amount, usd = Move.amount_minor * sign, Move.usd_minor * sign
    sides = (
        (Move.debit_id, (amount, zero, usd, zero)),
        (Move.credit_id, (zero, amount, zero, usd)),
    )
    found: list[Rows] = []
    for account_id, columns in sides:
        named = [column.label(name) for column, name in zip(columns, _AMOUNTS, strict=True)]
        events = [Entry.event] if by_event else []
        query = select(account_id.label("account_id"), *events, *named)
        if by_event:
            query = query.join(Entry, Entry.id == Move.entry_id)
        found.append(query.where(account_id.in_(accounts), when, *known))
    return found


def _within(first: date | None, last: date) -> ColumnElement[bool]:
    until = Move.value_on <= last
    return until if first is None else until & (Move.value_on >= first)


def accounts_of(fund_id: int, *where: ColumnElement[bool]) -> Accounts:
    """The accounts of a fund for which all of this is true."""
    return select(Account.id).where(Account.fund_id == fund_id, *where)


def _month(day: date) -> date:
    return day.replace(day=1)


def _next_month(day: date) -> date:
    return _month(_month(day) + timedelta(days=32))


def _no_later_than_the_calendar(day: date) -> date:
    """The last year of the calendar has no month after it."""
    return min(day, date(9998, 12, 31))
