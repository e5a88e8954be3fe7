"""Statements: the figures are read, the papers are rendered, and only then anything is written."""

from __future__ import annotations

from functools import partial
from typing import Any

from grants.db import db, snapshot
from grants.errors import Refused
from grants.jobs.registry import Effect, Progress, job
from grants.people import queries as people
from grants.reports import actions
from grants.reports.papers.donor_statement import render_papers
from grants.reports.shapes import DonorStatement

STEPS = 3


@job("statement.make")
def make(arguments: dict[str, Any], progress: Progress) -> Effect:
    """Make a statement that was asked for. What the fund refuses stands on the statement."""
    report_id = int(arguments["report_id"])
    progress(0, STEPS)
    system = people.system_actor()
    try:
        with snapshot():
            statement = actions.build(system, report_id)
        progress(1, STEPS)
        papers = render_papers(statement)
    except Refused as refusal:
        return partial(_fail, report_id, str(refusal))
    progress(2, STEPS)
    return partial(_issue, report_id, statement, papers)


@job("statement.certify")
def certify(arguments: dict[str, Any], progress: Progress) -> Effect:
    """Make the certified paper of a statement that somebody has signed for."""
    report_id = int(arguments["report_id"])
    progress(0, STEPS)
    statement = actions.certified_statement(people.system_actor(), report_id)
    db.session.rollback()
    progress(1, STEPS)
    papers = render_papers(statement)
    progress(2, STEPS)
    return partial(_keep, report_id, statement, papers)


def _issue(report_id: int, statement: DonorStatement, papers: dict[str, bytes]) -> None:
    actions.issue(people.system_actor(), report_id, statement, papers)


def _keep(report_id: int, statement: DonorStatement, papers: dict[str, bytes]) -> None:
    actions.keep_certified(people.system_actor(), report_id, statement, papers)


def _fail(report_id: int, reason: str) -> None:
    actions.fail(people.system_actor(), report_id, reason)
