"""The lease of a job: renewed while its worker lives, so that a dead one is soon noticed."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from flask import Flask, current_app
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from grants import clock
from grants.db import transaction
from grants.outbox.models import Job, JobState

LEASE = timedelta(seconds=90)
_BEAT_SECONDS = 20

log = logging.getLogger(__name__)


class Lease:
    """Keeps a claimed job from being given to another worker while this block runs."""

    def __init__(self, job_id: int, until: datetime) -> None:
        self.job_id = job_id
        self.until = until
        self._is_over = threading.Event()
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - a thread needs the application itself
        self._thread = threading.Thread(target=self._beat, args=(app,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def _beat(self, app: Flask) -> None:
        while not self._is_over.wait(_BEAT_SECONDS):
            try:
                with app.app_context():
                    self._renew()
            except OperationalError:
                # The database is busy or away: the lease is long enough to try again.
                log.warning("the lease of job %s could not be renewed just now", self.job_id)

    def _renew(self) -> None:
        until = clock.now() + LEASE
        with transaction() as session:
            renewed = session.execute(
                update(Job)
                .where(
                    Job.id == self.job_id,
                    Job.state == JobState.RUNNING,
                    Job.lease_until == self.until,
                )
                .values(lease_until=until)
                .returning(Job.id)
            ).one_or_none()
        if renewed is not None:
            self.until = until
