"""Can we commit? The layout A, B, A - B, C, E: each row by hand, and the ties for any history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grants.db import transaction
from grants.funding import actions as funding
from grants.ledger import queries as books
from grants.money import Money
from grants.reports.numbers.capacity import capacity
from grants.reports.shapes.capacity import Capacity
from tests.makes.donors import DAY, money
from tests.reports.conftest import ReportWorld
from tests.reports.test_books_tie import History, deeds


def _rows(found: Capacity) -> dict[str, str]:
    return {
        line.key: f"{line.amount.amount:,}"
        for line in found.lines
        if line.amount is not None and line.amount
    }


@pytest.fixture
def lived(world: ReportWorld) -> ReportWorld:
    """Sweden gives 1,000, Norway 500; 900 are allocated; a grant of 400, of which 250 went out.

    Then 50 come back, and 100 of the grant will not be paid.
    """
    world.deposit("1,000", donor="Sweden", on=DAY - timedelta(days=30))
    world.deposit("500", donor="Norway", on=DAY)
    world.pledge(money("800"), donor="Norway")
    world.agreement(money("300"), donor="Sweden")
    world.allocation("900")
    grant_id = world.active_grant("400")
    world.advanced(grant_id, money("250"))
    world.refunded(grant_id, "50")
    steward = world.steward()
    with transaction():
        funding.decommit(steward, grant_id, money("100"), on=DAY, reason="less is needed")
    return world


def test_the_layout_by_hand(lived: ReportWorld) -> None:
    """
    A 1,500 · B 400 - (50 + 100) = 250 · A - B 1,250, of it in programmes 650 · C = E 600
    """
    found = capacity(lived.books(), DAY)
    assert _rows(found) == {
        "contributions": "1,500.00",
        "A": "1,500.00",
        "grants": "400.00",
        "gross": "400.00",
        "cancelled": "-150.00",
        "B": "250.00",
        "A-B": "1,250.00",
        "programmed": "-650.00",
        "C": "600.00",
        "E": "600.00",
    }
    assert (found.can_commit, found.free_in_programmes) == (money("1,250"), money("650"))
    assert (found.pledged, found.receivable) == (money("800"), money("300"))
    (place,) = found.programmes
    assert (place.set_aside, place.reserved, place.committed, place.disbursed, place.free) == (
        money("900"),
        money("0"),
        money("50"),
        money("200"),
        money("650"),
    )
    assert [window.free for window in found.windows] == [money("650")]
    assert sum(one.free.minor for one in found.donors) == found.can_commit.minor


def test_a_pledge_or_a_signature_does_not_raise_it(lived: ReportWorld) -> None:
    before = capacity(lived.books(), DAY).can_commit
    lived.pledge(money("9,000"), donor="Denmark")
    lived.agreement(money("7,000"), donor="Denmark", reference="DK-1")
    assert capacity(lived.books(), DAY).can_commit == before


def test_as_of_a_day_and_as_known_at_an_entry(lived: ReportWorld) -> None:
    earlier = capacity(lived.books(), DAY - timedelta(days=1))
    assert (earlier.line("A"), earlier.can_commit) == (money("1,000"), money("1,000"))
    first = capacity(lived.books(), DAY, known_at=1)
    assert (first.line("A"), first.known_at) == (money("1,000"), 1)
    assert first.ledger_hash


def test_of_one_donor(lived: ReportWorld) -> None:
    sweden = lived.donor_named("Sweden")
    found = capacity(lived.books(), DAY, donor_id=sweden)
    assert found.line("A") == money("1,000")
    assert found.pledged == money("0")
    (line,) = [one for one in capacity(lived.books(), DAY).donors if one.donor_id == sweden]
    assert found.can_commit == line.free


def test_cash_in_other_currencies_is_held_back_in_part(world: ReportWorld) -> None:
    """10 % of SEK 10,000 at 0.0940 = 94.00"""
    world.rate("SEK", "0.0940")
    world.deposit(money("10,000", "SEK"), donor="Sweden")
    found = capacity(world.books(), DAY, risk_basis_points=1_000)
    assert found.foreign_cash == money("940")
    assert (found.line("risk"), found.line("E")) == (money("-94"), money("846"))


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(deeds, min_size=4, max_size=18))
def test_the_balance_is_what_funds_control_has_free(
    world: ReportWorld, deeds: list[tuple[object, ...]]
) -> None:
    number = len(world.made.setdefault("histories", []))  # type: ignore[arg-type] # a list
    world.made["histories"].append(number)  # type: ignore[attr-defined] # the same
    history = History(world, f"Fund {number}")
    history.do(("deposit", 100_000, "Sweden", 900, False))
    for deed in deeds:
        history.do(deed)
    found = capacity(world.books(), DAY)
    free = books.sum_usd(books.balances(world.books(), ["9110", "9115", "9120"]))
    assert found.line("A-B") == free
    assert found.line("A") - found.line("B") == found.line("A-B")
    assert found.line("gross") + found.line("cancelled") == found.line("B")
    assert _all(found, "free") == free.minor
    assert sum(one.free.minor for one in found.programmes) == found.free_in_programmes.minor


def _all(found: Capacity, name: str) -> int:
    """Of all donors together, and of what no donor brought."""
    amounts: list[Money] = [getattr(one, name) for one in found.donors]
    return sum(amount.minor for amount in amounts) + found.line("D").minor
