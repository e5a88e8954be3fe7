"""Calls on the staff desk: written, changed, announced."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants.applications import queries
from grants.applications.models import Call
from grants.db import db
from tests.web.application_world import DeskWorld, controls, statements, words

TYPED = {
    "reference": "CA-2027-01",
    "title": "Secondary cities",
    "summary": "For cities that grow.",
    "year": "2027",
    "time_zone": "Africa/Kampala",
    "opens_at": "",
    "opens_at-time": "",
    "closes_at": "2099-12-09",
    "closes_at-time": "14:00",
    "grace_minutes": "",
    "envelope": "400,000",
    "grant_min": "",
    "grant_max": "50,000",
    "eligibility": "It is a city.\n\nIt is in Uganda.",
    "criterion-0-name": "Need",
    "criterion-0-help": "Is it real?",
    "criterion-0-weight": "60",
    "criterion-3-name": "Cost",
    "criterion-3-help": "",
    "criterion-3-weight": "40",
}


@pytest.fixture
def world(app: Flask) -> DeskWorld:
    return DeskWorld(app)


def typed(world: DeskWorld, **changed: str) -> dict[str, str]:
    programme = f"{world.programme_named('Uganda Country Programme')}"
    form = f"{world.form_version()}"
    return {**TYPED, "programme": programme, "form_version": form, **changed}


def officer(world: DeskWorld) -> FlaskClient:
    return world.browser(world.officer())


def test_call_is_written_read_and_published(world: DeskWorld) -> None:
    data, browser = typed(world), officer(world)
    done = browser.post("/staff/calls/new", data=data)
    assert (done.status_code, done.location) == (303, "/staff/calls/1")
    call = db.session.get_one(Call, 1)
    assert call.closes_at == datetime(2099, 12, 9, 11, 0, tzinfo=UTC)
    assert [each["name"] for each in call.criteria] == ["Need", "Cost"]
    assert [each["rule"] for each in call.eligibility] == ["It is a city.", "It is in Uganda."]
    page = words(browser.get("/staff/calls/1"))
    assert "Draft" in page
    assert "9 Dec 2099, 14:00 Kampala" in page
    assert world.app.test_client().get("/calls/1").status_code == 404
    shown = controls(browser.get("/staff/calls/1/edit"), "/staff/calls/1/edit")
    assert shown["closes_at-time"] == "14:00"
    assert shown["criterion-1-name"] == "Cost"
    changed = browser.post("/staff/calls/1/edit", data={**shown, "title": "Growing cities"})
    assert changed.status_code == 303
    browser.post("/staff/calls/1/publish")
    assert "Growing cities" in words(world.app.test_client().get("/calls/1"))
    again = browser.post("/staff/calls/1/publish", follow_redirects=True)
    assert "is published already" in words(again)
    refused = browser.post("/staff/calls/1/edit", data={**shown, "title": "Late idea"})
    assert refused.status_code == 409
    assert "stays as it was announced" in words(refused)
    assert controls(refused, "/staff/calls/1/edit")["title"] == "Late idea"


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"title": ""}, 422, "Give a title."),
        ({"closes_at": "", "closes_at-time": ""}, 422, "Give the deadline."),
        ({"closes_at-time": ""}, 422, "both the day and the time"),
        (
            {"time_zone": "Europe/Brussels", "closes_at": "2027-03-28", "closes_at-time": "02:30"},
            422,
            "clocks skip",
        ),
        ({"grant_min": "60,000"}, 422, "smallest grant is larger"),
        ({"criterion-0-weight": "heavy"}, 422, "Enter a number"),
        ({"programme": "999"}, 422, "Choose one of the answers"),
        ({"time_zone": "Mars/Base"}, 422, "Choose one of the answers"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    world: DeskWorld, changed: dict[str, str], status: int, sentence: str
) -> None:
    refused = officer(world).post("/staff/calls/new", data=typed(world, **changed))
    assert refused.status_code == status
    assert sentence in words(refused)
    assert controls(refused, "/staff/calls/new")["summary"] == "For cities that grow."


def test_reference_is_taken_once(world: DeskWorld) -> None:
    browser, data = officer(world), typed(world)
    browser.post("/staff/calls/new", data=data)
    refused = browser.post("/staff/calls/new", data=data)
    assert refused.status_code == 409
    assert "already a call with the reference CA-2027-01" in words(refused)


def test_call_without_criteria_is_not_published(world: DeskWorld) -> None:
    browser = officer(world)
    bare = typed(world, **{"criterion-0-name": "", "criterion-3-name": ""})
    browser.post("/staff/calls/new", data=bare)
    refused = browser.post("/staff/calls/1/publish", follow_redirects=True)
    assert "needs at least one criterion" in words(refused)
    assert not queries.open_calls()


def test_fund_without_a_form_begins_with_the_concept_note(world: DeskWorld) -> None:
    browser = officer(world)
    assert "This fund has no form yet" in words(browser.get("/staff/calls/new"))
    assert browser.post("/staff/calls/forms/starter").location == "/staff/calls/new"
    assert "Concept note, version 1" in words(browser.get("/staff/calls/new"))


def test_only_officers_write_calls_and_only_staff_see_drafts(world: DeskWorld) -> None:
    data = typed(world)
    officer(world).post("/staff/calls/new", data=data)
    director = world.browser(world.director())
    assert director.get("/staff/calls/1").status_code == 200
    assert "New call" not in words(director.get("/staff/calls"))
    for path in ("/staff/calls/new", "/staff/calls/1/edit"):
        assert director.get(path).status_code == 403
        assert director.post(path, data=data).status_code == 403
    assert director.post("/staff/calls/1/publish").status_code == 403
    assert director.post("/staff/calls/forms/starter").status_code == 403
    assert world.grace().get("/staff/calls/1").status_code == 404


def test_list_takes_the_same_number_of_statements_however_long(world: DeskWorld) -> None:
    world.call()
    browser = officer(world)
    few = statements(lambda: browser.get("/staff/calls"))
    for number in range(4):
        world.call(f"CA-{number}")
    db.session.remove()
    assert statements(lambda: browser.get("/staff/calls")) == few <= 12
    assert "CA-3" in words(browser.get("/staff/calls?q=ca-3"))
    assert "No call matches." in words(browser.get("/staff/calls?state=draft"))
