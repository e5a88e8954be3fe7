"""What waits in the outbox, and how far a job has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from grants.db import db
from grants.errors import NotFound
from grants.outbox.models import Job, JobState, Message


@dataclass(frozen=True, kw_only=True)
class JobView:
    """How far a job has come."""

    id: int
    kind: str
    state: str
    progress_done: int
    progress_total: int
    error: str

    @property
    def is_over(self) -> bool:
        return self.state in {JobState.DONE, JobState.FAILED}


@dataclass(frozen=True, kw_only=True)
class MessageView:
    """A message as its recipient reads it."""

    id: int
    subject: str
    body: str
    created_at: datetime
    is_read: bool


def job(job_id: int) -> JobView:
    """One job. Refuses with NotFound."""
    found = db.session.get(Job, job_id, populate_existing=True)
    if found is None:
        raise NotFound
    return _view(found)


def job_by_key(unique_key: str) -> JobView | None:
    """The job with this key, if there is one."""
    found = db.session.scalar(
        select(Job).where(Job.unique_key == unique_key).execution_options(populate_existing=True)
    )
    return _view(found) if found else None


def messages_of(user_id: int, *, limit: int = 50) -> list[MessageView]:
    """What somebody was told, newest first."""
    found = db.session.scalars(
        select(Message)
        .where(Message.recipient_id == user_id)
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return [
        MessageView(
            id=row.id,
            subject=row.subject,
            body=row.body,
            created_at=row.created_at,
            is_read=row.read_at is not None,
        )
        for row in found
    ]


def waiting_jobs() -> int:
    """How many jobs are not over."""
    states = [JobState.WAITING, JobState.RUNNING]
    return db.session.scalar(select(func.count(Job.id)).where(Job.state.in_(states))) or 0


def _view(found: Job) -> JobView:
    return JobView(
        id=found.id,
        kind=found.kind,
        state=found.state,
        progress_done=found.progress_done,
        progress_total=found.progress_total,
        error=found.error,
    )
