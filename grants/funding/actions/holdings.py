"""Moving amounts of layers from one place to another, and noting who pays for a grant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from sqlalchemy import select

from grants.db import db
from grants.funding import rules
from grants.funding.models import Attribution, Grant
from grants.funding.queries.layers import demand_of, policy_of
from grants.funding.queries.shortages import refusal_of
from grants.funding.rules import Purpose, Share, Shortage, SpendableLayer
from grants.ledger import queries as books
from grants.ledger.actions import NewMove
from grants.ledger.chart import AccountRef
from grants.money import Money
from grants.people.permissions import Actor, Verb, may, require
from grants.programmes.queries import ProgrammeView

#: Where a layer's money stands: from its number to the account.
Place = Callable[[int], AccountRef]


def require_one_of(actor: Actor, fund_id: int, *verbs: Verb) -> None:
    """Refuse an actor who may do none of these, in the words of the first."""
    if not any(may(actor, verb, fund_id) for verb in verbs):
        require(actor, verbs[0], fund_id)


def check_dollars(amount: Money) -> None:
    """Refuse an amount of nothing, or in another currency than the fund's own."""
    if amount.currency != "USD" or amount.minor <= 0:
        raise rules.NoAmount


def shares_for(
    programme: ProgrammeView,
    amount: Money,
    on: date,
    layers: list[SpendableLayer],
    purpose: Purpose | None = None,
) -> tuple[Share, ...]:
    """Who pays, for an allocation or (with a purpose) a grant. Refuses with NotEnoughFunds.

    Call it under the lock of the journal, so that what was read cannot change.
    """
    demand = demand_of(programme, amount, on, purpose)
    found = rules.solve(layers, [demand], policy_of(programme.fund_id))
    if isinstance(found, Shortage):
        raise refusal_of(programme, demand, found, layers)
    return found.shares


def moves_of(parts: Mapping[int, int], source: Place, target: Place) -> list[NewMove]:
    """One move per layer, in the order of the layers, from one place to another."""
    return [
        NewMove(
            debit=source(layer_id),
            credit=target(layer_id),
            amount=Money.of_minor(parts[layer_id], "USD"),
        )
        for layer_id in sorted(parts)
    ]


def held_by_layer(
    fund_id: int, number: str, *, programme_id: int | None = None, grant_id: int | None = None
) -> dict[int, int]:
    """What each layer holds in an account number of a programme or grant."""
    return {
        line.key: line.usd_minor
        for line in books.balance_sums(
            fund_id, [number], by="layer_id", programme_id=programme_id, grant_id=grant_id
        )
        if isinstance(line.key, int)
    }


def split(amount: Money, held: Mapping[int, int], what: str) -> dict[int, int]:
    """Split an amount by what the layers hold. Refuses with MoreThanHeld."""
    total = Money.of_minor(sum(held.values()), "USD")
    if amount > total:
        raise rules.MoreThanHeld(held=total, what=what, asked=amount)
    return rules.split_by_holdings(amount.minor, held)


def attribute(grant: Grant, shares: Sequence[Share], entry_id: int) -> None:
    """Note who pays for a grant: one row per layer."""
    db.session.add_all(
        Attribution(
            fund_id=grant.fund_id,
            grant_id=grant.id,
            layer_id=share.layer_id,
            amount_minor=share.amount_minor,
            basis=share.basis,
            rule=share.rule,
            entry_id=entry_id,
        )
        for share in shares
    )
    db.session.flush()


def give_back(grant: Grant, parts: Mapping[int, int], rule: str, entry_id: int) -> None:
    """Note what went back to the layers: rows below zero, of the basis the layer paid on."""
    paid_on = {
        layer_id: basis
        for layer_id, basis in db.session.execute(
            select(Attribution.layer_id, Attribution.basis)
            .where(Attribution.grant_id == grant.id)
            .order_by(Attribution.id)
        )
    }
    db.session.add_all(
        Attribution(
            fund_id=grant.fund_id,
            grant_id=grant.id,
            layer_id=layer_id,
            amount_minor=-parts[layer_id],
            basis=paid_on[layer_id],
            rule=rule,
            entry_id=entry_id,
        )
        for layer_id in sorted(parts)
    )
    db.session.flush()
