"""The bank on the desk: statements brought in, movements settled, the books compared."""

from __future__ import annotations

import io
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from grants.banking import queries as banking
from grants.donors import queries as donors
from grants.ledger import chart
from grants.ledger import queries as books
from grants.people.models import Role
from tests.banking import files
from tests.banking.files import Booking
from tests.makes.banking import IBAN, SWEDISH, BankingMakes
from tests.makes.donors import money
from tests.web.staff.desk_world import StaffWorld, does_not_grow

BASE = "/staff/contributions/bank"
RECEIPTS = "/staff/contributions/receipts"


class World(BankingMakes, StaffWorld):
    """The staff desk with an account at a bank."""


@pytest.fixture
def world(app: Flask) -> World:
    made = World(app)
    made.books()
    made.treasurer()
    made.director()
    made.donor_named()
    made.account()
    return made


def _sent(
    client: FlaskClient, account_id: int, content: bytes, name: str = "march.xml"
) -> TestResponse:
    return client.post(
        f"{BASE}/accounts/{account_id}/files/new",
        data={"file": (io.BytesIO(content), name)},
        content_type="multipart/form-data",
    )


def _plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("&#39;", "'")


def test_an_account_is_entered_and_says_what_is_wrong_with_it(world: World) -> None:
    client = world.finance()
    assert "Bank One" in client.get(BASE).text
    typed = {"number": "SE45 5000 0000 0583 9825 7467", "currency": "SEK", "bank": "Two"}
    wrong = client.post(f"{BASE}/accounts/new", data=typed)
    assert (wrong.status_code, "check digits do not fit" in wrong.text) == (422, True)
    odd = client.post(f"{BASE}/accounts/new", data={**typed, "tolerance": "0.005"})
    assert (odd.status_code, "fewer decimals" in odd.text) == (422, True)
    answer = client.post(f"{BASE}/accounts/new", data={**typed, "number": SWEDISH})
    assert answer.status_code == 303
    assert "No statement has been brought in." in client.get(f"{answer.location}/statements").text


def test_a_statement_is_tried_out_and_then_kept(world: World) -> None:
    client, account_id = world.finance(), world.account()
    assert client.get(f"{BASE}/accounts/{account_id}/files/new").status_code == 200
    tried = _sent(client, account_id, files.camt(Booking(amount="250.00")))
    assert tried.status_code == 303
    page = client.get(tried.location).text
    assert "Keep what is new" in page
    assert world.lines() == []
    assert client.get(f"{tried.location}/download").data.startswith(b"<?xml")
    loaded = client.post(f"{tried.location}/load")
    assert loaded.status_code == 303
    assert "1 movements are new." in client.get(loaded.location).text
    assert client.post(f"{tried.location}/load").status_code == 303
    assert len(world.lines()) == 1
    assert "loaded afterwards" in client.get(tried.location).text


def test_a_wrong_file_says_what_and_where(world: World) -> None:
    client, account_id = world.finance(), world.account()
    refused = _sent(client, account_id, files.camt(Booking(amount="1.00"), closing="9.00"))
    page = client.get(refused.location).text
    assert "Nothing of this file is kept" in page
    assert "Keep what is new" not in page
    assert "it closes with USD 9.00" in page
    sheet = client.get(f"{refused.location}?format=csv").text
    assert "does_not_tie" in sheet
    page = client.get(f"{BASE}/accounts/{account_id}/statements").text
    assert "march.xml" in page
    again = client.post(f"{refused.location}/load")
    assert "Nothing of this file is kept" in client.get(again.location).text


def test_a_proposal_is_accepted_with_one_press(world: World) -> None:
    world.instalments("250", "300")
    world.brought(files.camt(Booking(amount="250.00")))
    client, account_id, line = world.finance(), world.account(), world.only_line()
    page = client.get(f"{BASE}/accounts/{account_id}?state=open").text
    assert "SWE-2026-1, instalment 1" in page
    assert "The text names agreement SWE-2026-1." in page
    assert "Certain" in client.get(f"{BASE}/accounts/{account_id}").text
    best = world.best().target.key
    assert "It came 2 days after it was due." in client.get(f"{BASE}/lines/{line.id}").text
    answer = client.post(f"{BASE}/lines/{line.id}/accept", data={"key": best})
    assert (answer.status_code, world.only_line().is_settled) == (303, True)
    assert "It is settled." in client.get(answer.location).text
    assert "USD 250.00" in _plain(client.get(f"{BASE}/lines/{line.id}").text)
    twice = client.post(f"{BASE}/lines/{line.id}/accept", data={"key": best})
    assert "This movement is settled already" in client.get(twice.location).text
    world.prove()


