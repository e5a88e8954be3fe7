"""Random histories of events: no history unbalances a book or changes what was known."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grants.errors import Refused
from grants.ledger import chart, queries
from grants.ledger.actions import NewMove
from tests.ledger.books import Books, move, open_books, usd

FIRST = date(2026, 1, 1)

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["deposit", "allocate", "reserve", "commit", "advance", "refund"]),
        st.integers(1, 3),
        st.integers(1, 50_000),
        st.integers(0, 90),
    ),
    max_size=12,
)


def _moves(event: str, layer: int, minor: int) -> list[NewMove]:
    amount = usd(0) + usd(f"{minor // 100}.{minor % 100:02d}")
    steps = {
        "allocate": (chart.unallocated(layer), chart.allocated(layer, 1)),
        "reserve": (chart.allocated(layer, 1), chart.reserved(layer, 1, 1)),
        "commit": (chart.reserved(layer, 1, 1), chart.committed(layer, 1, 1)),
    }
    if event in steps:
        return [move(*steps[event], amount)]
    if event == "deposit":
        return [
            move(chart.cash("USD"), chart.revenue(1, "USD", is_core=True), amount),
            move(chart.spendable(layer), chart.unallocated(layer), amount),
        ]
    advance, disbursed = chart.advances(1), chart.disbursed(layer, 1, 1)
    if event == "advance":
        return [
            move(advance, chart.cash("USD"), amount),
            move(chart.committed(layer, 1, 1), disbursed, amount),
        ]
    return [
        move(chart.cash("USD"), advance, amount),
        move(disbursed, chart.allocated(layer, 1), amount),
    ]


@pytest.fixture
def seen(app: object) -> list[int]:
    return []


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=EVENTS)
def test_no_history_breaks_the_books(
    seen: list[int], history: list[tuple[str, int, int, int]]
) -> None:
    books: Books = open_books(f"Fund {len(seen)}")
    seen.append(1)
    day = FIRST + timedelta(days=45)
    known, reading = 0, queries.balances_as_of(books.fund_id, on=day)
    for step, (event, layer, minor, offset) in enumerate(history):
        with contextlib.suppress(Refused):
            books.post(_moves(event, layer, minor), event=event, on=FIRST + timedelta(days=offset))
        if step == len(history) // 2:
            known = queries.head(books.fund_id).sequence
            reading = queries.balances_as_of(books.fund_id, on=day)
    found = queries.verify(books.fund_id)
    assert found.holds, found.breaks
    assert queries.balances_as_of(books.fund_id, on=day, known_at=known) == reading
