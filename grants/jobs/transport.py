"""Huey wakes the worker. It may forget: the job table is the truth, and is often looked at."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from typing import Any

from flask import Flask
from huey import SqliteHuey, crontab

from grants.jobs import nightly, runner
from grants.outbox.actions import wake_with

log = logging.getLogger(__name__)


def connect(app: Flask) -> Any:
    """The Huey of an application, in a database file of its own; and have commits wake it."""
    path = app.config["VAR_DIR"] / "huey.sqlite3"
    path.parent.mkdir(parents=True, exist_ok=True)
    huey = SqliteHuey("grants", filename=str(path), results=False)

    @huey.task()
    def run(job_id: int) -> None:
        with app.app_context():
            runner.run_job(job_id)

    @huey.task()
    def look() -> None:
        with app.app_context():
            nightly.ensure()
            for job_id in runner.waiting_ids():
                run(job_id)

    @huey.periodic_task(crontab(minute="*"))
    def look_again() -> None:
        look.call_local()

    wake_with(_waker(run))
    app.extensions["look_again"] = look
    return huey


def _waker(run: Callable[[int], object]) -> Callable[[int], None]:
    def wake(job_id: int) -> None:
        try:
            run(job_id)
        except sqlite3.OperationalError:
            log.warning("the worker could not be woken for job %s; it will look by itself", job_id)

    return wake
