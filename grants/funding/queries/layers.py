"""Layers: what is left of each deposit, where it stands, and what it may pay for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from grants.db import db
from grants.donors import queries as donors
from grants.donors.queries import Layer
from grants.donors.rules import CostType, Earmark
from grants.funding import rules
from grants.funding.models import Attribution, Grant
from grants.funding.rules import (
    Demand,
    NewGrant,
    Policy,
    Purpose,
    SpendableLayer,
)
from grants.ledger import queries as ledger
from grants.money import Money
from grants.people import queries as people
from grants.programmes import queries as programmes
from grants.programmes.queries import ProgrammeView

UNALLOCATED, RESERVE, ALLOCATED, RESERVED, COMMITTED, DISBURSED = (
    "9110",
    "9115",
    "9120",
    "9130",
    "9140",
    "9150",
)
#: Together, all of a layer that ever became spendable.
STANDING = (UNALLOCATED, ALLOCATED, RESERVED, COMMITTED, DISBURSED)


@dataclass(frozen=True, kw_only=True)
class LayerLine:
    """A layer on the page: where its money stands, in US dollars."""

    layer_id: int
    donor_id: int
    donor: str
    value_on: date
    usd: Money
    unallocated: Money
    allocated: Money
    reserved: Money
    committed: Money
    disbursed: Money
    conditions: Earmark
    conditions_words: str
    is_core: bool


def layer_lines(fund_id: int, *, limit: int = 5000) -> list[LayerLine]:
    """The layers of a fund that hold anything, first in first. Three statements."""
    held: dict[int, dict[str, int]] = defaultdict(dict)
    for line in ledger.balance_sums(fund_id, STANDING, by="layer_id"):
        if isinstance(line.key, int):
            held[line.key][line.number] = line.usd_minor
    names = window_names(fund_id)
    found = [
        _layer_line(layer, held[layer.layer_id], names)
        for layer in donors.layers(fund_id, list(held))
    ]
    return sorted(found, key=lambda line: (line.value_on, line.layer_id))[:limit]


def layer_line(fund_id: int, layer_id: int) -> LayerLine | None:
    """One layer; None while its deposit is nobody's. Three statements."""
    layers = donors.layers(fund_id, [layer_id])
    if not layers:
        return None
    held = {
        line.number: line.usd_minor
        for line in ledger.balance_sums(fund_id, STANDING, layer_id=layer_id)
    }
    return _layer_line(layers[0], held, window_names(fund_id))


def spendable_layers(fund_id: int, programme_id: int | None = None) -> list[SpendableLayer]:
    """Layers with money that is not allocated, or that is free in a programme.

    Two statements; one more where a donor has set a ceiling for a year.
    """
    numbers = (UNALLOCATED,) if programme_id is None else (ALLOCATED,)
    held = {
        line.key: line.usd_minor
        for line in ledger.balance_sums(fund_id, numbers, by="layer_id", programme_id=programme_id)
        if isinstance(line.key, int)
    }
    return spendable(fund_id, held)


def spendable(fund_id: int, held: Mapping[int, int]) -> list[SpendableLayer]:
    """The layers that hold these amounts (US cents), with what they may pay for."""
    known = donors.layers(fund_id, list(held))
    used = _used_by_year(fund_id, known)
    return [
        SpendableLayer(
            layer_id=layer.layer_id,
            donor_id=layer.donor_id,
            available_minor=held[layer.layer_id],
            conditions=layer.conditions,
            value_on=layer.value_on,
            is_core=layer.is_core,
            agreement_id=layer.agreement_id,
            used_by_year=used.get(layer.agreement_id or -layer.layer_id, ()),
        )
        for layer in known
    ]


def demand_of(
    programme: ProgrammeView, amount: Money, on: date, purpose: Purpose | None = None
) -> Demand:
    """What a programme asks of the layers on a day: only money that had come by then may pay.

    With a purpose it is the demand of a grant; without, that of an allocation.
    """
    known = purpose or Purpose()
    return Demand(
        key=f"programme {programme.id}",
        amount_minor=amount.minor,
        window_id=programme.window_id,
        country_code=programme.country_code,
        themes=programme.themes,
        on=on,
        received_by=on,
        sectors=known.sectors,
        cost_type=known.cost_type,
        recipient_kind=known.recipient_kind,
        items=known.items,
        is_grant=purpose is not None,
    )


def purpose_of(new: NewGrant) -> Purpose:
    """What a new grant is for, as conditions look at it. One statement."""
    return Purpose(
        sectors=frozenset({new.sector} if new.sector else ()),
        recipient_kind=people.organisation(new.grantee_id).kind,
        items=new.items,
        cost_type=new.cost_type,
    )


def purpose_of_grant(grant: Grant) -> Purpose:
    """What a grant that is recorded is for. One statement."""
    return Purpose(
        sectors=frozenset({grant.sector} if grant.sector else ()),
        recipient_kind=people.organisation(grant.grantee_id).kind,
        items=frozenset(grant.items or ()),
        cost_type=grant.cost_type or CostType.GRANT,
    )


def policy_of(fund_id: int) -> Policy:
    return Policy(people.fund(fund_id).pool_policy)


def window_names(fund_id: int) -> dict[int, str]:
    return {window.id: window.name for window in programmes.windows_of(fund_id)}


def usd(minor: int) -> Money:
    return Money.of_minor(minor, "USD")


def _layer_line(layer: Layer, held: Mapping[str, int], names: Mapping[int, str]) -> LayerLine:
    return LayerLine(
        layer_id=layer.layer_id,
        donor_id=layer.donor_id,
        donor=layer.donor,
        value_on=layer.value_on,
        usd=layer.usd,
        unallocated=usd(held.get(UNALLOCATED, 0)),
        allocated=usd(held.get(ALLOCATED, 0)),
        reserved=usd(held.get(RESERVED, 0)),
        committed=usd(held.get(COMMITTED, 0)),
        disbursed=usd(held.get(DISBURSED, 0)),
        conditions=layer.conditions,
        conditions_words=rules.words_of(layer.conditions, names),
        is_core=layer.is_core,
    )


def _used_by_year(fund_id: int, layers: Sequence[Layer]) -> dict[int, tuple[tuple[int, int], ...]]:
    """What agreements (or, below zero, deposits) with a yearly ceiling gave to grants, by year."""
    bound = (
        {
            layer.layer_id: layer.agreement_id or -layer.layer_id
            for layer in donors.layers(fund_id)
            if layer.conditions.ceilings.per_year_minor is not None
        }
        if any(layer.conditions.ceilings.per_year_minor is not None for layer in layers)
        else {}
    )
    if not bound:
        return {}
    found: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    rows = db.session.execute(
        select(Attribution.layer_id, Grant.approved_on, func.sum(Attribution.amount_minor))
        .join(Grant, Grant.id == Attribution.grant_id)
        .where(Attribution.fund_id == fund_id, Attribution.layer_id.in_(list(bound)))
        .group_by(Attribution.layer_id, Grant.approved_on)
    )
    for layer_id, approved_on, minor in rows:
        found[bound[layer_id]][approved_on.year] += int(minor)
    return {key: tuple(sorted(years.items())) for key, years in found.items()}
