"""Earmarks as they are typed, shown and amended."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings

from grants.donors import queries as donors
from grants.donors.rules import Ceilings, Earmark
from grants.people.models import Role
from grants.web.staff.earmarks import EarmarkFields, earmark_of, typed_as
from tests.makes.donors import DAY
from tests.makes.solving import earmarks
from tests.web.staff.desk_world import StaffWorld

BASE = "/staff/contributions"
FULL = Earmark(
    countries=frozenset({"GH"}),
    regions=frozenset({"014"}),
    themes=frozenset({"water"}),
    sectors=frozenset({"140"}),
    recipient_kinds=frozenset({"ngo"}),
    cost_types=frozenset({"grant"}),
    excluded=frozenset({"vehicles"}),
    ceilings=Ceilings(share_of_grant=3050, per_grant_minor=5_000_001, per_year_minor=10_000_000),
)


@pytest.fixture
def world(app: Flask) -> StaffWorld:
    return StaffWorld(app)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(earmarks())
def test_what_a_form_starts_from_is_what_it_reads(app: Flask, earmark: Earmark) -> None:
    with app.test_request_context():
        form = EarmarkFields(data=typed_as(earmark))
        assert earmark_of(form) == earmark
        full = EarmarkFields(data=typed_as(FULL))
        assert earmark_of(full) == FULL
        assert full.has_more


def test_all_kinds_of_conditions_are_recorded_and_shown(world: StaffWorld) -> None:
    world.books()
    client = world.finance()
    typed = {
        "donor": str(world.donor_named()),
        "reference": "SWE-9",
        "amount": "500",
        "amount-currency": "USD",
        "signed_on": "2026-02-01",
        "kind": "non_core",
        "countries": "Eastern Africa, ghana",
        "themes": "water",
        "sectors": "140",
        "recipient_kinds": "ngo",
        "cost_types": "grant",
        "excluded": "vehicles",
        "share_of_grant": "30.5",
        "per_grant": "50000.01",
        "per_year": "100000",
        "due_1": "2026-03-01",
        "part_1": "500",
    }
    answer = client.post(f"{BASE}/agreements/new", data=typed)
    assert answer.status_code == 303, answer.text
    agreement = donors.agreements_of(world.books())[0]
    assert donors.agreement_page(agreement.id, DAY).earmark == FULL
    shown = client.get(f"{BASE}/agreements/{agreement.id}").text
    assert "Ghana, Eastern Africa, water, sector 140, ngo and grants" in shown
    assert "at most 30.5 % of a grant; at most USD 50,000.01 for a grant" in shown
    assert "not for vehicles" in shown
    form = client.get(f"{BASE}/agreements/{agreement.id}/amend").text
    assert 'value="GH, Eastern Africa"' in form
    assert '<details class="disclosure" open>' in form
    bad = client.post(f"{BASE}/agreements/new", data={**typed, "share_of_grant": "0"})
    assert (bad.status_code, "Enter more than zero, or nothing." in bad.text) == (422, True)


def test_an_allocation_that_does_not_fit_shows_what_would(world: StaffWorld) -> None:
    world.deposit("40", donor="Norway")
    world.deposit("500", donor="Sweden", conditions=Earmark(countries=frozenset({"GH"})))
    programme_id = world.programme_named()
    page = world.managing().post(
        f"/staff/programmes/{programme_id}/allocate",
        data={"amount": "60", "decided_on": str(DAY), "decided_by": "Board"},
    )
    assert page.status_code == 422
    assert "This cannot be allocated now" in page.text
    assert "ask Sweden to widen its earmark from Ghana to Ghana and Uganda" in page.text


def test_conditions_are_changed_on_screen_by_two_people(world: StaffWorld) -> None:
    deposit_id = world.deposit("100", conditions=Earmark(countries=frozenset({"UG"})))
    path = f"{BASE}/deposits/{deposit_id}/conditions"
    finance = world.finance()
    shown = finance.get(path).text
    assert "The conditions are those with which the money came." in shown
    assert 'name="countries" type="text" value="UG"' in shown or 'value="UG"' in shown
    bad = finance.post(path, data={"countries": "Uganda", "reason": "Letter"})
    assert (bad.status_code, "Say what changes." in bad.text) == (422, True)
    typed = {"countries": "Uganda, Ghana", "reason": "Letter of 3 May"}
    assert finance.post(path, data=typed).status_code == 303
    waiting = finance.get(path).text
    assert "Letter of 3 May" in waiting
    assert "Put in force" not in waiting
    certifier = world.browser(world.acting(Role.CERTIFYING_OFFICER))
    assert "Decide what a deposit of Sweden may pay for" in certifier.get("/staff/").text
    change_id = donors.condition_changes(deposit_id)[0].id
    assert "Put in force" in certifier.get(path).text
    assert certifier.post(path, data=typed).status_code == 403
    assert certifier.post(f"{BASE}/conditions/{change_id}/confirm").status_code == 303
    assert donors.deposit(deposit_id).conditions.countries == {"UG", "GH"}
    again = certifier.post(f"{BASE}/conditions/{change_id}/refuse")
    assert (again.status_code, "in force already" in again.text) == (409, True)
    assert finance.get(f"{BASE}/deposits/999/conditions").status_code == 404
