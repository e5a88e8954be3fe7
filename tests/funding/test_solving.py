"""The flow against a solver that tries everything: the same feasibility, the same cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given, settings

from grants.donors.rules import Ceilings
from grants.funding.rules import (
    EXPIRES_SOON_DAYS,
    Demand,
    Obstacle,
    Plan,
    Policy,
    Shortage,
    SpendableLayer,
    TooMuchAtOnce,
    limit_of,
    obstacle,
    room_in_year,
    solve,
)
from tests.makes.solving import (
    DAY,
    GHANA,
    POLICIES,
    UGANDA,
    demand,
    layer,
    many_demands,
    many_layers,
    paid,
)

#: What a plan costs, the first difference decides: what is short, by the order in which demands
#: are served; then, of each pot in the order of payment, what it did not pay.
Cost = tuple[int, ...]
#: (pot, year, what it gave), of pots with ceilings.
_Years = frozenset[tuple[int, int, int]]


class _TriesEverything:
    """Every way to split every demand over the layers, a cent at a time."""

    def __init__(self, layers: Sequence[SpendableLayer], demands: Sequence[Demand]) -> None:
        self.demands = sorted(demands, key=lambda one: (one.priority, one.key))
        self.pots = self._pots([one for one in layers if one.available_minor])
        first = min(one.on for one in demands)
        self.pots.sort(key=lambda pot: self._order(pot, first))
        self.held = tuple(sum(one.available_minor for one in pot) for pot in self.pots)

    def _pots(self, layers: Sequence[SpendableLayer]) -> list[list[SpendableLayer]]:
        """Layers that pay side by side: the same conditions, come for the same demands."""
        found: dict[object, list[SpendableLayer]] = defaultdict(list)
        for one in sorted(layers, key=lambda one: (one.value_on, one.layer_id)):
            late = sum(
                1 for ask in self.demands if ask.received_by and one.value_on > ask.received_by
            )
            alone = one.agreement_id if one.conditions.ceilings else None
            found[one.conditions, alone, late].append(one)
        return list(found.values())

    @staticmethod
    def _order(pot: list[SpendableLayer], first: date) -> tuple[object, ...]:
        says = pot[0].conditions
        until = says.usable_until or date.max
        named = [kind for kind in (says.windows, says.places, says.themes, says.sectors) if kind]
        return (
            until if until <= first + timedelta(days=EXPIRES_SOON_DAYS) else date.max,
            -len(named),
            sum(len(kind) for kind in named),
            until,
            pot[0].value_on,
            len({one.donor_id for one in pot}),
            -sum(one.available_minor for one in pot),
            pot[0].layer_id,
        )

    def cheapest(self) -> Cost:
        @cache
        def best(at: int, held: tuple[int, ...], years: _Years) -> tuple[int, Cost, Cost]:
            if at == len(self.demands):
                return (0, (), held)
            found = []
            for split in self._splits(at, held, years):
                short = self.demands[at].amount_minor - sum(split)
                left = tuple(have - part for have, part in zip(held, split, strict=True))
                rest = best(at + 1, left, self._used(at, split, years))
                found.append((short + rest[0], (short, *rest[1]), rest[2]))
            return min(found)

        total, short, left = best(0, self.held, frozenset())
        return (total, *short, *left)

    def _used(self, at: int, split: Sequence[int], years: _Years) -> _Years:
        """What pots with ceilings gave in each year, with this split."""
        used = {(place, year): spent for place, year, spent in years}
        year = self.demands[at].on.year
        for place, part in enumerate(split):
            if part and self.pots[place][0].conditions.ceilings:
                used[place, year] = used.get((place, year), 0) + part
        return frozenset((*key, spent) for key, spent in used.items())

    def _splits(self, at: int, held: tuple[int, ...], years: _Years) -> Iterator[tuple[int, ...]]:
        ask = self.demands[at]
        used = {(place, year): spent for place, year, spent in years}
        limits = []
        for place, pot in enumerate(self.pots):
            if any(obstacle(one, ask) for one in pot):
                limits.append(0)
                continue
            limit = limit_of(pot[0].conditions, ask)
            room = room_in_year(pot[0], ask)
            most = held[place] if limit is None else min(held[place], limit)
            limits.append(
                most if room is None else min(most, room - used.get((place, ask.on.year), 0))
            )
        yield from _all_splits(ask.amount_minor, limits)


def _all_splits(amount: int, limits: Sequence[int]) -> Iterator[tuple[int, ...]]:
    if not limits:
        yield ()
        return
    for part in range(min(amount, limits[0]) + 1):
        for rest in _all_splits(amount - part, limits[1:]):
            yield (part, *rest)


def _cost(tries: _TriesEverything, found: Plan | Shortage) -> Cost:
    short = found.short if isinstance(found, Shortage) else {}
    by_layer: dict[int, int] = defaultdict(int)
    for share in found.shares:
        by_layer[share.layer_id] += share.amount_minor
    left = [sum(one.available_minor - by_layer[one.layer_id] for one in pot) for pot in tries.pots]
    missing = [short.get(one.key, 0) for one in tries.demands]
    return (sum(missing), *missing, *left)


@settings(max_examples=150, deadline=None)
@given(many_layers(5, 4), many_demands(6, 3), POLICIES)
def test_nobody_finds_a_cheaper_plan(
    layers: list[SpendableLayer], demands: list[Demand], policy: Policy
) -> None:
    tries = _TriesEverything(layers, demands)
    assert _cost(tries, solve(layers, demands, policy)) == tries.cheapest()


@settings(max_examples=150, deadline=None)
@given(many_layers(5, 3, has_ceilings=True), many_demands(6, 3), POLICIES)
def test_nobody_finds_a_cheaper_plan_under_ceilings(
    layers: list[SpendableLayer], demands: list[Demand], policy: Policy
) -> None:
    tries = _TriesEverything(layers, demands)
    assert _cost(tries, solve(layers, demands, policy)) == tries.cheapest()


def test_a_ceiling_of_an_agreement_binds_its_deposits_together() -> None:
    """
    agreement 7: at most 30 % of a grant, in two deposits of different windows | core money
    """
    third = Ceilings(share_of_grant=3000)
    layers = [
        layer(1, 500, agreement=7, windows=frozenset({1}), ceilings=third),
        layer(2, 500, agreement=7, windows=frozenset({1, 2}), ceilings=third),
        layer(3, 500),
    ]
    assert paid(layers, demand(100)) == {1: 30, 3: 70}
    short = solve(layers[:2], [demand(100)], Policy.PRO_RATA)
    assert isinstance(short, Shortage)
    assert short.short == {"a": 70}
    assert {one.obstacle for one in short.reasons} == {Obstacle.CEILING}
    assert (short.bottleneck.asked_minor, short.bottleneck.able_minor) == (100, 30)


def test_a_ceiling_of_a_year_counts_what_was_given_already() -> None:
    yearly = Ceilings(per_year_minor=100)
    given_before = replace(layer(1, 500, agreement=7, ceilings=yearly), used_by_year=((2026, 60),))
    next_year = demand(80, key="b", on=DAY + timedelta(days=365))
    assert paid([given_before, layer(2, 500)], demand(80)) == {1: 40, 2: 40}
    assert paid([given_before, layer(2, 500)], next_year) == {1: 80}
    plan = solve([given_before, layer(2, 500)], [demand(80), next_year], Policy.PRO_RATA)
    assert isinstance(plan, Plan)
    assert [(one.demand_key, one.layer_id, one.amount_minor) for one in plan.shares] == [
        ("a", 1, 40),
        ("a", 2, 40),
        ("b", 1, 80),
    ]


def test_an_amount_per_grant_does_not_bind_an_allocation() -> None:
    capped = [layer(1, 500, ceilings=Ceilings(per_grant_minor=10))]
    assert isinstance(solve(capped, [demand(11)], Policy.PRO_RATA), Shortage)
    assert paid(capped, demand(400, is_grant=False)) == {1: 400}


def test_a_round_finds_a_way_where_one_after_the_other_would_not() -> None:
    """
    a may be paid by both layers, b by the second alone: taken greedily, a would empty it
    """
    layers = [layer(1, 100, countries=UGANDA), layer(2, 100, themes=frozenset({"water"}))]
    asked = [demand(100, key="a"), demand(100, key="b", country="GH")]
    plan = solve(layers, asked, Policy.PRO_RATA)
    assert isinstance(plan, Plan)
    assert [(one.demand_key, one.layer_id) for one in plan.shares] == [("a", 1), ("b", 2)]


def test_the_cut_names_the_demands_that_compete() -> None:
    """
    Ghana 100.00 for b and c of 80.00 each; a is served by core money and is not in the way
    """
    layers = [layer(1, 100, countries=UGANDA), layer(2, 100, countries=GHANA)]
    asked = [
        demand(90, key="a"),
        demand(80, key="b", country="GH"),
        demand(80, key="c", country="GH"),
    ]
    short = solve(layers, asked, Policy.PRO_RATA)
    assert isinstance(short, Shortage)
    assert short.bottleneck.demand_keys == ("b", "c")
    assert (short.bottleneck.asked_minor, short.bottleneck.able_minor) == (160, 100)
    assert short.short == {"c": 60}
    assert [(one.layer_id, one.amount_minor) for one in short.reasons] == [(1, 10)]
    assert sum(one.amount_minor for one in short.shares) == 190


def test_the_more_urgent_is_served_first() -> None:
    asked = [demand(80, key="a", priority=2), demand(80, key="b", priority=1)]
    short = solve([layer(1, 100)], asked, Policy.PRO_RATA)
    assert isinstance(short, Shortage)
    assert short.short == {"a": 60}


def test_amounts_as_large_as_any_fund_are_exact() -> None:
    rich = 10**16 + 1
    layers = [layer(1, rich), layer(2, rich, countries=UGANDA)]
    assert paid(layers, demand(2 * rich)) == {1: rich, 2: rich}
    with pytest.raises(TooMuchAtOnce):
        solve([layer(1, 2**62)], [demand(2**62, key="a"), demand(2**62, key="b")], Policy.PRO_RATA)


@given(many_layers(), many_demands(), POLICIES)
def test_a_shortage_says_how_much_and_does_all_that_can_be_done(
    layers: list[SpendableLayer], demands: list[Demand], policy: Policy
) -> None:
    found = solve(layers, demands, policy)
    if isinstance(found, Plan):
        return
    paid_for: dict[str, int] = defaultdict(int)
    for share in found.shares:
        paid_for[share.demand_key] += share.amount_minor
    for one in demands:
        assert paid_for[one.key] + found.short.get(one.key, 0) == one.amount_minor
    assert found.bottleneck.short_minor == sum(found.short.values())
    assert set(found.short) <= set(found.bottleneck.demand_keys)
