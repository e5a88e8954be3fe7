"""Waiting for a job: done here and now, or by the worker that was faster."""

from __future__ import annotations

import time

from grants.db import db
from grants.errors import Refused
from grants.jobs import runner
from grants.outbox import queries as outbox

PATIENCE_SECONDS = 600


def finish(unique_key: str) -> None:
    """Return when the job with this key is done. Refuses with its sentence if it failed."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        db.session.rollback()
        job = outbox.job_by_key(unique_key)
        assert job is not None, unique_key
        if job.is_over:
            break
        if not runner.run_job(job.id):
            if time.monotonic() > end:
                raise Refused("The worker has not finished this in time. Look again later.")
            time.sleep(0.2)
    if job.error:
        raise Refused(job.error)
