"""Applications on the staff desk: the list, the record, screening, asking reviewers."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants.applications import actions
from grants.db import db, transaction
from grants.people.models import Role
from tests.makes.applications import COMPLETE
from tests.web.application_world import DeskWorld, controls, statements, words

PASSED = {"rule-legal": "yes", "rule-country": "yes", "rule-sound": "yes"}


@pytest.fixture
def world(app: Flask) -> DeskWorld:
    return DeskWorld(app)


def officer(world: DeskWorld) -> FlaskClient:
    return world.browser(world.officer())


def test_list_shows_what_was_submitted_narrowed_by_its_address(world: DeskWorld) -> None:
    world.submitted()
    world.eligible(world.applicant("City of Gulu"))
    world.draft(world.applicant("Mbale"))
    browser = officer(world)
    page = words(browser.get("/staff/applications"))
    assert "CA-2026-01-0001" in page
    assert "CA-2026-01-0002" in page
    assert "Mbale" not in page
    narrowed = words(browser.get("/staff/applications?state=eligible"))
    assert "CA-2026-01-0002" in narrowed
    assert "CA-2026-01-0001" not in narrowed
    assert "CA-2026-01-0001" in words(browser.get("/staff/applications?q=jinja"))
    assert "No application matches." in words(browser.get("/staff/applications?q=100%25"))
    assert "CA-2026-01-0001" in words(browser.get("/staff/applications?call=1&sort=-requested"))
    assert browser.get("/staff/applications?page=x&sort=no&state=no&call=9").status_code == 200


def test_list_is_taken_along_as_csv_that_runs_nothing(world: DeskWorld) -> None:
    world.submitted(answers={**COMPLETE, "title": "=HYPERLINK(1)"})
    world.approved(world.applicant("City of Gulu"))
    answer = officer(world).get("/staff/applications?format=csv&sort=reference")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert [row["Title"] for row in rows] == ["'=HYPERLINK(1)", "Water kiosks for Masese"]
    assert [row["Asked for"] for row in rows] == ["12400.00", "12400.00"]
    assert [row["Approved"] for row in rows] == ["", "12400.00"]
    assert [row["State"] for row in rows] == ["Submitted", "Approved"]


def test_record_has_its_parts_as_pages(world: DeskWorld) -> None:
    world.reviewed()
    browser = officer(world)
    page = words(browser.get("/staff/applications/1"))
    assert "fetch water from the lake" in page
    assert "To be decided The approver acts next" in page
    assert "R-" in page
    reviews = words(browser.get("/staff/applications/1/reviews"))
    assert "80.0" in reviews
    assert "Fund it" in reviews
    assert "Sound." in reviews
    timeline = words(browser.get("/staff/applications/1/timeline"))
    assert "Review received" in timeline
    assert "Reviewer 1" in timeline
    assert "Eligible Checked by Grant Officer 1" in words(
        browser.get("/staff/applications/1/eligibility")
    )


def test_drafts_and_other_funds_are_not_there(world: DeskWorld) -> None:
    world.draft()
    browser = officer(world)
    for path in ("", "/eligibility", "/reviews", "/decision", "/timeline"):
        assert browser.get(f"/staff/applications/1{path}").status_code == 404
    world.submitted()
    other = world.person(Role.GRANT_OFFICER, fund_id=world.fund("Another Fund"))
    assert world.browser(other).get("/staff/applications/1").status_code == 404
    assert world.grace().get("/staff/applications/1").status_code == 404


def test_officer_screens_and_the_applicant_reads_the_reason(world: DeskWorld) -> None:
    world.submitted()
    browser, here = officer(world), "/staff/applications/1/eligibility"
    open_rule = browser.post(here, data={"rule-legal": "yes", "reason": "R"})
    assert open_rule.status_code == 422
    assert "Answer yes or no." in words(open_rule)
    assert controls(open_rule, here)["reason"] == "R"
    silent = browser.post(here, data={**PASSED, "rule-country": "no", "reason": " "})
    assert silent.status_code == 422
    assert "Give the reason: the applicant reads it." in words(silent)
    done = browser.post(here, data={**PASSED, "rule-country": "no", "reason": "Not in Uganda."})
    assert done.status_code == 303
    assert world.application(1).state == "ineligible"
    assert "Not in Uganda." in words(browser.get(here))
    twice = browser.post(here, data=PASSED)
    assert twice.status_code == 409
    assert "is ineligible, so it cannot be screened" in words(twice)


def test_reviewers_are_asked_and_the_unfit_refused(world: DeskWorld) -> None:
    world.eligible()
    browser, here = officer(world), "/staff/applications/1/reviews"
    assert "No reviewer has been asked yet." in words(browser.get(here))
    reviewer = f"{world.reviewer().user_id}"
    done = browser.post(here, data={"reviewer": reviewer, "due_on": "2099-01-31"})
    assert done.status_code == 303
    page = words(browser.get(here))
    assert "Reviewer 1 Asked" in page
    assert "Every reviewer of this fund has been asked." in page
    assert browser.post(here, data={"reviewer": reviewer}).status_code == 422
    colleague = world.reviewer(2)
    with transaction():
        db.session.execute(
            db.text("UPDATE user_account SET organisation_id = :o WHERE id = :u"),
            {"o": world.applicant().organisation_id, "u": colleague.user_id},
        )
    refused = browser.post(here, data={"reviewer": f"{colleague.user_id}", "due_on": "2099-01-31"})
    assert refused.status_code == 409
    assert "ask someone else" in words(refused)
    assert controls(refused, here)["due_on"] == "2099-01-31"


def test_officer_closes_the_reviewing_with_a_reason(world: DeskWorld) -> None:
    world.eligible()
    first = world.assigned(1)
    world.assigned(1, world.reviewer(2))
    world.declared(first)
    world.scored(first)
    browser, here = officer(world), "/staff/applications/1/reviews/close"
    assert "Decide with the reviews at hand" in words(browser.get("/staff/applications/1/reviews"))
    assert browser.post(here, data={"reason": ""}).status_code == 422
    assert browser.post(here, data={"reason": "It is late."}).status_code == 303
    assert world.application(1).state == "reviewed"
    assert "Reviewing closed" in words(browser.get("/staff/applications/1/timeline"))


def test_others_see_why_they_cannot_screen_or_assign(world: DeskWorld) -> None:
    world.submitted()
    director = world.browser(world.director())
    assert "A grant officer of this fund checks eligibility." in words(
        director.get("/staff/applications/1/eligibility")
    )
    refused = director.post("/staff/applications/1/eligibility", data=PASSED)
    assert refused.status_code == 403


def test_what_waits_stands_on_the_first_page(world: DeskWorld) -> None:
    world.submitted()
    home = words(officer(world).get("/staff/"))
    assert "Water kiosks for Masese" in home
    assert "Check eligibility" in home
    assert "Check eligibility" not in words(world.browser(world.director()).get("/staff/"))


def test_attachment_is_opened_from_the_record(world: DeskWorld) -> None:
    author, application_id = world.applicant(), world.complete_draft()
    with transaction():
        actions.attach_file(
            author, application_id, "support_letter", name="letter.pdf", content=b"%PDF-1.4 x"
        )
        actions.submit(author, application_id)
    browser = officer(world)
    assert "letter.pdf" in words(browser.get("/staff/applications/1"))
    assert browser.get("/staff/applications/1/files/1").data == b"%PDF-1.4 x"
    assert browser.get("/staff/applications/1/files/9").status_code == 404


def test_pages_take_the_same_number_of_statements_however_many(world: DeskWorld) -> None:
    world.reviewed()
    browser = officer(world)
    few = statements(lambda: browser.get("/staff/applications"))
    record = statements(lambda: browser.get("/staff/applications/1/reviews"))
    for city in ("Mbale", "Arua", "Lira"):
        world.submitted(world.applicant(city))
    db.session.remove()
    assert statements(lambda: browser.get("/staff/applications")) == few <= 15
    assert statements(lambda: browser.get("/staff/applications/1/reviews")) == record <= 24
