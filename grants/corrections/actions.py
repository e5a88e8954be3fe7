"""Proposing a correction, and deciding on it: two people, and then the books."""

from __future__ import annotations

from collections import Counter

from grants import clock
from grants.agreements import actions as agreements
from grants.audit import actions as audit
from grants.corrections import rules
from grants.corrections.models import Correction, CorrectionState
from grants.corrections.queries import BY_THEMSELVES, is_undoable
from grants.corrections.rules import (
    Change,
    ReAttribution,
    ReturnPaid,
    ReturnToContributor,
    ReturnToSender,
    Reversal,
    WriteOff,
)
from grants.db import db, lock
from grants.donors import actions as donors
from grants.donors import queries as donations
from grants.errors import NotFound
from grants.funding import actions as funding
from grants.ledger import actions as ledger
from grants.ledger import queries as books
from grants.ledger.queries import EntryView
from grants.money import Money
from grants.people import queries as people
from grants.people.permissions import Actor, Verb, check_ceiling, require


def propose(actor: Actor, fund_id: int, change: Change, *, reason: str) -> Correction:
    """Say what is to be put right, and why. It waits until another person decides.

    Refuses an entry that is undone where it was made, and a proposal without a reason.
    """
    require(actor, Verb.POST_ADJUSTMENT, fund_id)
    if not reason.strip():
        raise rules.ReasonWanted
    correction = Correction(
        fund_id=fund_id,
        kind=change.kind,
        payload=rules.kept(change),
        usd_minor=_size(fund_id, change).minor,
        reason=reason.strip(),
        proposed_by_id=actor.user_id,
        proposed_at=clock.now(),
    )
    db.session.add(correction)
    db.session.flush()
    _note(actor, "proposed", correction)
    return correction


def approve(actor: Actor, correction_id: int, *, note: str = "") -> Correction:
    """Agree to a correction and post it, in the name of both.

    By another person than proposed it, within delegated authority where money is given up or
    goes out. What the books refuse now leaves the proposal as it is.
    """
    correction = _open(actor, correction_id)
    change = rules.read(correction.kind, correction.payload)
    proposer = people.actor_of(correction.proposed_by_id)
    if not isinstance(change, Reversal | ReAttribution):
        amount = Money.of_minor(correction.usd_minor, "USD")
        check_ceiling(actor, correction.fund_id, amount, clock.today())
    entry_id = _post(proposer, correction, change, actor.user_id)
    _decide(actor, correction, CorrectionState.APPROVED, note, entry_id)
    return correction


def refuse(actor: Actor, correction_id: int, *, note: str) -> Correction:
    """Say no to a correction, and why."""
    if not note.strip():
        raise rules.ReasonWanted
    correction = _open(actor, correction_id)
    _decide(actor, correction, CorrectionState.REFUSED, note, None)
    return correction


def withdraw(actor: Actor, correction_id: int) -> Correction:
    """Take back what one proposed oneself."""
    correction = lock(Correction, correction_id)
    require(actor, Verb.POST_ADJUSTMENT, correction.fund_id)
    if correction.proposed_by_id != actor.user_id:
        raise NotFound
    if correction.state != CorrectionState.PROPOSED:
        raise rules.AlreadyDecided(state=correction.state)
    correction.state = CorrectionState.WITHDRAWN
    correction.decided_at = clock.now()
    db.session.flush()
    _note(actor, "withdrawn", correction)
    return correction


def _open(actor: Actor, correction_id: int) -> Correction:
    correction = lock(Correction, correction_id)
    require(actor, Verb.APPROVE_ADJUSTMENT, correction.fund_id)
    if correction.state != CorrectionState.PROPOSED:
        raise rules.AlreadyDecided(state=correction.state)
    if correction.proposed_by_id == actor.user_id:
        raise rules.DecidedByAnother
    return correction


def _decide(
    actor: Actor, correction: Correction, state: CorrectionState, note: str, entry_id: int | None
) -> None:
    correction.state = state
    correction.decided_by_id = actor.user_id
    correction.decided_at = clock.now()
    correction.note = note.strip()
    correction.entry_id = entry_id
    db.session.flush()
    _note(actor, state, correction)


def _note(actor: Actor, verb: str, correction: Correction) -> None:
    audit.record(
        actor,
        f"correction.{verb}",
        "correction",
        correction.id,
        fund_id=correction.fund_id,
        reason=correction.note or correction.reason,
        kind=correction.kind,
        usd=correction.usd_minor,
    )


