"""One changed byte in any row of the ledger or of the audit trail is found."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import make_url

from grants.app import create_app
from grants.db import db, snapshot, transaction
from grants.funding import actions as funding
from grants.ledger import actions as ledger
from grants.ledger.queries import Break
from grants.money import Money, Rate
from grants.proof import queries
from grants.settings import Settings
from tests.proof.pages import row_ranges
from tests.reports.conftest import ReportWorld

pytestmark = pytest.mark.once

TABLES = (
    "account",
    "account_balance",
    "month_turnover",
    "entry",
    "move",
    "journal_head",
    "period",
    "period_step",
    "trial_balance_line",
    "exchange_rate",
    "rate_confirmation",
    "audit_event",
    "audit_head",
)
FLIPS = 25


@pytest.fixture
def copy(app: Flask, database_url: str, tmp_path: Path) -> Path:
    """The database file of a fund that has lived, at rest."""
    world = ReportWorld(app)
    for prepare in (world.treasurer, world.steward, world.officer, world.certifier):
        prepare()
    world.deposit("100,000", donor="Sweden")
    world.deposit("50,000", donor="Norway")
    programme_id = world.programme_named()
    with transaction():
        funding.allocate(
            world.steward(),
            programme_id,
            Money.of_minor(9_000_000, "USD"),
            decided_on=date(2026, 3, 10),
            decided_by="Board",
        )
    world.reserved_grant("20,000")
    world.rate("SEK", "0.1")
    _hold_and_close(world)
    db.session.remove()
    db.engine.dispose()
    original = Path(str(make_url(database_url).database))
    with closing(sqlite3.connect(original)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = tmp_path / "books.sqlite3"
    shutil.copy(original, path)
    return path


def _hold_and_close(world: ReportWorld) -> None:
    """A rate that was held and confirmed, and a period that was closed."""
    treasurer, second, fund_id = world.treasurer(), world.second(), world.books()
    wrong = Rate(currency="SEK", units_per_usd=Decimal(99), source="UNORE", on=date(2026, 4, 1))
    with transaction():
        held = ledger.record_rate(treasurer, fund_id, wrong)
        period_id = ledger.open_period(
            treasurer, fund_id, name="2026", starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30)
        )
        ledger.soft_close_period(treasurer, period_id)
    with transaction():
        ledger.confirm_rate(second, fund_id, held.id, reason="Seen")
        ledger.close_period(second, period_id, reason="Audited")


@pytest.fixture
def auditor(copy: Path, tmp_path: Path) -> Flask:
    """An application that looks at the copy."""
    return create_app(
        Settings(
            database_url=f"sqlite:///{copy}",
            secret_key="x",
            var_dir=tmp_path / "var",
            is_testing=True,
        )
    )


def _breaks(auditor: Flask) -> list[Break]:
    with auditor.app_context():
        try:
            with snapshot():
                house = queries.examine_house()
                fund = queries.examine(1)
            return [*house.breaks, *fund.breaks]
        finally:
            db.session.remove()
            db.engine.dispose()


def _as_read(path: Path, table: str) -> list[tuple[object, ...]]:
    """Everything that a reader gets of a table: each value with its type."""
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        names = [row[1].decode() for row in connection.execute(f"PRAGMA table_info({table})")]
        columns = ", ".join(f'typeof("{name}"), "{name}"' for name in ["rowid", *names])
        return connection.execute(f"SELECT {columns} FROM {table} ORDER BY rowid").fetchall()


@pytest.mark.parametrize("table", TABLES)
def test_a_changed_byte_is_found(copy: Path, auditor: Flask, table: str) -> None:
    """
    Rows drawn at random, a bit of each turned; then the whole proof.

    A few bits of a row's header carry nothing (the place that SQLite keeps for the row's own
    number, say): whoever reads the row gets the very same. All others are found.
    """
    assert _breaks(auditor) == []
    whole, as_read = copy.read_bytes(), _as_read(copy, table)
    rows = row_ranges(copy, table)
    assert rows
    drawn = random.Random(20261123)
    for _ in range(FLIPS):
        first, after = drawn.choice(rows)
        place = drawn.randrange(first, after)
        changed = bytearray(whole)
        changed[place] ^= 1 << drawn.randrange(8)
        for ending in ("-wal", "-shm"):
            Path(f"{copy}{ending}").unlink(missing_ok=True)
        copy.write_bytes(changed)
        if not _breaks(auditor):
            assert _as_read(copy, table) == as_read, f"byte {place - first} of a row of {table}"
