"""The life of a contribution on the desk: amended, asked for, held by conditions, aged, members."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from flask import Flask

from grants import clock
from grants.db import transaction
from grants.donors import actions
from grants.donors import queries as donors
from grants.donors.actions import NewDuty
from grants.jobs import every, runner
from grants.people.models import Role
from tests.makes.donors import money
from tests.web.staff.desk_world import StaffWorld, does_not_grow

BASE = "/staff/contributions"

assert every


@pytest.fixture
def world(app: Flask) -> StaffWorld:
    made = StaffWorld(app)
    made.books()
    made.treasurer()
    made.donor_named()
    return made


def _agreed(world: StaffWorld, reference: str = "SWE-1", donor: str = "Sweden") -> int:
    today = clock.today()
    return world.agreement(
        money("100"),
        donor=donor,
        reference=reference,
        on=today - timedelta(days=90),
        instalments=[
            (today - timedelta(days=40), money("40")),
            (today + timedelta(days=400), money("60")),
        ],
    )


def _typed(world: StaffWorld, agreement_id: int) -> dict[str, str]:
    """The form of an amendment as it is shown."""
    page = donors.agreement_page(agreement_id, clock.today())
    typed = {
        "signed_on": clock.today().isoformat(),
        "reason": "More of it",
        "amount": str(page.amount.amount),
    }
    for row, one in enumerate(page.instalments, 1):
        typed[f"due_{row}"] = one.due_on.isoformat()
        typed[f"part_{row}"] = str(one.amount.amount)
    return typed


def test_an_amendment_becomes_a_version_that_tells_what_changed(world: StaffWorld) -> None:
    agreement_id = _agreed(world)
    client, path = world.finance(), f"{BASE}/agreements/{agreement_id}/amend"
    assert 'value="60.00"' in client.get(path).text
    typed = _typed(world, agreement_id)
    same = client.post(path, data=typed)
    assert (same.status_code, "Nothing would change" in same.text) == (422, True)
    wrong = client.post(path, data={**typed, "amount": "150"})
    assert (wrong.status_code, "They must be equal" in wrong.text) == (422, True)
    answer = client.post(path, data={**typed, "amount": "150", "part_2": "110"})
    assert answer.status_code == 303, answer.text
    versions = client.get(f"{BASE}/agreements/{agreement_id}/versions").text
    assert "Version 2" in versions
    assert "USD 150.00" in versions.replace("\N{NO-BREAK SPACE}", " ")
    assert "Changes of version 2" in versions
    one = client.get(f"{BASE}/agreements/{agreement_id}/versions/2").text
    assert "What it changed" in one
    assert client.get(f"{BASE}/agreements/{agreement_id}/versions/9").status_code == 404
    world.prove()


def test_an_amendment_says_at_the_field_what_cannot_be_read(world: StaffWorld) -> None:
    agreement_id = _agreed(world)
    client, path = world.finance(), f"{BASE}/agreements/{agreement_id}/amend"
    typed = _typed(world, agreement_id)
    for change, sentence in (
        ({"part_2": "1.005"}, "USD has fewer decimals."),
        ({"due_2": ""}, "Say when this instalment is due."),
        ({"part_1": "-4"}, "Enter an amount of zero or more."),
        ({"signed_on": "2099-01-01"}, "This day has not come yet."),
        ({"reason": ""}, "Say what the amendment is about."),
        ({"usable_from": "2026-05-01", "usable_until": "2026-04-01"}, "before it may be used"),
    ):
        answer = client.post(path, data={**typed, **change})
        assert (answer.status_code, sentence in answer.text) == (422, True), sentence


def test_an_instalment_is_asked_for_and_its_letter_is_taken_along(world: StaffWorld) -> None:
    agreement_id = _agreed(world)
    world.bank_details()
    (first, _second) = donors.agreement_page(agreement_id, clock.today()).instalments
    client = world.finance()
    path = f"{BASE}/agreements/{agreement_id}/instalments/{first.id}/request"
    assert client.get(path).status_code == 200
    assert client.post(path, data={}).status_code == 303
    assert "Being made" in client.get(f"{BASE}/requests").text
    (letter,) = donors.letters_of(agreement_id=agreement_id)
    assert client.get(f"{BASE}/requests/{letter.id}.pdf").status_code == 404
    runner.run_waiting()
    paper = client.get(f"{BASE}/requests/{letter.id}.pdf")
    assert (paper.mimetype, paper.data[:5]) == ("application/pdf", b"%PDF-")
    assert letter.number in client.get(f"{BASE}/agreements/{agreement_id}").text
    again = f"{BASE}/requests/{letter.id}"
    assert client.post(f"{again}/reissue", data={"reason": "Anew"}).status_code == 303
    assert client.post(f"{again}/cancel", data={"reason": "No"}).status_code == 422
    sheet = client.get(f"{BASE}/requests?format=csv").text
    assert sheet.count("PR-") == 2
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{BASE}/requests?format=xlsx").data))
    assert [row[0].value for row in book.worksheets[0].iter_rows(min_row=2)][1] == letter.number


def test_bank_details_wait_for_the_second_person(world: StaffWorld) -> None:
    client, path = world.finance(), f"{BASE}/bank-details"
    answer = client.post(path, data={"currency": "EUR", "lines": "Bank\nIBAN DE00"})
    assert answer.status_code == 303
    (line,) = donors.instructions_of(world.books())
    confirm = f"{path}/{line.id}/confirm"
    assert client.post(confirm).status_code == 403
    approver = world.browser(world.acting(Role.APPROVER))
    assert "Confirm the bank details for EUR" in approver.get("/staff/").text
    assert "Write bank details" not in approver.get(path).text
    assert approver.post(confirm).status_code == 303
    assert "In force" in approver.get(path).text
    assert client.post(path, data={"currency": "EUR", "lines": ""}).status_code == 422


def test_conditions_and_reports_are_kept_on_the_page_of_the_agreement(world: StaffWorld) -> None:
    agreement_id = _agreed(world)
    client, path = world.finance(), f"{BASE}/agreements/{agreement_id}"
    typed = {"words": "The plan is approved", "instalment": "1", "due_on": "2026-01-31"}
    assert client.post(f"{path}/conditions/new", data=typed).status_code == 303
    shown = client.get(path).text
    assert "Condition open" in shown
    assert "Ask for it" in shown  # the second instalment does not wait
    assert "A condition is to be met: The plan is approved" in client.get("/staff/").text
    assert "Ask for instalment 1" not in client.get("/staff/").text
    (line,) = donors.conditions_of(agreement_id)
    met = f"{BASE}/conditions/{line.id}/met"
    assert client.post(met, data={"met_on": "2099-01-01", "evidence": "x"}).status_code == 422
    assert client.post(met, data={"met_on": "2026-02-01", "evidence": "Minutes"}).status_code == 303
    assert "Minutes" in client.get(path).text
    opened = client.post(f"{BASE}/conditions/{line.id}/reopen", data={"reason": "Forged"})
    assert opened.status_code == 303
    duty = {"kind": "certified", "due_on": "2026-03-31", "words": "The year 2025"}
    assert client.post(f"{path}/duties/new", data=duty).status_code == 303
    assert "Report to a donor" in client.get("/staff/").text
    (owed,) = donors.duties_of(agreement_id)
    done = f"{BASE}/duties/{owed.id}/delivered"
    assert client.get(done).status_code == 200
    answer = client.post(done, data={"done_on": "2026-03-01", "note": "Statement 4"})
    assert answer.status_code == 303
    assert "Statement 4" in client.get(path).text


def test_the_rest_of_an_agreement_is_withdrawn(world: StaffWorld) -> None:
    agreement_id = _agreed(world)
    client, path = world.finance(), f"{BASE}/agreements/{agreement_id}"
    assert client.get(f"{path}/withdraw").status_code == 200
    assert client.post(f"{path}/withdraw", data={"reason": "No budget"}).status_code == 303
    assert "Withdraw the rest" not in client.get(path).text
    assert client.post(f"{path}/withdraw", data={"reason": "Again"}).status_code == 422
    world.prove()


def test_ageing_adds_up_and_its_figures_open_into_their_records(world: StaffWorld) -> None:
    _agreed(world)
    world.pledge(money("7"), donor="Norway")
    client = world.auditing()
    page = client.get(f"{BASE}/ageing").text.replace("\N{NO-BREAK SPACE}", " ")
    assert "bucket=d31_60" in page
    assert "107.00" in page
    lines = client.get(f"{BASE}/ageing/lines?bucket=d31_60").text
    assert ("40 days late" in lines, "Norway" in lines) == (True, False)
    past = (clock.today() - timedelta(days=60)).isoformat()
    assert "days late" not in client.get(f"{BASE}/ageing/lines?as_of={past}").text
    for ending in ("csv", "xlsx"):
        assert client.get(f"{BASE}/ageing?format={ending}").status_code == 200
        sent = client.get(f"{BASE}/ageing/lines?format={ending}&kind=pledge")
        assert f"ageing-lines-{clock.today()}.{ending}" in sent.headers["Content-Disposition"]
    assert "Nothing is outstanding." in client.get(f"{BASE}/ageing?currency=eur").text


def test_pledges_are_listed_with_state_age_and_agreement(world: StaffWorld) -> None:
    world.pledge(money("7"), donor="Norway", on=clock.today() - timedelta(days=900))
    pledge_id = world.pledge(money("100"))
    world.agreement(money("100"), on=clock.today(), pledge_id=pledge_id)
    client = world.finance()
    page = client.get(f"{BASE}/pledges").text
    assert ("days late" in page, "SWE-1" in page) == (True, True)
    assert "Norway" not in client.get(f"{BASE}/pledges?state=agreed").text
    assert client.get(f"{BASE}/pledges?format=csv").text.count("\n") == 3
    withdrawn = client.post(f"{BASE}/pledges/{pledge_id - 1}/withdraw", data={"reason": "Gone"})
    assert withdrawn.status_code == 303
    assert "days late" not in client.get(f"{BASE}/pledges").text


def test_members_are_admitted_invoiced_and_paid(world: StaffWorld) -> None:
    client, year = world.finance(), clock.today().year
    donor_id = world.donor_named()
    world.bank_details()
    member = {
        "organisation": str(donor_id),
        "kind": "full",
        "constituency": "governments",
        "income_group": "high",
        "joined_on": "2019-01-01",
    }
    assert client.post("/staff/members/new", data=member).status_code == 303
    assert client.post("/staff/members/new", data=member).status_code == 422
    fee = {
        "kind": "full",
        "constituency": "governments",
        "from_year": "2020",
        "amount": "5,000",
        "amount-currency": "USD",
    }
    assert client.post("/staff/members/fees", data=fee).status_code == 303
    assert client.post("/staff/members/fees", data=fee).status_code == 422
    assert client.post("/staff/members/invoices/new", data={"year": str(year)}).status_code == 303
    assert "Not paid" in client.get("/staff/members").text
    (line,), _count = donors.member_list(world.books(), year)
    assert line.invoice_id is not None
    asked = client.post(f"/staff/members/invoices/{line.invoice_id}/request")
    assert asked.status_code == 303
    new = client.get(f"{BASE}/deposits/new?donor={donor_id}&invoice={line.invoice_id}").text
    assert f'value="m{line.invoice_id}" selected' in new
    paid = client.post(
        f"{BASE}/deposits/new",
        data={
            "instalment": f"m{line.invoice_id}",
            "amount": "5000",
            "amount-currency": "USD",
            "value_on": clock.today().isoformat(),
        },
    )
    assert paid.status_code == 303, paid.text
    assert f"Membership contribution {year}" in client.get(paid.location).text
    page = client.get(f"/staff/members/{line.id}").text
    assert "Invoiced" in page
    shown = client.get("/staff/members?standing=paid").text.replace("\N{NO-BREAK SPACE}", " ")
    assert "USD 5,000.00" in shown
    assert client.get("/staff/members?format=csv").text.count("Full member") == 1
    assert client.get("/staff/members?format=xlsx").status_code == 200
    assert "No member matches." in client.get("/staff/members?year=1999").text
    gone = client.post(
        f"/staff/members/{line.id}/leave",
        data={"left_on": clock.today().isoformat(), "reason": "Left"},
    )
    assert gone.status_code == 303
    world.prove()


def test_who_may_only_look_sees_no_button_and_no_form(world: StaffWorld) -> None:
    agreement_id = _agreed(world)
    client = world.auditing()
    page = client.get(f"{BASE}/agreements/{agreement_id}").text
    assert ("Amend" in page, "Record a condition" in page, "Ask for it" in page) == (
        False,
        False,
        False,
    )
    for path in (
        f"{BASE}/agreements/{agreement_id}/amend",
        f"{BASE}/agreements/{agreement_id}/withdraw",
        f"{BASE}/agreements/{agreement_id}/conditions/new",
        "/staff/members/new",
        "/staff/members/invoices/new",
    ):
        assert client.get(path).status_code == 403, path
    assert client.get("/staff/members/fees").status_code == 200


def test_the_pages_need_as_many_statements_for_many_rows_as_for_few(world: StaffWorld) -> None:
    agreement_id = _agreed(world)
    client = world.finance()
    treasurer = world.treasurer()

    def more() -> None:
        number = len(world.made)
        _agreed(world, f"MORE-{number}", f"Donor {number}")
        world.pledge(money("3"), donor=f"Donor {number}")
        with transaction():
            actions.add_duty(treasurer, agreement_id, NewDuty(kind="other", due_on=clock.today()))

    more()
    for path in (
        f"{BASE}/ageing",
        f"{BASE}/ageing/lines",
        f"{BASE}/pledges",
        f"{BASE}/requests",
        f"{BASE}/agreements/{agreement_id}",
        "/staff/members",
    ):
        assert does_not_grow(client, path, more) <= 24, path
