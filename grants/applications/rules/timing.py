"""When a call takes applications: an instant and the zone it was announced in, never a guess."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from grants.errors import Refused


class CallNotOpen(Refused):
    """This call opens on {opens}. You can read its questions until then."""


class CallClosed(Refused):
    """This call closed at {closed}; it was {now} when your application arrived here."""


def closes_with_grace(closes_at: datetime, grace_minutes: int) -> datetime:
    """The last instant, not included, at which an application is taken."""
    return closes_at + timedelta(minutes=grace_minutes)


def is_open(
    now: datetime, opens_at: datetime | None, closes_at: datetime | None, grace_minutes: int = 0
) -> bool:
    """Whether an application would be taken at this instant. Without a deadline: always."""
    if opens_at is not None and now < opens_at:
        return False
    return closes_at is None or now < closes_with_grace(closes_at, grace_minutes)


def check_open(
    now: datetime,
    opens_at: datetime | None,
    closes_at: datetime | None,
    *,
    zone: str,
    grace_minutes: int = 0,
) -> None:
    """Refuse an application before the opening, or from the instant of the deadline on."""
    if opens_at is not None and now < opens_at:
        raise CallNotOpen(opens=_in_zone(opens_at, zone))
    if not is_open(now, opens_at, closes_at, grace_minutes):
        assert closes_at is not None
        raise CallClosed(closed=_in_zone(closes_at, zone), now=_in_zone(now, zone))


def days_left(now: datetime, closes_at: datetime) -> int:
    """Whole days until the deadline; below zero once it has passed."""
    return (closes_at - now).days


def _in_zone(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%d %B %Y, %H:%M:%S} ({zone})"
