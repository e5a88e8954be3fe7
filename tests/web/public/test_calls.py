"""Calls are read by everybody, with all their questions, before anybody signs in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine
from flask.testing import FlaskClient

from grants.applications import actions
from grants.db import db, transaction
from tests.web.application_world import DeskWorld, statements, words

CLOSES = datetime(2027, 12, 9, 13, 0, tzinfo=UTC)


def test_call_shows_all_questions_criteria_and_dates_in_both_zones(
    client: FlaskClient, world: DeskWorld
) -> None:
    with time_machine.travel(CLOSES - timedelta(days=9), tick=False):
        call_id = world.call(closes_at=CLOSES, zone="Africa/Kampala", grace_minutes=5)
        text = words(client.get(f"/calls/{call_id}"))
    for part in (
        "9 Dec 2027, 16:00 Kampala",
        "9 Dec 2027, 13:00 UTC",
        "9 days left",
        "5 minutes longer",
        "Which problem do you want to solve, and whose is it?",
        "At most 300 words.",
        "Is the problem real and urgent",
        "The applicant is a legal entity",
        "USD 1,000.00 to USD 50,000.00",
        "USD 400,000.00",
        "It takes about 2 hours.",
        "You sign in first.",
    ):
        assert part in text


def test_draft_of_a_call_is_not_there_and_a_closed_one_takes_nothing(
    client: FlaskClient, world: DeskWorld
) -> None:
    new = world.new_call()
    with transaction():
        draft_id = actions.new_call(world.officer(), new).id
    assert client.get(f"/calls/{draft_id}").status_code == 404
    assert client.get("/calls/999").status_code == 404
    assert "No call is open at present." in words(client.get("/calls"))
    with time_machine.travel(CLOSES - timedelta(days=1), tick=False):
        call_id = world.call("B", closes_at=CLOSES)
        assert "Community Upgrading Fund 2026" in words(client.get("/calls"))
    with time_machine.travel(CLOSES, tick=False):
        assert "takes no applications any more" in words(client.get(f"/calls/{call_id}"))
        assert "No call is open" in words(client.get("/calls"))


def test_call_that_opens_later_can_be_read(client: FlaskClient, world: DeskWorld) -> None:
    opens_at = CLOSES - timedelta(days=30)
    with time_machine.travel(opens_at - timedelta(days=1), tick=False):
        call_id = world.call(opens_at=opens_at, closes_at=CLOSES)
        assert "Opens later" in words(client.get("/calls"))
        text = words(client.get(f"/calls/{call_id}"))
        assert "Not open yet" in text
        assert "Begin an application" not in text


def test_whoever_is_not_signed_in_is_asked_to_before_a_draft_begins(
    client: FlaskClient, world: DeskWorld
) -> None:
    call_id = world.call()
    assert client.post(f"/applicant/start/{call_id}").status_code == 401
    assert client.get("/applicant/").status_code == 303


def test_list_takes_the_same_number_of_statements_however_many_calls(
    client: FlaskClient, world: DeskWorld
) -> None:
    world.call()
    few = statements(lambda: client.get("/calls"))
    for number in range(4):
        world.call(f"CA-{number}")
    db.session.remove()
    assert statements(lambda: client.get("/calls")) == few <= 3
