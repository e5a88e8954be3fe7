"""Narrowing or widening what a deposit may pay for: proposed by one, put in force by another."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.donors import rules
from grants.donors.actions.deposits import conditions_under
from grants.donors.models import (
    ChangeState,
    ConditionChange,
    ContributionAgreement,
    Deposit,
    DepositState,
)
from grants.donors.rules import Earmark
from grants.ledger import actions as ledger
from grants.people.permissions import Actor, Verb, require


def propose_conditions(
    actor: Actor, deposit_id: int, conditions: Earmark, *, reason: str
) -> ConditionChange:
    """Propose what a deposit may pay for from now on; what is set aside already stays.

    What is not said is taken over from the agreement. Refuses what the agreement does not allow
    (it is amended first), a reversed or unidentified deposit, and a second proposal.
    """
    deposit = lock(Deposit, deposit_id)
    require(actor, Verb.RECORD_CONTRIBUTION, deposit.fund_id)
    if deposit.state == DepositState.UNIDENTIFIED:
        raise rules.NobodysMoney
    if deposit.state != DepositState.MATCHED:
        raise rules.DepositIsReversed
    if not reason.strip():
        raise rules.SayWhy
    wanted = _under_agreement(deposit, conditions)
    now = _as_it_is(deposit)
    if wanted == now:
        raise rules.NothingChanges
    if db.session.scalar(_waiting(deposit_id)) is not None:
        raise rules.ChangeIsWaiting
    change = ConditionChange(
        fund_id=deposit.fund_id,
        deposit_id=deposit_id,
        was=dict(now.stored_with_dates()),
        becomes=dict(wanted.stored_with_dates()),
        reason=reason.strip(),
        state=ChangeState.PROPOSED,
        proposed_by_id=actor.user_id,
        proposed_at=clock.now(),
    )
    db.session.add(change)
    db.session.flush()
    _note(actor, "deposit.conditions_proposed", change, reason=change.reason)
    return change


def confirm_conditions(actor: Actor, change_id: int) -> ConditionChange:
    """Put a change in force: the next plan follows it, what is set aside stays as it was.

    Refuses whoever proposed it, one that is decided, and one whose deposit or agreement has
    changed since.
    """
    deposit, change = _proposed(actor, change_id)
    if change.proposed_by_id == actor.user_id:
        raise rules.ChangedByAnother
    wanted = Earmark.of_stored(change.becomes)
    if _as_it_is(deposit) != Earmark.of_stored(change.was):
        raise rules.ConditionsHaveChanged
    if _under_agreement(deposit, wanted) != wanted:
        raise rules.ConditionsHaveChanged
    ledger.lock_journal(deposit.fund_id)
    deposit.conditions = dict(wanted.stored())
    deposit.usable_from, deposit.usable_until = wanted.usable_from, wanted.usable_until
    _decide(actor, change, ChangeState.IN_FORCE)
    _note(actor, "deposit.conditions_changed", change, reason=change.reason)
    return change


def refuse_conditions(actor: Actor, change_id: int) -> ConditionChange:
    """Leave the conditions as they are. Refuses a change that is decided."""
    _deposit, change = _proposed(actor, change_id)
    _decide(actor, change, ChangeState.REFUSED)
    _note(actor, "deposit.conditions_refused", change)
    return change


def _proposed(actor: Actor, change_id: int) -> tuple[Deposit, ConditionChange]:
    """The deposit and, after it, the change: locked, and still to be decided by this actor."""
    change = lock(ConditionChange, change_id)
    deposit = lock(Deposit, change.deposit_id)
    require(actor, Verb.APPROVE_ADJUSTMENT, change.fund_id)
    if change.state != ChangeState.PROPOSED:
        raise rules.ChangeIsDecided(state=change.state.replace("_", " "))
    return deposit, change


def _decide(actor: Actor, change: ConditionChange, state: ChangeState) -> None:
    change.state = state
    change.decided_by_id = actor.user_id
    change.decided_at = clock.now()
    db.session.flush()


def _as_it_is(deposit: Deposit) -> Earmark:
    return Earmark.of_stored(deposit.conditions, deposit.usable_from, deposit.usable_until)


def _under_agreement(deposit: Deposit, conditions: Earmark) -> Earmark:
    agreement = None
    if deposit.agreement_id is not None:
        agreement = db.session.get_one(ContributionAgreement, deposit.agreement_id)
    if deposit.is_core and conditions.is_earmarked:
        raise rules.CoreWithEarmark
    return conditions_under(agreement, conditions)


def _waiting(deposit_id: int) -> Any:
    return select(ConditionChange.id).where(
        ConditionChange.deposit_id == deposit_id, ConditionChange.state == ChangeState.PROPOSED
    )


def _note(actor: Actor, verb: str, change: ConditionChange, reason: str = "") -> None:
    audit.record(
        actor,
        verb,
        "deposit",
        change.deposit_id,
        fund_id=change.fund_id,
        reason=reason,
        change=change.id,
        was=change.was,
        becomes=change.becomes,
    )
