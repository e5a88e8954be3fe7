"""Programmes, allocations with their payers, and what the fund can commit."""

from __future__ import annotations

import pytest
from flask import Flask

from grants import clock
from grants.donors.actions import Earmark
from grants.funding import queries as funding
from grants.people.models import Role
from grants.programmes import queries as programmes
from tests.makes.donors import DAY, money
from tests.web.staff.desk_world import StaffWorld, does_not_grow

BASE = "/staff/programmes"
UGANDA = Earmark(countries=frozenset({"UG"}))


@pytest.fixture
def world(app: Flask) -> StaffWorld:
    made = StaffWorld(app)
    made.books()
    return made


def test_a_window_and_a_programme_are_opened(world: StaffWorld) -> None:
    client = world.managing()
    assert client.post(f"{BASE}/windows/new", data={"name": "Country Window"}).status_code == 303
    again = client.post(f"{BASE}/windows/new", data={"name": "Country Window"})
    assert (again.status_code, "exists already" in again.text) == (422, True)
    (window,) = programmes.windows_of(world.books())
    typed = {
        "name": "Uganda Country Programme",
        "window": str(window.id),
        "country": "UG",
        "theme": "water",
        "starts_on": "2026-01-01",
        "ends_on": "2025-01-01",
        "manager": str(world.steward().user_id),
    }
    wrong = client.post(f"{BASE}/new", data=typed)
    assert wrong.status_code == 422
    assert "A programme ends after it starts." in wrong.text
    assert 'value="water"' in wrong.text
    good = client.post(f"{BASE}/new", data={**typed, "ends_on": "2028-12-31"})
    assert good.status_code == 303
    page = client.get(good.headers["Location"]).text
    for words in ("Uganda Country Programme", "Country Window", "Programme Manager 1", "water"):
        assert words in page
    assert "Uganda Country Programme" in client.get(BASE).text
    assert "Uganda Country Programme" in client.get(f"{BASE}?format=csv").text


def test_who_would_pay_is_shown_before_it_is_allocated(world: StaffWorld) -> None:
    world.deposit("60", donor="Sweden", conditions=UGANDA)
    world.deposit("40", donor="Norway")
    programme_id = world.programme_named()
    client, path = world.managing(), f"{BASE}/{programme_id}/allocate"
    typed = {
        "amount": "70",
        "decided_on": clock.today().isoformat(),
        "decided_by": "Management Board",
        "reason": "Decision 12",
    }
    seen = client.post(path, data=typed)
    assert seen.status_code == 200
    for words in ("Who would pay", "Sweden", "Tracked", "Norway", "Notional", "Decision 12"):
        assert words in seen.text
    assert funding.programme_money(programme_id).allocated == money("0")

    fingerprint = f"USD 70.00|{clock.today().isoformat()}"
    assert f'value="{fingerprint}"' in seen.text
    changed = client.post(path, data={**typed, "amount": "80", "seen": fingerprint})
    assert changed.status_code == 200
    assert funding.programme_money(programme_id).allocated == money("0")
    made = client.post(path, data={**typed, "seen": fingerprint})
    assert made.status_code == 303
    assert funding.programme_money(programme_id).allocated == money("70")
    page = client.get(f"{BASE}/{programme_id}").text
    assert "Management Board" in page
    assert "Decision 12" in page
    world.prove()


def test_what_cannot_be_allocated_says_why_and_keeps_what_was_typed(world: StaffWorld) -> None:
    world.deposit("40")
    world.deposit("1,200,000", conditions=Earmark(countries=frozenset({"GH"})))
    programme_id = world.programme_named()
    typed = {"amount": "60", "decided_on": "2026-03-10", "decided_by": "Management Board"}
    page = world.managing().post(f"{BASE}/{programme_id}/allocate", data=typed)
    assert page.status_code == 422
    assert "USD 40.00 is left for Uganda Country Programme; USD 60.00 is asked." in page.text
    assert "earmarked to Ghana" in page.text
    assert 'value="Management Board"' in page.text
    future = world.managing().post(
        f"{BASE}/{programme_id}/allocate", data={**typed, "decided_on": "2150-01-01"}
    )
    assert (future.status_code, "has not come yet" in future.text) == (422, True)


