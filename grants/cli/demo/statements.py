"""The statement that the demonstration's donor finds: of the last full year, certified."""

from __future__ import annotations

from datetime import date

from grants.cli.demo.story import Story
from grants.cli.finishing import finish
from grants.db import transaction
from grants.people import queries as people
from grants.reports import actions, queries
from grants.reports.papers.pdf import PapersNotPossible


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
    finish(queries.making_key(report_id))
    made = queries.issued_statement(people.system_actor(), report_id)
    if made.error:
        raise PapersNotPossible(made.error)
    with transaction():
        actions.certify(story.actor("certifying"), report_id)
    finish(queries.certifying_key(report_id))
