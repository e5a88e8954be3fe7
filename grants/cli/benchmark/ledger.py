"""`grants benchmark ledger`: whether the books stay fast as they grow."""

from __future__ import annotations

import gc
import json
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import click
from rich.progress import track
from sqlalchemy import create_engine, make_url, text

from grants.app import create_app
from grants.db import db, transaction
from grants.ledger import actions, chart
from grants.ledger import queries as books
from grants.ledger.actions import NewEntry, NewMove
from grants.money import Money
from grants.people import actions as people
from grants.people import queries as people_queries
from grants.people.permissions import Actor
from grants.schema import make_ready
from grants.settings import Settings

FIRST = date(2016, 1, 1)
DAYS = 3_650
DONORS = 50
MOVES_AN_ENTRY = 3
ENTRIES_AT_ONCE = 1_000
#: A past balance may cost at most so many times what it costs in the smallest books, and posting
#: must keep at least this part of its rate there.
BAR_READ, BAR_POST = 2.0, 0.8


@dataclass(frozen=True)
class Measured:
    """Books of one size: milliseconds for one reading, entries a second for writing."""

    database: str
    moves: int
    bulk_per_second: float
    post_per_second: float
    donor_now_ms: float
    donor_as_of_ms: float
    donor_known_at_ms: float
    all_donors_as_of_ms: float
    #: The same balance by adding up the moves: what it would cost without kept months.
    by_sum_ms: float
    verify_seconds: float


@click.command("ledger")
@click.option(
    "--moves",
    "sizes",
    multiple=True,
    type=click.IntRange(300, 5_000_000),
    default=(10_000, 100_000, 1_000_000),
    show_default=True,
    help="Sizes of the books, the smallest first.",
)
@click.option("--server", help="A PostgreSQL to measure as well: postgresql+psycopg://...")
@click.option("--rounds", default=200, show_default=True, type=click.IntRange(5, 5_000))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def ledger(sizes: tuple[int, ...], server: str | None, rounds: int, *, as_json: bool) -> None:
    """Grow books to each size, and measure posting and reading the past at each.

    Exit code 1 if, between the smallest and the largest, a donor's balance as of a day grows more
    than twice as dear, or posting falls below 0.8 of its rate. In databases of its own, which go
    when it is done.
    """
    found: list[Measured] = []
    for address in [None, server] if server else [None]:
        with _database(address) as url:
            found += _grown(url, sorted(sizes), rounds, is_quiet=as_json)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=1))
    else:
        _print(found)
    if not _holds(found):
        sys.exit(1)


@contextmanager
def _database(server: str | None) -> Iterator[str]:
    """An empty database, by its address: on the server, or in a file."""
    if server is None:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'benchmark.sqlite3'}"
        return
    name = f"benchmark_{uuid.uuid4().hex[:12]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    engine.dispose()


def _grown(url: str, sizes: list[int], rounds: int, *, is_quiet: bool) -> list[Measured]:
    make_ready(url)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            Settings(
                database_url=url, secret_key=uuid.uuid4().hex, var_dir=Path(folder), is_testing=True
            )
        )
        with app.app_context():
            try:
                subject = _Books()
                return [subject.grown_to(size, rounds, is_quiet=is_quiet) for size in sizes]
            finally:
                db.session.remove()
                db.engine.dispose()


