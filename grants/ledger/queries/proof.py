"""The books prove themselves: everything that is kept is computed again from the entries."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Row, select

from grants.db import UNREADABLE, db, is_misspelt
from grants.ledger.chart import PAYABLES, SPENDABLE, SPENT
from grants.ledger.models import Entry, Move, Period
from grants.ledger.queries.frozen import frozen_breaks
from grants.ledger.queries.kept import (
    Break,
    KnownAccount,
    Reckoning,
    check_head,
    check_kept,
    read_accounts,
)
from grants.ledger.rules import SealedEntry, SealedMove, seal
from grants.money import Money

_ROWS_AT_ONCE = 2000
_ENTRY = (
    Entry.id,
    Entry.fund_id,
    Entry.sequence,
    Entry.event,
    Entry.value_on,
    Entry.recorded_at,
    Entry.period_id,
    Entry.relates_to_on,
    Entry.actor_id,
    Entry.second_actor_id,
    Entry.reason,
    Entry.source_type,
    Entry.source_id,
    Entry.reverses_id,
    Entry.lines,
    Entry.previous_hash,
    Entry.hash,
)
_MOVE = (
    Move.id,
    Move.fund_id,
    Move.line,
    Move.sequence,
    Move.value_on,
    Move.book,
    Move.currency,
    Move.debit_id,
    Move.credit_id,
    Move.amount_minor,
    Move.usd_minor,
    Move.rate,
    Move.rate_source,
    Move.rate_on,
)
#: How a move's columns are named in a row beside those of its entry.
_LABELLED = tuple(column.label(f"move_{column.key}") for column in _MOVE)

_Row = Row[*tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What was looked at, and every break found (the journal stops at its first)."""

    fund_id: int
    entries: int
    moves: int
    sequence: int
    hash: str
    breaks: tuple[Break, ...]

    @property
    def holds(self) -> bool:
        return not self.breaks


def verify(fund_id: int) -> Verification:
    """Recompute the chain, everything kept and the invariants of a fund from its entries.

    Every column of every account, entry, move, kept balance and kept month is either part of the
    seal or follows from what is: one changed byte is found. The invariants are (i) each entry
    balances in each book, through the trading account between currencies; (ii) no account stands
    below its floor; (iii) cash less payables is what funds control can still spend; (iv) what was
    disbursed is advances, claims, expenditure and write-offs (domain rules, section 7). Nothing is
    changed. What the database cannot even read is a break as well.
    """
    accounts: dict[int, KnownAccount] = {}
    reckoning = Reckoning(accounts)
    try:
        found, breaks = read_accounts(fund_id)
        accounts.update(found)
        reckoning.breaks += breaks
        if _reads_to_its_end(fund_id, reckoning):
            check_head(fund_id, reckoning)
            _check_invariants(check_kept(fund_id, reckoning), reckoning)
            reckoning.breaks += frozen_breaks(fund_id)
    except UNREADABLE as error:
        where = f"after entry {reckoning.sequence}"
        what = f"it cannot be read: {type(error).__name__}"
        reckoning.breaks.append(Break("readable", where, what))
        db.session.rollback()
    return Verification(
        fund_id=fund_id,
        entries=reckoning.entries,
        moves=reckoning.moves,
        sequence=reckoning.sequence,
        hash=reckoning.hash,
        breaks=tuple(reckoning.breaks),
    )


def _reads_to_its_end(fund_id: int, reckoning: Reckoning) -> bool:
    """Follow the chain as far as it holds: what is kept is compared with a whole journal only."""
    periods = {
        period.id: (period.starts_on, period.ends_on)
        for period in db.session.scalars(select(Period).where(Period.fund_id == fund_id))
    }
    misspelt = set(
        db.session.scalars(
            select(Entry.sequence).where(Entry.fund_id == fund_id, is_misspelt(Entry.recorded_at))
        )
    )
    with closing(_journal(fund_id)) as journal:
        for rows in journal:
            broken = _broken(rows, reckoning, periods)
            if broken is None and rows[0].sequence in misspelt:
                broken = Break("seal", f"entry {rows[0].sequence}", "its time is spelt otherwise")
            if broken is not None:
                reckoning.breaks.append(broken)
                return False
            _count(rows, reckoning)
    return True


