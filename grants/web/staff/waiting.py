"""What waits for the person who looks, gathered from all rooms of the staff desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import url_for

from grants import clock
from grants.money import Money
from grants.people.permissions import Actor
from grants.web.kit import parts


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One thing that waits: where it is done, since when, until when, and about how much."""

    title: str
    endpoint: str
    arguments: Mapping[str, int | str] = field(default_factory=dict)
    since: date | None = None
    due_on: date | None = None
    amount: Money | None = None
    reference: str = ""
    who: str = ""
    state: str = ""
    tone: str = ""


Source = Callable[[Actor], list[Waiting]]

_SOURCES: list[Source] = []


def waiting_source(source: Source) -> Source:
    """Let a room of the desk say what waits for somebody: a bounded list, in few statements."""
    _SOURCES.append(source)
    return source


def gather(who: Actor) -> list[parts.Waiting]:
    """All that waits for somebody: what is due first comes first, then what has waited longest."""
    found = [one for source in _SOURCES for one in source(who)]
    found.sort(
        key=lambda one: (one.due_on or date.max, one.since or date.max, one.title, one.reference)
    )
    today = clock.today(who.time_zone)
    return [_shown(one, today) for one in found]


def _shown(one: Waiting, today: date) -> parts.Waiting:
    return parts.Waiting(
        title=one.title,
        url=_url(one),
        reference=one.reference,
        who=one.who,
        amount=one.amount,
        due_on=one.due_on,
        days_left=(one.due_on - today).days if one.due_on else None,
        state=one.state,
        tone=one.tone,
    )


def _url(one: Waiting) -> str:
    arguments: dict[str, Any] = dict(one.arguments)
    return url_for(one.endpoint, **arguments)
