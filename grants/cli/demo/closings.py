"""The books of the demonstration: a long first period that is closed, and what was put right."""

from __future__ import annotations

from datetime import date, timedelta

from grants import clock
from grants.cli.demo.story import Scene, Story, money
from grants.corrections import actions as corrections
from grants.corrections.rules import Reversal
from grants.funding import actions as funding
from grants.funding.actions import NewHappening
from grants.ledger import actions as ledger
from grants.ledger import queries as books

_MONTHS = 18


def scenes() -> list[tuple[int, Scene]]:
    """Each at its day: the first period ends some 355 days ago, and is closed six weeks later."""
    return [
        (902, _open_the_first_period),
        (395, _open_the_next_period),
        (320, _soft_close),
        (312, _close),
        (41, _interest_twice),
        (38, _propose_to_reverse),
        (36, _approve),
        (9, _a_charge_of_another_fund),
    ]


def _open_the_first_period(story: Story) -> None:
    starts_on = clock.today().replace(day=1)
    ends_on = _months_on(starts_on, _MONTHS) - timedelta(days=1)
    story.made["period"] = ledger.open_period(
        story.actor("finance"),
        story.fund_id,
        name=f"{starts_on:%B %Y} to {ends_on:%B %Y}",
        starts_on=starts_on,
        ends_on=ends_on,
    )


def _open_the_next_period(story: Story) -> None:
    first = books.period(story.made["period"])
    starts_on = first.ends_on + timedelta(days=1)
    ends_on = _months_on(starts_on, _MONTHS) - timedelta(days=1)
    ledger.open_period(
        story.actor("finance"),
        story.fund_id,
        name=f"{starts_on:%B %Y} to {ends_on:%B %Y}",
        starts_on=starts_on,
        ends_on=ends_on,
    )


def _soft_close(story: Story) -> None:
    ledger.soft_close_period(
        story.actor("finance"), story.made["period"], reason="The annual accounts are drawn up."
    )


def _close(story: Story) -> None:
    ledger.close_period(
        story.actor("certifying"),
        story.made["period"],
        reason="Audited. What the checklist warns of is known and noted in the accounts.",
    )


def _interest_twice(story: Story) -> None:
    """The statement and its advice were both recorded."""
    for words in ("Interest of the quarter, statement", "Interest of the quarter, advice"):
        posted = funding.record_interest(
            story.actor("finance"),
            NewHappening(
                fund_id=story.fund_id, amount=money("1,184.20"), on=clock.today(), reason=words
            ),
        )
        story.made["interest entry"] = posted.id


def _propose_to_reverse(story: Story) -> None:
    story.made["correction"] = corrections.propose(
        story.actor("finance2"),
        story.fund_id,
        Reversal(entry_id=story.made["interest entry"]),
        reason="The advice is of the same interest as the statement.",
    ).id


def _approve(story: Story) -> None:
    corrections.approve(
        story.actor("certifying"), story.made["correction"], note="Seen in the bank statement."
    )


def _a_charge_of_another_fund(story: Story) -> None:
    """Waits for the second person."""
    posted = funding.record_bank_charge(
        story.actor("finance"),
        NewHappening(
            fund_id=story.fund_id,
            amount=money("86.50"),
            on=clock.today(),
            reason="Charges of the month",
        ),
    )
    corrections.propose(
        story.actor("finance"),
        story.fund_id,
        Reversal(entry_id=posted.id),
        reason="The charge is of the account of another fund; the bank has credited it there.",
    )


def _months_on(day: date, months: int) -> date:
    """The first of a month, so many months later."""
    month = day.year * 12 + day.month - 1 + months
    return date(month // 12, month % 12 + 1, 1)
