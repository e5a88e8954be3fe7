"""How an event of the audit trail is sealed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class WaitingEvent:
    """What somebody did, before it has its place in the chain."""

    fund_id: int | None
    actor_id: int
    verb: str
    thing_type: str
    thing_id: int | None
    reason: str
    facts: str


def seal(event: WaitingEvent, sequence: int, at: datetime, previous_hash: str) -> str:
    """The SHA-256 of the event in canonical JSON, chained to the hash of the one before."""
    content = [previous_hash, sequence, at.isoformat(timespec="microseconds"), *astuple(event)]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
