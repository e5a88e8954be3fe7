"""Where everybody of the Secretariat begins."""

from __future__ import annotations

import pytest
from flask import Flask

from grants import clock
from grants.people.models import Role
from tests.makes.donors import money
from tests.web.staff.desk_world import StaffWorld, does_not_grow


@pytest.fixture
def world(app: Flask) -> StaffWorld:
    made = StaffWorld(app)
    made.books()
    return made


def test_home_says_how_the_fund_stands_and_that_its_books_balance(world: StaffWorld) -> None:
    world.deposit("100")
    page = world.finance().get("/staff/").text
    assert "Nothing waits for you." in page
    assert "Can be committed" in page
    assert "Books in balance" in page
    assert "as of entry 1" in page


def test_what_waits_is_for_those_who_can_do_it(world: StaffWorld) -> None:
    world.deposit("100", donor=None)
    world.agreement(money("100"), on=clock.today().replace(year=2025))
    assert "Find out whose" in world.finance().get("/staff/").text
    assert "Nothing waits for you." in world.managing().get("/staff/").text


def test_somebody_of_two_funds_changes_between_them(world: StaffWorld) -> None:
    world.books("Another Fund")
    world.deposit("100", fund="Another Fund")
    client = world.finance()
    assert "Change fund" in client.get("/staff/").text
    assert client.post("/staff/fund", data={"fund": "the-fund"}).status_code == 303
    assert "USD\N{NO-BREAK SPACE}100.00" not in client.get("/staff/").text
    client.post("/staff/fund", data={"fund": "another-fund"})
    assert "USD\N{NO-BREAK SPACE}100.00" in client.get("/staff/").text
    assert client.post("/staff/fund", data={"fund": "no-such-fund"}).status_code == 404
    only = world.browser(world.acting(Role.AUDITOR, world.books()))
    assert "Change fund" not in only.get("/staff/").text
    assert only.post("/staff/fund", data={"fund": "another-fund"}).status_code == 404


def test_a_record_of_another_fund_changes_to_it(world: StaffWorld) -> None:
    deposit_id = world.deposit("7", fund="Another Fund")
    client = world.finance()
    client.post("/staff/fund", data={"fund": "the-fund"})
    assert "Another Fund" in client.get(f"/staff/contributions/deposits/{deposit_id}").text


def test_navigation_marks_where_one_is(world: StaffWorld) -> None:
    page = world.finance().get("/staff/contributions/rates").text
    assert '<a href="/staff/contributions" aria-current="page">' in page


def test_nobody_else_comes_in(world: StaffWorld, app: Flask) -> None:
    assert app.test_client().get("/staff/").status_code in {302, 303}
    applicant = world.browser(world.acting(Role.APPLICANT))
    assert applicant.get("/staff/").status_code == 404


def test_statements_do_not_grow_with_the_rows(world: StaffWorld) -> None:
    world.deposit("100", donor=None)

    def more() -> None:
        for number in range(5):
            world.deposit("9", donor=None)
            world.agreement(
                money("1"), reference=f"A-{number}", on=clock.today().replace(year=2025)
            )

    does_not_grow(world.finance(), "/staff/", more)
