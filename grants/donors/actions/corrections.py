"""Deposits that were wrong: new entries and reversals, never an edit of the books."""

from __future__ import annotations

from grants.db import db, lock
from grants.donors import rules
from grants.donors.actions.deposits import entry_of, fill, note
from grants.donors.actions.invoices import check_invoices
from grants.donors.actions.settling import OpenAgreements
from grants.donors.actions.values import Rates, check_donors, check_positive, funds_of
from grants.donors.models import Deposit, DepositState
from grants.donors.rules import NewDeposit
from grants.errors import NotFound, Refused
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger import queries as books
from grants.money import Money
from grants.people.permissions import Actor, Verb, require


def reverse_deposit(
    actor: Actor, deposit_id: int, reason: str, *, second_actor_id: int | None = None
) -> Deposit:
    """Undo a deposit that never came: its entries are mirrored, its layer is empty.

    Refuses while money of the layer is set aside for a programme, once it was converted, and a
    person alone: the second one approves.
    """
    _check_two(actor, second_actor_id)
    deposit, agreements = _locked(actor, deposit_id, [])
    _check_free(deposit, -_net_minor(deposit))
    deposit.reversal_entry_id = _undo(actor, deposit, reason, second_actor_id)
    deposit.state = DepositState.REVERSED
    agreements.mark_instalments()
    db.session.flush()
    note(actor, "deposit.reversed", deposit, reason)
    return deposit


def replace_deposit(
    actor: Actor,
    deposit_id: int,
    new: NewDeposit,
    reason: str,
    *,
    second_actor_id: int | None = None,
) -> Deposit:
    """Put right a deposit: the new entry first, then the old one is mirrored, for the same layer.

    So money of the layer that is spent stays covered. Refuses where the new amount would not
    cover what is set aside for programmes.
    """
    _check_two(actor, second_actor_id)
    deposit, agreements = _locked(actor, deposit_id, [new.agreement_id])
    if new.fund_id != deposit.fund_id:
        raise rules.NotOfThisDonor(thing="The deposit")
    check_invoices([new])
    check_donors([new.donor_id])
    check_positive([new.amount])
    old_entries = (deposit.entry_id, deposit.matching_entry_id)
    before = _net_minor(deposit)
    fund = funds_of([deposit.fund_id])[deposit.fund_id]
    rate = fill(deposit, new, fund, agreements, Rates())
    agreements.mark_instalments()
    db.session.flush()
    _check_free(deposit, _net_minor(deposit) - before)
    posted = ledger.post(actor, entry_of(deposit, rate))
    deposit.entry_id, deposit.matching_entry_id = old_entries
    _undo(actor, deposit, reason, second_actor_id)
    deposit.entry_id, deposit.matching_entry_id = posted.id, None
    db.session.flush()
    note(actor, "deposit.replaced", deposit, reason)
    return deposit


def _check_two(actor: Actor, second_actor_id: int | None) -> None:
    """An import follows its source; a person needs another one."""
    if second_actor_id is None and not actor.is_system:
        raise Refused(
            "A deposit is put right by two people: propose the correction, and have another person"
            " approve it."
        )


def _locked(
    actor: Actor, deposit_id: int, agreement_ids: list[int | None]
) -> tuple[Deposit, OpenAgreements]:
    """The deposit, and before it the agreements it settles or will settle, without itself."""
    found = db.session.get(Deposit, deposit_id)
    if found is None:
        raise NotFound
    agreements = OpenAgreements([found.agreement_id, *agreement_ids], without=deposit_id)
    deposit = lock(Deposit, deposit_id)
    require(actor, Verb.POST_ADJUSTMENT, deposit.fund_id)
    if deposit.state in {DepositState.REVERSED, DepositState.RETURNED}:
        raise rules.DepositIsReversed
    if deposit.converted_minor:
        raise rules.DepositIsConverted
    return deposit, agreements


def _net_minor(deposit: Deposit) -> int:
    """What the deposit adds to its layer."""
    return deposit.usd_minor - deposit.fee_minor if deposit.donor_id else 0


def _check_free(deposit: Deposit, change_minor: int) -> None:
    """Refuse to take more off the layer than is not set aside for programmes."""
    ledger.lock_journal(deposit.fund_id)
    free = books.balance(deposit.fund_id, chart.unallocated(deposit.id))
    if free.minor + change_minor < 0:
        raise rules.DepositIsSetAside(left=free, wanted=Money.of_minor(-change_minor, "USD"))


def _undo(actor: Actor, deposit: Deposit, reason: str, second_actor_id: int | None) -> int:
    """Mirror the entries of the deposit, the latest first. Returns the last one written."""
    last = 0
    for entry_id in (deposit.matching_entry_id, deposit.entry_id):
        if entry_id is not None:
            last = ledger.reverse(
                actor, entry_id, reason=reason, second_actor_id=second_actor_id
            ).id
    return last
