"""A real worker is killed in the middle of a job, and the job takes effect exactly once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from grants import clock
from grants.db import db, transaction
from grants.jobs import runner
from grants.jobs.registry import HANDLERS
from grants.outbox import actions, queries
from grants.outbox.models import Job, JobState, Message
from tests.jobs.slow_job import slowly
from tests.waiting import wait_for

pytestmark = [pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]


def test_a_job_whose_worker_is_killed_takes_effect_exactly_once(
    app: Flask, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HANDLERS, "slowly", slowly)
    started, go_on = tmp_path / "started", tmp_path / "go-on"
    with transaction():
        job_id = actions.enqueue("slowly", {"started": str(started), "go_on": str(go_on)})
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.slow_job"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url, "GRANTS_VAR": str(tmp_path / "var")},
        start_new_session=True,
    )
    try:
        wait_for(started)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    assert queries.job(job_id).state == JobState.RUNNING
    assert job_id not in runner.waiting_ids()
    with transaction() as session:
        # As if the lease had run out.
        session.execute(update(Job).values(lease_until=clock.now() - timedelta(seconds=1)))
    go_on.touch()
    assert runner.run_waiting() >= 1
    assert queries.job(job_id).state == JobState.DONE
    assert db.session.scalar(select(func.count(Message.id))) == 1
    assert runner.run_waiting() == 0
