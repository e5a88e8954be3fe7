"""Posting, undoing and reading entries."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from grants.db import db, transaction
from grants.ledger import actions, chart, queries
from grants.ledger.actions import NewEntry
from grants.ledger.rules import (
    AlreadyReversed,
    BalanceTooLow,
    PeriodIsClosed,
    ReversalNotReversible,
    UnbalancedTrade,
)
from tests.ledger.books import DAY, Books, move, open_books, sek, usd

CASH, INTEREST = chart.cash("USD"), chart.interest()
SPENDABLE, UNALLOCATED = chart.spendable(1), chart.unallocated(1)


@pytest.fixture
def books(app: object) -> Books:
    return open_books()


def _earn(books: Books, amount: int, on: date = DAY) -> actions.Posted:
    moves = [move(CASH, INTEREST, usd(amount)), move(SPENDABLE, UNALLOCATED, usd(amount))]
    return books.post(moves, event="interest", on=on)


def test_overdraft_is_refused_with_what_is_left(books: Books) -> None:
    _earn(books, 40)
    with pytest.raises(BalanceTooLow, match=r"holds USD 40.00; USD 60.00 was to be taken"):
        books.post([move(UNALLOCATED, SPENDABLE, usd(60))])
    assert books.holds(UNALLOCATED) == usd(40)


def test_refused_entry_leaves_no_trace(books: Books) -> None:
    _earn(books, 40)
    with pytest.raises(BalanceTooLow):
        books.post([move(CASH, INTEREST, usd(10)), move(UNALLOCATED, SPENDABLE, usd(60))])
    assert queries.head(books.fund_id).sequence == 1
    assert books.holds(CASH) == usd(40)


def test_reversal_mirrors_the_entry_and_both_stay(books: Books) -> None:
    """
    interest   Dr 1010 40.00 / Cr 4100 40.00    Dr 9100 40.00 / Cr 9110 40.00
    reversed   Dr 9110 40.00 / Cr 9100 40.00    Dr 4100 40.00 / Cr 1010 40.00
    """
    first = _earn(books, 40)
    with transaction():
        undone = actions.reverse(books.actor, first.id, reason="Booked twice")
    assert not books.usd_of("1010", "4100", "9100", "9110")
    view = queries.entry(undone.id)
    assert (view.reverses, view.event, view.reason) == (1, "interest.reversed", "Booked twice")
    assert [line.debit.number for line in view.lines] == ["9110", "4100"]
    assert queries.entry(first.id).reversed_by == 2
    assert queries.verify(books.fund_id).holds


def test_nothing_is_reversed_twice(books: Books) -> None:
    first = _earn(books, 40)
    with transaction():
        undone = actions.reverse(books.actor, first.id, reason="Booked twice")
    with pytest.raises(AlreadyReversed), transaction():
        actions.reverse(books.actor, first.id, reason="Again")
    with pytest.raises(ReversalNotReversible), transaction():
        actions.reverse(books.actor, undone.id, reason="Back")


def test_reversal_that_would_overdraw_is_refused(books: Books) -> None:
    first = _earn(books, 40)
    books.post([move(UNALLOCATED, chart.allocated(1, 1), usd(30))])
    with pytest.raises(BalanceTooLow), transaction():
        actions.reverse(books.actor, first.id, reason="Booked twice")


def test_closed_period_refuses_and_the_open_one_takes_the_reversal(books: Books) -> None:
    first = _earn(books, 40)
    period = books.period(date(2025, 1, 1), date(2026, 6, 30), "18 months")
    books.close(period, books.another())
    with pytest.raises(PeriodIsClosed, match="18 months"):
        _earn(books, 1)
    with transaction():
        undone = actions.reverse(books.actor, first.id, reason="Booked twice")
    view = queries.entry(undone.id)
    assert view.relates_to_on == DAY
    assert view.value_on > date(2026, 6, 30)


def test_past_reading_stays_as_it_was_known(books: Books) -> None:
    _earn(books, 40, on=date(2026, 1, 31))
    known = queries.head(books.fund_id).sequence
    _earn(books, 5, on=date(2026, 1, 15))
    february = date(2026, 2, 1)

    then = queries.balances_as_of(books.fund_id, ["1010"], on=february, known_at=known)
    now = queries.balances_as_of(books.fund_id, ["1010"], on=february)
    before = queries.balances_as_of(books.fund_id, ["1010"], on=date(2026, 1, 20))
    assert [queries.sum_usd(found) for found in (then, now, before)] == [usd(40), usd(45), usd(5)]


def test_kept_balances_equal_the_moves(books: Books) -> None:
    for amount in (40, 2, 7):
        _earn(books, amount)
    summed = queries.balances_as_of(books.fund_id, on=DAY)
    assert summed == queries.balances(books.fund_id)


def test_trading_account_must_net_to_nothing(books: Books) -> None:
    with pytest.raises(UnbalancedTrade):
        books.post(
            [
                move(chart.cash("SEK"), chart.trading("SEK"), sek(100), usd(10)),
                move(chart.trading("USD"), CASH, usd(9)),
            ]
        )


def test_many_entries_at_once_are_the_same_chain(books: Books) -> None:
    entries = [
        NewEntry(
            fund_id=books.fund_id,
            event="interest",
            value_on=DAY,
            moves=[move(CASH, INTEREST, usd(1)), move(SPENDABLE, UNALLOCATED, usd(1))],
        )
        for _ in range(2500)
    ]
    with transaction():
        posted = actions.post_all(books.actor, entries)
    assert [entry.sequence for entry in posted] == list(range(1, 2501))
    assert books.holds(CASH) == usd(2500)
    found = queries.verify(books.fund_id)
    assert (found.holds, found.entries, found.moves) == (True, 2500, 5000)


def test_two_funds_never_touch(books: Books) -> None:
    other = open_books("Another Fund")
    _earn(books, 40)
    _earn(other, 3)
    assert (books.holds(CASH), other.holds(CASH)) == (usd(40), usd(3))
    assert queries.head(other.fund_id).sequence == 1


def test_entries_are_found_by_what_they_touch(books: Books) -> None:
    _earn(books, 40)
    books.post([move(UNALLOCATED, chart.allocated(1, 7), usd(30))], event="allocation")
    found, total = queries.entries(books.fund_id, programme_id=7)
    assert (total, [line.event for line in found]) == (1, ["allocation"])
    assert queries.entries(books.fund_id, number="9110")[1] == 2
    assert queries.events(books.fund_id) == ["allocation", "interest"]


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ("UPDATE move SET usd_minor = 3999, amount_minor = 3999 WHERE line = 1", "seal"),
        ("UPDATE entry SET reason = 'x' WHERE sequence = 2", "seal"),
        ("UPDATE entry SET value_on = '2026-03-11' WHERE sequence = 1", "seal"),
        ("UPDATE entry SET previous_hash = hash WHERE sequence = 2", "chain"),
        ("UPDATE account_balance SET balance_minor = balance_minor + 1", "balance"),
        ("UPDATE account_balance SET usd_minor = usd_minor + 1", "balance"),
    ],
)
def test_a_changed_row_is_found(books: Books, change: str, check: str) -> None:
    _earn(books, 40)
    _earn(books, 2)
    assert queries.verify(books.fund_id).holds
    _tamper(change)
    found = queries.verify(books.fund_id)
    assert check in {broken.check for broken in found.breaks}


def _tamper(change: str) -> None:
    """As somebody would who owns the database file: the triggers are taken off first."""
    with transaction() as session:
        if db.engine.dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER move_no_update"))
            session.execute(text("DROP TRIGGER entry_no_update"))
        else:
            session.execute(text("ALTER TABLE move DISABLE TRIGGER USER"))
            session.execute(text("ALTER TABLE entry DISABLE TRIGGER USER"))
        session.execute(text(change))
