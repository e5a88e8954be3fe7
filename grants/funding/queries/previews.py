"""Who would pay for an amount, before anything is set aside; or why it cannot be paid for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from grants.donors import queries as donors
from grants.funding import rules
from grants.funding.queries.layers import (
    demand_of,
    policy_of,
    spendable_layers,
    usd,
    window_names,
)
from grants.funding.queries.shortages import refusal_of
from grants.funding.rules import (
    Demand,
    NotEnoughFunds,
    Purpose,
    Share,
    Shortage,
    SpendableLayer,
)
from grants.money import Money
from grants.programmes import queries as programmes
from grants.programmes.queries import ProgrammeView


@dataclass(frozen=True, kw_only=True)
class PreviewShare:
    """What one layer would pay."""

    layer_id: int
    donor: str
    value_on: date
    amount: Money
    basis: str
    rule: str
    conditions_words: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Who would pay for an amount, or why it cannot be paid for. Nothing is set aside."""

    asked: Money
    left: Money
    shares: tuple[PreviewShare, ...]
    refusal: NotEnoughFunds | None


def preview_allocation(programme_id: int, amount: Money, on: date) -> Preview:
    """Which layers would pay for an allocation, or why it cannot be made."""
    programme = programmes.programme(programme_id)
    demand = demand_of(programme, amount, on)
    return _preview(programme, demand, spendable_layers(programme.fund_id))


def preview_reservation(
    programme_id: int, amount: Money, on: date, purpose: Purpose | None = None
) -> Preview:
    """Which layers would pay for a grant of the programme, or why it cannot be afforded."""
    programme = programmes.programme(programme_id)
    demand = demand_of(programme, amount, on, purpose or Purpose())
    return _preview(programme, demand, spendable_layers(programme.fund_id, programme_id))


def _preview(programme: ProgrammeView, demand: Demand, layers: list[SpendableLayer]) -> Preview:
    amount = usd(demand.amount_minor)
    found = rules.solve(layers, [demand], policy_of(programme.fund_id))
    if isinstance(found, Shortage):
        refusal = refusal_of(programme, demand, found, layers)
        return Preview(asked=amount, left=refusal.left, shares=(), refusal=refusal)
    able = [layer for layer in layers if rules.obstacle(layer, demand) is None]
    left = usd(sum(layer.available_minor for layer in able))
    shares = _preview_shares(programme.fund_id, found.shares)
    return Preview(asked=amount, left=left, shares=shares, refusal=None)


def _preview_shares(fund_id: int, shares: tuple[Share, ...]) -> tuple[PreviewShare, ...]:
    known = {
        layer.layer_id: layer
        for layer in donors.layers(fund_id, [share.layer_id for share in shares])
    }
    names = window_names(fund_id)
    return tuple(
        PreviewShare(
            layer_id=share.layer_id,
            donor=known[share.layer_id].donor,
            value_on=known[share.layer_id].value_on,
            amount=usd(share.amount_minor),
            basis=share.basis,
            rule=share.rule,
            conditions_words=rules.words_of(known[share.layer_id].conditions, names),
        )
        for share in shares
    )
