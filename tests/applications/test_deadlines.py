"""A deadline is an instant, announced in a named zone: one second decides, from wherever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from grants.applications import actions, queries, rules
from grants.applications.rules.timing import CallClosed, CallNotOpen
from grants.db import transaction
from tests.applications.conftest import ApplicationWorld

#: 14:00 on the clocks of GMT+1, as calls announce it.
CLOSES = datetime(2027, 12, 9, 14, 0, tzinfo=ZoneInfo("Etc/GMT-1"))


def test_last_second_is_taken_and_the_deadline_is_not(world: ApplicationWorld) -> None:
    world.call("A", closes_at=CLOSES, zone="Etc/GMT-1")
    application_id, author = world.complete_draft(call="A"), world.applicant()
    with (
        time_machine.travel(CLOSES, tick=False),
        pytest.raises(CallClosed) as refused,
        transaction(),
    ):
        actions.submit(author, application_id)
    assert "closed at 09 December 2027, 14:00:00 (Etc/GMT-1)" in str(refused.value)
    assert "it was 09 December 2027, 14:00:00" in str(refused.value)
    with time_machine.travel(CLOSES - timedelta(seconds=1), tick=False), transaction():
        assert actions.submit(author, application_id).submitted_at == CLOSES - timedelta(seconds=1)


def test_it_is_the_same_instant_from_another_zone(world: ApplicationWorld) -> None:
    """Kampala's clocks say 15:59:59 and 16:00:00."""
    kampala = ZoneInfo("Africa/Kampala")
    assert CLOSES.astimezone(kampala).isoformat() == "2027-12-09T16:00:00+03:00"
    world.call("A", closes_at=CLOSES, zone="Etc/GMT-1")
    application_id, author = world.complete_draft(call="A"), world.applicant()
    late = datetime(2027, 12, 9, 16, 0, tzinfo=kampala)
    with (
        time_machine.travel(late, tick=False),
        pytest.raises(CallClosed),
        transaction(),
    ):
        actions.submit(author, application_id)
    with time_machine.travel(late - timedelta(seconds=1), tick=False), transaction():
        actions.submit(author, application_id)


def test_deadline_survives_the_night_in_which_clocks_change(world: ApplicationWorld) -> None:
    """Announced in summer time, due after it ended in Brussels: 14:00 is then 13:00 UTC."""
    brussels = ZoneInfo("Europe/Brussels")
    closes_at = datetime(2027, 10, 31, 14, 0, tzinfo=brussels)
    assert closes_at.astimezone(UTC).hour == 13
    with time_machine.travel(datetime(2027, 10, 1, tzinfo=UTC)):
        world.call("A", closes_at=closes_at, zone="Europe/Brussels")
        application_id, author = world.complete_draft(call="A"), world.applicant()
    with time_machine.travel(datetime(2027, 10, 31, 12, 59, 59, tzinfo=UTC), tick=False):
        assert queries.call_page(None, world.call("A")).is_open
    with (
        time_machine.travel(datetime(2027, 10, 31, 13, 0, tzinfo=UTC), tick=False),
        pytest.raises(CallClosed),
        transaction(),
    ):
        actions.submit(author, application_id)


def test_hour_that_comes_twice_is_two_instants() -> None:
    """In New York, 01:30 on 7 November 2027 is first 05:30 UTC, then 06:30 UTC."""
    zone = ZoneInfo("America/New_York")
    first = datetime(2027, 11, 7, 1, 30, tzinfo=zone)
    second = first.replace(fold=1)
    assert rules.is_open(datetime(2027, 11, 7, 6, 0, tzinfo=UTC), None, second.astimezone(UTC))
    assert not rules.is_open(datetime(2027, 11, 7, 6, 0, tzinfo=UTC), None, first.astimezone(UTC))


def test_grace_is_as_long_as_it_is_written(world: ApplicationWorld) -> None:
    world.call("A", closes_at=CLOSES, zone="Etc/GMT-1", grace_minutes=15)
    application_id, author = world.complete_draft(call="A"), world.applicant()
    assert rules.closes_with_grace(CLOSES, 15) == CLOSES + timedelta(minutes=15)
    with (
        time_machine.travel(CLOSES + timedelta(minutes=15), tick=False),
        pytest.raises(CallClosed),
        transaction(),
    ):
        actions.submit(author, application_id)
    with time_machine.travel(CLOSES + timedelta(minutes=14, seconds=59), tick=False), transaction():
        actions.submit(author, application_id)


def test_nothing_is_begun_before_the_opening_or_after_the_end(world: ApplicationWorld) -> None:
    opens_at = CLOSES - timedelta(days=30)
    call_id = world.call("A", opens_at=opens_at, closes_at=CLOSES, zone="Etc/GMT-1")
    author = world.applicant()
    with (
        time_machine.travel(opens_at - timedelta(seconds=1), tick=False),
        pytest.raises(CallNotOpen, match="opens on 09 November 2027, 14:00:00"),
        transaction(),
    ):
        actions.start_draft(author, call_id)
    with time_machine.travel(CLOSES, tick=False), pytest.raises(CallClosed), transaction():
        actions.start_draft(author, call_id)
    with time_machine.travel(opens_at, tick=False), transaction():
        actions.start_draft(author, call_id)


def test_what_is_typed_after_the_deadline_is_kept_all_the_same(world: ApplicationWorld) -> None:
    world.call("A", closes_at=CLOSES, zone="Etc/GMT-1")
    application_id, author = world.draft(call="A"), world.applicant()
    with time_machine.travel(CLOSES + timedelta(days=1), tick=False), transaction():
        actions.save_answers(author, application_id, {"title": "Too late"}, base_revision=0)
    assert world.application(application_id).answers == {"title": "Too late"}