class _Books:
    """The books of one fund, that grow."""

    def __init__(self) -> None:
        self.actor: Actor = people_queries.system_actor()
        self.drawn = random.Random(1)  # noqa: S311 - the same books in every run
        self.entries = 0
        with transaction():
            self.fund_id = people.open_fund(self.actor, name="Benchmark").id

    def grown_to(self, moves: int, rounds: int, *, is_quiet: bool) -> Measured:
        """Post entries until there are so many moves, then measure."""
        wanted = moves // MOVES_AN_ENTRY - self.entries
        starts = range(0, wanted, ENTRIES_AT_ONCE)
        began = time.perf_counter()
        for start in track(starts, f"{moves:,} moves", disable=is_quiet, transient=True):
            with transaction():
                count = min(ENTRIES_AT_ONCE, wanted - start)
                actions.post_all(self.actor, [self._entry() for _ in range(count)])
        bulk = wanted / (time.perf_counter() - began)
        _settle()
        known_at = books.head(self.fund_id).sequence - min(100, self.entries // 2)
        return Measured(
            database=db.engine.dialect.name,
            moves=self.entries * MOVES_AN_ENTRY,
            bulk_per_second=round(bulk, 1),
            donor_now_ms=self._median(self._now, rounds),
            donor_as_of_ms=self._median(lambda: self._as_of(None), rounds),
            donor_known_at_ms=self._median(lambda: self._as_of(known_at), rounds),
            all_donors_as_of_ms=self._median(self._all_as_of, max(rounds // 10, 5)),
            by_sum_ms=self._median(self._by_sum, max(rounds // 10, 5)),
            post_per_second=round(1000 / self._median(self._post_one, rounds), 1),
            verify_seconds=round(self._verified(), 2),
        )

    def _entry(self) -> NewEntry:
        """A deposit: cash and income, its layer, its allocation."""
        self.entries += 1
        donor = self.drawn.randrange(1, DONORS + 1)
        amount = Money.of_minor(self.drawn.randrange(100, 10_000_000), "USD")
        layer, programme = donor, self.drawn.randrange(1, 9)
        return NewEntry(
            fund_id=self.fund_id,
            event="deposit",
            value_on=FIRST + timedelta(days=self.drawn.randrange(DAYS)),
            moves=[
                NewMove(
                    debit=chart.cash("USD"),
                    credit=chart.revenue(donor, "USD", is_core=True),
                    amount=amount,
                ),
                NewMove(
                    debit=chart.spendable(layer), credit=chart.unallocated(layer), amount=amount
                ),
                NewMove(
                    debit=chart.unallocated(layer),
                    credit=chart.allocated(layer, programme),
                    amount=amount,
                ),
            ],
        )

    def _post_one(self) -> None:
        with transaction():
            actions.post(self.actor, self._entry())

    def _some_day(self) -> date:
        return FIRST + timedelta(days=self.drawn.randrange(DAYS // 2, DAYS))

    def _now(self) -> None:
        books.balances(self.fund_id, ["4010"], donor_id=self.drawn.randrange(1, DONORS + 1))
        db.session.rollback()

    def _as_of(self, known_at: int | None) -> None:
        donor = self.drawn.randrange(1, DONORS + 1)
        books.balances_as_of(
            self.fund_id, ["4010"], donor_id=donor, on=self._some_day(), known_at=known_at
        )
        db.session.rollback()

    def _all_as_of(self) -> None:
        books.balances_as_of(self.fund_id, ["4010"], on=self._some_day())
        db.session.rollback()

    def _by_sum(self) -> None:
        donor = self.drawn.randrange(1, DONORS + 1)
        books.balance_by_sum(
            self.fund_id, chart.revenue(donor, "USD", is_core=True), on=self._some_day()
        )
        db.session.rollback()

    def _verified(self) -> float:
        start = time.perf_counter()
        found = books.verify(self.fund_id)
        db.session.rollback()
        assert found.holds, found.breaks
        return time.perf_counter() - start

    @staticmethod
    def _median(work: Callable[[], None], rounds: int) -> float:
        """Milliseconds of one, the median of some; the first two warm up."""
        taken = []
        gc.collect()
        for _ in range(rounds + 2):
            start = time.perf_counter()
            work()
            taken.append((time.perf_counter() - start) * 1000)
        return round(statistics.median(taken[2:]), 3)


def _settle() -> None:
    """Let the database learn what lies in its tables, as it does by itself in time."""
    db.session.rollback()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        connection.execute(text("ANALYZE" if is_sqlite else "VACUUM ANALYZE"))


def _growth(found: list[Measured], name: str) -> dict[str, float]:
    """How much a figure of the largest books is of the smallest's, by database."""
    by_database: dict[str, list[float]] = {}
    for one in found:
        by_database.setdefault(one.database, []).append(getattr(one, name))
    return {database: figures[-1] / figures[0] for database, figures in by_database.items()}


def _holds(found: list[Measured]) -> bool:
    reads = _growth(found, "donor_as_of_ms").values()
    posts = _growth(found, "post_per_second").values()
    return all(one <= BAR_READ for one in reads) and all(one >= BAR_POST for one in posts)


def _print(found: list[Measured]) -> None:
    click.echo("Milliseconds are medians; posting: one entry of three moves, one transaction\n")
    heads = ("bulk/s", "post/s", "now", "as of", "known at", "all donors", "by sum", "verify s")
    click.echo(f"{'':<12}{'moves':>11}" + "".join(f"{head:>12}" for head in heads))
    for one in found:
        figures = (
            one.bulk_per_second,
            one.post_per_second,
            one.donor_now_ms,
            one.donor_as_of_ms,
            one.donor_known_at_ms,
            one.all_donors_as_of_ms,
            one.by_sum_ms,
            one.verify_seconds,
        )
        click.echo(
            f"{one.database:<12}{one.moves:>11,}"
            + "".join(f"{figure:>12,.2f}" for figure in figures)
        )
    click.echo()
    for name, words, bar in (
        ("donor_as_of_ms", "a donor's balance as of a day", f"at most {BAR_READ}"),
        ("post_per_second", "posting", f"at least {BAR_POST}"),
    ):
        for database, ratio in _growth(found, name).items():
            click.echo(f"{database}: {words}, largest to smallest: {ratio:.2f} ({bar})")
