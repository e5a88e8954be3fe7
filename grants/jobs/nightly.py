"""What is done every night: the books prove themselves, and reminders go out."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

from sqlalchemy import select

from grants import clock
from grants.db import db, transaction
from grants.jobs.registry import Effect, Progress, job
from grants.outbox import actions as outbox
from grants.outbox.models import Job
from grants.people import queries as people
from grants.proof import actions as proof

JOB = "nightly"
#: The hour (UTC) from which on the work of the night is done; a worker that slept does it later.
HOUR = 2
FUNDS_MAX = 10_000


def ensure() -> bool:
    """Put tonight's work into the outbox unless it is there. Says whether it was put there now."""
    key = f"{JOB}/{(clock.now().astimezone(UTC) - timedelta(hours=HOUR)).date()}"
    db.session.rollback()
    is_known = db.session.scalar(select(Job.id).where(Job.unique_key == key)) is not None
    db.session.rollback()
    if not is_known:
        with transaction():
            outbox.enqueue(JOB, {}, unique_key=key)
    return not is_known


@job(JOB)
def night(_arguments: dict[str, Any], _progress: Progress) -> Effect:
    """Ask for the proof of each fund, and of what all have in common, and for the reminders."""
    return _ask


def _ask() -> None:
    system = people.system_actor()
    proof.ask_for_house(system)
    for fund in people.funds(limit=FUNDS_MAX):
        proof.ask(system, fund.id)
    outbox.enqueue("reminders.send", {}, unique_key="reminders")
