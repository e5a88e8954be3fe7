"""Allocations: the deciding body sets money aside for a programme, or takes some back."""

from __future__ import annotations

from datetime import date
from functools import partial

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.funding.actions.holdings import (
    check_dollars,
    held_by_layer,
    moves_of,
    shares_for,
    split,
)
from grants.funding.queries.layers import ALLOCATED, spendable_layers
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger.actions import NewEntry, NewMove
from grants.money import Money
from grants.people.permissions import Actor, Verb, require
from grants.programmes import queries as programmes
from grants.programmes.models import Allocation, Programme


def allocate(
    actor: Actor,
    programme_id: int,
    amount: Money,
    *,
    decided_on: date,
    decided_by: str,
    reason: str = "",
) -> Allocation:
    """Set an amount aside for a programme: Dr 9110 / Cr 9120, by the layers that may pay.

    Only money that had come in by the day of the decision. Refuses with NotEnoughFunds, which
    says how much could be allocated, and where the rest of the money lies.
    """
    check_dollars(amount)
    fund_id = _locked(actor, programme_id)
    shares = shares_for(
        programmes.programme(programme_id),
        amount,
        decided_on,
        spendable_layers(fund_id),
    )
    parts = {share.layer_id: share.amount_minor for share in shares}
    moves = moves_of(parts, chart.unallocated, partial(_allocated, programme_id))
    return _record(actor, programme_id, amount, decided_on, decided_by, reason, moves)


def return_allocation(
    actor: Actor,
    programme_id: int,
    amount: Money,
    *,
    decided_on: date,
    decided_by: str,
    reason: str,
) -> Allocation:
    """Take back what a programme has not reserved: Dr 9120 / Cr 9110, in proportion to the layers.

    Refuses with MoreThanHeld more than is free in the programme.
    """
    check_dollars(amount)
    fund_id = _locked(actor, programme_id)
    held = held_by_layer(fund_id, ALLOCATED, programme_id=programme_id)
    parts = split(amount, held, "free in this programme")
    moves = moves_of(parts, partial(_allocated, programme_id), chart.unallocated)
    return _record(actor, programme_id, -amount, decided_on, decided_by, reason, moves)


def _locked(actor: Actor, programme_id: int) -> int:
    """Nobody else changes the programme or the books of its fund until the transaction ends."""
    programme = lock(Programme, programme_id)
    require(actor, Verb.MANAGE_PROGRAMMES, programme.fund_id)
    ledger.lock_journal(programme.fund_id)
    return programme.fund_id


def _allocated(programme_id: int, layer_id: int) -> chart.AccountRef:
    return chart.allocated(layer_id, programme_id)


def _record(
    actor: Actor,
    programme_id: int,
    amount: Money,
    decided_on: date,
    decided_by: str,
    reason: str,
    moves: list[NewMove],
) -> Allocation:
    programme = lock(Programme, programme_id)
    allocation = Allocation(
        fund_id=programme.fund_id,
        programme_id=programme_id,
        amount_minor=amount.minor,
        decided_on=decided_on,
        decided_by=decided_by,
        reason=reason,
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    db.session.add(allocation)
    db.session.flush()
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=programme.fund_id,
            event="allocation" if amount.minor > 0 else "allocation.returned",
            value_on=decided_on,
            may_be_late=True,
            moves=moves,
            reason=reason,
            source=("allocation", allocation.id),
        ),
    )
    allocation.entry_id = posted.id
    db.session.flush()
    audit.record(
        actor,
        "programme.allocated" if amount.minor > 0 else "programme.allocation_returned",
        "programme",
        programme_id,
        fund_id=programme.fund_id,
        reason=reason,
        amount=amount,
        decided_by=decided_by,
        decided_on=decided_on,
    )
    return allocation
