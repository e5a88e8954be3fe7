"""Who may pay for what, and how a sum is split over those who pay.

`solve` is the whole interface of the funding engine: layers and demands in, a Plan or a Shortage
out. It serves the demands in the order given; a solver that weighs all of them at once can take
its place without anyone noticing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import groupby

from grants.donors.rules import Earmark
from grants.funding.rules.values import (
    Basis,
    Demand,
    Obstacle,
    Plan,
    Policy,
    Reason,
    Share,
    Shortage,
    SpendableLayer,
)
from grants.money import share_minor


def solve(
    layers: Sequence[SpendableLayer], demands: Sequence[Demand], policy: Policy
) -> Plan | Shortage:
    """Choose who pays: the tightest earmark first, then what expires first, then first in.

    Layers of equal conditions share by their balances (largest remainder, the earlier layer
    gets the odd cent) or, by policy, pay first in, first out. Whole minor units; a layer never
    pays more than it has, nor for what its conditions forbid; the same input, the same plan.
    """
    ordered = sorted(layers, key=_in_order)
    left = {layer.layer_id: layer.available_minor for layer in ordered}
    assert len(left) == len(ordered), "a layer is given once"
    shares: list[Share] = []
    short: dict[str, int] = {}
    reasons: list[Reason] = []
    for demand in demands:
        able = [layer for layer in ordered if left[layer.layer_id] > 0]
        able = [layer for layer in able if obstacle(layer, demand) is None]
        missing = demand.amount_minor - sum(left[layer.layer_id] for layer in able)
        if missing > 0:
            short[demand.key] = missing
            reasons += _reasons(ordered, left, demand)
            continue
        for share in _serve(demand, able, left, policy):
            left[share.layer_id] -= share.amount_minor
            shares.append(share)
    return Shortage(short, tuple(reasons)) if short else Plan(tuple(shares))


def obstacle(layer: SpendableLayer, demand: Demand) -> Obstacle | None:
    """Why the layer may not pay for the demand, or None if it may."""
    return _wrong_place(layer.conditions, demand) or _wrong_time(layer, demand)


def with_available(layer: SpendableLayer, minor: int) -> SpendableLayer:
    """The same layer with this much left."""
    return replace(layer, available_minor=minor)


def split_by_holdings(total: int, held: Mapping[int, int]) -> dict[int, int]:
    """Split a sum over layers in proportion to what each holds; never more than it holds.

    The split of a commitment, an advance and a refund: parts of nothing are left out.
    """
    if total > sum(held.values()):
        raise ValueError("more than the layers hold")
    layers = sorted(held)
    parts = share_minor(total, [held[layer] for layer in layers])
    return {layer: part for layer, part in zip(layers, parts, strict=True) if part}


def _wrong_place(allowed: Earmark, demand: Demand) -> Obstacle | None:
    if allowed.windows and demand.window_id not in allowed.windows:
        return Obstacle.OTHER_WINDOW
    if allowed.countries and demand.country_code not in allowed.countries:
        return Obstacle.OTHER_COUNTRY
    if allowed.themes and not allowed.themes & demand.themes:
        return Obstacle.OTHER_THEME
    return None


def _wrong_time(layer: SpendableLayer, demand: Demand) -> Obstacle | None:
    allowed = layer.conditions
    if demand.received_by is not None and layer.value_on > demand.received_by:
        return Obstacle.NOT_YET_RECEIVED
    if allowed.usable_from is not None and demand.on < allowed.usable_from:
        return Obstacle.NOT_YET_USABLE
    if allowed.usable_until is not None and demand.on > allowed.usable_until:
        return Obstacle.EXPIRED
    return None


def _tightness(conditions: Earmark) -> tuple[int, int]:
    """Smaller is tighter: more kinds of condition first, then fewer places that fit them."""
    named = [places for places in conditions.places if places]
    return (-len(named), sum(len(places) for places in named))


@lru_cache(maxsize=4096)
def _pot(conditions: Earmark) -> tuple[object, ...]:
    """What layers that pay side by side have in common, in the order in which pots are emptied."""
    return (
        _tightness(conditions),
        conditions.usable_until or date.max,
        sorted(conditions.windows),
        sorted(conditions.countries),
        sorted(conditions.themes),
    )


def _in_order(layer: SpendableLayer) -> tuple[object, ...]:
    return (_pot(layer.conditions), layer.value_on, layer.layer_id)


def _serve(
    demand: Demand, able: Sequence[SpendableLayer], left: Mapping[int, int], policy: Policy
) -> list[Share]:
    shares: list[Share] = []
    need = demand.amount_minor
    for pot in _pots(able):
        if need == 0:
            break
        held = [left[layer.layer_id] for layer in pot]
        taken = min(need, sum(held))
        parts = share_minor(taken, held) if policy is Policy.PRO_RATA else _first_in(taken, held)
        shares += [
            Share(
                demand_key=demand.key,
                layer_id=layer.layer_id,
                amount_minor=part,
                basis=Basis.TRACKED if layer.conditions.is_earmarked else Basis.NOTIONAL,
                rule=_rule(layer.conditions, policy),
            )
            for layer, part in zip(pot, parts, strict=True)
            if part
        ]
        need -= taken
    return shares


def _pots(able: Sequence[SpendableLayer]) -> list[list[SpendableLayer]]:
    """Pots in the order of payment: equal tightness and expiry, the pot that is first in."""
    pots = [list(group) for _, group in groupby(able, key=lambda layer: _pot(layer.conditions))]

    def order(pot: list[SpendableLayer]) -> tuple[object, ...]:
        conditions = pot[0].conditions
        expiry = conditions.usable_until or date.max
        return (_tightness(conditions), expiry, pot[0].value_on, pot[0].layer_id)

    return sorted(pots, key=order)


def _first_in(taken: int, held: Sequence[int]) -> list[int]:
    parts = []
    for available in held:
        part = min(taken, available)
        parts.append(part)
        taken -= part
    return parts


def _rule(conditions: Earmark, policy: Policy) -> str:
    if conditions.is_earmarked:
        return "earmark"
    if conditions.usable_until is not None:
        return "expiry"
    return f"pool_{policy}"


def _reasons(
    ordered: Sequence[SpendableLayer], left: Mapping[int, int], demand: Demand
) -> list[Reason]:
    found = []
    for layer in ordered:
        against = obstacle(layer, demand)
        if against is not None and left[layer.layer_id] > 0:
            found.append(
                Reason(
                    demand_key=demand.key,
                    layer_id=layer.layer_id,
                    obstacle=against,
                    amount_minor=left[layer.layer_id],
                )
            )
    return sorted(found, key=lambda reason: (-reason.amount_minor, reason.layer_id))
