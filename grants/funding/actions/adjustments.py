"""What two people put right about grants: debts written off, other layers that pay."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import func, select

from grants.db import db
from grants.funding import rules
from grants.funding.actions.commitments import locked_grant, note, places
from grants.funding.actions.holdings import check_dollars, held_by_layer
from grants.funding.models import Attribution, Grant
from grants.funding.queries.layers import (
    ALLOCATED,
    COMMITTED,
    DISBURSED,
    RESERVED,
    demand_of,
    purpose_of_grant,
    spendable,
)
from grants.funding.rules import Demand, SpendableLayer
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger import queries as books
from grants.ledger.actions import NewEntry, NewMove, Posted
from grants.money import Money
from grants.people.permissions import Actor, Verb, require
from grants.programmes import queries as programmes

#: Where a grant's money stands, the part that is nearest to being spent last.
_STANDS = (RESERVED, COMMITTED, DISBURSED)


def write_off(
    actor: Actor, grant_id: int, amount: Money, *, on: date, reason: str, second_actor_id: int
) -> Posted:
    """Give up what a grantee owes: Dr 5400 / Cr 1250; its layers stay charged.

    Refuses more than is owed (domain rules, section 7, row 14).
    """
    check_dollars(amount)
    grant = locked_grant(grant_id)
    require(actor, Verb.POST_ADJUSTMENT, grant.fund_id)
    ledger.lock_journal(grant.fund_id)
    owed = books.balance(grant.fund_id, chart.due_from_grantee(grant_id))
    if amount > owed:
        raise rules.MoreThanHeld(held=owed, what="owed by this grantee", asked=amount)
    move = NewMove(
        debit=chart.write_offs(grant_id), credit=chart.due_from_grantee(grant_id), amount=amount
    )
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=grant.fund_id,
            event="write_off",
            value_on=on,
            may_be_late=True,
            moves=[move],
            reason=reason,
            source=("grant", grant_id),
            second_actor_id=second_actor_id,
        ),
    )
    note(actor, "grant.written_off", grant, reason, amount=amount, entry=posted.sequence)
    return posted


def re_attribute(
    actor: Actor,
    grant_id: int,
    amount: Money,
    *,
    from_layer_id: int,
    to_layer_id: int,
    on: date,
    reason: str,
    second_actor_id: int,
) -> Posted:
    """Let another layer pay for part of a grant; the first is as much freer in the programme.

    What is reserved moves first, then what is committed, then what is disbursed. Refuses a layer
    whose conditions do not allow the grant, more than the first pays, and more than the other has
    free in the programme (domain rules, section 7, row 20).
    """
    check_dollars(amount)
    if from_layer_id == to_layer_id:
        raise rules.LayerMayNotPay(why="the one that pays already")
    grant = locked_grant(grant_id)
    require(actor, Verb.POST_ADJUSTMENT, grant.fund_id)
    ledger.lock_journal(grant.fund_id)
    payer = _layer(grant.fund_id, from_layer_id, amount.minor)
    _check_allowed(grant, _layer(grant.fund_id, to_layer_id), payer, on)
    free = held_by_layer(grant.fund_id, ALLOCATED, programme_id=grant.programme_id)
    available = Money.of_minor(free.get(to_layer_id, 0), "USD")
    if amount > available:
        raise rules.MoreThanHeld(
            held=available, what="free of that deposit in this programme", asked=amount
        )
    moves = _moves(grant, amount, from_layer_id, to_layer_id)
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=grant.fund_id,
            event="re_attribution",
            value_on=on,
            may_be_late=True,
            moves=moves,
            reason=reason,
            source=("grant", grant_id),
            second_actor_id=second_actor_id,
        ),
    )
    _attribute_anew(grant, amount, from_layer_id, to_layer_id, posted.id)
    note(actor, "grant.re_attributed", grant, reason, amount=amount, entry=posted.sequence)
    return posted


def _check_allowed(grant: Grant, layer: SpendableLayer, other: SpendableLayer, on: date) -> None:
    """Refuse a layer whose conditions do not allow the grant, as the solver would."""
    programme = programmes.programme(grant.programme_id)
    amount = Money.of_minor(grant.approved_minor, "USD")
    demand = demand_of(programme, amount, on, purpose_of_grant(grant))
    obstacle = rules.obstacle(layer, demand)
    if obstacle is not None:
        raise rules.LayerMayNotPay(why=obstacle.value)
    if not layer.conditions.ceilings or rules.agreement_of(other) == rules.agreement_of(layer):
        return
    limits = [
        limit
        for limit in (
            _left_of_grant(grant, layer, demand),
            rules.room_in_year(layer, replace(demand, on=grant.approved_on)),
        )
        if limit is not None
    ]
    if min(limits, default=other.available_minor) < other.available_minor:
        raise rules.LayerMayNotPay(why=rules.Obstacle.CEILING.value)


def _left_of_grant(grant: Grant, layer: SpendableLayer, demand: Demand) -> int | None:
    """What a ceiling leaves of the grant to the layers of one agreement; None: no ceiling."""
    limit = rules.limit_of(layer.conditions, demand)
    if limit is None:
        return None
    rows = db.session.execute(
        select(Attribution.layer_id, func.sum(Attribution.amount_minor))
        .where(Attribution.grant_id == grant.id)
        .group_by(Attribution.layer_id)
    )
    paid = spendable(grant.fund_id, {layer_id: int(minor) for layer_id, minor in rows})
    bound = rules.agreement_of(layer)
    return limit - sum(one.available_minor for one in paid if rules.agreement_of(one) == bound)


def _layer(fund_id: int, layer_id: int, minor: int = 0) -> SpendableLayer:
    """A deposit with its conditions. Refuses one that is not of the fund."""
    found = spendable(fund_id, {layer_id: minor})
    if not found:
        raise rules.NoSuchLayer
    return found[0]


def _moves(grant: Grant, amount: Money, from_layer_id: int, to_layer_id: int) -> list[NewMove]:
    """From one layer to the other where the grant stands, and the other way where it is free."""
    at = places(grant)
    stands = {RESERVED: at.reserved, COMMITTED: at.committed, DISBURSED: at.disbursed}
    left, moves = amount.minor, []
    for number in _STANDS:
        held = held_by_layer(grant.fund_id, number, grant_id=grant.id).get(from_layer_id, 0)
        part = min(left, held)
        if part:
            place = stands[number]
            moves.append(
                NewMove(
                    debit=place(from_layer_id),
                    credit=place(to_layer_id),
                    amount=Money.of_minor(part, "USD"),
                )
            )
            left -= part
    if left:
        paid = Money.of_minor(amount.minor - left, "USD")
        raise rules.MoreThanHeld(
            held=paid, what="paid by that deposit for this grant", asked=amount
        )
    swap = NewMove(
        debit=at.allocated(to_layer_id), credit=at.allocated(from_layer_id), amount=amount
    )
    return [swap, *moves]


def _attribute_anew(
    grant: Grant, amount: Money, from_layer_id: int, to_layer_id: int, entry_id: int
) -> None:
    basis = db.session.scalar(
        select(func.min(Attribution.basis)).where(
            Attribution.grant_id == grant.id, Attribution.layer_id == from_layer_id
        )
    )
    is_earmarked = _layer(grant.fund_id, to_layer_id).conditions.is_earmarked
    rows = (
        (from_layer_id, -amount.minor, basis or rules.Basis.NOTIONAL),
        (to_layer_id, amount.minor, rules.Basis.TRACKED if is_earmarked else rules.Basis.NOTIONAL),
    )
    db.session.add_all(
        Attribution(
            fund_id=grant.fund_id,
            grant_id=grant.id,
            layer_id=layer_id,
            amount_minor=minor,
            basis=kind,
            rule="re_attributed",
            entry_id=entry_id,
        )
        for layer_id, minor, kind in rows
    )
    db.session.flush()
