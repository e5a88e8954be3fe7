"""Layers, demands and earmarks: named ones for tables, any of them for chance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from grants.donors.rules import Ceilings, Earmark
from grants.funding.rules import Demand, Plan, Policy, SpendableLayer, solve

DAY = date(2026, 5, 3)
UGANDA, GHANA = frozenset({"UG"}), frozenset({"GH"})


def layer(
    layer_id: int,
    cents: int,
    on: date = DAY,
    *,
    donor: int | None = None,
    agreement: int | None = None,
    **conditions: object,
) -> SpendableLayer:
    """A layer, each of a donor of its own unless told."""
    return SpendableLayer(
        layer_id=layer_id,
        donor_id=layer_id if donor is None else donor,
        available_minor=cents,
        conditions=Earmark(**conditions),  # type: ignore[arg-type] # a table of conditions
        value_on=on,
        is_core=not conditions,
        agreement_id=agreement,
    )


def demand(
    cents: int,
    *,
    country: str | None = "UG",
    window: int = 1,
    key: str = "a",
    on: date = DAY,
    **more: object,
) -> Demand:
    """A demand for water in Uganda, unless told."""
    return Demand(
        key=key,
        amount_minor=cents,
        window_id=window,
        country_code=country,
        on=on,
        **{"themes": frozenset({"water"}), **more},  # type: ignore[arg-type] # a table
    )


def paid(
    layers: list[SpendableLayer], *demands: Demand, policy: Policy = Policy.PRO_RATA
) -> dict[int, int]:
    """What each layer pays for one demand."""
    plan = solve(layers, demands, policy)
    assert isinstance(plan, Plan), plan
    return {share.layer_id: share.amount_minor for share in plan.shares}


PLACES = st.sets(st.sampled_from(["UG", "GH", "VN"]), max_size=2).map(frozenset)
REGIONS = st.sets(st.sampled_from(["014", "035"]), max_size=1).map(frozenset)
THEMES = st.sets(st.sampled_from(["water", "land"]), max_size=1).map(frozenset)
SECTORS = st.sets(st.sampled_from(["140", "14030", "43030"]), max_size=1).map(frozenset)
WINDOWS = st.sets(st.integers(1, 3), max_size=2).map(frozenset)
DAYS = st.integers(-60, 60).map(lambda days: DAY + timedelta(days=days))
CEILINGS = st.builds(
    Ceilings,
    share_of_grant=st.none() | st.integers(1, 10_000),
    per_grant_minor=st.none() | st.integers(1, 5),
    per_year_minor=st.none() | st.integers(1, 9),
)
POLICIES = st.sampled_from(Policy)


@st.composite
def earmarks(draw: st.DrawFn) -> Earmark:
    until = draw(st.none() | DAYS)
    since = draw(st.none() | DAYS)
    if since and until and until < since:
        since, until = until, since
    return Earmark(
        windows=draw(WINDOWS),
        countries=draw(PLACES),
        regions=draw(REGIONS),
        themes=draw(THEMES),
        sectors=draw(SECTORS),
        usable_from=since,
        usable_until=until,
    )


@st.composite
def many_layers(
    draw: st.DrawFn, cents: int = 10_000, most: int = 8, *, has_ceilings: bool = False
) -> list[SpendableLayer]:
    """Layers of any conditions; some are alike, as in life. Each has an agreement of its own."""
    kinds = draw(st.lists(earmarks(), min_size=1, max_size=3))
    if has_ceilings:
        kinds = [replace(one, ceilings=draw(CEILINGS)) for one in kinds]
    return [
        SpendableLayer(
            layer_id=number,
            donor_id=draw(st.integers(1, 3)),
            available_minor=draw(st.integers(0, cents)),
            conditions=draw(st.sampled_from(kinds)),
            value_on=draw(DAYS),
            agreement_id=number,
        )
        for number in range(1, draw(st.integers(1, most)) + 1)
    ]


def many_demands(cents: int = 12_000, most: int = 4) -> st.SearchStrategy[list[Demand]]:
    """Demands of any kind, each with a key of its own."""
    return st.lists(
        st.builds(
            Demand,
            key=st.uuids().map(str),
            amount_minor=st.integers(1, cents),
            window_id=st.integers(1, 3),
            country_code=st.sampled_from(["UG", "GH", "VN", None]),
            themes=THEMES,
            sectors=st.none() | st.sampled_from([frozenset({"14030"}), frozenset({"43030"})]),
            on=DAYS,
            received_by=st.none() | DAYS,
            priority=st.integers(0, 1),
        ),
        min_size=1,
        max_size=most,
        unique_by=lambda one: one.key,
    )