def _journal(fund_id: int) -> Generator[list[_Row], None, None]:
    """The rows of one entry after the other: its own columns with those of each of its moves."""
    rows = db.session.execute(
        select(*_ENTRY, *_LABELLED)
        .outerjoin(Move, Move.entry_id == Entry.id)
        .where(Entry.fund_id == fund_id)
        .order_by(Entry.sequence, Move.line)
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    # Whoever stops reading at a break closes this, and with it the cursor of the database.
    with closing(rows):
        for _, group in groupby(rows, key=itemgetter(0)):
            yield list(group)


def _broken(
    rows: Sequence[_Row], reckoning: Reckoning, periods: dict[int, tuple[date, date]]
) -> Break | None:
    """What does not hold about one entry, if anything."""
    entry = rows[0]
    moves = [row for row in rows if row.move_id is not None]
    where = f"entry {entry.sequence}"
    if entry.sequence != reckoning.sequence + 1:
        return Break("sequence", where, f"entry {reckoning.sequence + 1} is missing")
    if entry.previous_hash != reckoning.hash:
        return Break("chain", where, "it does not follow the one before")
    if any(_is_misplaced(row, reckoning.accounts) for row in moves):
        return Break("seal", where, "a move of it stands in another entry, book or currency")
    if entry.lines != len(moves) or _sealed_again(entry, moves, reckoning.accounts) != entry.hash:
        return Break("seal", where, "its content is not what was sealed")
    if entry.period_id is not None:
        starts_on, ends_on = periods.get(entry.period_id, (date.max, date.min))
        if not starts_on <= entry.value_on <= ends_on:
            return Break("period", where, "its day is not in its period")
    return _unbalanced(moves, reckoning.accounts, where)


def _is_misplaced(row: _Row, accounts: Any) -> bool:
    debit, credit = accounts.get(row.move_debit_id), accounts.get(row.move_credit_id)
    if debit is None or credit is None:
        return True
    here = (row.fund_id, row.sequence, row.value_on)
    there = (row.move_fund_id, row.move_sequence, row.move_value_on)
    kinds = {(one.book, one.currency) for one in (debit, credit)}
    return here != there or kinds != {(row.move_book, row.move_currency)}


def _unbalanced(moves: Iterable[_Row], accounts: Any, where: str) -> Break | None:
    trading = sum(
        row.move_usd_minor
        * (
            (accounts[row.move_debit_id].number == "1095")
            - (accounts[row.move_credit_id].number == "1095")
        )
        for row in moves
    )
    return Break("(i)", where, "the trading account does not net to zero") if trading else None


def _count(rows: Sequence[_Row], reckoning: Reckoning) -> None:
    entry = rows[0]
    reckoning.sequence, reckoning.hash = entry.sequence, entry.hash
    reckoning.entries += 1
    month = entry.value_on.replace(day=1)
    for row in rows:
        amount, usd = row.move_amount_minor, row.move_usd_minor
        reckoning.moves += 1
        reckoning.add(row.move_debit_id, month, entry.event, (amount, 0, usd, 0))
        reckoning.add(row.move_credit_id, month, entry.event, (0, amount, 0, usd))


def _sealed_again(entry: _Row, moves: Iterable[_Row], accounts: Any) -> str:
    sealed = SealedEntry(
        fund_id=entry.fund_id,
        sequence=entry.sequence,
        event=entry.event,
        value_on=entry.value_on,
        recorded_at=entry.recorded_at,
        period_id=entry.period_id,
        relates_to_on=entry.relates_to_on,
        actor_id=entry.actor_id,
        second_actor_id=entry.second_actor_id,
        reason=entry.reason,
        source_type=entry.source_type,
        source_id=entry.source_id,
        reverses_id=entry.reverses_id,
        moves=tuple(
            SealedMove(
                line=row.move_line,
                debit_key=accounts[row.move_debit_id].key,
                credit_key=accounts[row.move_credit_id].key,
                currency=row.move_currency,
                amount_minor=row.move_amount_minor,
                usd_minor=row.move_usd_minor,
                rate=row.move_rate,
                rate_source=row.move_rate_source,
                rate_on=row.move_rate_on,
            )
            for row in moves
        ),
    )
    return seal(sealed, entry.previous_hash)


def _check_invariants(usd: dict[str, int], reckoning: Reckoning) -> None:
    def total(*numbers: str) -> int:
        return sum(usd.get(number, 0) for number in numbers)

    held = total("1010") - total(*PAYABLES)
    spendable = total(*SPENDABLE)
    if held != spendable:
        what = f"cash less payables is {_usd(held)}, funds control can spend {_usd(spendable)}"
        reckoning.breaks.append(Break("(iii)", "fund", what))
    disbursed = total("9150")
    covered = total("1200", "1210", "1250", *SPENT, "5400")
    if disbursed != covered:
        what = f"disbursed is {_usd(disbursed)}; advances, claims and costs are {_usd(covered)}"
        reckoning.breaks.append(Break("(iv)", "fund", what))


def _usd(minor: int) -> Money:
    return Money.of_minor(minor, "USD")
