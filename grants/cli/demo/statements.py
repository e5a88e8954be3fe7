"""The statement that the demonstration's donor finds: of the last full year, certified."""

from __future__ import annotations

from datetime import date

from grants.cli.demo.story import Story
from grants.db import transaction
from grants.reports import actions


def issue_statement(story: Story) -> None:
    """Have it prepared by finance and certified by a second person, as every statement is."""
    year = story.today.year - 1
    with transaction():
        report_id = actions.request_statement(
            story.actor("finance"),
            story.fund_id,
            story.made["sweden"],
            from_on=date(year, 1, 1),
            until_on=date(year, 12, 31),
        ).id
    statement = actions.build(report_id)
    paper = actions.make_pdf(statement)
    with transaction():
        actions.issue(report_id, statement, paper)
    with transaction():
        actions.certify(story.actor("certifying"), report_id)
    certified = actions.rebuild_certified(report_id)
    paper = actions.make_pdf(certified)
    with transaction():
        actions.keep_certified(report_id, certified, paper)
