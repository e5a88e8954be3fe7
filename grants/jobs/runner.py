"""Doing jobs: claimed with a lease, done once, tried again when a worker died."""

from __future__ import annotations

import gc
import json
import logging
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update

from grants import clock
from grants.db import db, transaction
from grants.errors import Refused
from grants.jobs.registry import HANDLERS
from grants.outbox.models import Job, JobState

LEASE = timedelta(minutes=10)
ATTEMPTS_MAX = 3
RETRY_AFTER = timedelta(seconds=20)

log = logging.getLogger(__name__)


class JobFailed(Refused):
    """The job could not be done."""


def run_job(job_id: int) -> bool:
    """Do one job if it is free to be done. Says whether this call did it.

    A refusal of the fund ends the job with its sentence. A mistake of ours is logged, and tried
    again a few times.
    """
    claimed = _claim(job_id)
    if claimed is None:
        return False
    kind, arguments, lease = claimed
    gc.disable()
    try:
        effect = HANDLERS[kind](arguments, lambda done, total: _progress(job_id, done, total))
        with transaction():
            if not _still_ours(job_id, lease):
                return False
            if effect is not None:
                effect()
            _finish(job_id, JobState.DONE, "")
    except Refused as refusal:
        _give_up(job_id, str(refusal))
        return True
    except Exception as error:  # whatever a job does, the worker lives on
        log.exception("job %s (%s) failed", job_id, kind)
        _try_again(job_id, f"{type(error).__name__}: {error}")
        return False
    finally:
        gc.enable()
        gc.collect()
    return True


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


def _claim(job_id: int) -> tuple[str, dict[str, object], datetime] | None:
    at = clock.now()
    lease = at + LEASE
    with transaction() as session:
        row = session.execute(
            update(Job)
            .where(Job.id == job_id, _is_free(at))
            .values(state=JobState.RUNNING, lease_until=lease, attempts=Job.attempts + 1)
            .returning(Job.kind, Job.arguments)
        ).one_or_none()
    return (row.kind, json.loads(row.arguments), lease) if row else None


def _is_free(at: datetime) -> ColumnElement[bool]:
    return or_(
        (Job.state == JobState.WAITING) & (Job.run_after <= at),
        (Job.state == JobState.RUNNING) & (Job.lease_until < at),
    )


def _still_ours(job_id: int, lease: datetime) -> bool:
    found = db.session.scalar(
        select(Job.id)
        .where(Job.id == job_id, Job.state == JobState.RUNNING, Job.lease_until == lease)
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


def _try_again(job_id: int, error: str) -> None:
    with transaction() as session:
        job = session.get_one(Job, job_id)
        if job.attempts >= ATTEMPTS_MAX:
            _finish(job_id, JobState.FAILED, error)
            return
        job.state = JobState.WAITING
        job.error = error
        job.lease_until = None
        job.run_after = clock.now() + RETRY_AFTER
