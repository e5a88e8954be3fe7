"""Where donors pay: bank details that one person writes and another confirms."""

from __future__ import annotations

from sqlalchemy import select

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.donors import rules
from grants.donors.models import InstructionState, PaymentInstruction
from grants.errors import Malformed
from grants.money import is_currency
from grants.people.models import Fund
from grants.people.permissions import Actor, Verb, require


def propose_instruction(
    actor: Actor, fund_id: int, currency: str, lines: str
) -> PaymentInstruction:
    """Write the bank details for a currency. They stand on letters once somebody else confirms.

    A proposal that waits for the same currency is replaced. Refuses nothing at all.
    """
    lock(Fund, fund_id)
    require(actor, Verb.RECORD_CONTRIBUTION, fund_id)
    if not is_currency(currency):
        raise Malformed(f"{currency} is not a currency that we know.")
    _replace(fund_id, currency, InstructionState.PROPOSED)
    instruction = PaymentInstruction(
        fund_id=fund_id,
        currency=currency,
        lines=rules.clean_lines(lines),
        state=InstructionState.PROPOSED,
        proposed_by_id=actor.user_id,
        proposed_at=clock.now(),
    )
    db.session.add(instruction)
    db.session.flush()
    _note(actor, "payment_instruction.proposed", instruction)
    return instruction


def confirm_instruction(actor: Actor, instruction_id: int) -> PaymentInstruction:
    """Confirm bank details that somebody else wrote: from now on they stand on new letters.

    Letters that were sent stay as they are. Refuses whoever wrote them, and details that are
    decided already.
    """
    instruction = lock(PaymentInstruction, instruction_id)
    require(actor, Verb.APPROVE_ADJUSTMENT, instruction.fund_id)
    if instruction.state != InstructionState.PROPOSED:
        raise rules.InstructionIsDecided(state=instruction.state)
    if instruction.proposed_by_id == actor.user_id:
        raise rules.OwnInstruction
    _replace(instruction.fund_id, instruction.currency, InstructionState.CONFIRMED)
    instruction.state = InstructionState.CONFIRMED
    instruction.confirmed_by_id = actor.user_id
    instruction.confirmed_at = clock.now()
    db.session.flush()
    _note(actor, "payment_instruction.confirmed", instruction)
    return instruction


def _replace(fund_id: int, currency: str, state: InstructionState) -> None:
    rows = db.session.scalars(
        select(PaymentInstruction)
        .where(
            PaymentInstruction.fund_id == fund_id,
            PaymentInstruction.currency == currency,
            PaymentInstruction.state == state,
        )
        .with_for_update()
    )
    for row in rows:
        row.state = InstructionState.REPLACED
    db.session.flush()


def _note(actor: Actor, verb: str, instruction: PaymentInstruction) -> None:
    audit.record(
        actor,
        verb,
        "payment_instruction",
        instruction.id,
        fund_id=instruction.fund_id,
        currency=instruction.currency,
    )
