"""The donor's desk: its own figures, the grants it pays for, and the way to a statement."""

from __future__ import annotations

import re
from datetime import date

from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from grants.db import db
from grants.donors.actions import Earmark
from grants.jobs import runner
from grants.people.models import Role
from grants.reports import queries as reports
from tests.makes.donors import money
from tests.reports.conftest import ReportWorld


def test_signing_in_lands_on_my_contributions(world: ReportWorld) -> None:
    world.books(fee_basis_points=100)
    world.rate("SEK", "0.1000", date(2025, 1, 1))
    world.agreement(
        money("20,000", "SEK"),
        instalments=[
            (date(2026, 3, 10), money("10,000", "SEK")),
            (date(2030, 3, 1), money("10,000", "SEK")),
        ],
    )
    world.deposit("1,000.00")
    world.deposit("500.00", conditions=Earmark(countries=frozenset({"UG"})))
    page = _open(world, "/donor/")
    assert "USD\N{NO-BREAK SPACE}1,500.00" in page
    assert "USD\N{NO-BREAK SPACE}1,485.00" in page
    assert "next due 10 Mar 2026" in page
    assert "1 Mar 2030" in page
    assert "Overdue" in page
    assert "Not yet due" in page
    assert ">Tracked<" in page
    assert ">Notional<" in page
    assert "SWE-1" in page


def test_a_donor_of_several_funds_chooses_one(world: ReportWorld) -> None:
    world.deposit("1,000.00")
    world.deposit("250.00", fund="Another Fund")
    person = world.person(Role.DONOR, organisation_id=world.donor_named(), name="Everywhere")
    browser = world.browser(person)
    page = browser.get("/donor/").get_data(as_text=True)
    assert "USD\N{NO-BREAK SPACE}1,250.00" in page
    assert "/donor/funds/another-fund" in page
    other = browser.get("/donor/funds/another-fund").get_data(as_text=True)
    assert "USD\N{NO-BREAK SPACE}250.00" in other
    assert "USD\N{NO-BREAK SPACE}1,000.00" not in other


def test_a_fund_that_one_does_not_give_to_is_not_there(world: ReportWorld) -> None:
    world.deposit("1,000.00")
    world.deposit("300.00", donor="Norway", fund="Another Fund")
    browser = world.browser(world.donor_person())
    assert browser.get("/donor/funds/another-fund").status_code == 404
    assert browser.get("/donor/funds/nothing").status_code == 404


def test_nothing_recorded_yet_is_said_so(world: ReportWorld) -> None:
    assert "Nothing is recorded yet" in _open(world, "/donor/")
    assert "Your money pays for no grant yet." in _open(world, "/donor/grants")
    statements = _open(world, "/donor/statements")
    assert "No statement has been made yet" in statements
    assert "Make the statement" not in statements


def test_an_account_without_an_organisation_learns_why(world: ReportWorld) -> None:
    answer = world.browser(world.person(Role.DONOR)).get("/donor/")
    assert answer.status_code == 404
    assert "belongs to no organisation" in answer.get_data(as_text=True)


def test_the_grants_show_share_basis_and_what_became_of_them(world: ReportWorld) -> None:
    world.deposit("600.00")
    world.deposit("400.00", donor="Norway")
    world.allocation("1,000")
    grant_id = world.reserved_grant("100.00")
    (tranche,) = world.signed(grant_id, "100.00")
    world.paid(tranche)
    world.spent(grant_id, {4: "50.00"})
    page = _open(world, "/donor/grants")
    for text in (
        "G-2026-0001",
        "Water kiosks",
        "City of Kampala",
        "60\N{NO-BREAK SPACE}%",
        "Notional",
    ):
        assert text in page
    for figure in (">60.00<", ">30.00<"):
        assert figure in page
    assert "G-2026-0001" not in _open(world, "/donor/grants?basis=tracked")
    assert "G-2026-0001" in _open(world, "/donor/grants?q=kampala&sort=-partner")
    assert "G-2026-0001" not in _open(world, "/donor/grants?q=lima")
    table = world.browser(world.donor_person()).get("/donor/grants?format=csv")
    assert table.mimetype == "text/csv"
    assert "G-2026-0001,Water kiosks,City of Kampala,Uganda,Country Window,60,notional" in (
        table.get_data(as_text=True)
    )


