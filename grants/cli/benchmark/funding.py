"""`grants benchmark funding`: whether the funding engine answers while somebody waits."""

from __future__ import annotations

import gc
import json
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import click

from grants.app import create_app
from grants.donors.rules import EVERYTHING, Ceilings, Earmark
from grants.funding import queries
from grants.funding.rules import (
    Demand,
    Policy,
    Shortage,
    SpendableLayer,
    Standing,
    pairs_allowed,
    solve,
    ways_out,
)
from grants.people import queries as people
from grants.settings import Settings

FIRST = date(2026, 1, 1)
COUNTRIES = ("UG", "KE", "TZ", "ET", "GH", "NG", "SN", "ML", "VN", "KH", "NP", "HT", "GT", "CO")
THEMES = ("water", "land", "housing", "migration", "climate")
AGREEMENTS = 80
#: A portfolio must be solved in so many seconds, an approval in so many.
BAR_PORTFOLIO, BAR_APPROVAL = 5.0, 0.1


@dataclass(frozen=True)
class Measured:
    """Seconds of one way: reading the graph, solving it, asking for one grant."""

    name: str
    layers: int
    demands: int
    seconds: float
    floor_seconds: float
    shares: int
    short: int
    bar: float | None = None

    @property
    def holds(self) -> bool:
        return self.bar is None or self.seconds <= self.bar


@click.command("funding")
@click.option("--layers", default=500, show_default=True, type=click.IntRange(1, 5_000))
@click.option("--demands", default=5_000, show_default=True, type=click.IntRange(1, 50_000))
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 100))
@click.option("--books", help="A database with imported books: its largest funds are solved too.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def funding(layers: int, demands: int, rounds: int, books: str | None, *, as_json: bool) -> None:
    """Solve a portfolio, one approval and a refusal with its ways out; the floor beside each.

    The floor is the same graph read and not solved: who may pay for what. Exit code 1 if a
    portfolio takes more than 5 seconds or an approval more than 0.1.
    """
    made = _Made(layers, demands)
    found = [
        _measured("portfolio, pro rata", made.layers, made.demands, Policy.PRO_RATA, rounds),
        _measured(
            "portfolio, first in first out",
            made.layers,
            made.demands,
            Policy.FIRST_IN_FIRST_OUT,
            rounds,
        ),
        _measured("one approval", made.layers, made.demands[:1], Policy.PRO_RATA, rounds * 10),
        _refused(made, rounds),
        *(_of_books(books, rounds) if books else []),
    ]
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=1))
    else:
        _print(found)
    if not all(one.holds for one in found):
        sys.exit(1)


