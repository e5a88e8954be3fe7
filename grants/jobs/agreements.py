"""Agreements: the document is rendered by the worker and kept with the grant."""

from __future__ import annotations

from functools import partial
from typing import Any

from grants.agreements import actions
from grants.agreements import queries as agreements
from grants.db import db
from grants.jobs.registry import Effect, Progress, job
from grants.people import queries as people
from grants.reports.papers.agreement import render_agreement


@job("agreement.render")
def render(arguments: dict[str, Any], _progress: Progress) -> Effect:
    """Make the document of an agreement that was prepared."""
    agreement_id = int(arguments["agreement_id"])
    record = agreements.agreement_paper(agreement_id)
    fund = people.fund(record.grant.fund_id)
    db.session.rollback()
    return partial(actions.keep_document, agreement_id, render_agreement(record, fund))
