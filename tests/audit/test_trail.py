"""The audit trail: whole, chained, and out of everybody's reach."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from grants.audit import actions, queries
from grants.audit.rules import WaitingEvent, seal
from grants.clock import now
from grants.db import db, is_in_transaction, transaction
from grants.money import Money
from grants.people.models import Role
from grants.people.permissions import Actor
from tests.make import Make


@pytest.fixture
def ada(make: Make) -> Actor:
    return make.person(Role.FINANCE_OFFICER, name="Ada")


def record(actor: Actor, number: int, **facts: Any) -> None:
    with transaction():
        actions.record(actor, "thing.done", "thing", number, **facts)


def test_what_was_done_is_told_with_who_and_with_what(ada: Actor) -> None:
    amount = Money(Decimal("12.50"), "EUR")
    record(ada, 7, reason="because", amount=amount, on=date(2026, 3, 10), rows=3)
    (line,) = queries.trail_of("thing", 7)
    assert (line.actor, line.verb, line.reason) == ("Ada", "thing.done", "because")
    assert line.facts == {"amount": str(amount), "on": "2026-03-10", "rows": 3}


def test_what_was_not_done_is_not_told(ada: Actor) -> None:
    def fail_afterwards() -> None:
        with transaction():
            actions.record(ada, "thing.done", "thing", 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_afterwards()
    assert not is_in_transaction()
    record(ada, 2)
    assert queries.trail_of("thing", 1) == []
    assert queries.verify().holds


def test_each_event_is_chained_to_the_one_before(ada: Actor) -> None:
    for number in range(5):
        record(ada, number)
    checked = queries.verify()
    assert checked.holds
    assert checked.events >= 5
    newest = queries.latest(limit=2)
    assert newest[0].sequence == newest[1].sequence + 1 == checked.events


def test_any_change_of_an_event_breaks_its_seal() -> None:
    at = now()
    event = WaitingEvent(
        fund_id=1, actor_id=2, verb="v", thing_type="t", thing_id=3, reason="r", facts="{}"
    )
    sealed = seal(event, 1, at, "0" * 64)
    for changed in (
        WaitingEvent(
            fund_id=1, actor_id=2, verb="v", thing_type="t", thing_id=3, reason="R", facts="{}"
        ),
        WaitingEvent(
            fund_id=None, actor_id=2, verb="v", thing_type="t", thing_id=3, reason="r", facts="{}"
        ),
    ):
        assert seal(changed, 1, at, "0" * 64) != sealed
    assert seal(event, 2, at, "0" * 64) != sealed


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET reason = 'else'",
        "DELETE FROM audit_event",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET sequence = 0",
        "UPDATE audit_head SET sequence = sequence + 2",
        """INSERT INTO audit_event
        (sequence, at, actor_id, verb, thing_type, reason, facts, previous_hash, hash)
        SELECT sequence + 7, at, actor_id, verb, thing_type, reason, facts, previous_hash, hash
        FROM audit_event LIMIT 1""",
    ],
)
def test_the_database_itself_refuses_to_rewrite_the_trail(ada: Actor, statement: str) -> None:
    record(ada, 1)
    with pytest.raises(DBAPIError, match="audit_"), transaction() as session:
        session.execute(text(statement))
    assert queries.verify().holds


def test_postgresql_refuses_to_empty_the_trail(ada: Actor) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    for table in ("audit_event", "audit_head"):
        with pytest.raises(DBAPIError, match="audit_"), transaction() as session:
            session.execute(text(f"TRUNCATE {table} CASCADE"))


def test_tampering_by_someone_who_switched_the_triggers_off_is_found(ada: Actor) -> None:
    for number in range(3):
        record(ada, number)
    last = queries.verify().events
    with transaction() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ALTER TABLE audit_event DISABLE TRIGGER USER"))
        else:
            session.execute(text("DROP TRIGGER audit_event_no_update"))
        session.execute(
            text("UPDATE audit_event SET reason = 'forged' WHERE sequence = :number"),
            {"number": last - 1},
        )
    checked = queries.verify()
    assert (checked.first_broken, checked.what) == (last - 1, "its content is not what was sealed")


def test_a_trail_cut_short_is_found(ada: Actor) -> None:
    record(ada, 1)
    last = queries.verify().events
    with transaction() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ALTER TABLE audit_event DISABLE TRIGGER USER"))
        else:
            session.execute(text("DROP TRIGGER audit_event_no_delete"))
        session.execute(text("DELETE FROM audit_event WHERE sequence = :last"), {"last": last})
    assert queries.verify().first_broken == last


def test_many_writers_at_once_make_one_chain(app: Flask, ada: Actor) -> None:

    def write(worker: int) -> None:
        with app.app_context():
            for number in range(10):
                record(ada, worker * 100 + number)
            db.session.remove()

    before = queries.verify().events
    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    checked = queries.verify()
    assert checked.holds
    assert checked.events == before + 40
