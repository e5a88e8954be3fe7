"""Who pays: the solver's promises, by table and by chance."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.funding.rules import (
    Basis,
    Demand,
    NamedLayer,
    Obstacle,
    Plan,
    Policy,
    Shortage,
    SpendableLayer,
    explain_shortage,
    obstacle,
    solve,
    split_by_holdings,
)
from grants.money import Money
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


def test_the_tightest_earmark_pays_first() -> None:
    layers = [
        layer(1, 100),
        layer(2, 100, countries=UGANDA),
        layer(3, 100, countries=UGANDA, themes=frozenset({"water"})),
        layer(4, 100, countries=UGANDA | GHANA),
    ]
    assert paid(layers, demand(50)) == {3: 50}
    assert paid(layers, demand(250)) == {3: 100, 2: 100, 4: 50}
    assert paid(layers, demand(400)) == {3: 100, 2: 100, 4: 100, 1: 100}


def test_what_expires_first_pays_first() -> None:
    soon, later = DAY + timedelta(days=10), DAY + timedelta(days=100)
    layers = [layer(1, 100), layer(2, 100, usable_until=later), layer(3, 100, usable_until=soon)]
    assert paid(layers, demand(150)) == {3: 100, 2: 50}


def test_first_in_pays_first_between_pots_of_equal_rank() -> None:
    layers = [
        layer(1, 100, on=DAY, countries=UGANDA),
        layer(2, 100, on=DAY - timedelta(days=1), windows=frozenset({1})),
    ]
    assert paid(layers, demand(150)) == {2: 100, 1: 50}


def test_pool_shares_by_balance_to_the_cent() -> None:
    layers = [layer(1, 33333333), layer(2, 33333333), layer(3, 33333334)]
    assert paid(layers, demand(10_000_000)) == {1: 3333333, 2: 3333333, 3: 3333334}
    thirds = [layer(1, 5000), layer(2, 5000), layer(3, 5000)]
    assert paid(thirds, demand(10_000)) == {1: 3334, 2: 3333, 3: 3333}


def test_pool_may_pay_first_in_first_out() -> None:
    layers = [layer(1, 60, on=DAY), layer(2, 60, on=DAY - timedelta(days=1))]
    assert paid(layers, demand(90), policy=Policy.FIRST_IN_FIRST_OUT) == {2: 60, 1: 30}


def test_share_says_whether_it_was_tracked_or_calculated() -> None:
    plan = solve([layer(1, 100), layer(2, 50, countries=UGANDA)], [demand(80)], Policy.PRO_RATA)
    assert isinstance(plan, Plan)
    assert [(share.layer_id, share.basis, share.rule) for share in plan.shares] == [
        (2, Basis.TRACKED, "earmark"),
        (1, Basis.NOTIONAL, "pool_pro_rata"),
    ]


@pytest.mark.parametrize(
    ("conditions", "against"),
    [
        ({"countries": GHANA}, Obstacle.OTHER_COUNTRY),
        ({"windows": frozenset({2})}, Obstacle.OTHER_WINDOW),
        ({"themes": frozenset({"roads"})}, Obstacle.OTHER_THEME),
        ({"usable_from": DAY + timedelta(days=1)}, Obstacle.NOT_YET_USABLE),
        ({"usable_until": DAY - timedelta(days=1)}, Obstacle.EXPIRED),
        ({"usable_from": DAY, "usable_until": DAY}, None),
        ({"countries": UGANDA | GHANA, "windows": frozenset({1, 2})}, None),
    ],
)
def test_conditions_forbid(conditions: dict[str, object], against: Obstacle | None) -> None:
    assert obstacle(layer(1, 1, **conditions), demand(1)) is against  # type: ignore[arg-type]


def test_country_earmark_never_pays_for_a_global_programme() -> None:
    assert obstacle(layer(1, 1, countries=UGANDA), demand(1, country=None)) is not None


def test_money_that_came_later_does_not_pay_for_books_of_the_past() -> None:
    early = Demand(key="a", amount_minor=1, window_id=1, country_code=None, on=DAY, received_by=DAY)
    assert obstacle(layer(1, 1, on=DAY), early) is None
    assert obstacle(layer(1, 1, on=DAY + timedelta(days=1)), early) is Obstacle.NOT_YET_RECEIVED


def test_demands_are_served_in_the_order_of_their_keys() -> None:
    layers = [layer(1, 100), layer(2, 50, countries=UGANDA)]
    plan = solve(layers, [demand(60, key="a"), demand(90, key="b")], Policy.PRO_RATA)
    assert isinstance(plan, Plan)
    assert [(s.demand_key, s.layer_id, s.amount_minor) for s in plan.shares] == [
        ("a", 2, 50),
        ("a", 1, 10),
        ("b", 1, 90),
    ]
    short = solve(layers, [demand(60, key="a"), demand(91, key="b")], Policy.PRO_RATA)
    assert isinstance(short, Shortage)
    assert short.short == {"b": 1}


def test_shortage_says_where_the_rest_lies() -> None:
    layers = [layer(1, 4000), layer(2, 120_000_000, countries=GHANA)]
    short = solve(layers, [demand(6000)], Policy.PRO_RATA)
    assert isinstance(short, Shortage)
    names = {
        2: NamedLayer(layer_id=2, donor="Sweden", value_on=DAY, conditions=layers[1].conditions)
    }
    refusal = explain_shortage(
        asked=Money.of_minor(6000, "USD"),
        left=Money.of_minor(4000, "USD"),
        purpose="Uganda Country Programme",
        unallocated=Money.of_minor(30_000_000, "USD"),
        reasons=short.reasons,
        names=names,
        windows={},
    )
    assert str(refusal) == (
        "USD 40.00 is left for Uganda Country Programme; USD 60.00 is asked. "
        "USD 1,200,000.00 more lies in the fund but is earmarked to Ghana "
        "(Sweden, deposit of 3 May 2026); USD 300,000.00 is not yet allocated."
    )
    assert refusal.status == 409


@given(many_layers(), many_demands(), POLICIES)
def test_a_plan_meets_every_demand_and_overdraws_nobody(
    layers: list[SpendableLayer], demands: list[Demand], policy: Policy
) -> None:
    found = solve(layers, demands, policy)
    if isinstance(found, Shortage):
        assert found.short
        return
    by_demand: dict[str, int] = defaultdict(int)
    by_layer: dict[int, int] = defaultdict(int)
    known = {one.layer_id: one for one in layers}
    wanted = {one.key: one for one in demands}
    for share in found.shares:
        assert share.amount_minor > 0
        assert obstacle(known[share.layer_id], wanted[share.demand_key]) is None
        by_demand[share.demand_key] += share.amount_minor
        by_layer[share.layer_id] += share.amount_minor
    assert by_demand == {one.key: one.amount_minor for one in demands}
    assert all(cents <= known[number].available_minor for number, cents in by_layer.items())


@given(many_layers(), many_demands(), POLICIES, st.randoms(use_true_random=False))
def test_the_same_question_has_the_same_answer(
    layers: list[SpendableLayer], demands: list[Demand], policy: Policy, random: object
) -> None:
    shuffled = list(layers)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # random.Random, as Hypothesis makes it
    asked = list(demands)
    random.shuffle(asked)  # type: ignore[attr-defined] # as above
    assert solve(shuffled, asked, policy) == solve(layers, demands, policy)


@given(many_layers(), many_demands(), POLICIES)
def test_one_demand_is_refused_only_if_those_who_may_pay_have_too_little(
    layers: list[SpendableLayer], demands: list[Demand], policy: Policy
) -> None:
    wanted = demands[0]
    able = sum(one.available_minor for one in layers if obstacle(one, wanted) is None)
    found = solve(layers, [wanted], policy)
    if isinstance(found, Shortage):
        assert found.short == {wanted.key: wanted.amount_minor - able}
        held_back = sum(reason.amount_minor for reason in found.reasons)
        assert held_back == sum(one.available_minor for one in layers) - able
    else:
        assert able >= wanted.amount_minor


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=8), st.data())
def test_a_split_by_holdings_sums_and_overdraws_nobody(
    held: list[int], data: st.DataObject
) -> None:
    holdings = dict(enumerate(held))
    total = data.draw(st.integers(0, sum(held)))
    parts = split_by_holdings(total, holdings)
    assert sum(parts.values()) == total
    assert all(0 < part <= holdings[number] for number, part in parts.items())


def test_more_than_the_layers_hold_is_not_split() -> None:
    with pytest.raises(ValueError, match="more than"):
        split_by_holdings(3, {1: 1, 2: 1})