def test_certain_ones_are_seen_and_taken_together(world: World) -> None:
    world.instalments("250", "300")
    world.brought(
        files.camt(Booking(amount="250.00", reference="A"), Booking(amount="300.00", reference="B"))
    )
    client, account_id = world.finance(), world.account()
    path = f"{BASE}/accounts/{account_id}/certain"
    page = client.get(path).text
    assert page.count('name="take"') == 2
    told = banking.verdicts(account_id, world.lines())
    keys = [f"{line} {one.best.target.key}" for line, one in told.items() if one.best]
    answer = client.post(path, data={"take": [*keys, "x", "9"]})
    assert "2 movements are settled." in client.get(answer.location).text
    again = client.post(path, data={"take": keys})
    assert "no longer certain" in client.get(again.location).text
    assert "No match is certain." in client.get(path).text


def test_a_donor_is_chosen_or_nobody_knows_yet(world: World) -> None:
    world.brought(
        files.camt(
            Booking(amount="250.00", reference="A", words="?"),
            Booking(amount="77.00", reference="B", words="?"),
        )
    )
    client = world.finance()
    one, two = world.lines()
    path = f"{BASE}/lines/{one.id}/deposit"
    nobody = client.post(path, data={})
    assert (nobody.status_code, "Choose a donor" in nobody.text) == (422, True)
    assert client.post(path, data={"donor": str(world.donor_named())}).status_code == 303
    assert client.post(f"{BASE}/lines/{two.id}/unidentified").status_code == 303
    page = client.get(RECEIPTS).text
    assert "USD 77.00" in _plain(page)
    assert "Sweden" in page
    (waiting,) = donors.unidentified([world.books()])
    assert "Whose it may be" in client.get(f"/staff/contributions/deposits/{waiting.id}/match").text
    key = banking.verdict_of_receipt(waiting).proposals[0].target.key
    assert client.post(f"{RECEIPTS}/{waiting.id}/accept", data={"key": "x"}).status_code == 404
    assert client.post(f"{RECEIPTS}/{waiting.id}/accept", data={"key": key}).status_code == 303
    assert donors.deposit(waiting.id).state == "matched"
    assert client.get(f"{RECEIPTS}?format=csv").text.count("\n") == 1
    world.prove()


def test_a_receipt_is_sent_back_by_two_people(world: World) -> None:
    world.deposit("100", donor=None, on=date(2026, 3, 1))
    (waiting,) = donors.unidentified([world.books()])
    client = world.finance()
    path = f"{RECEIPTS}/{waiting.id}/send-back"
    assert client.get(path).status_code == 200
    late = client.post(path, data={"on": "2099-01-01", "reason": "Not ours"})
    assert late.status_code == 422
    proposed = client.post(path, data={"on": "2026-03-05", "reason": "Not ours"})
    assert proposed.status_code == 303
    assert "Send a receipt back" in client.get(proposed.location).text
    boss = world.browser(world.director())
    assert "USD 100.00" in _plain(boss.get(proposed.location).text)
    assert boss.post(f"{proposed.location}/approve", data={}).status_code == 303
    page = client.get(f"/staff/contributions/deposits/{waiting.id}").text
    assert "Sent back" in page
    assert f"{waiting.id}/reverse" not in page
    assert client.get(path).status_code == 404
    world.prove()


def test_charges_entries_and_reasons(world: World) -> None:
    layer_id = world.deposit("100", on=date(2026, 3, 11))
    world.brought(
        files.camt(
            Booking(amount="-12.50", reference="A", words="Fee"),
            Booking(amount="100.00", reference="B", words="x", party="y"),
            Booking(amount="5.00", reference="C", words="Transfer"),
        )
    )
    client = world.finance()
    charge, known, between = world.lines()
    path = f"{BASE}/lines/{charge.id}/own"
    nothing = client.post(path, data={"kind": "charge"})
    assert (nothing.status_code, "left of money without a deposit" in nothing.text) == (422, True)
    assert client.post(path, data={"kind": "charge", "layer": str(layer_id)}).status_code == 303
    path = f"{BASE}/lines/{known.id}/tick"
    assert "USD 100.00 · 2026-03-11 · Deposit" in client.get(path).text
    entry_id = donors.deposit(layer_id).entry_id
    assert client.post(path, data={"entries": [str(entry_id)]}).status_code == 303
    path = f"{BASE}/lines/{between.id}/leave-out"
    assert client.post(path, data={"reason": ""}).status_code == 422
    assert client.post(path, data={"reason": "Own accounts"}).status_code == 303
    assert "Own accounts" in client.get(f"{BASE}/lines/{between.id}").text
    opened = client.post(f"{BASE}/lines/{between.id}/undo", data={"reason": "Wrong"})
    assert "open again" in client.get(opened.location).text
    undone = client.post(f"{BASE}/lines/{charge.id}/undo", data={"reason": "Wrong"})
    assert "/corrections/" in undone.location
    assert client.get(f"{BASE}/lines/{between.id}/convert").status_code == 404
    world.prove()