class _Made:
    """Layers and demands of a fund that never was; the same in every run."""

    def __init__(self, layers: int, demands: int) -> None:
        self._drawn = random.Random(1)  # noqa: S311 - the same fund in every run
        conditions = [self._conditions() for _ in range(AGREEMENTS)]
        self.layers = [self._layer(number, conditions) for number in range(1, layers + 1)]
        whole = sum(layer.available_minor for layer in self.layers)
        self.demands = [self._demand(number, whole // demands) for number in range(demands)]

    def _conditions(self) -> Earmark:
        """Two fifths are core money; some expire, some have a ceiling."""
        kind = self._drawn.randrange(10)
        until = FIRST + timedelta(days=self._drawn.randrange(200, 900))
        if kind < 3:
            return EVERYTHING
        if kind == 3:
            return Earmark(usable_until=until)
        if kind == 4:
            return Earmark(windows=frozenset({self._drawn.randrange(1, 4)}))
        if kind == 5:
            return Earmark(themes=frozenset(self._drawn.sample(THEMES, 2)), usable_until=until)
        if kind == 6:
            return Earmark(regions=frozenset({self._drawn.choice(["014", "011", "035", "419"])}))
        countries = frozenset(self._drawn.sample(COUNTRIES, 2))
        share = self._drawn.randrange(2_000, 8_000) if kind == 7 else None
        return Earmark(countries=countries, ceilings=Ceilings(share_of_grant=share))

    def _layer(self, number: int, conditions: list[Earmark]) -> SpendableLayer:
        agreement = self._drawn.randrange(AGREEMENTS)
        return SpendableLayer(
            layer_id=number,
            donor_id=agreement % 30,
            available_minor=self._drawn.randrange(10_000_000, 1_000_000_000),
            conditions=conditions[agreement],
            value_on=FIRST - timedelta(days=self._drawn.randrange(700)),
            agreement_id=agreement,
        )

    def _demand(self, number: int, mean: int) -> Demand:
        on = FIRST + timedelta(days=self._drawn.randrange(365))
        return Demand(
            key=f"{number:06}",
            amount_minor=1 + self._drawn.randrange(mean * 3 // 2),
            window_id=self._drawn.randrange(1, 4),
            country_code=self._drawn.choice(COUNTRIES),
            themes=frozenset({self._drawn.choice(THEMES)}),
            on=on,
            received_by=on,
            sectors=frozenset({"14030"}),
            recipient_kind="ngo",
        )


def _measured(
    name: str,
    layers: list[SpendableLayer],
    demands: list[Demand],
    policy: Policy,
    rounds: int,
) -> Measured:
    answer = solve(layers, demands, policy)
    return Measured(
        name=name,
        layers=len(layers),
        demands=len(demands),
        seconds=_median(lambda: solve(layers, demands, policy), rounds),
        floor_seconds=_median(lambda: pairs_allowed(layers, demands), rounds),
        shares=len(answer.shares),
        short=len(answer.short) if isinstance(answer, Shortage) else 0,
        bar=BAR_APPROVAL if len(demands) == 1 else BAR_PORTFOLIO,
    )


def _refused(made: _Made, rounds: int) -> Measured:
    """A grant larger than all that may pay for it, with what would make it fit."""
    able = sum(layer.available_minor for layer in made.layers if not layer.conditions.is_earmarked)
    asked = made.demands[0]
    large = Demand(
        key=asked.key,
        amount_minor=able * 3,
        window_id=asked.window_id,
        country_code=asked.country_code,
        themes=asked.themes,
        on=asked.on,
    )
    standing = Standing(layers=made.layers, demands=[large], policy=Policy.PRO_RATA)
    answer = solve(made.layers, [large], Policy.PRO_RATA)
    assert isinstance(answer, Shortage)
    missing = answer.short[large.key]
    return Measured(
        name="one refusal with its ways out",
        layers=len(made.layers),
        demands=1,
        seconds=_median(lambda: ways_out(standing, missing), rounds),
        floor_seconds=_median(lambda: pairs_allowed(made.layers, [large]), rounds),
        shares=len(answer.shares),
        short=1,
    )


def _of_books(url: str, rounds: int) -> list[Measured]:
    """Every grant of the three funds with the most, attributed anew; the books are only read."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database_url=url, secret_key=uuid.uuid4().hex, var_dir=Path(folder), is_testing=True
        )
        with create_app(settings).app_context():
            asked = [
                (fund.name, queries.portfolio_question(fund.id), queries.policy_of(fund.id))
                for fund in people.funds()
            ]
    asked.sort(key=lambda one: (-len(one[1].demands), one[0]))
    return [
        _measured(name, list(question.layers), list(question.demands), policy, rounds)
        for name, question, policy in asked[:3]
        if question.demands
    ]


def _median(work: Callable[[], object], rounds: int) -> float:
    """Seconds of one, the median of some; one more before warms up."""
    taken = []
    gc.collect()
    for _ in range(rounds + 1):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return round(statistics.median(taken[1:]), 5)


def _print(found: list[Measured]) -> None:
    click.echo("Medians. Floor: who may pay for what, read and not solved\n")
    click.echo(
        f"{'':<32}{'layers':>8}{'demands':>9}{'floor s':>10}{'solved s':>10}{'times':>8}"
        f"{'shares':>9}{'short':>7}"
    )
    for one in found:
        times = one.seconds / one.floor_seconds if one.floor_seconds else 0
        click.echo(
            f"{one.name[:31]:<32}{one.layers:>8,}{one.demands:>9,}{one.floor_seconds:>10.4f}"
            f"{one.seconds:>10.4f}{times:>8.1f}{one.shares:>9,}{one.short:>7,}"
        )
    click.echo()
    for one in found:
        if one.bar is not None:
            verdict = "holds" if one.holds else "DOES NOT HOLD"
            click.echo(f"{one.name}: {one.seconds:.4f} s, at most {one.bar} s: {verdict}")
