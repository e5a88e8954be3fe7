"""The finance officer's pages: donors, agreements, deposits, receipts and rates."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from grants import clock
from grants.donors import queries as donors
from grants.donors.actions import Earmark
from grants.ledger import queries as ledger
from grants.people.models import Role
from tests.makes.donors import DAY, money
from tests.web.staff.desk_world import StaffWorld, does_not_grow

BASE = "/staff/contributions"


@pytest.fixture
def world(app: Flask) -> StaffWorld:
    made = StaffWorld(app)
    made.books()
    made.donor_named()
    return made


def test_donors_are_listed_with_what_they_promised_and_paid(world: StaffWorld) -> None:
    world.pledge(money("500"), donor="Norway")
    agreement_id = world.agreement(money("1,000"), donor="Sweden")
    world.deposit("300", donor="Sweden", agreement_id=agreement_id)
    page = world.finance().get(BASE).text
    for words in ("Norway", "USD\N{NO-BREAK SPACE}500.00", "USD\N{NO-BREAK SPACE}700.00"):
        assert words in page
    assert "Norway" not in world.finance().get(f"{BASE}?q=swe").text
    assert "No donor matches." in world.finance().get(f"{BASE}?q=zzz&sort=bogus&page=x").text


def test_lists_go_along_as_csv_that_runs_no_formula(world: StaffWorld) -> None:
    world.deposit("300", donor="=1+1", reference="@ref")
    text = world.finance().get(f"{BASE}?format=csv").text
    assert text.startswith("\ufeffDonor,")
    assert "'=1+1,USD,0.00" in text
    deposits = world.finance().get(f"{BASE}/deposits?format=csv").text
    assert "USD,300.00" in deposits
    assert "'@ref" in deposits


def test_a_donor_is_registered_once(world: StaffWorld) -> None:
    client = world.finance()
    typed = {"name": "Republic of Chile", "kind": "government", "country": "CL"}
    answer = client.post(f"{BASE}/donors/new", data=typed)
    assert answer.status_code == 303
    again = client.post(f"{BASE}/donors/new", data=typed)
    assert again.status_code == 422
    assert "Republic of Chile" in again.text


def test_a_pledge_is_recorded_and_withdrawn_with_a_reason(world: StaffWorld) -> None:
    client, donor_id = world.finance(), world.donor_named()
    typed = {
        "donor": str(donor_id),
        "amount": "20,000,000",
        "amount-currency": "SEK",
        "pledged_on": "2026-03-10",
        "rate": "10.5",
    }
    assert client.post(f"{BASE}/pledges/new", data=typed).status_code == 303
    (pledge,) = donors.pledges_of(world.books(), donor_id)
    assert (pledge.amount, pledge.usd) == (money("20,000,000", "SEK"), money("1,904,761.90"))
    page = client.post(f"{BASE}/pledges/{pledge.id}/withdraw", data={"reason": ""})
    assert (page.status_code, "Give the reason." in page.text) == (422, True)
    client.post(f"{BASE}/pledges/{pledge.id}/withdraw", data={"reason": "Budget cut"})
    again = client.post(f"{BASE}/pledges/{pledge.id}/withdraw", data={"reason": "Again"})
    assert (again.status_code, "withdrawn already" in again.text) == (422, True)
    world.prove()


def _agreement(world: StaffWorld, **changes: str) -> dict[str, str]:
    typed = {
        "donor": str(world.donor_named()),
        "reference": "SWE-2026",
        "amount": "20,000,000",
        "amount-currency": "SEK",
        "signed_on": "2026-02-01",
        "rate": "10",
        "kind": "non_core",
        "countries": "Uganda, GH",
        "themes": "water",
        "usable_until": "2028-12-31",
        "due_1": "2026-03-01",
        "part_1": "12000000",
        "due_2": "2027-03-01",
        "part_2": "8000000",
    }
    return {**typed, **changes}


def test_an_agreement_is_recorded_with_its_earmark_and_instalments(world: StaffWorld) -> None:
    answer = world.finance().post(f"{BASE}/agreements/new", data=_agreement(world))
    assert answer.status_code == 303, answer.text
    agreement_id = donors.agreements_of(world.books())[0].id
    page = donors.agreement_page(agreement_id, DAY)
    assert [str(one.amount) for one in page.instalments] == [
        "SEK 12,000,000.00",
        "SEK 8,000,000.00",
    ]
    assert page.earmark.countries == {"UG", "GH"}
    shown = world.finance().get(f"{BASE}/agreements/{agreement_id}").text
    assert "Ghana, Uganda and water" in shown
    world.prove()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"part_2": "7"}, "They must be equal."),
        ({"countries": "Atlantis"}, "Atlantis is not a country or region that we know."),
        ({"kind": "core"}, "A core contribution is not earmarked."),
        ({"part_1": ""}, "Give the amount of this instalment."),
        ({"due_1": ""}, "Say when this instalment is due."),
        ({"due_1": "1 March"}, "Enter a day as year-month-day"),
        ({"rate": "-1"}, "Enter a rate above zero."),
        ({"rate": ""}, "No rate of exchange for SEK is known on 2026-02-01."),
        ({"usable_from": "2029-01-01"}, "used before it may be used"),
        ({"amount": "lots"}, "Enter an amount in SEK"),
        ({"reference": ""}, "Please answer"),
    ],
)
def test_what_is_wrong_with_an_agreement_is_said_and_nothing_typed_is_lost(
    world: StaffWorld, changes: dict[str, str], sentence: str
) -> None:
    typed = _agreement(world, **changes)
    page = world.finance().post(f"{BASE}/agreements/new", data=typed)
    assert page.status_code == 422
    assert sentence in page.text
    for name in ("reference", "amount", "part_1", "due_2", "themes"):
        assert f'value="{typed[name]}"' in page.text
    assert donors.agreements_of(world.books()) == []


def test_a_deposit_pays_the_instalment_that_was_chosen(world: StaffWorld) -> None:
    agreement_id = world.agreement(money("1,000"))
    (line,) = donors.agreement_page(agreement_id, DAY).instalments
    client = world.finance()
    form = client.get(f"{BASE}/deposits/new?instalment={line.id}").text
    assert f'value="{line.id}" selected' in form
    typed = {"instalment": str(line.id), "amount": "1000", "value_on": "2026-03-10"}
    answer = client.post(f"{BASE}/deposits/new", data=typed)
    assert answer.status_code == 303
    shown = client.get(answer.headers["Location"]).text
    assert "SWE-1" in shown
    assert "Identified" in shown
    assert not ledger.balances(world.books(), ["1100"])
    again = client.post(f"{BASE}/deposits/new", data=typed)
    assert (again.status_code, "in the list" in again.text) == (422, True)
    world.prove()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": "0"}, "Enter an amount above zero."),
        ({"amount": "5", "amount-currency": "SEK"}, "No rate of exchange for SEK is known"),
        ({"value_on": "2150-01-01"}, "This day has not come yet."),
        ({"value_on": ""}, "Please answer"),
        ({"countries": "Narnia"}, "Narnia is not a country"),
        ({"donor": "999"}, "Choose one of the answers"),
    ],
)
def test_what_is_wrong_with_a_deposit_is_said(
    world: StaffWorld, changes: dict[str, str], sentence: str
) -> None:
    typed = {
        "donor": str(world.donor_named()),
        "amount": "1,000",
        "value_on": "2026-03-10",
        "bank_reference": "TF 30008",
    }
    page = world.finance().post(f"{BASE}/deposits/new", data={**typed, **changes})
    assert page.status_code == 422
    assert sentence in page.text
    assert "TF 30008" in page.text
    assert donors.deposits_of(world.books())[1] == 0


def test_an_unidentified_receipt_waits_and_is_matched(world: StaffWorld) -> None:
    client = world.finance()
    typed = {"amount": "500", "value_on": "2026-03-10", "remitter": "K. SVENSSON"}
    client.post(f"{BASE}/deposits/new", data=typed)
    home = client.get("/staff/").text
    assert "Find out whose this receipt is" in home
    assert "K. SVENSSON" in home
    deposit_id = donors.unidentified(None)[0].id
    path = f"{BASE}/deposits/{deposit_id}/match"
    nothing = client.post(path, data={})
    assert (nothing.status_code, "Choose a donor" in nothing.text) == (422, True)
    assert client.post(path, data={"donor": str(world.donor_named())}).status_code == 303
    assert "Find out whose" not in client.get("/staff/").text
    again = client.post(path, data={"donor": str(world.donor_named())})
    assert (again.status_code, "matched already" in again.text) == (422, True)
    world.prove()


def test_a_deposit_is_reversed_only_while_its_money_is_free(world: StaffWorld) -> None:
    deposit_id = world.deposit("100")
    world.allocation("60")
    client, path = world.finance(), f"{BASE}/deposits/{deposit_id}/reverse"
    director = world.browser(world.director())
    waiting = client.post(path, data={"reason": "It never came"}).location
    seen = director.get(waiting).text
    assert "USD 40.00 of this deposit is not set aside" in seen
    assert "It never came" in seen
    free = world.deposit("7", donor="Norway")
    sent = client.post(f"{BASE}/deposits/{free}/reverse", data={"reason": "It never came"})
    assert director.post(f"{sent.location}/approve", data={}).status_code == 303
    assert "Reversed" in client.get(f"{BASE}/deposits/{free}").text
    world.prove()


def test_a_conversion_by_the_bank_is_recorded(world: StaffWorld) -> None:
    world.rate("SEK", "0.1")
    deposit_id = world.deposit(money("1,000", "SEK"))
    client, path = world.finance(), f"{BASE}/deposits/{deposit_id}/convert"
    assert 'value="1000.00"' in client.get(path).text
    wrong = client.post(path, data={"amount": "1000.005", "proceeds": "98", "on": "2026-03-11"})
    assert (wrong.status_code, "SEK has fewer decimals." in wrong.text) == (422, True)
    more = client.post(path, data={"amount": "1001", "proceeds": "98", "on": "2026-03-11"})
    assert (more.status_code, "SEK 1,000.00 of this deposit" in more.text) == (422, True)
    good = client.post(path, data={"amount": "1000", "proceeds": "98", "on": "2026-03-11"})
    assert good.status_code == 303
    in_dollars = world.deposit("5")
    assert client.get(f"{BASE}/deposits/{in_dollars}/convert").status_code == 404
    world.prove()


def test_an_overdue_instalment_waits_and_its_request_is_noted(world: StaffWorld) -> None:
    agreement_id = world.agreement(
        money("100"), on=clock.today() - timedelta(days=90), instalments=()
    )
    client = world.finance()
    assert "Ask for instalment 1" in client.get("/staff/").text
    (line,) = donors.agreement_page(agreement_id, DAY).instalments
    path = f"{BASE}/agreements/{agreement_id}/instalments/{line.id}"
    refused = client.post(f"{path}/request")
    assert (refused.status_code, "No bank details in USD" in refused.text) == (422, True)
    world.bank_details()
    assert client.post(f"{path}/request").status_code == 303
    assert "Instalment 1 has not come" in client.get("/staff/").text
    assert client.post(f"{BASE}/agreements/999/instalments/{line.id}/request").status_code == 404
    assert client.get(f"{path}/cancel").status_code == 200
    assert client.post(f"{path}/cancel", data={"reason": "Cut"}).status_code == 303
    again = client.post(f"{path}/cancel", data={"reason": "Again"})
    assert (again.status_code, "cancelled already" in again.text) == (422, True)
    assert "has not come" not in client.get("/staff/").text


def test_a_rate_is_recorded_once(world: StaffWorld) -> None:
    client = world.finance()
    typed = {
        "currency": "SEK",
        "units": "10.6383",
        "source": "UN operational rate",
        "effective_on": "2026-03-01",
    }
    assert client.post(f"{BASE}/rates/new", data=typed).status_code == 303
    assert "10.6383" in client.get(f"{BASE}/rates?currency=SEK").text
    other = client.post(f"{BASE}/rates/new", data={**typed, "units": "9"})
    assert (other.status_code, "has 10.6383 SEK" in other.text) == (422, True)
    zero = client.post(f"{BASE}/rates/new", data={**typed, "units": "0"})
    assert (zero.status_code, "Enter a rate above zero." in zero.text) == (422, True)


def test_donor_page_leads_to_agreements_deposits_and_grants(world: StaffWorld) -> None:
    world.agreement(money("100"), earmark=Earmark(countries=frozenset({"UG"})))
    world.deposit("100", donor="Sweden")
    world.allocation("100")
    world.reserved_grant("40")
    page = world.finance().get(f"{BASE}/donors/{world.donor_named()}").text
    for words in ("SWE-1", "Water kiosks", "Notional", "G-2026-0001"):
        assert words in page
    assert world.finance().get(f"{BASE}/donors/999").status_code == 404


def test_who_may_look_and_who_may_record(world: StaffWorld) -> None:
    deposit_id = world.deposit("100")
    auditor = world.auditing()
    assert "Record a deposit" not in auditor.get(BASE).text
    assert auditor.get(f"{BASE}/deposits/{deposit_id}").status_code == 200
    for path in ("deposits/new", "agreements/new", "pledges/new", "donors/new", "rates/new"):
        refused = auditor.get(f"{BASE}/{path}")
        assert refused.status_code == 403
        assert "finance officer" in refused.text
    elsewhere = world.acting(Role.FINANCE_OFFICER, world.books("Another Fund"))
    assert world.browser(elsewhere).get(f"{BASE}/deposits/{deposit_id}").status_code == 404
    applicant = world.acting(Role.APPLICANT)
    assert world.browser(applicant).get(BASE).status_code == 404


@pytest.mark.parametrize(
    ("path", "statements"),
    [
        ("", 8),
        ("/deposits", 7),
        ("/rates", 7),
        ("/deposits/new", 10),
        ("/agreements/new", 8),
    ],
)
def test_statements_do_not_grow_with_the_rows(
    world: StaffWorld, path: str, statements: int
) -> None:
    world.agreement(money("10"), reference="A-0")
    world.deposit("10")

    def more() -> None:
        for number in range(1, 6):
            agreement_id = world.agreement(
                money("10"), donor=f"Donor {number}", reference=f"A-{number}"
            )
            world.deposit("3", donor=f"Donor {number}", agreement_id=agreement_id)
            world.rate("SEK", f"0.{number}", DAY + timedelta(days=number))

    assert does_not_grow(world.finance(), BASE + path, more) == statements
