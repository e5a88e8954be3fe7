"""Putting mails and jobs into the outbox, with the change that caused them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import select, update

from grants import clock
from grants.audit.actions import Doer
from grants.db import after_commit, db
from grants.outbox.models import Job, JobState, Message

JsonValue = str | int | bool | None


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Whoever a message is for."""

    user_id: int | None
    email: str
    name: str
    locale: str = "en"


_wake: list[Callable[[int], None]] = []


def wake_with(waker: Callable[[int], None]) -> None:
    """Say how a worker is woken once a job's transaction has taken effect."""
    _wake[:] = [waker]


def enqueue(kind: str, arguments: Mapping[str, JsonValue], *, unique_key: str | None = None) -> int:
    """Have a job done by the worker, if and when this transaction takes effect. Returns its id.

    A job with the same key that still waits or runs is the same job; one that is done or failed
    is put to work again.
    """
    at = clock.now()
    known = (
        db.session.scalar(select(Job).where(Job.unique_key == unique_key).with_for_update())
        if unique_key
        else None
    )
    if known is not None:
        if known.state in {JobState.DONE, JobState.FAILED}:
            known.state = JobState.WAITING
            known.attempts = 0
            known.error = ""
            known.progress_done = known.progress_total = 0
            known.run_after = at
            known.finished_at = None
        job = known
    else:
        job = Job(
            kind=kind,
            arguments=json.dumps(dict(arguments), sort_keys=True),
            unique_key=unique_key,
            created_at=at,
            run_after=at,
        )
        db.session.add(job)
    db.session.flush()
    job_id = job.id
    after_commit(lambda: _wake_for(job_id))
    return job_id


def tell(recipient: Recipient, *, template: str, subject: str, body: str) -> int:
    """Send somebody a message, if and when this transaction takes effect. Returns its id.

    The text is kept as it was written; the worker delivers it where mail is set up, and it is
    shown among the person's messages in any case.
    """
    message = Message(
        recipient_id=recipient.user_id,
        to_address=recipient.email,
        template=template,
        locale=recipient.locale,
        subject=subject,
        body=body,
        created_at=clock.now(),
    )
    db.session.add(message)
    db.session.flush()
    enqueue("mail.send", {"message_id": message.id}, unique_key=f"mail.send/{message.id}")
    return message.id


def forget(actor: Doer, user_id: int) -> None:
    """Blank what somebody was told, and where; that they were told something stays."""
    assert actor.user_id != user_id, "nobody removes themselves"
    db.session.execute(
        update(Message)
        .where(Message.recipient_id == user_id)
        .values(to_address="", subject="", body="")
    )


def _wake_for(job_id: int) -> None:
    for waker in _wake:
        waker(job_id)
