"""The bank's word and the books', as of a day: what explains the difference, to the last cent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, exists, func, select

from grants.banking.models import BankAccount, BankLine, BankMatch, BankStatement, MatchKind
from grants.banking.queries.accounts import AccountView, account
from grants.banking.queries.lines import is_settled
from grants.db import db
from grants.ledger import chart
from grants.ledger import queries as ledger
from grants.ledger.queries import Effect
from grants.money import Money

ROWS_MAX: Final = 500


@dataclass(frozen=True, kw_only=True)
class Unreconciled:
    """A movement that the books do not have by then, or do not know what it is."""

    line_id: int
    booked_on: date
    amount: Money
    other_party: str
    words: str
    reference: str
    #: open, left_out, or later: the books have it under a later day.
    state: str


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """By the bank, by the books, and all that lies between. Accounts of one currency go together,
    since the books keep one cash account for each currency.

    difference = before + not_in_books - not_at_bank, always; `unexplained` would be the rest.
    """

    account: AccountView
    others: tuple[AccountView, ...]
    on: date
    #: The first day that a statement tells of.
    from_on: date
    by_bank: Money
    by_books: Money
    #: What the bank held before the first statement, less what the books did.
    before: Money
    not_in_books: Money
    not_at_bank: Money
    lines: tuple[Unreconciled, ...]
    lines_total: int
    entries: tuple[Effect, ...]
    entries_total: int
    #: What the latest statement closed with, less what the movements come to: a missing statement.
    missing: Money

    @property
    def difference(self) -> Money:
        return self.by_bank - self.by_books

    @property
    def unexplained(self) -> Money:
        return self.difference - self.before - self.not_in_books + self.not_at_bank

    @property
    def is_reconciled(self) -> bool:
        return not (self.difference or self.lines_total or self.entries_total or self.missing)


def reconciliation(account_id: int, on: date, *, limit: int = ROWS_MAX) -> Reconciliation | None:
    """The bank against the books at the end of a day; None while there is no statement by then.

    Movements count by their booking date, entries by their value date. Entries that were reversed
    by then, and their reversals, come to nothing and are left out.
    """
    of = account(account_id)
    same = _same(of)
    ids = [one.id for one in same]
    begins = _openings(ids, on)
    if not begins:
        return None
    from_on = min(day for day, _ in begins.values())
    by_bank = sum(minor for _, minor in begins.values())
    by_bank += _sum(BankLine.account_id.in_(ids), BankLine.booked_on <= on)
    agreed = _agreed(of, ids, on)
    lines, lines_total, not_in_books = _lines(ids, on, agreed, limit)
    entries, entries_total, not_at_bank = _entries(of, from_on, on, agreed, limit)
    opening = sum(minor for _, minor in begins.values())
    return Reconciliation(
        account=of,
        others=tuple(one for one in same if one.id != account_id),
        on=on,
        from_on=from_on,
        by_bank=_money(by_bank, of),
        by_books=_money(_books(of, on), of),
        before=_money(opening - _books_before(of, from_on, agreed), of),
        not_in_books=_money(not_in_books, of),
        not_at_bank=_money(not_at_bank, of),
        lines=lines,
        lines_total=lines_total,
        entries=entries,
        entries_total=entries_total,
        missing=_money(_missing(ids, on, by_bank), of),
    )


def _same(of: AccountView) -> list[AccountView]:
    ids = db.session.scalars(
        select(BankAccount.id)
        .where(BankAccount.fund_id == of.fund_id, BankAccount.currency == of.currency)
        .order_by(BankAccount.id)
    )
    return [of if one == of.id else account(one) for one in ids]


def _openings(account_ids: list[int], on: date) -> dict[int, tuple[date, int]]:
    """The first day and opening balance of each account that has a statement by then."""
    rows = db.session.execute(
        select(BankStatement.account_id, BankStatement.from_on, BankStatement.opening_minor)
        .where(BankStatement.account_id.in_(account_ids), BankStatement.from_on <= on)
        .order_by(BankStatement.from_on.desc(), BankStatement.to_on.desc(), BankStatement.id.desc())
    )
    return {row.account_id: (row.from_on, row.opening_minor) for row in rows}


def _missing(account_ids: list[int], on: date, reckoned: int) -> int:
    """What the latest statements up to the day closed with, less what was reckoned up to it."""
    closings: dict[int, tuple[date, int]] = {}
    rows = db.session.execute(
        select(BankStatement.account_id, BankStatement.to_on, BankStatement.closing_minor)
        .where(BankStatement.account_id.in_(account_ids), BankStatement.to_on <= on)
        .order_by(BankStatement.to_on, BankStatement.id)
    )
    for row in rows:
        closings[row.account_id] = (row.to_on, row.closing_minor)
    if not closings:
        return 0
    since = [
        (BankLine.account_id == key) & (BankLine.booked_on > day) & (BankLine.booked_on <= on)
        for key, (day, _) in closings.items()
    ]
    closed = sum(minor for _, minor in closings.values())
    return closed + sum(_sum(one) for one in since) - reckoned


def _agreed(of: AccountView, account_ids: list[int], on: date) -> Select[int]:
    """The movements by then whose entries the books all have by then."""
    by_then = ledger.effects_on(of.fund_id, chart.cash(of.currency), until_on=on)
    mine = (BankMatch.line_id == BankLine.id) & BankMatch.ended_at.is_(None)
    has_entry = exists(select(BankMatch.id).where(mine, BankMatch.entry_id.is_not(None)))
    has_later = exists(
        select(BankMatch.id).where(mine, BankMatch.entry_id.not_in(select(by_then.c.entry_id)))
    )
    return select(BankLine.id).where(
        BankLine.account_id.in_(account_ids),
        BankLine.booked_on <= on,
        is_settled(),
        has_entry.correlate(BankLine),
        ~has_later.correlate(BankLine),
    )


def _lines(
    account_ids: list[int], on: date, agreed: Select[int], limit: int
) -> tuple[tuple[Unreconciled, ...], int, int]:
    """Movements by then that the books do not have by then: rows, how many, and their sum."""
    where = [
        BankLine.account_id.in_(account_ids),
        BankLine.booked_on <= on,
        BankLine.id.not_in(agreed),
    ]
    left_out = exists(
        select(BankMatch.id).where(
            BankMatch.line_id == BankLine.id,
            BankMatch.ended_at.is_(None),
            BankMatch.kind == MatchKind.LEFT_OUT,
        )
    ).correlate(BankLine)
    rows = db.session.execute(
        select(BankLine, is_settled(), left_out)
        .where(*where)
        .order_by(BankLine.booked_on, BankLine.id)
        .limit(limit)
    )
    found = tuple(
        Unreconciled(
            line_id=one.id,
            booked_on=one.booked_on,
            amount=Money.of_minor(one.amount_minor, one.currency),
            other_party=one.other_party,
            words=one.words,
            reference=one.reference or one.end_to_end,
            state="left_out" if is_left_out else "later" if settled else "open",
        )
        for one, settled, is_left_out in rows
    )
    count = db.session.scalar(select(func.count(BankLine.id)).where(*where)) or 0
    return found, count, _sum(*where)


def _entries(
    of: AccountView, from_on: date, on: date, agreed: Select[int], limit: int
) -> tuple[tuple[Effect, ...], int, int]:
    """Entries of these days that the bank has not told of: rows, how many, and their sum."""
    effects = ledger.effects_on(of.fund_id, chart.cash(of.currency), from_on=from_on, until_on=on)
    where = [~effects.c.cancels_out, effects.c.entry_id.not_in(_told(of, agreed))]
    rows = db.session.execute(
        select(effects).where(*where).order_by(effects.c.value_on, effects.c.sequence).limit(limit)
    ).all()
    total = func.coalesce(func.sum(effects.c.amount_minor), 0)
    count, moved = db.session.execute(select(func.count(), total).where(*where)).one()
    return tuple(ledger.effect_of(row, of.currency) for row in rows), count, int(moved)


def _told(of: AccountView, agreed: Select[int]) -> Select[int | None]:
    return select(BankMatch.entry_id).where(
        BankMatch.ended_at.is_(None),
        BankMatch.entry_id.is_not(None),
        BankMatch.currency == of.currency,
        BankMatch.line_id.in_(agreed),
    )


def _books(of: AccountView, on: date) -> int:
    """What the cash account of the currency holds at the end of a day."""
    held = ledger.balances_as_of(of.fund_id, [chart.cash(of.currency).number], on=on)
    return sum(one.balance_minor for one in held if one.currency == of.currency)


def _books_before(of: AccountView, from_on: date, agreed: Select[int]) -> int:
    """What the books held before the first statement, without what a statement told of later."""
    day = from_on - timedelta(days=1)
    effects = ledger.effects_on(of.fund_id, chart.cash(of.currency), until_on=day)
    told = db.session.scalar(
        select(func.coalesce(func.sum(effects.c.amount_minor), 0)).where(
            effects.c.entry_id.in_(_told(of, agreed))
        )
    )
    return _books(of, day) - int(told or 0)


def _sum(*where: ColumnElement[bool]) -> int:
    total = func.coalesce(func.sum(BankLine.amount_minor), 0)
    return int(db.session.scalar(select(total).where(*where)) or 0)


def _money(minor: int, of: AccountView) -> Money:
    return Money.of_minor(minor, of.currency)
