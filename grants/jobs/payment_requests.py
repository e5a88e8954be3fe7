"""Payment requests: put on paper by the worker, and reminders of what is due or late."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from grants import clock
from grants.db import db
from grants.donors import actions
from grants.donors import queries as donors
from grants.jobs.registry import Effect, Progress, job
from grants.people import queries as people
from grants.reports.papers.payment_request import render_payment_request


@job("payment_request.render")
def render(arguments: dict[str, Any], _progress: Progress) -> Effect:
    """Put a letter on paper, from what was frozen when it was issued."""
    request_id = int(arguments["request_id"])
    letter = donors.letter(request_id).letter
    db.session.rollback()
    return partial(_keep, request_id, render_payment_request(letter))


@job("reminders.send")
def remind(arguments: dict[str, Any], _progress: Progress) -> Effect:
    """Remind of what is due or late on a day, today unless one is given."""
    given = arguments.get("on")
    return partial(_remind, date.fromisoformat(str(given)) if given else clock.today())


def _keep(request_id: int, content: bytes) -> None:
    actions.keep_letter(people.system_actor(), request_id, content)


def _remind(on: date) -> None:
    actions.send_reminders(people.system_actor(), on)
