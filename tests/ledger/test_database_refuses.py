"""The database itself has the last word, whatever the code above it does."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from grants.db import db, transaction
from grants.ledger import chart
from tests.ledger.books import Books, move, open_books, sek, usd

CASH, INTEREST = chart.cash("USD"), chart.interest()
SPENDABLE, UNALLOCATED = chart.spendable(1), chart.unallocated(1)


@pytest.fixture
def books(app: object) -> Books:
    books = open_books()
    books.post([move(CASH, INTEREST, usd(100)), move(SPENDABLE, UNALLOCATED, usd(100))])
    return books


def _refused(statement: str, message: str, **values: object) -> None:
    with pytest.raises(DatabaseError, match=message), transaction() as session:
        session.execute(text(statement), values)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE move SET amount_minor = 1", "moves_are_never_changed"),
        ("DELETE FROM move", "moves_are_never_changed"),
        ("UPDATE entry SET reason = 'better'", "entries_are_never_changed"),
        ("DELETE FROM entry", "entries_are_never_changed"),
        ("UPDATE account SET number = '1011'", "accounts_are_never_changed"),
        ("DELETE FROM account", "accounts_are_never_changed"),
        ("DELETE FROM account_balance", "account_balance_is_never_deleted"),
        ("DELETE FROM journal_head", "journal_head_is_never_deleted"),
        ("UPDATE journal_head SET sequence = 0", "journal_head_only_grows"),
    ],
)
def test_no_edit_and_no_delete(books: Books, statement: str, message: str) -> None:
    _refused(statement, message)


def test_no_overdraft(books: Books) -> None:
    _insert_entry(books, 2)
    _refused(_MOVE, "balance_not_below_floor", **_raw_move(books, UNALLOCATED, SPENDABLE, 10_001))


def test_what_is_there_may_be_taken_to_the_last_cent(books: Books) -> None:
    _insert_entry(books, 2)
    with transaction() as session:
        session.execute(text(_MOVE), _raw_move(books, UNALLOCATED, SPENDABLE, 10_000))
    assert books.holds(UNALLOCATED) == usd(0)


def test_no_move_between_currencies(books: Books) -> None:
    books.post(
        [
            move(chart.cash("SEK"), chart.trading("SEK"), sek(10), usd(1)),
            move(chart.trading("USD"), CASH, usd(1)),
            move(UNALLOCATED, chart.allocated(1, 1), usd(1)),
        ]
    )
    _insert_entry(books, 3)
    values = _raw_move(books, chart.cash("SEK"), CASH, 100)
    _refused(_MOVE, "(?i)foreign key", **values)


def test_no_move_between_books(books: Books) -> None:
    _insert_entry(books, 2)
    _refused(_MOVE, "(?i)foreign key", **_raw_move(books, CASH, UNALLOCATED, 100))


def test_no_dollar_that_is_worth_something_else(books: Books) -> None:
    _insert_entry(books, 2)
    values = _raw_move(books, CASH, INTEREST, 100) | {"usd": 99}
    _refused(_MOVE, "dollars_are_worth_themselves", **values)


def test_no_move_slipped_into_an_old_entry(books: Books) -> None:
    values = _raw_move(books, CASH, INTEREST, 100) | {"line": 3, "sequence": 1, "entry": 1}
    values["entry"] = books.posted[0].id
    _refused(_MOVE, "move_is_one_of_its_entry", **values)


def test_no_entry_out_of_its_chain(books: Books) -> None:
    with pytest.raises(DatabaseError, match="entry_follows_the_head_of_its_journal"):
        _insert_entry(books, 3)
    with pytest.raises(DatabaseError, match="entry_follows_the_head_of_its_journal"):
        _insert_entry(books, 2, previous="f" * 64)


def test_no_entry_in_a_closed_period(books: Books) -> None:
    with transaction() as session:
        session.execute(
            text(
                "INSERT INTO period (fund_id, name, starts_on, ends_on, state)"
                " VALUES (:fund, '2026', '2026-01-01', '2026-12-31', 'closed')"
            ),
            {"fund": books.fund_id},
        )
    with pytest.raises(DatabaseError, match="closed_period_refuses_entries"):
        _insert_entry(books, 2)


_MOVE = """
INSERT INTO move (fund_id, entry_id, line, sequence, value_on, book, currency,
                  debit_id, credit_id, amount_minor, usd_minor, rate, rate_source)
VALUES (:fund, :entry, :line, :sequence, '2026-03-10', :book, :currency,
        :debit, :credit, :amount, :usd, '', '')
"""


def _raw_move(
    books: Books, debit: chart.AccountRef, credit: chart.AccountRef, minor: int
) -> dict[str, object]:
    ids = {key: found for key, found in db.session.execute(text("SELECT key, id FROM account"))}
    last = db.session.execute(text("SELECT max(id), max(sequence) FROM entry")).one()
    return {
        "fund": books.fund_id,
        "entry": last[0],
        "line": 1,
        "sequence": last[1],
        "book": debit.book,
        "currency": debit.currency,
        "debit": ids[debit.key],
        "credit": ids[credit.key],
        "amount": minor,
        "usd": minor,
    }


def _insert_entry(books: Books, sequence: int, previous: str = "") -> None:
    with transaction() as session:
        session.execute(
            text(
                "INSERT INTO entry (fund_id, sequence, event, value_on, recorded_at, actor_id,"
                " reason, source_type, lines, previous_hash, hash) VALUES (:fund, :sequence,"
                " 'raw', '2026-03-10', '2026-03-10 10:00:00', :actor, '', '', 1, :previous, :hash)"
            ),
            {
                "fund": books.fund_id,
                "sequence": sequence,
                "actor": books.actor.user_id,
                "previous": previous or books.posted[-1].hash,
                "hash": "a" * 64,
            },
        )
