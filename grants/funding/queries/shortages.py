"""Why an amount cannot be paid for, and what would make it fit: a shortage for a person to read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import select

from grants.db import db
from grants.donors import queries as donors
from grants.funding import rules
from grants.funding.models import Grant
from grants.funding.queries.layers import (
    ALLOCATED,
    RESERVED,
    UNALLOCATED,
    policy_of,
    spendable,
    usd,
    window_names,
)
from grants.funding.rules import (
    Coming,
    Demand,
    Lies,
    NamedLayer,
    NotEnoughFunds,
    Reason,
    Shortage,
    Source,
    SpendableLayer,
    Standing,
    Way,
)
from grants.ledger import queries as ledger
from grants.programmes import queries as programmes
from grants.programmes.queries import ProgrammeView


def refusal_of(
    programme: ProgrammeView, demand: Demand, shortage: Shortage, layers: Sequence[SpendableLayer]
) -> NotEnoughFunds:
    """The shortage of one demand in words. `layers` are those that it was asked of."""
    standing = _standing(programme, demand, layers)
    elsewhere = [
        layer
        for source in standing.sources
        if source.lies is Lies.UNALLOCATED
        for layer in source.layers
    ]
    free = sum(_may_give(layer, demand) for layer in elsewhere)
    reasons = [*shortage.reasons, *_reasons(elsewhere, demand)]
    missing = shortage.short[demand.key]
    ways = rules.ways_out(standing, missing)
    windows = window_names(programme.fund_id)
    return rules.explain_shortage(
        asked=usd(demand.amount_minor),
        left=usd(demand.amount_minor - missing),
        purpose=programme.name,
        unallocated=usd(free),
        reasons=reasons,
        names=_named(programme.fund_id, reasons),
        windows=windows,
        ways=_in_words(programme, ways, windows),
    )


def _standing(
    programme: ProgrammeView, demand: Demand, layers: Sequence[SpendableLayer]
) -> Standing:
    """What the fund has besides the layers that were asked, and what it still expects."""
    return Standing(
        layers=layers,
        demands=[demand],
        policy=policy_of(programme.fund_id),
        sources=_sources(programme, is_grant=demand.is_grant),
        coming=_coming(programme.fund_id, demand.on),
    )


def _sources(programme: ProgrammeView, *, is_grant: bool) -> list[Source]:
    """Money that lies elsewhere; for a grant also what is not allocated, and what is reserved."""
    numbers = [ALLOCATED, UNALLOCATED, RESERVED] if is_grant else [ALLOCATED]
    lying: dict[tuple[Lies, int], dict[int, int]] = defaultdict(dict)
    for line in ledger.balances(programme.fund_id, numbers):
        if line.layer_id is None or line.usd_minor <= 0:
            continue
        if line.number == UNALLOCATED:
            lying[Lies.UNALLOCATED, 0][line.layer_id] = line.usd_minor
        elif line.number == ALLOCATED and line.programme_id not in {programme.id, None}:
            lying[Lies.PROGRAMME, line.programme_id or 0][line.layer_id] = line.usd_minor
        elif line.number == RESERVED and line.programme_id == programme.id:
            lying[Lies.RESERVED, line.grant_id or 0][line.layer_id] = line.usd_minor
    known = {
        layer.layer_id: layer
        for layer in spendable(
            programme.fund_id, {layer_id: 0 for held in lying.values() for layer_id in held}
        )
    }
    names = _names(programme, lying)
    return [
        Source(
            lies=lies,
            key=key,
            name=names.get((lies, key), ""),
            layers=tuple(
                rules.with_available(known[layer_id], minor)
                for layer_id, minor in sorted(held.items())
                if layer_id in known
            ),
        )
        for (lies, key), held in sorted(lying.items())
    ]


def _names(
    programme: ProgrammeView, lying: Iterable[tuple[Lies, int]]
) -> dict[tuple[Lies, int], str]:
    """The names of programmes and the references of grants in which money lies."""
    found = {
        (Lies.PROGRAMME, one.id): one.name for one in programmes.programmes_of(programme.fund_id)
    }
    grants = [key for lies, key in lying if lies is Lies.RESERVED]
    if grants:
        rows = db.session.execute(
            select(Grant.id, Grant.reference).where(Grant.programme_id == programme.id)
        )
        found |= {(Lies.RESERVED, grant_id): reference for grant_id, reference in rows}
    return found


def _coming(fund_id: int, on: date) -> list[Coming]:
    """Instalments that may still come, each as the layer that it would be."""
    return [
        Coming(
            instalment_id=one.id,
            donor=one.donor,
            reference=one.reference,
            number=one.number,
            due_on=one.due_on,
            is_held=one.is_held,
            layer=SpendableLayer(
                layer_id=-one.id,
                donor_id=one.donor_id,
                available_minor=one.usd.minor,
                conditions=one.conditions,
                value_on=max(one.due_on, on),
                agreement_id=one.agreement_id,
            ),
        )
        for one in donors.open_instalments([fund_id])
        if one.usd.minor > 0
    ]


def _reasons(layers: Iterable[SpendableLayer], demand: Demand) -> list[Reason]:
    """Why layers that were not asked could not pay either."""
    found = []
    for layer in layers:
        against = rules.obstacles(layer, demand)
        if against and layer.available_minor > 0:
            found.append(
                Reason(
                    demand_key=demand.key,
                    layer_id=layer.layer_id,
                    obstacle=against[0],
                    amount_minor=layer.available_minor,
                    obstacles=against,
                )
            )
    return found


def _may_give(layer: SpendableLayer, demand: Demand) -> int:
    """What a layer could pay of the demand, up to its ceilings."""
    if rules.obstacles(layer, demand):
        return 0
    limit = rules.limit_of(layer.conditions, demand)
    return layer.available_minor if limit is None else min(layer.available_minor, limit)


def _named(fund_id: int, reasons: list[Reason]) -> dict[int, NamedLayer]:
    return {
        layer.layer_id: NamedLayer(
            layer_id=layer.layer_id,
            donor=layer.donor,
            value_on=layer.value_on,
            conditions=layer.conditions,
        )
        for layer in donors.layers(fund_id, [reason.layer_id for reason in reasons])
    }


def _in_words(programme: ProgrammeView, ways: Sequence[Way], windows: dict[int, str]) -> list[str]:
    """The ways as a person reads them."""
    if not ways:
        return []
    names = {layer.donor_id: layer.donor for layer in donors.layers(programme.fund_id)}
    return [
        rules.way_in_words(way, purpose=programme.name, donors=names, windows=windows)
        for way in ways
    ]
