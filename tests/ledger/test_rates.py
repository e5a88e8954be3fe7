"""Rates: revised and not edited, held where they look wrong, sealed, and with a fallback."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from grants.db import transaction
from grants.errors import Malformed, NotAllowed, Refused
from grants.ledger import actions, queries
from grants.ledger.actions import Bearer, RecordedRate
from grants.ledger.rules import RateIsKnown, why_held
from grants.money import Rate
from grants.people.models import Role
from tests.ledger.books import Books, open_books

MARCH, MIDDLE = date(2026, 3, 1), date(2026, 3, 16)


@pytest.fixture
def books(app: Flask) -> Books:
    return open_books()


def _record(
    books: Books, units: str, on: date, *, currency: str = "SEK", reason: str = ""
) -> RecordedRate:
    rate = Rate(currency=currency, units_per_usd=Decimal(units), source="UNORE", on=on)
    with transaction():
        return actions.record_rate(books.actor, books.fund_id, rate, reason=reason)


def _on(day: date, *, known_at: datetime | None = None) -> str:
    found = queries.rate_on("SEK", day, known_at=known_at)
    return str(found.units_per_usd) if found else ""


def test_a_revision_in_the_middle_of_a_month_counts_from_its_day(books: Books) -> None:
    """
    1 March 10.50, 16 March 10.10: the 15th uses 10.50, the 16th 10.10
    """
    _record(books, "10.50", MARCH)
    _record(books, "10.10", MIDDLE)
    assert _on(date(2026, 3, 15)) == "10.50"
    assert _on(MIDDLE) == "10.10"
    assert _on(date(2026, 2, 28)) == ""


def test_a_rate_put_right_is_a_revision_and_the_past_stays_known(books: Books) -> None:
    before, after = (datetime(2026, 3, day, 12, tzinfo=UTC) for day in (2, 5))
    with time_machine.travel(before, tick=False):
        first = _record(books, "10.50", MARCH)
        again = _record(books, "10.50", MARCH)
    assert (first.is_new, again.is_new, again.id) == (True, False, first.id)
    with time_machine.travel(after, tick=False):
        with pytest.raises(RateIsKnown, match=r"has 10\.50 SEK per US dollar"):
            _record(books, "10.40", MARCH)
        second = _record(books, "10.40", MARCH, reason="Corrected by the Treasury")
    assert second.revision == 2
    assert _on(MARCH) == "10.40"
    assert _on(MARCH, known_at=datetime(2026, 3, 3, tzinfo=UTC)) == "10.50"


@pytest.mark.parametrize(
    ("units", "words"),
    [("105", "10.0 times more"), ("0.0952", "turned round"), ("6.9", "1.5 times less")],
)
def test_a_rate_that_looks_wrong_is_held_until_another_person_confirms(
    books: Books, units: str, words: str
) -> None:
    _record(books, "10.50", MARCH)
    held = _record(books, units, MIDDLE)
    assert words in held.held
    assert _on(MIDDLE) == "10.50"
    second = books.another()
    both = replace(books.actor, roles=books.actor.roles | {(None, Role.CERTIFYING_OFFICER)})
    with pytest.raises(Refused, match="Another person must confirm"), transaction():
        actions.confirm_rate(both, books.fund_id, held.id, reason="Seen")
    with pytest.raises(NotAllowed), transaction():
        actions.confirm_rate(books.actor, books.fund_id, held.id, reason="Seen")
    with pytest.raises(Malformed), transaction():
        actions.confirm_rate(second, books.fund_id, held.id, reason=" ")
    with transaction():
        actions.confirm_rate(second, books.fund_id, held.id, reason="Redenominated")
    assert _on(MIDDLE) == units
    with pytest.raises(Refused, match="in use already"), transaction():
        actions.confirm_rate(second, books.fund_id, held.id, reason="Again")
    assert queries.rate_breaks() == []


def test_nothing_is_held_without_a_neighbour() -> None:
    assert why_held(Decimal(105), None) == ""
    assert why_held(Decimal("10.4"), Decimal("10.5")) == ""


def test_the_reference_rate_stands_in_where_the_policy_allows_it(books: Books) -> None:
    """
    2 January 2025: 1.0321 dollars and 11.4475 kronor for a euro
    """
    day = date(2025, 1, 2)
    assert queries.rate_for(books.fund_id, "SEK", day) is None
    second = books.another()
    with transaction():
        policy = actions.propose_policy(
            books.actor,
            books.fund_id,
            from_on=date(2025, 1, 1),
            bearer=Bearer.CONTRIBUTOR,
            allows_fallback=True,
            rate_days_max=45,
        )
    assert queries.rate_for(books.fund_id, "SEK", day) is None
    with pytest.raises(NotAllowed), transaction():
        actions.approve_policy(books.actor, policy)
    with transaction():
        actions.approve_policy(second, policy)
    found = queries.rate_for(books.fund_id, "SEK", day)
    assert found is not None
    assert (found.source, found.on) == ("ECB reference rate", day)
    dollar = queries.reference_rate_on("EUR", day)
    assert dollar is not None
    assert Decimal("0.9") < dollar.units_per_usd < Decimal("1.0")
    assert abs(found.units_per_usd / dollar.units_per_usd - Decimal("11.4")) < Decimal("0.2")
    sunday = queries.reference_rate_on("SEK", date(2025, 1, 5))
    assert sunday is not None
    assert sunday.on == date(2025, 1, 3)
    assert queries.reference_rate_on("XAF", day) is None
    _record(books, "11.0", date(2024, 12, 20))
    own = queries.rate_for(books.fund_id, "SEK", day)
    assert own is not None
    assert own.source == "UNORE"
    stale = queries.rate_for(books.fund_id, "SEK", date(2025, 2, 20))
    assert stale is not None
    assert stale.source == "ECB reference rate"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE exchange_rate SET units_per_usd = '1'",
        "DELETE FROM exchange_rate",
        "UPDATE rate_confirmation SET reason = 'x'",
    ],
)
def test_the_database_keeps_rates_as_they_are(books: Books, sql: str) -> None:
    _record(books, "10.50", MARCH)
    held = _record(books, "105", MIDDLE)
    second = books.another()
    with transaction():
        actions.confirm_rate(second, books.fund_id, held.id, reason="Right")
    with pytest.raises(IntegrityError, match="never_changed"), transaction() as session:
        session.execute(text(sql))


@pytest.mark.once
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE exchange_rate SET units_per_usd = '10.51' WHERE id = 1",
        "UPDATE exchange_rate SET is_held = 0",
        "UPDATE exchange_rate SET effective_on = '2026-03-02' WHERE id = 1",
        "UPDATE rate_confirmation SET reason = 'x'",
        "DELETE FROM exchange_rate WHERE id = 1",
    ],
)
def test_a_changed_rate_is_found(books: Books, sql: str) -> None:
    """With the triggers away, as somebody might who holds the file."""
    _record(books, "10.50", MARCH)
    held = _record(books, "105", MIDDLE)
    second = books.another()
    with transaction():
        actions.confirm_rate(second, books.fund_id, held.id, reason="Right")
    assert queries.rate_breaks() == []
    with transaction() as session:
        for name in session.scalars(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE '%rate%'")
        ).all():
            session.execute(text(f"DROP TRIGGER {name}"))
        session.execute(text(sql))
    assert queries.rate_breaks()
