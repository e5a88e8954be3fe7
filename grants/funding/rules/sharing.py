"""How a sum is split over those who pay side by side: whole minor units, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence

from grants.donors.rules import Earmark
from grants.funding.rules.pots import Pot
from grants.funding.rules.values import Basis, Demand, Policy, Share
from grants.money import share_minor


def split_by_holdings(total: int, held: Mapping[int, int]) -> dict[int, int]:
    """Split a sum over layers in proportion to what each holds; never more than it holds.

    The split of a commitment, an advance and a refund: parts of nothing are left out.
    """
    if total > sum(held.values()):
        raise ValueError("more than the layers hold")
    layers = sorted(held)
    parts = share_minor(total, [held[layer] for layer in layers])
    return {layer: part for layer, part in zip(layers, parts, strict=True) if part}


def shares_of(
    pot: Pot, demand: Demand, amount_minor: int, left: MutableMapping[int, int], policy: Policy
) -> Iterator[Share]:
    """What each layer of a pot pays of an amount, taken out of what is `left` of it.

    By its balance (largest remainder, the older layer gets the odd cent), or first in, first out.
    """
    held = [left[layer.layer_id] for layer in pot.layers]
    split = share_minor if policy is Policy.PRO_RATA else _first_in
    basis = Basis.TRACKED if pot.conditions.is_earmarked else Basis.NOTIONAL
    rule = _rule(pot.conditions, policy)
    for layer, part in zip(pot.layers, split(amount_minor, held), strict=True):
        if part:
            left[layer.layer_id] -= part
            yield Share(
                demand_key=demand.key,
                layer_id=layer.layer_id,
                amount_minor=part,
                basis=basis,
                rule=rule,
            )


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
