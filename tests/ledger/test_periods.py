"""Periods: opened without gaps, closed by two people for good, with a frozen trial balance."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from grants.db import transaction
from grants.errors import Malformed, NotAllowed, Refused
from grants.ledger import actions, chart, queries
from grants.ledger.actions import NewEntry
from grants.ledger.rules import (
    ClosedByTwoPeople,
    PeriodIsClosed,
    PeriodIsNot,
    PeriodIsSoftClosed,
    PeriodsCloseInOrder,
    WarningsWantAReason,
)
from grants.people.models import Role
from grants.people.permissions import Actor
from tests.ledger.books import Books, move, open_books, usd

CASH, INTEREST = chart.cash("USD"), chart.interest()
SPENDABLE, UNALLOCATED = chart.spendable(None), chart.unallocated(None)
#: An 18-month period, as when a fund moves to another calendar, and the year after it.
LONG = (date(2024, 7, 1), date(2025, 12, 31))
YEAR = (date(2026, 1, 1), date(2026, 6, 30))


BY_ONE_PERSON = """
INSERT INTO period_step (period_id, step, by_id, first_person_id, at, reason, checklist,
  through_sequence, balance_sha256, seal)
SELECT period_id, step, by_id, by_id, at, reason, checklist, through_sequence, balance_sha256, seal
FROM period_step WHERE step = 'closed'
"""


@pytest.fixture
def books(app: Flask) -> Books:
    return open_books()


def _earn(books: Books, amount: int, on: date, *, actor: Actor | None = None) -> int:
    new = NewEntry(
        fund_id=books.fund_id,
        event="interest",
        value_on=on,
        moves=[move(CASH, INTEREST, usd(amount)), move(SPENDABLE, UNALLOCATED, usd(amount))],
    )
    with transaction():
        return actions.post(actor or books.actor, new).id


def _totals(lines: list[queries.BalanceLine]) -> dict[str, tuple[int, int, int, int]]:
    return {
        line.ref.number: (
            line.opening_usd_minor,
            line.debit_usd_minor,
            line.credit_usd_minor,
            line.closing_usd_minor,
        )
        for line in lines
    }


def test_the_trial_balance_of_eighteen_months_is_frozen_and_ties_with_the_next(
    books: Books,
) -> None:
    """
            opening   debit   credit   closing
    1010       0.00  150.00     0.00    150.00   1 July 2024 to 31 December 2025
    1010     150.00   30.00     0.00    180.00   the half year after it
    """
    long, year = books.period(*LONG, "18 months"), books.period(*YEAR, "2026")
    _earn(books, 100, date(2024, 7, 1))
    _earn(books, 50, date(2025, 12, 31))
    _earn(books, 30, date(2026, 1, 1))
    second = books.another()
    books.close(long, second)
    frozen = _totals(queries.frozen_lines(long))
    assert frozen["1010"] == (0, 15_000, 0, 15_000)
    assert frozen["4100"] == (0, 0, 15_000, 15_000)
    books.close(year, second)
    assert _totals(queries.frozen_lines(year))["1010"] == (15_000, 3_000, 0, 18_000)
    debited, credited = (
        sum(totals[index] for totals in _totals(queries.frozen_lines(year)).values())
        for index in (1, 2)
    )
    assert debited == credited
    assert queries.verify(books.fund_id).holds
    assert [one.state for one in queries.periods_of(books.fund_id)] == ["closed", "closed"]


def test_the_calendar_years_of_eighteen_months_tie_with_the_period(books: Books) -> None:
    """
    1010     debit  closing
    2024    100.00   100.00   July to December
    2025     50.00   150.00
    period  150.00   150.00   frozen
    """
    long = books.period(*LONG, "18 months")
    _earn(books, 100, date(2024, 7, 1))
    _earn(books, 50, date(2025, 1, 1))
    books.close(long, books.another())
    years = [
        _totals(queries.trial_balance(books.fund_id, from_on=first, until_on=last))
        for first, last in (
            (LONG[0], date(2024, 12, 31)),
            (date(2025, 1, 1), LONG[1]),
        )
    ]
    for number, (opening, debit, credit, closing) in _totals(queries.frozen_lines(long)).items():
        first, second = years[0][number], years[1][number]
        assert (opening, closing) == (first[0], second[3])
        assert first[3] == second[0]
        assert (debit, credit) == (first[1] + second[1], first[2] + second[2])


def test_nothing_is_dated_into_a_closed_period_nor_before_it(books: Books) -> None:
    long = books.period(*LONG, "18 months")
    books.close(long, books.another())
    for day in (LONG[0], LONG[1], LONG[0] - timedelta(days=900)):
        with pytest.raises(PeriodIsClosed, match="18 months"):
            _earn(books, 1, day)
    _earn(books, 1, LONG[1] + timedelta(days=1))
    with pytest.raises(IntegrityError, match="closed_period_refuses"), transaction() as session:
        session.execute(
            text(
                "INSERT INTO entry (fund_id, sequence, event, value_on, recorded_at, actor_id,"
                " reason, source_type, lines, previous_hash, hash) SELECT fund_id, sequence + 1,"
                " 'x', '2020-01-01', CURRENT_TIMESTAMP, 1, '', '', 1, hash, 'x' FROM journal_head"
            )
        )


def test_a_late_item_is_dated_today_and_says_what_it_relates_to(books: Books) -> None:
    long = books.period(*LONG, "18 months")
    books.close(long, books.another())
    late = NewEntry(
        fund_id=books.fund_id,
        event="report.accepted",
        value_on=date(2025, 11, 30),
        moves=[move(CASH, INTEREST, usd(7)), move(SPENDABLE, UNALLOCATED, usd(7))],
        may_be_late=True,
    )
    at = datetime(2026, 2, 3, 12, tzinfo=UTC)
    with time_machine.travel(at, tick=False), transaction():
        posted = actions.post(books.actor, late)
    view = queries.entry(posted.id)
    assert (view.value_on, view.relates_to_on) == (at.date(), date(2025, 11, 30))
    assert view.relates_to_period == "18 months"
    in_time = replace(late, value_on=date(2026, 1, 15))
    with transaction():
        posted = actions.post(books.actor, in_time)
    assert queries.entry(posted.id).value_on == date(2026, 1, 15)


def test_a_soft_closed_period_takes_what_finance_posts_alone(books: Books) -> None:
    long = books.period(*LONG, "18 months")
    with transaction():
        actions.soft_close_period(books.actor, long, reason="Year-end")
    officer = replace(books.actor, roles=frozenset({(None, Role.GRANT_OFFICER)}))
    with pytest.raises(PeriodIsSoftClosed, match="01 January 2026 or later"):
        _earn(books, 1, LONG[1], actor=officer)
    _earn(books, 1, LONG[1])
    with pytest.raises(Malformed, match="reason"), transaction():
        actions.reopen_period(books.actor, long, reason=" ")
    with transaction():
        actions.reopen_period(books.actor, long, reason="An invoice came")
    _earn(books, 1, LONG[1], actor=officer)
    steps = [(one.step, one.reason) for one in queries.steps_of(long)]
    assert steps == [("opened", ""), ("soft_closed", "Year-end"), ("reopened", "An invoice came")]


def test_two_people_close_and_it_stays_closed(books: Books) -> None:
    long = books.period(*LONG, "18 months")
    second = books.another()
    with pytest.raises(PeriodIsNot, match="is open"), transaction():
        actions.close_period(second, long)
    both = replace(books.actor, roles=books.actor.roles | {(None, Role.CERTIFYING_OFFICER)})
    with transaction():
        actions.soft_close_period(both, long)
    with pytest.raises(ClosedByTwoPeople), transaction():
        actions.close_period(both, long)
    with pytest.raises(NotAllowed), transaction():
        actions.close_period(books.actor, long)
    with transaction():
        actions.close_period(second, long)
    with pytest.raises(PeriodIsNot, match="is closed"), transaction():
        actions.reopen_period(books.actor, long, reason="No")
    for sql, named in (
        ("UPDATE period SET state = 'open'", "period_stays_as_it_was_closed"),
        ("UPDATE period_step SET reason = 'x'", "steps_of_periods_are_never_changed"),
        ("DELETE FROM period", "period_is_never_deleted"),
        (BY_ONE_PERSON, "period_is_closed_by_two_people"),
    ):
        with pytest.raises(IntegrityError, match=named), transaction() as session:
            session.execute(text(sql))


def test_what_warns_wants_a_reason_and_periods_close_in_order(books: Books) -> None:
    _earn(books, 5, date(2024, 1, 1))
    long, year = books.period(*LONG, "18 months"), books.period(*YEAR, "2026")
    second = books.another()
    for period_id in (long, year):
        with transaction():
            actions.soft_close_period(books.actor, period_id)
    with pytest.raises(PeriodsCloseInOrder, match="18 months comes before 2026"), transaction():
        actions.close_period(second, year, reason="Audited")
    checks = {one.key: one.state for one in queries.checklist(books.fund_id, long)}
    assert checks["proof"] == "pass"
    assert checks["before"] == "warning"
    with pytest.raises(WarningsWantAReason, match="in no period: 1"), transaction():
        actions.close_period(second, long)
    with transaction():
        actions.close_period(second, long, reason="Audited elsewhere")
    last = queries.steps_of(long)[-1]
    assert ("before", "warning") in {(one.key, one.state) for one in last.checklist}


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "words"),
    [
        (date(2025, 6, 1), date(2026, 6, 1), "would overlap"),
        (date(2026, 1, 2), date(2026, 6, 30), "the next starts the day after"),
        (date(2024, 1, 1), date(2024, 6, 29), "ends the day before"),
        (date(2026, 6, 30), date(2026, 1, 1), "ends on the day it starts"),
    ],
)
def test_periods_follow_each_other(
    books: Books, starts_on: date, ends_on: date, words: str
) -> None:
    books.period(*LONG, "18 months")
    with pytest.raises((Refused, Malformed), match=words):
        books.period(starts_on, ends_on, "another")


def test_a_period_is_soft_closed_after_its_last_day(books: Books) -> None:
    year = books.period(*YEAR, "2026")
    at = datetime(2026, 6, 30, 12, tzinfo=UTC)
    with (
        time_machine.travel(at, tick=False),
        pytest.raises(Refused, match="after that day"),
        transaction(),
    ):
        actions.soft_close_period(books.actor, year)


@pytest.mark.once
@pytest.mark.parametrize(
    ("sql", "check"),
    [
        ("UPDATE trial_balance_line SET debit_minor = debit_minor + 1", "trial balance"),
        ("UPDATE period_step SET reason = 'other' WHERE step = 'soft_closed'", "period"),
        ("UPDATE period SET state = 'open'", "period"),
        ("UPDATE period SET name = 'other'", "period"),
        ("DELETE FROM trial_balance_line", "trial balance"),
    ],
)
def test_a_changed_row_of_a_period_is_found(books: Books, sql: str, check: str) -> None:
    """With the triggers away, as somebody might who holds the file."""
    long = books.period(*LONG, "18 months")
    _earn(books, 100, date(2024, 7, 1))
    books.close(long, books.another())
    with transaction() as session:
        triggers = session.scalars(
            text(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND (tbl_name LIKE"
                " 'period%' OR tbl_name LIKE 'trial%')"
            )
        ).all()
        for name in triggers:
            session.execute(text(f"DROP TRIGGER {name}"))
        session.execute(text(sql))
    found = queries.verify(books.fund_id)
    assert check in {one.check for one in found.breaks}
