"""Ways out of a shortage: each makes it fit, and nothing in it can be left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from grants.donors.rules import Ceilings, Earmark
from grants.funding.rules import (
    Coming,
    Demand,
    Lies,
    Policy,
    Shortage,
    Source,
    SpendableLayer,
    Standing,
    Take,
    Wait,
    Widen,
    solve,
    way_in_words,
    ways_out,
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
)


def told(standing: Standing) -> list[str]:
    found = solve(standing.layers, standing.demands, standing.policy)
    assert isinstance(found, Shortage)
    ways = ways_out(standing, sum(found.short.values()))
    donors = {number: f"Donor {number}" for number in range(1, 20)}
    return [way_in_words(way, purpose="Uganda", donors=donors, windows={2: "Two"}) for way in ways]


def standing(
    layers: list[SpendableLayer], *demands: Demand, sources: tuple[Source, ...] = ()
) -> Standing:
    return Standing(layers=layers, demands=list(demands), policy=Policy.PRO_RATA, sources=sources)


def test_no_single_change_is_enough_so_several_are_told_together() -> None:
    """
    100 asked, 10 there; 40 reserved elsewhere, 60 for Ghana: both are needed
    """
    reserved = Source(lies=Lies.RESERVED, key=1, name="G-1", layers=(layer(1, 40),))
    assert told(
        standing([layer(1, 10), layer(2, 60, countries=GHANA)], demand(100), sources=(reserved,))
    ) == [
        (
            "release the reservation of USD 0.40 for G-1"
            " and ask Donor 2 to widen its earmark from Ghana to Ghana and Uganda"
        )
    ]


def test_each_kind_of_condition_is_asked_for_in_its_words() -> None:
    kenya = Earmark(countries=frozenset({"KE"}))
    asked = demand(100, country=None, sectors=frozenset({"43030"}), items=frozenset({"cars"}))
    rich = [
        layer(1, 100, countries=kenya.countries, windows=frozenset({1})),
        layer(2, 100, excluded=frozenset({"cars", "arms"})),
        layer(3, 100, sectors=frozenset({"140"})),
        layer(4, 100, usable_from=DAY + timedelta(days=9)),
        layer(5, 100, ceilings=Ceilings(share_of_grant=4000)),
        layer(6, 100, themes=frozenset({"land"}), recipient_kinds=frozenset({"ngo"})),
    ]
    said = [told(standing([one], asked)) for one in rich]
    assert said == [
        ["ask Donor 1 to widen its earmark from window 1 and Kenya to window 1"],
        ["ask Donor 2 to let its money pay for cars"],
        ["ask Donor 3 to widen its earmark from sector 140 to sector 140 and sector 43030"],
        ["ask Donor 4 to let its money be used from 3 May 2026 instead of 12 May 2026"],
        ["ask Donor 5 to let it pay up to 100 % of a grant instead of up to 40 % of a grant"],
        ["ask Donor 6 to widen its earmark from land and ngo to land, water and ngo"],
    ]


def test_nothing_would_help() -> None:
    assert told(standing([layer(1, 10)], demand(100))) == []


def test_of_a_round_only_those_who_compete_are_asked_for() -> None:
    """
    Ghana lacks 60: the money of Uganda's earmark is asked for Ghana, and not for what fits
    """
    layers = [layer(1, 200, countries=UGANDA), layer(2, 100, countries=GHANA)]
    asked = [demand(90, key="a"), demand(160, key="b", country="GH")]
    found = solve(layers, asked, Policy.PRO_RATA)
    assert isinstance(found, Shortage)
    whole = replace(standing(layers, *asked), tight=frozenset(found.bottleneck.demand_keys))
    (way,) = ways_out(whole, 60)
    (change,) = way
    assert isinstance(change, Widen)
    assert change.after.countries == {"UG", "GH"}


def _sources(layers: list[SpendableLayer]) -> list[Source]:
    kinds = list(Lies)
    return [
        Source(lies=kinds[number % 3], key=number, name=f"S{number}", layers=(one,))
        for number, one in enumerate(layers)
        if one.available_minor
    ]


def _coming(layers: list[SpendableLayer]) -> list[Coming]:
    return [
        Coming(
            instalment_id=number,
            donor="Somebody",
            reference="A",
            number=number,
            due_on=one.value_on,
            is_held=False,
            layer=replace(one, layer_id=-number, value_on=max(one.value_on, DAY)),
        )
        for number, one in enumerate(layers, 1)
        if one.available_minor
    ]


@settings(max_examples=60, deadline=None)
@given(
    many_layers(100, 4, has_ceilings=True),
    many_layers(100, 3),
    many_layers(100, 2),
    many_demands(400, 2),
    POLICIES,
    st.data(),
)
def test_every_way_fits_and_nothing_in_it_can_be_left_out(
    layers: list[SpendableLayer],
    elsewhere: list[SpendableLayer],
    expected: list[SpendableLayer],
    demands: list[Demand],
    policy: Policy,
    data: st.DataObject,
) -> None:
    found = solve(layers, demands, policy)
    if not isinstance(found, Shortage):
        return
    whole = Standing(
        layers=layers,
        demands=demands,
        policy=policy,
        sources=_sources([replace(one, layer_id=one.layer_id + 10) for one in elsewhere]),
        coming=_coming([replace(one, layer_id=one.layer_id + 20) for one in expected]),
    )
    ways = ways_out(whole, sum(found.short.values()))
    for way in ways:
        assert whole.fits(way)
        for place in range(len(way)):
            without = (*way[:place], *way[place + 1 :])
            assert not without or not whole.fits(without)
        assert all(isinstance(change, Take | Wait | Widen) for change in way)
    again = replace(
        whole,
        layers=data.draw(st.permutations(layers)),
        demands=data.draw(st.permutations(demands)),
    )
    assert ways_out(again, sum(found.short.values())) == ways
