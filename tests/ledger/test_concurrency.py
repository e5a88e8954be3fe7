"""Writers at the same time: nothing is lost, nothing is overdrawn, nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask

from grants.db import db
from grants.ledger import chart, queries
from grants.ledger.rules import BalanceTooLow
from tests.ledger.books import Books, move, open_books, usd

CASH, INTEREST = chart.cash("USD"), chart.interest()
SPENDABLE, UNALLOCATED = chart.spendable(1), chart.unallocated(1)


def _together(app: Flask, count: int, work: Callable[[int], None]) -> list[BaseException]:
    """Run the work in threads that all start at once, each with a session of its own."""
    barrier = threading.Barrier(count)
    failures: list[BaseException] = []

    def run(index: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                work(index)
            except BaseException as error:  # noqa: BLE001 - handed to the test
                failures.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return failures


@pytest.fixture
def books(app: Flask) -> Books:
    books = open_books()
    books.post([move(CASH, INTEREST, usd(100)), move(SPENDABLE, UNALLOCATED, usd(100))])
    return books


def test_two_takers_of_the_same_money(app: Flask, books: Books) -> None:
    """
    9110 unallocated 100.00; each takes 60.00: one gets it, the other its sentence
    """
    failures = _together(app, 2, lambda index: _take(books, index))
    assert [type(failure) for failure in failures] == [BalanceTooLow]
    assert "USD 40.00" in str(failures[0])
    db.session.rollback()
    assert books.holds(UNALLOCATED) == usd(40)
    assert queries.verify(books.fund_id).holds


def _take(books: Books, programme_id: int) -> None:
    Books(books.fund_id, books.actor).post(
        [move(UNALLOCATED, chart.allocated(1, programme_id), usd(60))]
    )


def test_eight_writers_keep_one_chain(app: Flask, books: Books) -> None:
    def write(index: int) -> None:
        mine = Books(books.fund_id, books.actor)
        for _ in range(10):
            mine.post([move(CASH, INTEREST, usd(1)), move(SPENDABLE, UNALLOCATED, usd(1))])

    assert _together(app, 8, write) == []
    db.session.rollback()
    assert books.holds(CASH) == usd(180)
    found = queries.verify(books.fund_id)
    assert (found.holds, found.entries) == (True, 81)