def test_the_bank_and_the_books_are_compared(world: World) -> None:
    client, account_id = world.finance(), world.account()
    path = f"{BASE}/accounts/{account_id}/reconciliation"
    assert "No statement tells of that day." in client.get(path).text
    world.brought(files.camt(Booking(amount="250.00", reference="A")))
    world.deposit("100", on=date(2026, 3, 20))
    page = _plain(client.get(f"{path}?as_of=2026-03-31").text)
    assert "USD 150.00" in page
    assert "Not explained" not in page
    sheet = client.get(f"{path}?as_of=2026-03-31&format=csv").text
    assert "By the bank,2026-03-31,USD,250.00" in sheet
    assert '"In the books, not at the bank",2026-03-20,USD,-100.00' in sheet
    assert client.get(f"{path}?format=xlsx").data[:2] == b"PK"


def test_a_layout_is_typed_for_a_bank(world: World) -> None:
    client, account_id = world.finance(), world.account()
    path = f"{BASE}/accounts/{account_id}/layout"
    assert 'value="Booking date"' in client.get(path).text
    typed = {"name": "Mine", "booked_on": "Datum", "words": "Text | Zweck", "delimiter": "tab"}
    wrong = client.post(path, data={**typed, "amount": ""})
    assert (wrong.status_code, "needs the columns" in wrong.text) == (422, True)
    assert client.post(path, data={**typed, "amount": "Betrag"}).status_code == 303
    (kept,) = banking.layouts_of(world.books())
    assert (kept.layout.words, kept.layout.delimiter) == (("Text", "Zweck"), "\t")
    assert 'value="Datum"' in client.get(path).text


def test_who_may_not_record_sees_and_settles_nothing(world: World) -> None:
    world.brought(files.camt(Booking(amount="250.00")))
    account_id, line = world.account(), world.only_line()
    officer = world.browser(world.acting(Role.GRANT_OFFICER))
    page = officer.get(f"{BASE}/accounts/{account_id}").text
    assert "Bring in a statement" not in page
    assert officer.get(f"{BASE}/accounts/{account_id}/files/new").status_code == 403
    for step in ("accept", "unidentified", "deposit", "own", "tick", "leave-out", "undo"):
        assert officer.post(f"{BASE}/lines/{line.id}/{step}", data={}).status_code == 403, step
    assert officer.post(f"{BASE}/accounts/{account_id}/certain").status_code == 403
    outsider = world.browser(world.acting(Role.FINANCE_OFFICER, world.books("Other Fund")))
    assert outsider.get(f"{BASE}/accounts/{account_id}").status_code == 404
    assert outsider.get(f"{BASE}/lines/{line.id}").status_code == 404


def test_money_that_the_bank_converted_is_a_pair_of_movements(world: World) -> None:
    world.rate("SEK", "0.1")
    deposit_id = world.deposit(money("1000", "SEK"))
    swedish = world.account("SEK", number=SWEDISH)
    client = world.finance()
    sale = Booking(amount="-1000.00", words="Sale")
    sent = _sent(client, swedish, files.camt(sale, currency="SEK", iban=SWEDISH))
    client.post(f"{sent.location}/load")
    world.brought(files.camt(Booking(amount="95.00", words="Purchase")))
    ((out,), _) = banking.lines_of(swedish)
    path = f"{BASE}/lines/{out.id}/convert"
    assert "USD 95.00" in client.get(path).text
    answer = client.post(
        path, data={"deposit": str(deposit_id), "other": str(world.only_line().id)}
    )
    assert answer.status_code == 303, answer.text
    assert books.balance(world.books(), chart.cash("USD")) == money("95")
    world.prove()


def test_the_pages_do_not_ask_more_for_more_rows(world: World) -> None:
    world.instalments("250", "300")
    world.brought(files.camt(Booking(amount="250.00", reference="A"), number="1"))
    client, account_id = world.finance(), world.account()
    counted = iter(range(2, 99))

    def more() -> None:
        number = next(counted)
        booked = Booking(amount="250.00", reference=f"R{number}")
        world.brought(files.camt(booked, opening=f"{(number - 1) * 250}.00", number=str(number)))
        world.deposit("7", donor=None)

    world.deposit("7", donor=None)
    for path, most in (
        (f"{BASE}/accounts/{account_id}", 30),
        (f"{BASE}/accounts/{account_id}/statements", 20),
        (f"{BASE}/accounts/{account_id}/reconciliation", 40),
        (f"{BASE}/accounts/{account_id}/certain", 30),
        (RECEIPTS, 25),
        (BASE, 20),
    ):
        assert does_not_grow(client, path, more) <= most, path


def test_movements_wait_for_finance_and_are_taken_along(world: World) -> None:
    world.brought(files.camt(Booking(amount="250.00", words="=cmd()")))
    client, account_id = world.finance(), world.account()
    assert "Say what 1 movements of the bank are" in client.get("/staff/").text
    sheet = client.get(f"{BASE}/accounts/{account_id}?format=csv").text
    assert "'=cmd()" in sheet
    assert client.get(f"{BASE}/accounts/{account_id}?q=nothing").text.count("No movement matches.")
    assert IBAN[:4] in client.get(BASE).text
