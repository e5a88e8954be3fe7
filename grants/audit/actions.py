"""Writing the audit trail."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from sqlalchemy import insert, select

from grants import clock
from grants.audit.models import AuditEvent, AuditHead
from grants.audit.rules import WaitingEvent, seal
from grants.db import before_commit, db
from grants.money import Money


class Doer(Protocol):
    """Whoever acts."""

    @property
    def user_id(self) -> int: ...


def record(
    actor: Doer,
    verb: str,
    thing_type: str,
    thing_id: int | None,
    *,
    fund_id: int | None = None,
    reason: str = "",
    **facts: object,
) -> None:
    """Note that the actor did this. Written as the very last thing of the transaction.

    The chain is one for the whole system; growing it last keeps its lock short, and always after
    the lock of a fund's journal. Facts are kept as canonical JSON: give numbers, dates, amounts
    and short words, never personal text.
    """
    waiting: list[WaitingEvent] = db.session().info.setdefault("audit", [])
    if not waiting:
        before_commit(_write)
    waiting.append(
        WaitingEvent(
            fund_id=fund_id,
            actor_id=actor.user_id,
            verb=verb,
            thing_type=thing_type,
            thing_id=thing_id,
            reason=reason,
            facts=json.dumps(facts, sort_keys=True, ensure_ascii=False, default=_plain),
        )
    )


def _write() -> None:
    waiting: list[WaitingEvent] = db.session().info.pop("audit", [])
    db.session.flush()
    sequence, previous = db.session.execute(
        select(AuditHead.sequence, AuditHead.hash).where(AuditHead.id == 1).with_for_update()
    ).one()
    at = clock.now()
    rows: list[dict[str, object]] = []
    for event in waiting:
        sequence += 1
        digest = seal(event, sequence, at, previous)
        rows.append(
            {
                "sequence": sequence,
                "at": at,
                "fund_id": event.fund_id,
                "actor_id": event.actor_id,
                "verb": event.verb,
                "thing_type": event.thing_type,
                "thing_id": event.thing_id,
                "reason": event.reason,
                "facts": event.facts,
                "previous_hash": previous,
                "hash": digest,
            }
        )
        previous = digest
    db.session.execute(insert(AuditEvent), rows)


def _plain(value: object) -> str:
    if isinstance(value, (Decimal, Money)):
        return str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong into the audit trail")
