"""Statements: the figures are read, the paper is rendered, and only then anything is written."""

from __future__ import annotations

from functools import partial
from typing import Any

from grants.db import db
from grants.jobs.registry import Effect, Progress, job
from grants.reports import actions


@job("statement.make")
def make(arguments: dict[str, Any], progress: Progress) -> Effect:
    """Make a statement that was asked for."""
    report_id = int(arguments["report_id"])
    progress(0, 2)
    statement = actions.build(report_id)
    db.session.rollback()
    progress(1, 2)
    pdf = actions.make_pdf(statement)
    return partial(_issue, report_id, statement, pdf)


@job("statement.certify")
def certify(arguments: dict[str, Any], progress: Progress) -> Effect:
    """Make the certified paper of a statement."""
    report_id = int(arguments["report_id"])
    progress(0, 2)
    statement = actions.rebuild_certified(report_id)
    db.session.rollback()
    progress(1, 2)
    pdf = actions.make_pdf(statement)
    return partial(actions.keep_certified, report_id, statement, pdf)


def _issue(report_id: int, statement: Any, pdf: bytes) -> None:
    actions.issue(report_id, statement, pdf)
