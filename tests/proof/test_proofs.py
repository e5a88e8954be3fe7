"""The books are proven, the proof is kept, and whoever must know is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from grants.db import db, snapshot, transaction
from grants.errors import NotAllowed
from grants.jobs import every, nightly, runner
from grants.outbox.models import Message
from grants.people import queries as people
from grants.proof import actions, queries
from tests.reports.conftest import ReportWorld

assert every


@pytest.fixture
def world(app: Flask) -> ReportWorld:
    made = ReportWorld(app)
    made.treasurer()
    made.deposit("100,000", donor="Sweden")
    return made


def _examined(world: ReportWorld) -> queries.Examination:
    with snapshot():
        return queries.examine(world.books())


def test_sound_books_hold(world: ReportWorld) -> None:
    found = _examined(world)
    assert (found.holds, found.entries) == (True, 1)
    with snapshot():
        assert queries.examine_house().holds


@pytest.mark.parametrize(
    ("sql", "where"),
    [
        ("UPDATE deposit SET amount_minor = amount_minor + 1", "deposit 1"),
        ("UPDATE deposit SET state = 'reversed'", "deposit 1"),
        ("UPDATE deposit SET fund_id = fund_id, id = 77", "deposit 1"),
    ],
)
def test_a_document_that_says_something_else_is_named(
    world: ReportWorld, sql: str, where: str
) -> None:
    with transaction() as session:
        session.execute(text(sql))
    found = _examined(world)
    assert (found.breaks[0].check, where) == ("document", where)
    assert where in {broken.where for broken in found.breaks}


def test_the_night_proves_every_fund_once(world: ReportWorld) -> None:
    with time_machine.travel(datetime(2026, 5, 4, 3, 0, tzinfo=UTC), tick=False):
        assert nightly.ensure()
        assert not nightly.ensure()
        runner.run_waiting()
        assert not nightly.ensure()
    with time_machine.travel(datetime(2026, 5, 5, 1, 59, tzinfo=UTC), tick=False):
        assert not nightly.ensure()
    with time_machine.travel(datetime(2026, 5, 5, 2, 0, tzinfo=UTC), tick=False):
        assert nightly.ensure()
    proven, house = queries.latest(world.books()), queries.latest(None)
    assert proven is not None
    assert (proven.holds, proven.entries, proven.breaks) == (True, 1, ())
    assert house is not None
    assert house.holds


def test_finance_is_told_of_books_that_do_not_hold(world: ReportWorld) -> None:
    with transaction() as session:
        session.execute(text("UPDATE account_balance SET balance_minor = balance_minor + 1"))
    with transaction():
        actions.ask(world.treasurer(), world.books())
    assert queries.is_waiting(world.books())
    runner.run_waiting()
    assert not queries.is_waiting(world.books())
    proven = queries.latest(world.books())
    assert proven is not None
    assert not proven.holds
    assert proven.breaks[0].check == "balance"
    told = db.session.scalars(select(Message).where(Message.template == "proof_failed")).all()
    assert [message.recipient_id for message in told] == [world.treasurer().user_id]
    assert "it is kept as" in told[0].body


def test_only_audit_and_finance_ask_for_a_proof(world: ReportWorld) -> None:
    officer = world.officer()
    with pytest.raises(NotAllowed), transaction():
        actions.ask(officer, world.books())


@pytest.mark.parametrize(
    "sql", ["UPDATE proof SET entries = 9", "DELETE FROM proof"], ids=["update", "delete"]
)
def test_the_database_keeps_proofs_as_they_are(world: ReportWorld, sql: str) -> None:
    with transaction():
        actions.keep(people.system_actor(), _read(world))
    with pytest.raises(IntegrityError, match="proofs_are_never_changed"), transaction() as session:
        session.execute(text(sql))


def _read(world: ReportWorld) -> queries.Examination:
    return queries.examine(world.books())
