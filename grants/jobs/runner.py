"""Doing jobs: claimed with a lease, done once, tried again when a worker died."""

from __future__ import annotations

import gc
import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update

from grants import clock
from grants.db import db, transaction
from grants.errors import Refused
from grants.jobs.lease import LEASE, Lease
from grants.jobs.registry import HANDLERS
from grants.outbox.models import Job, JobState

ATTEMPTS_MAX = 3
RETRY_AFTER = timedelta(seconds=20)

log = logging.getLogger(__name__)


class JobFailed(Refused):
    """The job could not be done."""


@dataclass(frozen=True)
class _Claim:
    kind: str
    arguments: dict[str, object]
    until: datetime


def run_job(job_id: int) -> bool:
    """Do one job if it is free to be done. Says whether this call ended it.

    A refusal of the fund ends the job with its sentence. A mistake of ours is logged, and tried
    again a few times.
    """
    claim = _claim(job_id)
    if claim is None:
        return False
    # Rendering makes many objects and drops them all at its end.
    gc.disable()
    try:
        return _work(job_id, claim)
    except Refused as refusal:
        _give_up(job_id, str(refusal))
        return True
    except Exception as error:  # whatever a job does, the worker lives on
        log.exception("job %s (%s) failed", job_id, claim.kind)
        return _try_again(job_id, f"{type(error).__name__}: {error}")
    finally:
        gc.enable()
        gc.collect()


def run_waiting() -> int:
    """Do everything that waits, here and now. Says how many jobs were done."""
    done = 0
    while job_ids := waiting_ids():
        finished = sum(run_job(job_id) for job_id in job_ids)
        if not finished:
            break
        done += finished
    return done


def waiting_ids(*, limit: int = 100) -> list[int]:
    """Jobs that could be done now: waiting, or left behind by a worker that died."""
    at = clock.now()
    db.session.rollback()
    found = list(
        db.session.scalars(select(Job.id).where(_is_free(at)).order_by(Job.id).limit(limit))
    )
    db.session.rollback()
    return found


def _claim(job_id: int) -> _Claim | None:
    at = clock.now()
    until = at + LEASE
    with transaction() as session:
        row = session.execute(
            update(Job)
            .where(Job.id == job_id, _is_free(at))
            .values(state=JobState.RUNNING, lease_until=until, attempts=Job.attempts + 1)
            .returning(Job.kind, Job.arguments)
        ).one_or_none()
    return _Claim(row.kind, json.loads(row.arguments), until) if row else None


def _work(job_id: int, claim: _Claim) -> bool:
    """The slow part, then its effect and the word that it is done, in one transaction."""
    with Lease(job_id, claim.until) as lease:
        effect = HANDLERS[claim.kind](
            claim.arguments, lambda done, total: _progress(job_id, done, total)
        )
    with transaction():
        if not _still_ours(job_id, lease.until):
            log.warning("job %s was given to another worker meanwhile", job_id)
            return False
        if effect is not None:
            effect()
        _finish(job_id, JobState.DONE, "")
    return True


def _is_free(at: datetime) -> ColumnElement[bool]:
    return or_(
        (Job.state == JobState.WAITING) & (Job.run_after <= at),
        (Job.state == JobState.RUNNING) & (Job.lease_until < at),
    )


def _still_ours(job_id: int, until: datetime) -> bool:
    found = db.session.scalar(
        select(Job.id)
        .where(Job.id == job_id, Job.state == JobState.RUNNING, Job.lease_until == until)
        .with_for_update()
    )
    return found is not None


def _progress(job_id: int, done: int, total: int) -> None:
    with transaction() as session:
        session.execute(
            update(Job).where(Job.id == job_id).values(progress_done=done, progress_total=total)
        )


def _finish(job_id: int, state: JobState, error: str) -> None:
    db.session.execute(
        update(Job)
        .where(Job.id == job_id)
        .values(state=state, error=error, finished_at=clock.now(), lease_until=None)
    )


def _give_up(job_id: int, sentence: str) -> None:
    with transaction():
        _finish(job_id, JobState.FAILED, sentence)


def _try_again(job_id: int, error: str) -> bool:
    """Put the job back to be tried later; or, tried often enough, let it rest as failed."""
    with transaction() as session:
        job = session.get_one(Job, job_id)
        if job.attempts >= ATTEMPTS_MAX:
            _finish(job_id, JobState.FAILED, error)
            return True
        job.state = JobState.WAITING
        job.error = error
        job.lease_until = None
        job.run_after = clock.now() + RETRY_AFTER
        return False
