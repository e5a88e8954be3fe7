"""Who pays for what: the whole interface of the funding engine.

Layers and demands in, a Plan or a Shortage out; for one grant at its approval, for all grants of a
decision round, and for the whole portfolio in a what-if. No books are touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from grants.funding.rules.allowing import obstacles
from grants.funding.rules.flowing import Flow, able_pots, bottleneck_of, flow
from grants.funding.rules.pots import Pot, pots_of
from grants.funding.rules.sharing import shares_of
from grants.funding.rules.values import (
    Demand,
    Obstacle,
    Plan,
    Policy,
    Reason,
    Shortage,
    SpendableLayer,
)


def solve(
    layers: Sequence[SpendableLayer], demands: Sequence[Demand], policy: Policy
) -> Plan | Shortage:
    """Choose who pays: a min-cost flow over pots of equal conditions, in whole minor units.

    Feasible first: what can be met is met. Then the cheapest in the order of pots_of: what would
    expire unused, the tightest earmark, the oldest, the fewest donors per grant. Within a pot by
    balance or, by policy, first in, first out. A layer never pays more than it has, nor for what
    its conditions forbid, nor above its ceilings. The same input in any order has the same answer.
    """
    asked = sorted(
        (one for one in demands if one.amount_minor > 0), key=lambda one: (one.priority, one.key)
    )
    assert len({one.key for one in asked}) == len(asked), "a demand is asked once"
    assert len({one.layer_id for one in layers}) == len(layers), "a layer is given once"
    pots = pots_of(layers, asked)
    found = flow(pots, asked)
    left = {layer.layer_id: layer.available_minor for pot in pots for layer in pot.layers}
    shares = tuple(
        share
        for at, place, amount in _in_order(found)
        for share in shares_of(pots[at], asked[place], amount, left, policy)
    )
    if not found.short:
        return Plan(shares)
    return Shortage(
        short={asked[place].key: amount for place, amount in found.short.items()},
        reasons=tuple(_reasons(pots, asked, found, left)),
        bottleneck=bottleneck_of(found, asked),
        shares=shares,
    )


def pairs_allowed(layers: Sequence[SpendableLayer], demands: Sequence[Demand]) -> int:
    """How many pairs of a pot and a demand the conditions allow: the graph, read and not solved."""
    return sum(able.bit_count() for able in able_pots(pots_of(layers, demands), demands).values())


def named(demand: Demand, *, key: str, priority: int) -> Demand:
    """The same demand under another key, served in this turn."""
    return replace(demand, key=key, priority=priority)


def with_available(layer: SpendableLayer, minor: int) -> SpendableLayer:
    """The same layer with this much left."""
    return replace(layer, available_minor=minor)


def _in_order(found: Flow) -> list[tuple[int, int, int]]:
    """(pot, demand, amount): demand by demand, the pots of each in the order of payment."""
    return sorted(
        ((at, place, amount) for (at, place), amount in found.paid.items()),
        key=lambda one: (one[1], one[0]),
    )


def _reasons(
    pots: Sequence[Pot], asked: Sequence[Demand], found: Flow, left: dict[int, int]
) -> Iterator[Reason]:
    """Why money that is left may not pay: one demand speaks for all that see the same pots."""
    said = set()
    for place in sorted(found.short):
        if found.able[place] in said:
            continue
        said.add(found.able[place])
        reasons = []
        for at, pot in enumerate(pots):
            is_able = bool(found.able[place] >> at & 1)
            against = (Obstacle.CEILING,) if is_able else obstacles(pot.last_in, asked[place])
            reasons += [
                Reason(
                    demand_key=asked[place].key,
                    layer_id=layer.layer_id,
                    obstacle=against[0],
                    amount_minor=left[layer.layer_id],
                    obstacles=against,
                )
                for layer in pot.layers
                if left[layer.layer_id] > 0
            ]
        yield from sorted(reasons, key=lambda one: (-one.amount_minor, one.layer_id))
