"""The only clock. Everything else is handed a time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def today(zone: str = "UTC") -> date:
    """The calendar date now in an IANA time zone."""
    return now().astimezone(ZoneInfo(zone)).date()
