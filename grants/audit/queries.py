"""Reading the audit trail, and proving that it is whole."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, literal_column, select

from grants.audit.models import AuditEvent, AuditHead
from grants.audit.rules import WaitingEvent, seal
from grants.db import UNREADABLE, db, is_misspelt

_ROWS_AT_ONCE = 2000


@dataclass(frozen=True, kw_only=True)
class AuditLine:
    """One event, with the name of whoever did it."""

    sequence: int
    at: datetime
    actor: str
    verb: str
    thing_type: str
    thing_id: int | None
    reason: str
    facts: dict[str, object]


@dataclass(frozen=True)
class AuditVerification:
    """How many events there are, and the first whose place or content does not hold."""

    events: int
    first_broken: int | None
    what: str = ""

    @property
    def holds(self) -> bool:
        return self.first_broken is None


def trail_of(thing_type: str, thing_id: int, *, limit: int = 100) -> list[AuditLine]:
    """What happened to a thing, oldest first; of a long trail the newest part."""
    rows = db.session.execute(
        select(AuditEvent, _ACTOR)
        .where(AuditEvent.thing_type == thing_type, AuditEvent.thing_id == thing_id)
        .order_by(AuditEvent.sequence.desc())
        .limit(limit)
    ).all()
    return [_line(event, actor) for event, actor in reversed(rows)]


def latest(
    *, fund_id: int | None = None, limit: int = 50, before: int | None = None
) -> list[AuditLine]:
    """The newest events, of one fund or of all, before a sequence number."""
    query = select(AuditEvent, _ACTOR).order_by(AuditEvent.sequence.desc()).limit(min(limit, 500))
    if fund_id is not None:
        query = query.where(AuditEvent.fund_id == fund_id)
    if before is not None:
        query = query.where(AuditEvent.sequence < before)
    return [_line(event, actor) for event, actor in db.session.execute(query)]


def verify() -> AuditVerification:
    """Recompute the chain from its first event. Nothing is changed.

    What the database cannot even read is broken as well.
    """
    seen = 0

    def events() -> Generator[AuditEvent, None, None]:
        nonlocal seen
        rows = db.session.scalars(
            select(AuditEvent)
            .order_by(AuditEvent.sequence)
            .execution_options(yield_per=_ROWS_AT_ONCE, populate_existing=True)
        )
        with closing(rows):
            for event in rows:
                yield event
                seen = event.sequence

    try:
        with closing(events()) as trail:
            return _verified(trail)
    except UNREADABLE as error:
        db.session.rollback()
        what = f"it cannot be read: {type(error).__name__}"
        return AuditVerification(seen, seen + 1, what)


def _verified(events: Iterable[AuditEvent]) -> AuditVerification:
    sequence, previous = 0, "0" * 64
    for event in events:
        if event.sequence != sequence + 1 or event.previous_hash != previous:
            return AuditVerification(sequence, event.sequence, "it does not follow the one before")
        if _sealed(event, previous) != event.hash:
            return AuditVerification(sequence, event.sequence, "its content is not what was sealed")
        sequence, previous = event.sequence, event.hash
        db.session.expunge(event)
    misspelt = db.session.scalar(select(AuditEvent.sequence).where(is_misspelt(AuditEvent.at)))
    if misspelt is not None:
        return AuditVerification(sequence, misspelt, "its time is spelt otherwise")
    head = db.session.execute(select(AuditHead.id, AuditHead.sequence, AuditHead.hash)).one()
    if (head.id, head.sequence, head.hash) != (1, sequence, previous):
        what = f"the trail should end with event {head.sequence}"
        return AuditVerification(sequence, sequence + 1, what)
    return AuditVerification(sequence, None)


def _sealed(event: AuditEvent, previous: str) -> str:
    waiting = WaitingEvent(
        fund_id=event.fund_id,
        actor_id=event.actor_id,
        verb=event.verb,
        thing_type=event.thing_type,
        thing_id=event.thing_id,
        reason=event.reason,
        facts=event.facts,
    )
    return seal(waiting, event.sequence, event.at, previous)


#: People live one floor up, so their names are fetched by plain SQL.
_ACTOR: ColumnElement[str] = literal_column(
    "(SELECT name FROM user_account WHERE user_account.id = audit_event.actor_id)"
)


def _line(event: AuditEvent, actor: str) -> AuditLine:
    return AuditLine(
        sequence=event.sequence,
        at=event.at,
        actor=actor,
        verb=event.verb,
        thing_type=event.thing_type,
        thing_id=event.thing_id,
        reason=event.reason,
        facts=json.loads(event.facts),
    )
