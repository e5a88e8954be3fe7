"""The only clock. Everything else is handed a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_stopped_at: ContextVar[datetime | None] = ContextVar("stopped_at", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _stopped_at.get() or datetime.now(UTC)


def today(zone: str = "UTC") -> date:
    """The calendar date now in an IANA time zone."""
    return now().astimezone(ZoneInfo(zone)).date()


@contextmanager
def stopped_at(instant: datetime) -> Iterator[None]:
    """Tell a story of the past, as the demonstration does: here it is that instant, no later."""
    assert instant.tzinfo is not None, "an instant needs its time zone"
    assert instant <= datetime.now(UTC), "nothing is done in the future"
    token = _stopped_at.set(instant)
    try:
        yield
    finally:
        _stopped_at.reset(token)
