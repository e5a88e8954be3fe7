"""Checking, submitting, the receipt, and what becomes of an application."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine

from grants.applications import actions
from grants.db import transaction
from grants.people import actions as people
from grants.people import queries as who
from grants.people.models import Role
from tests.makes.applications import COMPLETE
from tests.web.application_world import DeskWorld, words


def test_check_page_shows_every_answer_with_a_way_back(world: DeskWorld) -> None:
    world.complete_draft()
    page = world.grace().get("/applicant/1/check")
    text = words(page)
    assert "Water kiosks for Masese" in text
    assert "City or local government" in text
    assert "12,000.00" in text
    assert "Submit application" in text
    assert 'href="/applicant/1/sections/project?show=all#title-field"' in page.text
    assert "Which organisation, and which part?" not in text


def test_incomplete_application_says_what_is_missing_and_where(world: DeskWorld) -> None:
    world.complete_draft(answers={**COMPLETE, "months": "", "place": ""})
    grace = world.grace()
    page = grace.get("/applicant/1/check")
    assert "2 answers need attention before you can submit" in words(page)
    assert 'href="#told-months"' in page.text
    assert "Submit application" not in words(page)
    refused = grace.post("/applicant/1/submit")
    assert refused.status_code == 422
    assert "2 answers need attention before you can submit." in words(refused)


def test_receipt_says_what_arrived_and_when_on_both_clocks(world: DeskWorld) -> None:
    world.complete_draft()
    grace = world.grace()
    answer = grace.post("/applicant/1/submit")
    assert (answer.status_code, answer.location) == (303, "/applicant/1/receipt")
    text = words(grace.get("/applicant/1/receipt"))
    application = world.application(1)
    assert application.receipt_number is not None
    for part in (application.receipt_number, application.answers_hash, "USD 12,400.00", "Kampala"):
        assert part in text
    assert "What happens next" in text
    page = words(grace.get("/applicant/1"))
    assert "Submitted The Secretariat acts next" in page
    again = grace.post("/applicant/1/submit", follow_redirects=True)
    assert "cannot be changed any more" in words(again)
    assert grace.get("/applicant/1/check").location == "/applicant/1"


def test_late_submission_is_refused_with_the_time_of_the_server(world: DeskWorld) -> None:
    closes_at = datetime(2027, 12, 9, 13, 0, tzinfo=UTC)
    world.call("L", closes_at=closes_at, zone="Etc/GMT-1")
    world.complete_draft(call="L")
    with time_machine.travel(closes_at - timedelta(hours=1), tick=False):
        grace = world.grace()
        assert "Submit application" in words(grace.get("/applicant/1/check"))
    with time_machine.travel(closes_at, tick=False):
        refused = grace.post("/applicant/1/submit")
        assert refused.status_code == 409
        text = words(refused)
        assert "closed at 09 December 2027, 14:00:00 (Etc/GMT-1)" in text
        assert "takes no applications any more" in text
        assert "takes no applications any more" in words(grace.get("/applicant/1"))
        assert "The call has closed" in words(grace.get("/applicant/"))


def test_application_is_withdrawn_after_a_question(world: DeskWorld) -> None:
    world.submitted()
    grace = world.grace()
    assert "Withdraw this application?" in words(grace.get("/applicant/1/withdraw"))
    done = grace.post("/applicant/1/withdraw", data={"reason": ""}, follow_redirects=True)
    assert "CA-2026-01-0001 is withdrawn." in words(done)
    refused = grace.post("/applicant/1/withdraw", data={"reason": "again"})
    assert refused.status_code == 409
    assert "again" in refused.text


def test_decision_and_its_reason_are_read_by_the_applicant(world: DeskWorld) -> None:
    world.approved()
    page = words(world.grace().get("/applicant/1"))
    assert "Approved with USD 12,400.00" in page
    assert "It is well thought out." in page
    assert "prepares the grant agreement" in page
    for hidden in ("Reviewer 1", "Approver", "Sound."):
        assert hidden not in page
    assert "Approved" in words(world.grace().get("/applicant/"))


def test_reason_of_an_ineligible_application_is_read_by_the_applicant(world: DeskWorld) -> None:
    world.submitted()
    failed = {"legal": True, "country": False, "sound": True}
    with transaction():
        actions.check_eligibility(world.officer(), 1, failed, reason="It is not in Uganda.")
    assert "It is not in Uganda." in words(world.grace().get("/applicant/1"))


def test_session_that_ended_loses_nothing(world: DeskWorld) -> None:
    world.draft()
    with transaction():
        person = people.register_user(
            who.system_actor(),
            email="late@city.example",
            name="Late",
            password="the quick brown fox",
            organisation_id=world.applicant().organisation_id,
        )
        people.give_role(who.system_actor(), person.id, Role.APPLICANT, world.books())
    nobody = world.app.test_client()
    typed = {"version": "0", "title": 'Kiosks & "taps"', "go": "stay"}
    asked = nobody.post("/applicant/1/sections/project", data=typed)
    assert asked.status_code == 401
    assert "Kiosks &amp; &#34;taps&#34;" in asked.text
    signed = {"resume_email": "late@city.example", "resume_password": "the quick brown fox"}
    done = nobody.post("/applicant/1/sections/project", data={**typed, **signed})
    assert done.status_code == 303
    assert world.application(1).answers == {"title": 'Kiosks & "taps"'}
