"""A job that says when it has begun and waits to be let go on. As a program: a worker for it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from grants import clock
from grants.app import create_app
from grants.cli.worker import work
from grants.db import db
from grants.jobs.registry import HANDLERS, Effect, Progress
from grants.outbox.models import Message
from grants.settings import from_environment


def slowly(arguments: dict[str, Any], _progress: Progress) -> Effect:
    """Begin, wait, and then write one message."""
    Path(arguments["started"]).touch()
    while not Path(arguments["go_on"]).exists():
        time.sleep(0.05)

    def effect() -> None:
        db.session.add(
            Message(to_address="", template="", subject="once", body="", created_at=clock.now())
        )

    return effect


if __name__ == "__main__":
    app = create_app(from_environment())
    HANDLERS["slowly"] = slowly
    with app.app_context():
        work(processes=1)
