"""Money that goes back to whoever gave it: owed first, then paid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.donors import rules
from grants.donors.actions.deposits import note
from grants.donors.actions.values import check_donors, check_positive
from grants.donors.models import Deposit, DepositState
from grants.errors import Malformed, Refused
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger import queries as books
from grants.ledger.actions import NewEntry, NewMove, Posted
from grants.money import Money
from grants.people.permissions import Actor, Verb, require


def return_to_contributor(
    actor: Actor,
    fund_id: int,
    donor_id: int,
    parts: Mapping[int, Money],
    *,
    on: date,
    reason: str,
    second_actor_id: int,
) -> Posted:
    """Owe a donor what is left of its layers: Dr 4900 / Cr 2030, and Dr 9110 / Cr 9100.

    `parts` by deposit, in US dollars. Refuses another donor's deposit, and more of a layer than is
    not set aside for programmes (domain rules, section 7, row 18).
    """
    require(actor, Verb.POST_ADJUSTMENT, fund_id)
    check_positive([*parts.values()])
    if not parts:
        raise rules.NoAmount
    layers = sorted(parts)
    _check_free(fund_id, donor_id, parts)
    total = Money.of_minor(sum(part.minor for part in parts.values()), "USD")
    owed = NewMove(
        debit=chart.returned_to_contributors(donor_id),
        credit=chart.contributors_payable(donor_id),
        amount=total,
    )
    control = [
        NewMove(debit=chart.unallocated(one), credit=chart.spendable(one), amount=parts[one])
        for one in layers
    ]
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=fund_id,
            event="contributor.returned",
            value_on=on,
            may_be_late=True,
            moves=[owed, *control],
            reason=reason,
            source=("organisation", donor_id),
            second_actor_id=second_actor_id,
        ),
    )
    audit.record(
        actor,
        "contributor.returned",
        "organisation",
        donor_id,
        fund_id=fund_id,
        reason=reason,
        amount=total,
    )
    return posted


def _check_free(fund_id: int, donor_id: int, parts: Mapping[int, Money]) -> None:
    """Refuse another's deposit, and more of a layer than is not set aside."""
    layers = sorted(parts)
    found = db.session.scalars(
        select(Deposit).where(Deposit.id.in_(layers)).order_by(Deposit.id).with_for_update()
    ).all()
    mine = {
        one.id
        for one in found
        if (one.fund_id, one.donor_id, one.state) == (fund_id, donor_id, DepositState.MATCHED)
    }
    if mine != set(layers):
        raise rules.NotOfThisDonor(thing="A deposit")
    ledger.lock_journal(fund_id)
    for layer_id in layers:
        free = books.balance(fund_id, chart.unallocated(layer_id))
        if parts[layer_id] > free:
            raise rules.DepositIsSetAside(left=free, wanted=parts[layer_id])


def pay_contributor(
    actor: Actor,
    fund_id: int,
    donor_id: int,
    amount: Money,
    *,
    on: date,
    bank_reference: str,
    second_actor_id: int,
) -> Posted:
    """The bank has paid a donor what was owed to it: Dr 2030 / Cr 1010.

    Refuses more than is owed, and more than the account has.
    """
    require(actor, Verb.POST_ADJUSTMENT, fund_id)
    check_donors([donor_id])
    check_positive([amount])
    ledger.lock_journal(fund_id)
    for account, what in (
        (chart.contributors_payable(donor_id), "owed to this contributor"),
        (chart.cash("USD"), "in the account"),
    ):
        held = books.balance(fund_id, account)
        if amount > held:
            raise Refused(f"{held} is {what}; {amount} is asked.")
    move = NewMove(
        debit=chart.contributors_payable(donor_id), credit=chart.cash("USD"), amount=amount
    )
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=fund_id,
            event="contributor.paid",
            value_on=on,
            may_be_late=True,
            moves=[move],
            reason=bank_reference,
            source=("organisation", donor_id),
            second_actor_id=second_actor_id,
        ),
    )
    audit.record(
        actor, "contributor.paid", "organisation", donor_id, fund_id=fund_id, amount=amount
    )
    return posted


def return_receipt(
    actor: Actor, deposit_id: int, *, on: date, reason: str, second_actor_id: int
) -> Posted:
    """Send an unidentified receipt back to whoever sent it: Dr 2900 / Cr 1010 in its currency.

    At the value at which it was recorded. Refuses a receipt that is identified already, a day to
    come or before it came, and more than the account holds.
    """
    deposit = lock(Deposit, deposit_id)
    require(actor, Verb.POST_ADJUSTMENT, deposit.fund_id)
    if deposit.state != DepositState.UNIDENTIFIED:
        raise rules.ReceiptIsIdentified(state=deposit.state)
    if not deposit.value_on <= on <= clock.today():
        raise Malformed("Give the day on which the bank sent it back: after it came, up to today.")
    amount = Money.of_minor(deposit.amount_minor, deposit.currency)
    cash = chart.cash(deposit.currency)
    ledger.lock_journal(deposit.fund_id)
    held = books.balance(deposit.fund_id, cash)
    if amount > held:
        raise Refused(f"{held} is in the account; {amount} is asked.")
    move = NewMove(
        debit=chart.unidentified(deposit.currency),
        credit=cash,
        amount=amount,
        usd=Money.of_minor(deposit.usd_minor, "USD"),
    )
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=deposit.fund_id,
            event="receipt.returned",
            value_on=on,
            may_be_late=True,
            moves=[move],
            reason=reason,
            source=("deposit", deposit.id),
            second_actor_id=second_actor_id,
        ),
    )
    deposit.state = DepositState.RETURNED
    deposit.reversal_entry_id = posted.id
    db.session.flush()
    note(actor, "deposit.returned", deposit, reason)
    return posted
