"""Corrections on the desk: proposed where the thing stands, seen before they are approved."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask import Flask

from grants.ledger import queries as books
from grants.people.models import Role
from tests.makes.agreements import AgreementMakes
from tests.web.staff.desk_world import StaffWorld

BASE = "/staff/ledger/corrections"


class World(AgreementMakes, StaffWorld):
    """The desk, and grants under way."""


@pytest.fixture
def world(app: Flask) -> World:
    made = World(app)
    made.books()
    made.treasurer()
    return made


def test_a_deposit_is_reversed_by_two_people(world: World) -> None:
    deposit_id = world.deposit("100")
    finance, certifier = world.finance(), world.browser(world.director())
    page = finance.get(f"/staff/contributions/deposits/{deposit_id}").text
    assert f"/staff/contributions/deposits/{deposit_id}/reverse" in page
    sent = finance.post(
        f"/staff/contributions/deposits/{deposit_id}/reverse", data={"reason": "It never came"}
    )
    assert sent.location.endswith(f"{BASE}/1")
    assert "Another person must approve it" in finance.get(f"{BASE}/1").text
    assert finance.post(f"{BASE}/1/approve", data={}).status_code == 403
    assert "Reverse an entry" in certifier.get("/staff/").text
    seen = certifier.get(f"{BASE}/1").text
    assert "What would be posted" in seen
    assert "1010 Cash" in seen
    assert books.head(world.books()).sequence == 1
    assert certifier.post(f"{BASE}/1/approve", data={"note": "Agreed"}).status_code == 303
    assert "Posted as entry 2" in certifier.get(f"{BASE}/1").text
    assert "Approved" in certifier.get(BASE).text
    world.prove()


def test_what_cannot_be_posted_says_why_before_anybody_agrees(world: World) -> None:
    deposit_id = world.deposit("100")
    finance, director = world.finance(), world.browser(world.director())
    finance.post(f"/staff/contributions/deposits/{deposit_id}/reverse", data={"reason": "No"})
    world.allocation("60")
    seen = director.get(f"{BASE}/1").text
    assert "It cannot be posted now." in seen
    assert "is not set aside for programmes" in seen
    refused = director.post(f"{BASE}/1/approve", data={})
    assert refused.status_code in {409, 422}
    assert director.post(f"{BASE}/1/refuse", data={"note": "In use"}).status_code == 303
    assert "Refused" in finance.get(f"{BASE}?state=refused").text


def test_money_goes_back_and_another_deposit_pays(world: World) -> None:
    world.deposit("100")
    norway = world.deposit("100", donor="Norway")
    donor_id = world.donor_named()
    world.allocation("150")
    grant_id = world.active_grant("60")
    finance, director = world.finance(), world.browser(world.director())
    day = {"on": "2026-03-11", "reason": "The programme is over"}
    form = finance.get(f"/staff/contributions/donors/{donor_id}/return").text
    assert "10 March 2026: USD" in form
    sent = finance.post(
        f"/staff/contributions/donors/{donor_id}/return",
        data={**day, "amount": "10.00", "deposit": "1"},
    )
    assert sent.status_code == 303, sent.text
    assert director.post(f"{BASE}/1/approve", data={}).status_code == 303
    sent = finance.post(
        f"/staff/contributions/donors/{donor_id}/return-paid",
        data={**day, "amount": "10.00", "bank_reference": "B 7"},
    )
    assert sent.status_code == 303, sent.text
    assert director.post(f"{BASE}/2/approve", data={}).status_code == 303
    assert "Let another deposit pay" in finance.get(f"/staff/grants/{grant_id}/payers").text
    sent = finance.post(
        f"/staff/grants/{grant_id}/another-payer",
        data={**day, "amount": "20.00", "payer": "1", "other": str(norway)},
    )
    assert sent.status_code == 303, sent.text
    assert director.post(f"{BASE}/3/approve", data={}).status_code == 303
    world.prove()


def test_the_list_is_taken_along(world: World) -> None:
    deposit_id = world.deposit("100")
    finance = world.finance()
    finance.post(f"/staff/contributions/deposits/{deposit_id}/reverse", data={"reason": "=1+1"})
    sheet = finance.get(f"{BASE}?format=csv").text
    row = next(csv.DictReader(io.StringIO(sheet.lstrip("\ufeff"))))
    assert (row["What"], row["Amount"], row["Reason"]) == ("Reverse an entry", "100.00", "'=1+1")
    assert len(finance.get(f"{BASE}?format=csv&state=approved").text.splitlines()) == 1
    assert finance.get(f"{BASE}?format=xlsx").data.startswith(b"PK")


def test_a_payment_is_taken_back_where_it_stands(world: World) -> None:
    world.deposit("500")
    world.allocation("400")
    grant_id = world.reserved_grant("200")
    (only,) = world.signed(grant_id, "200")
    world.paid(only)
    finance, director = world.finance(), world.browser(world.director())
    page = finance.get(f"/staff/grants/{grant_id}/tranches").text
    found = re.search(r"/staff/ledger/entries/(\d+)/reverse", page)
    assert found is not None
    assert "/reverse" not in director.get(f"/staff/grants/{grant_id}/tranches").text
    finance.post(found[0], data={"reason": "The bank sent it back"})
    assert director.post(f"{BASE}/1/approve", data={}).status_code == 303
    assert "BANK-1" not in finance.get(f"/staff/grants/{grant_id}/tranches").text
    world.prove()


def test_others_see_the_list_and_no_button(world: World) -> None:
    world.deposit("100")
    client = world.browser(world.acting(Role.GRANT_OFFICER))
    assert "Nothing was proposed" in client.get(BASE).text
    assert "Propose to reverse" not in client.get("/staff/ledger/entries/1").text
    assert client.post("/staff/ledger/entries/1/reverse", data={"reason": "x"}).status_code == 403
