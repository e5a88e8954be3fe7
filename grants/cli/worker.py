"""`grants worker`: the process that renders, imports and sends."""

from __future__ import annotations

import click
from flask import current_app

from grants.db import db


@click.command("worker")
@click.option("--workers", default=2, show_default=True, help="Processes that work at once.")
def worker_command(workers: int) -> None:
    """Do the jobs of the outbox until stopped. Each worker is a process of its own."""
    work(processes=workers)


def work(*, processes: int) -> None:
    """Start the workers and wait for them to be stopped."""
    huey = current_app.extensions["huey"]
    look_again = current_app.extensions["look_again"]
    # What was written while no worker listened is done now, not at the next full minute.
    look_again()
    # The workers are forked: none of them may inherit an open connection.
    db.engine.dispose()
    huey.create_consumer(
        workers=processes,
        worker_type="process",
        initial_delay=0.05,
        max_delay=0.5,
        backoff=1.2,
        health_check_interval=1,
    ).run()