def test_two_clicks_to_the_statement(world: ReportWorld) -> None:
    world.deposit("500.00")
    world.certified()
    browser = world.browser(world.donor_person())
    home = browser.get("/donor/").get_data(as_text=True)
    assert 'href="/donor/statements"' in home
    page = browser.get("/donor/statements").get_data(as_text=True)
    (link,) = re.findall(r'href="(/donor/statements/\d+\.pdf)"', page)
    answer = browser.get(link)
    assert answer.data == b"%PDF Sweden 1 certified"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    for ending in ("xlsx", "csv", "json"):
        assert browser.get(link.replace("pdf", ending)).status_code == 200
    assert browser.get(link.replace("pdf", "exe")).status_code == 404


def test_asking_for_a_statement_answers_at_once_and_shows_how_far_it_is(
    world: ReportWorld,
) -> None:
    world.deposit("500.00")
    browser = world.browser(world.donor_person())
    answer = _ask(browser)
    assert answer.status_code == 303
    page = browser.get("/donor/statements").get_data(as_text=True)
    assert "Being made" in page
    assert 'data-waiting="yes"' in page
    runner.run_waiting()
    page = browser.get("/donor/statements").get_data(as_text=True)
    assert "Provisional" in page
    assert 'data-waiting=""' in page
    _ask(browser)
    page = browser.get("/donor/statements").get_data(as_text=True)
    assert "The books have not changed since" in page
    assert len(reports.my_statements(world.donor_person())[0]) == 1


def test_a_period_that_cannot_be_keeps_what_was_typed(world: ReportWorld) -> None:
    world.deposit("500.00")
    browser = world.browser(world.donor_person())
    answer = _ask(browser, from_on="2026-05-01", until_on="2026-04-01")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "ends before it begins" in page
    assert 'value="2026-05-01"' in page
    assert _ask(browser, from_on="soon").status_code == 422


def test_the_statement_of_another_donor_is_not_there(world: ReportWorld) -> None:
    world.deposit("500.00")
    world.deposit("300.00", donor="Norway")
    theirs = world.issued("Norway")
    browser = world.browser(world.donor_person())
    assert browser.get(f"/donor/statements/{theirs}.pdf").status_code == 404
    assert "NORWAY" not in browser.get("/donor/statements").get_data(as_text=True)


def test_others_do_not_see_the_desk(world: ReportWorld) -> None:
    assert world.browser(world.treasurer()).get("/donor/").status_code == 404
    assert world.app.test_client().get("/donor/").status_code == 303


def test_pages_cost_the_same_however_many_rows_they_have(world: ReportWorld) -> None:
    world.deposit("5,000.00")
    world.allocation("5,000")
    world.reserved_grant("10.00")
    browser = world.browser(world.donor_person())
    counted = {path: _statements(browser, path) for path in ("/donor/", "/donor/grants")}
    for _ in range(6):
        world.deposit("10.00")
        world.reserved_grant("10.00")
    for path, before in counted.items():
        assert _statements(browser, path) == before
        assert before <= 30, (path, before)


def _statements(browser: FlaskClient, path: str) -> int:
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert browser.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len([one for one in seen if one.startswith("SELECT")])


def _open(world: ReportWorld, path: str) -> str:
    answer = world.browser(world.donor_person()).get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def _ask(browser: FlaskClient, **changes: str) -> TestResponse:
    form = {"fund": "the-fund", "from_on": "2026-01-01", "until_on": "2026-12-31", **changes}
    return browser.post("/donor/statements", data=form)
