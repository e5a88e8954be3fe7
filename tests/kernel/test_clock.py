"""The clock: one for all, in UTC, and for a story of the past it can be stopped."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from grants import clock

THEN = datetime(2024, 12, 31, 22, 30, tzinfo=UTC)


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC


def test_the_day_depends_on_where_one_is() -> None:
    with clock.stopped_at(THEN):
        assert clock.today() == date(2024, 12, 31)
        assert clock.today("Africa/Kampala") == date(2025, 1, 1)


def test_a_stopped_clock_goes_on_afterwards() -> None:
    with clock.stopped_at(THEN):
        assert clock.now() == THEN
    assert clock.now() > THEN


def test_nothing_is_done_in_the_future_or_at_no_place() -> None:
    with pytest.raises(AssertionError), clock.stopped_at(clock.now() + timedelta(hours=1)):
        pass
    with pytest.raises(AssertionError), clock.stopped_at(datetime(2024, 12, 31)):  # noqa: DTZ001
        pass
