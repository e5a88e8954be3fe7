"""Rates that are held, foreign cash and its policy on the desk."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from grants.db import transaction
from grants.ledger import actions as ledger
from grants.ledger import queries as books
from grants.money import Rate
from tests.makes.donors import money
from tests.web.staff.desk_world import StaffWorld

BASE = "/staff/contributions"


@pytest.fixture
def world(app: Flask) -> StaffWorld:
    made = StaffWorld(app)
    made.books()
    made.treasurer()
    return made


def test_a_rate_that_is_held_waits_for_another_person(world: StaffWorld) -> None:
    world.rate("SEK", "0.1", date(2026, 1, 1))
    finance, second = world.finance(), world.browser(world.second())
    data = {"currency": "SEK", "units": "99", "source": "UNORE", "effective_on": "2026-02-01"}
    sent = finance.post(f"{BASE}/rates/new", data=data, follow_redirects=True)
    assert "held until another person confirms" in sent.text
    assert "9.9 times more" in sent.text
    again = {**data, "units": "98"}
    assert "To revise it, say why" in finance.post(f"{BASE}/rates/new", data=again).text
    assert finance.post(f"{BASE}/rates/2/confirm", data={"reason": "x"}).status_code == 403
    assert "Look at it" in second.get(f"{BASE}/rates").text
    sent = second.post(f"{BASE}/rates/2/confirm", data={"reason": "Treasury, page 3"})
    assert sent.status_code == 303
    assert "Confirmed" in finance.get(f"{BASE}/rates").text


def test_foreign_cash_is_valued(world: StaffWorld) -> None:
    world.rate("SEK", "0.1", date(2026, 1, 1))
    world.deposit(money("1,000", "SEK"))
    finance = world.finance()
    world.rate("SEK", "0.11", date(2026, 3, 31))
    page = finance.get(f"{BASE}/foreign-cash?on=2026-03-31").text
    assert "Post the valuation" in page
    assert "10.00" in page
    assert world.managing().post(f"{BASE}/foreign-cash?on=2026-03-31").status_code == 403
    assert finance.post(f"{BASE}/foreign-cash?on=2026-03-31").status_code == 303
    after = finance.get(f"{BASE}/foreign-cash?on=2026-03-31").text
    assert "Post the valuation" not in after
    assert "event=revaluation" in after
    world.prove()


def test_a_day_without_a_rate_says_so(world: StaffWorld) -> None:
    rate = Rate(currency="TND", units_per_usd=Decimal("3.1"), source="x", on=date(2026, 3, 1))
    treasurer, fund_id = world.treasurer(), world.books()
    with transaction():
        ledger.record_rate(treasurer, fund_id, rate)
    world.deposit(money("5.001", "TND"))
    page = world.finance().get(f"{BASE}/foreign-cash?on=2026-03-31").text
    assert "TND" in page


def test_two_people_set_the_policy(world: StaffWorld) -> None:
    finance, second = world.finance(), world.browser(world.second())
    data = {
        "from_on": "2026-01-01",
        "bearer": "shared",
        "fallback": "yes",
        "rate_days_max": "45",
    }
    assert finance.post(f"{BASE}/exchange-policy/new", data=data).status_code == 303
    assert books.policy_on(world.books(), date(2026, 6, 1)) is None
    assert "Approve" in second.get(f"{BASE}/exchange-policy").text
    assert second.post(f"{BASE}/exchange-policy/1/approve").status_code == 303
    policy = books.policy_on(world.books(), date(2026, 6, 1))
    assert policy is not None
    assert (policy.bearer, policy.allows_fallback) == ("shared", True)
