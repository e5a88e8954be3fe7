"""Proofs of the books: read in one moment without holding anybody up, then kept."""

from __future__ import annotations

from functools import partial
from typing import Any

from grants.db import snapshot
from grants.jobs.registry import Effect, Progress, job
from grants.people import queries as people
from grants.proof import actions, queries
from grants.proof.queries import Examination


@job(queries.JOB)
def prove(arguments: dict[str, Any], progress: Progress) -> Effect:
    """Prove the books of one fund; or, without one, what all funds have in common."""
    progress(0, 1)
    fund_id = arguments["fund_id"]
    with snapshot():
        found = queries.examine_house() if fund_id is None else queries.examine(int(fund_id))
    return partial(_keep, arguments["actor_id"], found)


def _keep(actor_id: int | None, found: Examination) -> None:
    system = people.system_actor()
    is_asked_for = actor_id not in {None, system.user_id}
    actions.keep(people.actor_of(int(actor_id or 0)) if is_asked_for else system, found)
