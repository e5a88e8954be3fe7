"""What stood on any day, as known at any entry, equals the moves added up one by one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from grants.db import db, transaction
from grants.ledger import chart, queries
from grants.ledger.actions import NewMove
from grants.money import Money
from tests.ledger.books import Books, move, open_books, usd

FIRST = date(2025, 11, 20)
SPAN = 150
EVENTS = ("deposit", "interest", "return")
ACCOUNTS = {
    "deposit": (chart.cash("USD"), chart.revenue(1, "USD", is_core=True)),
    "interest": (chart.cash("USD"), chart.interest()),
    "return": (chart.revenue(1, "USD", is_core=True), chart.cash("USD")),
}

#: Event, cents and the number of days after the first.
POSTS = st.lists(
    st.tuples(st.sampled_from(EVENTS), st.integers(1, 9_999), st.integers(0, SPAN)),
    min_size=1,
    max_size=14,
)
DAYS = st.integers(-5, SPAN + 40)


@dataclass(frozen=True)
class Posted:
    sequence: int
    event: str
    minor: int
    on: date


class World:
    """A fund that a history was posted into, and the history."""

    def __init__(self, name: str, posts: list[tuple[str, int, int]]) -> None:
        self.books: Books = open_books(name)
        opening = [
            move(chart.cash("USD"), chart.interest(), usd(1_000_000)),
            move(chart.spendable(None), chart.unallocated(None), usd(1_000_000)),
        ]
        self.books.post(opening, event="opening", on=FIRST - timedelta(days=400))
        self.posted = []
        for event, minor, offset in posts:
            on = FIRST + timedelta(days=offset)
            done = self.books.post([_move(event, minor)], event=event, on=on)
            self.posted.append(Posted(done.sequence, event, minor, on))

    def turned(
        self, first: date | None, last: date, known_at: int | None
    ) -> dict[str, tuple[int, int]]:
        """Debits and credits by account number, added up here."""
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for one in self.posted:
            if (first and one.on < first) or one.on > last:
                continue
            if known_at is not None and one.sequence > known_at:
                continue
            debit, credit = ACCOUNTS[one.event]
            sums[debit.number][0] += one.minor
            sums[credit.number][1] += one.minor
        return {number: (debit, credit) for number, (debit, credit) in sums.items()}


def _move(event: str, minor: int) -> NewMove:
    debit, credit = ACCOUNTS[event]
    return move(debit, credit, Money.of_minor(minor, "USD"))


@pytest.fixture
def made(app: object) -> list[int]:
    return []


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(posts=POSTS, first=DAYS, length=st.integers(0, SPAN), back=st.integers(0, 15))
def test_turnover_is_the_sum_of_its_moves(
    made: list[int], posts: list[tuple[str, int, int]], first: int, length: int, back: int
) -> None:
    made.append(1)
    world = World(f"Fund {len(made)}", posts)
    fund_id = world.books.fund_id
    from_on = FIRST + timedelta(days=first)
    until_on = from_on + timedelta(days=length)
    head = queries.head(fund_id).sequence
    for known_at in (None, head, max(head - back, 1)):
        found = queries.totals_between(
            fund_id,
            ("1010", "4010", "4100"),
            from_on=from_on,
            until_on=until_on,
            known_at=known_at,
        )
        assert {one.number: (one.debit_minor, one.credit_minor) for one in found} == world.turned(
            from_on, until_on, known_at
        )
        happened = queries.happenings(
            fund_id, ("1010",), until_on=until_on, known_at=known_at or head
        )
        cash = {
            one.event: one.debit_minor - one.credit_minor
            for one in happened
            if one.event != "opening"
        }
        expected: dict[str, int] = defaultdict(int)
        for one in world.posted:
            if one.on <= until_on and one.sequence <= (known_at or head):
                expected[one.event] += -one.minor if one.event == "return" else one.minor
        assert cash == dict(expected)


def test_a_day_at_the_end_of_the_calendar(app: object) -> None:
    world = World("The Fund", [("deposit", 500, 3)])
    held = queries.balances_as_of(world.books.fund_id, ["4010"], on=date.max)
    assert [one.usd_minor for one in held] == [500]


def test_kept_months_are_not_deleted_and_are_proven(app: object) -> None:
    world = World("The Fund", [("deposit", 500, 3), ("interest", 700, 80)])
    with (
        pytest.raises(IntegrityError, match="month_turnover_is_never_deleted"),
        transaction() as session,
    ):
        session.execute(text("DELETE FROM month_turnover"))
    with transaction() as session:
        session.execute(
            text("UPDATE month_turnover SET debit_minor = debit_minor + 1 WHERE event = 'interest'")
        )
    db.session.rollback()
    found = queries.verify(world.books.fund_id)
    broken = [(one.check, one.where) for one in found.breaks]
    assert ("month", "1010/USD interest 2026-02") in broken
    assert ("month", "1010/USD deposit 2025-11") not in broken
