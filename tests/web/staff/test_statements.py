"""Statements on the staff desk: asked for by finance, read before they are signed, signed once."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from grants.jobs import runner
from grants.people.models import Role
from grants.reports import queries
from tests.reports.conftest import ReportWorld


@pytest.fixture
def world(app: Flask, monkeypatch: pytest.MonkeyPatch) -> ReportWorld:
    monkeypatch.setattr(
        "grants.jobs.statements.render_papers",
        lambda made: {
            ending: f"{ending} {made.cover.version} {made.cover.state}".encode()
            for ending in ("pdf", "xlsx", "csv", "json")
        },
    )
    made = ReportWorld(app)
    for prepare in (made.treasurer, made.steward, made.certifier, made.donor_named):
        prepare()
    made.deposit("500.00")
    return made


def test_finance_asks_and_the_page_answers_at_once(world: ReportWorld) -> None:
    browser = world.browser(world.treasurer())
    form = {"donor": str(world.donor_named()), "from_on": "2026-01-01", "until_on": "2026-12-31"}
    assert browser.post("/staff/statements/new", data=form).status_code == 303
    page = browser.get("/staff/statements").get_data(as_text=True)
    assert "Being made" in page
    runner.run_waiting()
    page = browser.get("/staff/statements").get_data(as_text=True)
    assert "TF-2026-SWEDEN-0001" in page
    assert "Provisional" in page
    assert "USD\N{NO-BREAK SPACE}500.00" in page
    browser.post("/staff/statements/new", data=form)
    assert "have not changed since" in browser.get("/staff/statements").get_data(as_text=True)


def test_only_donors_of_the_fund_can_be_chosen(world: ReportWorld) -> None:
    world.donor_named("Norway")
    page = world.browser(world.treasurer()).get("/staff/statements/new").get_data(as_text=True)
    assert "Sweden" in page
    assert "Norway" not in page


def test_a_period_that_cannot_be_keeps_what_was_typed(world: ReportWorld) -> None:
    form = {"donor": str(world.donor_named()), "from_on": "2026-05-01", "until_on": "2026-04-01"}
    answer = world.browser(world.treasurer()).post("/staff/statements/new", data=form)
    assert answer.status_code == 422
    assert 'value="2026-05-01"' in answer.get_data(as_text=True)


def test_whoever_certifies_reads_the_figures_first(world: ReportWorld) -> None:
    report_id = world.issued()
    browser = world.browser(world.certifier())
    waiting = browser.get("/staff/").get_data(as_text=True)
    assert "Certify a statement" in waiting
    assert f"/staff/statements/{report_id}" in waiting
    page = browser.get(f"/staff/statements/{report_id}").get_data(as_text=True)
    assert "Contributions received" in page
    assert "500.00" in page
    assert f"/staff/statements/{report_id}/certify" in page
    assert browser.post(f"/staff/statements/{report_id}/certify").status_code == 303
    page = browser.get(f"/staff/statements/{report_id}").get_data(as_text=True)
    assert "Being certified" in page
    runner.run_waiting()
    page = browser.get(f"/staff/statements/{report_id}").get_data(as_text=True)
    assert ">Certified<" in page
    assert "/certify" not in page
    assert "Certify a statement" not in browser.get("/staff/").get_data(as_text=True)
    assert browser.get(f"/staff/statements/{report_id}.pdf").data == b"pdf 1 certified"


def test_whoever_prepared_it_reads_why_someone_else_must_sign(world: ReportWorld) -> None:
    report_id = world.issued()
    browser = world.browser(world.treasurer())
    page = browser.get(f"/staff/statements/{report_id}").get_data(as_text=True)
    assert "You prepared this statement, so someone else must certify it." in page
    answer = browser.post(f"/staff/statements/{report_id}/certify")
    assert answer.status_code == 403
    assert queries.issued_statement(world.treasurer(), report_id).state == "provisional"


def test_the_next_version_lists_what_changed(world: ReportWorld) -> None:
    report_id = world.issued()
    browser = world.browser(world.treasurer())
    browser.post(f"/staff/statements/{report_id}/again")
    assert "have not changed since" in browser.get("/staff/statements").get_data(as_text=True)
    world.deposit("300.00")
    answer = browser.post(f"/staff/statements/{report_id}/again")
    runner.run_waiting()
    page = browser.get(answer.location).get_data(as_text=True)
    assert "What differs from the version before" in page
    assert "USD\N{NO-BREAK SPACE}800.00" in page
    assert re.search(r"<td>deposit</td>", page)
    assert "Versions" in page
    old = browser.get(f"/staff/statements/{report_id}").get_data(as_text=True)
    assert "A newer version was issued" in old


def test_the_list_is_searched_and_narrowed(world: ReportWorld) -> None:
    world.deposit("100.00", donor="Norway")
    world.certified()
    world.issued("Norway")
    browser = world.browser(world.treasurer())
    found = browser.get("/staff/statements?q=nor").get_data(as_text=True)
    assert "NORWAY-0002" in found
    assert "SWEDEN-0001" not in found
    certified = browser.get("/staff/statements?state=certified").get_data(as_text=True)
    assert "SWEDEN-0001" in certified
    assert "NORWAY-0002" not in certified


def test_others_ask_and_sign_in_vain(world: ReportWorld) -> None:
    report_id = world.issued()
    auditor = world.browser(world.acting(Role.AUDITOR))
    assert auditor.get("/staff/statements").status_code == 200
    assert auditor.get(f"/staff/statements/{report_id}").status_code == 200
    assert auditor.get("/staff/statements/new").status_code == 403
    assert auditor.post(f"/staff/statements/{report_id}/certify").status_code == 403
    assert auditor.post(f"/staff/statements/{report_id}/again").status_code in {403, 404}
    donor = world.browser(world.donor_person())
    assert donor.get(f"/staff/statements/{report_id}").status_code == 404
    elsewhere = world.person(Role.FINANCE_OFFICER, fund_id=world.books("Another Fund"))
    assert world.browser(elsewhere).get(f"/staff/statements/{report_id}").status_code == 404
