"""The same evaluator everywhere: what the solver would not do, no correction does either."""

from __future__ import annotations

import pytest

from grants.db import transaction
from grants.donors.rules import Ceilings, CostType, Earmark
from grants.funding import actions, rules
from grants.people.models import Role
from tests.funding.conftest import FundingWorld
from tests.makes.donors import DAY, money
from tests.makes.solving import demand

HALF = Earmark(ceilings=Ceilings(share_of_grant=5000))
YEARLY = Earmark(ceilings=Ceilings(per_year_minor=6_000))


def moved(world: FundingWorld, grant_id: int, amount: str, payer: int, other: int) -> None:
    treasurer, certifier = world.treasurer(), world.acting(Role.CERTIFYING_OFFICER)
    with transaction():
        actions.re_attribute(
            treasurer,
            grant_id,
            money(amount),
            from_layer_id=payer,
            to_layer_id=other,
            on=DAY,
            reason="Asked",
            second_actor_id=certifier.user_id,
        )


@pytest.mark.parametrize(
    ("conditions", "most", "above"), [(HALF, "50", "50.01"), (YEARLY, "60", "60.01")]
)
def test_a_ceiling_binds_a_re_attribution_too(
    world: FundingWorld, conditions: Earmark, most: str, above: str
) -> None:
    payer = world.deposit("100", donor="Norway")
    world.allocation("100")
    grant_id = world.reserved_grant("100")
    other = world.deposit("100", donor="Sweden", conditions=conditions)
    world.deposit("100", donor="Chile")
    world.allocation("200")
    with pytest.raises(rules.LayerMayNotPay, match="up to its ceiling"):
        moved(world, grant_id, above, payer, other)
    moved(world, grant_id, most, payer, other)
    with pytest.raises(rules.LayerMayNotPay, match="up to its ceiling"):
        moved(world, grant_id, "0.01", payer, other)
    world.prove()


def test_a_recipient_or_a_thing_that_is_excluded_binds_too(world: FundingWorld) -> None:
    payer = world.deposit("100", donor="Norway")
    world.allocation("100")
    new = world.new_grant("100", items=frozenset({"vehicles"}), sector="14030")
    director = world.director()
    with transaction():
        grant_id = actions.reserve(director, new).id
    ngos = world.deposit(
        "50", donor="Sweden", conditions=Earmark(recipient_kinds=frozenset({"ngo"}))
    )
    cars = world.deposit("50", donor="Chile", conditions=Earmark(excluded=frozenset({"vehicles"})))
    for other, why in ((ngos, "another kind of recipient"), (cars, "not for what this would buy")):
        with pytest.raises(rules.LayerMayNotPay, match=why):
            moved(world, grant_id, "10", payer, other)


def test_why_not_is_said_in_words() -> None:
    """
    condition | the sentence that follows "this money"
    """
    asked = demand(
        100,
        sectors=frozenset({"43030"}),
        cost_type=CostType.DIRECT_COST,
        recipient_kind="ngo",
        items=frozenset({"vehicles"}),
    )
    told = rules.allows(
        Earmark(
            windows=frozenset({2}),
            regions=frozenset({"035"}),
            sectors=frozenset({"140"}),
            recipient_kinds=frozenset({"local_government"}),
            cost_types=frozenset({CostType.GRANT}),
            excluded=frozenset({"Vehicles"}),
            usable_from=DAY.replace(year=2027),
        ),
        asked,
        {2: "Global Window"},
    )
    purposes = (
        "is earmarked to Global Window, South-eastern Asia, sector 140, local government and grants"
    )
    assert told == [
        purposes,
        "may not pay for Vehicles",
        "may be used from 10 March 2027 only",
    ]
    assert rules.allows(Earmark(), asked, {}) == []
    limits = Ceilings(share_of_grant=2550, per_grant_minor=100, per_year_minor=200)
    assert rules.limits_in_words(
        Earmark(ceilings=limits, excluded=frozenset({"arms", "cars"}))
    ) == [
        "at most 25.5 % of a grant",
        "at most USD 1.00 for a grant",
        "at most USD 2.00 a year",
        "not for arms or cars",
    ]
