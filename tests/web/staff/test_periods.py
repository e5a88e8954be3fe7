"""Periods on the desk: opened, soft-closed, closed by two people; trial balances as files."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask

from grants.people.models import Role
from tests.web.staff.desk_world import StaffWorld, does_not_grow

BASE = "/staff/ledger"
YEAR = {"name": "2025", "starts_on": "2025-01-01", "ends_on": "2025-12-31"}


@pytest.fixture
def world(app: Flask) -> StaffWorld:
    made = StaffWorld(app)
    made.books()
    return made


def test_two_people_close_a_year(world: StaffWorld) -> None:
    world.deposit("100")
    finance, certifier = world.finance(), world.browser(world.acting(Role.CERTIFYING_OFFICER))
    assert "No period was opened yet" in finance.get(f"{BASE}/periods").text
    assert finance.post(f"{BASE}/periods/new", data=YEAR).status_code == 303
    page = finance.get(f"{BASE}/periods/1").text
    assert "The books hold" in page
    assert "In order" in page
    assert finance.post(f"{BASE}/periods/1/close", data={"reason": "x"}).status_code == 403
    assert certifier.post(f"{BASE}/periods/1/soft-close", data={}).status_code == 403
    assert finance.post(f"{BASE}/periods/1/soft-close", data={"reason": ""}).status_code == 303
    assert certifier.post(f"{BASE}/periods/1/close", data={"reason": ""}).status_code == 303
    form = finance.get("/staff/contributions/deposits/new").text
    assert "The books are closed up to 31 Dec 2025." in form
    sheet = finance.get(f"{BASE}/periods?format=csv").text
    assert "2025,2025-01-01,2025-12-31,closed," in sheet
    page = certifier.get(f"{BASE}/periods/1").text
    assert "Trial balance as frozen" in page
    assert "Seal of the trial balance" in page
    refused = finance.post(f"{BASE}/periods/1/reopen", data={"reason": "No"})
    assert refused.status_code in {409, 422}
    assert "is closed, so it cannot be reopened" in refused.text


def test_what_was_typed_stays_when_a_period_does_not_fit(world: StaffWorld) -> None:
    finance = world.finance()
    finance.post(f"{BASE}/periods/new", data=YEAR)
    again = finance.post(f"{BASE}/periods/new", data={**YEAR, "name": "Twenty-five"})
    assert again.status_code == 422
    assert "would overlap 2025" in again.text
    assert "Twenty-five" in again.text


def test_a_trial_balance_is_taken_along(world: StaffWorld) -> None:
    world.deposit("100")
    client = world.auditing()
    page = client.get(f"{BASE}/trial-balance").text
    assert "1010 Cash" in page
    assert "100.00" in page
    before = client.get(f"{BASE}/trial-balance?until=2020-01-01").text
    assert "Nothing is posted yet" in before
    sheet = client.get(f"{BASE}/trial-balance?format=csv")
    rows = list(csv.DictReader(io.StringIO(sheet.text.lstrip("\ufeff"))))
    cash = next(row for row in rows if row["Number"] == "1010")
    assert (cash["Debit"], cash["Closing, US dollars"]) == ("100.00", "100.00")
    assert client.get(f"{BASE}/trial-balance?format=xlsx").data.startswith(b"PK")


def test_as_known_at_an_entry(world: StaffWorld) -> None:
    world.deposit("100")
    world.deposit("7", donor="Norway", reference="TF 30008")
    client = world.auditing()
    assert "107.00" in client.get(f"{BASE}/trial-balance").text
    assert "107.00" not in client.get(f"{BASE}/trial-balance?known_at=1").text


@pytest.mark.parametrize(("path", "statements"), [("/periods", 9), ("/trial-balance", 14)])
def test_statements_do_not_grow_with_the_rows(
    world: StaffWorld, path: str, statements: int
) -> None:
    world.deposit("100")

    def more() -> None:
        for number in range(3):
            world.deposit("5", reference=f"TF {number}")

    assert does_not_grow(world.finance(), f"{BASE}{path}", more) <= statements