def test_what_is_free_may_be_taken_back_with_a_reason(world: StaffWorld) -> None:
    world.deposit("100")
    world.allocation("100")
    world.reserved_grant("30")
    programme_id = world.programme_named()
    client, path = world.managing(), f"{BASE}/{programme_id}/return"
    typed = {"amount": "71", "decided_on": "2026-03-10", "decided_by": "Board", "reason": "Less"}
    more = client.post(path, data=typed)
    assert (more.status_code, "USD 70.00 is free" in more.text) == (422, True)
    silent = client.post(path, data={**typed, "amount": "70", "reason": ""})
    assert (silent.status_code, "Give the reason." in silent.text) == (422, True)
    assert client.post(path, data={**typed, "amount": "70"}).status_code == 303
    assert funding.programme_money(programme_id).left == money("0")
    world.prove()


def test_programme_shows_grants_and_whose_money_pays(world: StaffWorld) -> None:
    world.deposit("60", donor="Sweden", conditions=UGANDA)
    world.allocation("60")
    world.reserved_grant("50")
    page = world.managing().get(f"{BASE}/{world.programme_named()}").text
    for words in ("G-2026-0001", "Water kiosks", "City of Kampala", "Sweden", "Approved"):
        assert words in page


def test_fund_shows_what_it_can_commit_and_where_each_layer_stands(world: StaffWorld) -> None:
    world.agreement(money("900"))
    world.deposit("100", donor="Norway")
    world.allocation("60")
    client = world.finance()
    page = client.get("/staff/can-we-commit").text
    assert "USD\N{NO-BREAK SPACE}100.00" in page
    assert "USD\N{NO-BREAK SPACE}900.00" in page
    assert "Books in balance" in page
    assert "Unrestricted balance for programmes" in page
    before = client.get("/staff/can-we-commit?on=2020-01-01").text
    assert "USD\N{NO-BREAK SPACE}100.00" not in before
    sheet = client.get("/staff/can-we-commit?format=csv").text
    assert "E,Unrestricted balance for programmes,USD,40.00" in sheet
    assert client.get("/staff/can-we-commit?format=xlsx").data.startswith(b"PK")
    layers = client.get("/staff/layers").text
    assert "Norway" in layers
    assert "Norway,2026-03-10," in client.get("/staff/layers?format=csv").text


def test_only_those_who_manage_programmes_open_and_allocate(world: StaffWorld) -> None:
    world.deposit("100")
    programme_id = world.programme_named()
    finance = world.finance()
    assert "New programme" not in finance.get(BASE).text
    for path in ("windows/new", "new", f"{programme_id}/allocate", f"{programme_id}/return"):
        refused = finance.get(f"{BASE}/{path}")
        assert refused.status_code == 403
        assert "programme manager" in refused.text
    elsewhere = world.acting(Role.PROGRAMME_MANAGER, world.books("Another Fund"))
    assert world.browser(elsewhere).get(f"{BASE}/{programme_id}").status_code == 404
    assert finance.get(f"{BASE}/999").status_code == 404


@pytest.mark.parametrize(
    ("path", "statements"),
    [
        ("/staff/programmes", 12),
        ("/staff/can-we-commit", 13),
        ("/staff/layers", 8),
        ("/staff/programmes/1", 16),
    ],
)
def test_statements_do_not_grow_with_the_rows(
    world: StaffWorld, path: str, statements: int
) -> None:
    world.deposit("100")
    assert world.programme_named() == 1
    world.allocation("10")
    world.reserved_grant("1")

    def more() -> None:
        for number in range(4):
            world.deposit("100", donor=f"Donor {number}")
            world.programme_named(f"Programme {number}")
            world.allocation("10", programme=f"Programme {number}", on=DAY)
            world.reserved_grant("1", programme=f"Programme {number}")
            world.reserved_grant("1")

    assert does_not_grow(world.managing(), path, more) == statements
