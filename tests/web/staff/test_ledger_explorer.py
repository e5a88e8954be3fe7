"""The books as people read them: entries, accounts, and the proof."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from grants.db import transaction
from grants.donors import actions as donors
from grants.jobs import every, runner
from grants.ledger import queries as ledger
from tests.makes.donors import money
from tests.web.staff.desk_world import StaffWorld, does_not_grow

BASE = "/staff/ledger"
assert every  # the worker's jobs


@pytest.fixture
def world(app: Flask) -> StaffWorld:
    made = StaffWorld(app)
    made.books()
    return made


def test_entries_are_found_by_account_event_day_and_what_they_touch(world: StaffWorld) -> None:
    deposit_id = world.deposit("100")
    other = world.deposit("7", donor="Norway", reference="TF 30008")
    world.allocation("60")
    client = world.finance()
    assert "Allocation" in client.get(BASE).text
    assert "TF 30008" in client.get(f"{BASE}?number=1010").text
    mine = client.get(f"{BASE}?layer={deposit_id}").text
    assert "TF 30008" not in mine
    assert "Deposit: Sweden, deposit of 10 March 2026" in mine
    assert "9110 Unallocated" in mine
    assert "TF 30008" in client.get(f"{BASE}?layer={other}&event=deposit").text
    assert "No entry matches." in client.get(f"{BASE}?since=2150-01-01").text
    assert "No entry matches." in client.get(f"{BASE}?grant=999").text
    assert client.get(f"{BASE}?number=77&layer=x&donor=-1&page=-3").status_code == 200


def test_an_entry_shows_debit_and_credit_with_names_and_its_seal(world: StaffWorld) -> None:
    world.rate("SEK", "0.0940")
    world.deposit(money("10,000,000", "SEK"))
    entry_id = ledger.entries(world.books())[0][0].id
    page = world.auditing().get(f"{BASE}/entries/{entry_id}").text
    for words in (
        "1010 Cash",
        "4010 Contribution revenue, core",
        "SEK\N{NO-BREAK SPACE}10,000,000.00",
        "940,000.00",
        "10.6383",
        "Sweden",
        "Book B",
        ledger.entry(entry_id).hash,
    ):
        assert words in page
    assert world.auditing().get(f"{BASE}/entries/999").status_code == 404


def test_reversed_entry_and_its_reversal_name_each_other(world: StaffWorld) -> None:
    deposit_id, treasurer = world.deposit("100"), world.treasurer()
    with transaction():
        donors.reverse_deposit(
            treasurer, deposit_id, "Booked twice", second_actor_id=world.second().user_id
        )
    undone, first = (one.id for one in ledger.entries(world.books())[0])
    client = world.auditing()
    assert "entry 2" in client.get(f"{BASE}/entries/{first}").text
    page = client.get(f"{BASE}/entries/{undone}").text
    assert "entry 1" in page
    assert "Booked twice" in page


def test_accounts_add_up_and_lead_to_their_entries(world: StaffWorld) -> None:
    world.deposit("100")
    world.deposit("11", donor="Norway")
    client = world.finance()
    page = client.get(f"{BASE}/accounts").text
    assert "Books in balance" in page
    assert "USD\N{NO-BREAK SPACE}111.00" in page
    account = client.get(f"{BASE}/accounts/4010").text
    for words in ("Sweden", "Norway", "USD\N{NO-BREAK SPACE}11.00", "number=4010&amp;donor="):
        assert words in account
    assert client.get(f"{BASE}/accounts/7777").status_code == 404


def test_books_prove_themselves_to_auditors_and_finance(world: StaffWorld) -> None:
    world.deposit("100")
    world.allocation("60")
    world.reserved_grant("50")
    auditor = world.auditing()
    assert "The books were not proven yet." in auditor.get(f"{BASE}/proof").text
    assert world.managing().post(f"{BASE}/proof").status_code == 403
    assert auditor.post(f"{BASE}/proof").status_code == 303
    assert "being computed again" in auditor.get(f"{BASE}/proof").text
    runner.run_waiting()
    assert "The books hold." in auditor.get(f"{BASE}/proof").text
    with transaction() as session:
        session.execute(text("UPDATE account_balance SET usd_minor = usd_minor + 1"))
        session.execute(text("UPDATE attribution SET amount_minor = amount_minor - 1"))
    auditor.post(f"{BASE}/proof")
    runner.run_waiting()
    broken = world.managing().get(f"{BASE}/proof").text
    assert "The books do not hold." in broken
    assert "(v)" in broken
    assert "Prove now" not in broken


@pytest.mark.parametrize(
    ("path", "statements"),
    [("", 13), ("?number=9110", 14), ("/accounts", 11), ("/accounts/9110", 7), ("/entries/1", 9)],
)
def test_statements_do_not_grow_with_the_rows(
    world: StaffWorld, path: str, statements: int
) -> None:
    world.deposit("100")

    def more() -> None:
        for number in range(5):
            world.deposit("9", donor=f"Donor {number}")

    assert does_not_grow(world.finance(), BASE + path, more) == statements