def _size(fund_id: int, change: Change) -> Money:
    size = rules.size_of(change)
    if size is not None:
        return size
    if isinstance(change, ReturnToSender):
        receipt = donations.deposit(change.deposit_id)
        if receipt.fund_id != fund_id:
            raise NotFound
        return receipt.usd
    assert isinstance(change, Reversal)
    entry = books.entry(change.entry_id)
    if entry.fund_id != fund_id:
        raise NotFound
    _check_undoable(entry)
    by_account: Counter[str] = Counter()
    for line in entry.lines:
        by_account[f"Dr {line.debit.key}"] += line.usd.minor
        by_account[f"Cr {line.credit.key}"] += line.usd.minor
    return Money.of_minor(max(by_account.values()), "USD")


def _check_undoable(entry: EntryView) -> None:
    if entry.reverses or entry.reversed_by:
        raise rules.UndoneWhereItWasMade(
            sequence=entry.sequence, event=entry.event, how="it is half of a reversal."
        )
    if not is_undoable(entry):
        raise _undone_elsewhere(entry)


def _undone_elsewhere(entry: EntryView) -> rules.UndoneWhereItWasMade:
    return rules.UndoneWhereItWasMade(
        sequence=entry.sequence,
        event=entry.event.replace("_", " ").replace(".", " "),
        how="open the record behind it and take the step back there.",
    )


def _post(proposer: Actor, correction: Correction, change: Change, second_id: int) -> int:
    """Do what was agreed, and return the entry that says so."""
    if isinstance(change, Reversal):
        return _reversed(proposer, change.entry_id, correction.reason, second_id)
    if isinstance(change, WriteOff | ReAttribution):
        return _post_of_grant(proposer, change, correction.reason, second_id)
    if isinstance(change, ReturnToSender):
        return donors.return_receipt(
            proposer,
            change.deposit_id,
            on=change.on,
            reason=correction.reason,
            second_actor_id=second_id,
        ).id
    return _post_of_donor(proposer, correction, change, second_id)


def _post_of_grant(
    proposer: Actor, change: WriteOff | ReAttribution, reason: str, second_id: int
) -> int:
    amount = _usd(change.usd_minor)
    if isinstance(change, WriteOff):
        return funding.write_off(
            proposer,
            change.grant_id,
            amount,
            on=change.on,
            reason=reason,
            second_actor_id=second_id,
        ).id
    return funding.re_attribute(
        proposer,
        change.grant_id,
        amount,
        from_layer_id=change.from_layer_id,
        to_layer_id=change.to_layer_id,
        on=change.on,
        reason=reason,
        second_actor_id=second_id,
    ).id


def _post_of_donor(
    proposer: Actor,
    correction: Correction,
    change: ReturnToContributor | ReturnPaid,
    second_id: int,
) -> int:
    if isinstance(change, ReturnPaid):
        return donors.pay_contributor(
            proposer,
            correction.fund_id,
            change.donor_id,
            _usd(change.usd_minor),
            on=change.on,
            bank_reference=change.bank_reference,
            second_actor_id=second_id,
        ).id
    return donors.return_to_contributor(
        proposer,
        correction.fund_id,
        change.donor_id,
        {layer: _usd(minor) for layer, minor in change.parts.items()},
        on=change.on,
        reason=correction.reason,
        second_actor_id=second_id,
    ).id


def _reversed(proposer: Actor, entry_id: int, reason: str, second_id: int) -> int:
    """Undo an entry by the action that owns its record; one without a record by itself."""
    entry = books.entry(entry_id)
    _check_undoable(entry)
    if entry.event in BY_THEMSELVES:
        return ledger.reverse(proposer, entry_id, reason=reason, second_actor_id=second_id).id
    match entry.source_type, entry.source_id:
        case "deposit", int(deposit_id):
            deposit = donors.reverse_deposit(
                proposer, deposit_id, reason, second_actor_id=second_id
            )
            assert deposit.reversal_entry_id is not None
            return deposit.reversal_entry_id
        case "tranche", int(tranche_id):
            return agreements.undo_tranche(
                proposer, tranche_id, entry_id, reason=reason, second_actor_id=second_id
            ).id
        case "partner_report", int(report_id):
            return agreements.undo_acceptance(
                proposer, report_id, reason=reason, second_actor_id=second_id
            ).id
    raise _undone_elsewhere(entry)


def _usd(minor: int) -> Money:
    return Money.of_minor(minor, "USD")
