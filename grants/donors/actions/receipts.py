"""Receipts that came without a match, and whose they turn out to be."""

from __future__ import annotations

from datetime import date

from grants import clock
from grants.db import db, lock
from grants.donors import rules
from grants.donors.actions.deposits import (
    identify,
    income_of,
    layer_moves,
    note,
    settling_moves,
)
from grants.donors.actions.invoices import check_invoice
from grants.donors.actions.settling import OpenAgreements
from grants.donors.actions.values import check_donors, funds_of
from grants.donors.models import Deposit, DepositState
from grants.donors.rules import Earmark, NewDeposit
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger.actions import NewEntry, NewMove
from grants.money import Money
from grants.people.permissions import Actor, Verb, require


def match_receipt(
    actor: Actor,
    deposit_id: int,
    donor_id: int,
    agreement_id: int | None = None,
    instalment_id: int | None = None,
    *,
    invoice_id: int | None = None,
    conditions: Earmark | None = None,
    on: date | None = None,
) -> Deposit:
    """Say whose an unidentified receipt is: Dr 2900 / Cr 4010 or 4020, and its layer appears.

    Posted today (or `on`), relating to the value date, which also gave the rate. With an invoice
    it pays a membership contribution (4030). Refuses a receipt that is identified already.
    """
    agreements = OpenAgreements([agreement_id])
    deposit = lock(Deposit, deposit_id)
    require(actor, Verb.RECORD_CONTRIBUTION, deposit.fund_id)
    if deposit.state != DepositState.UNIDENTIFIED:
        raise rules.ReceiptIsIdentified(state=deposit.state)
    check_donors([donor_id])
    if invoice_id is not None:
        check_invoice(invoice_id, _as_paid(deposit, donor_id, agreement_id, conditions))
        deposit.invoice_id = invoice_id
    identify(
        deposit,
        funds_of([deposit.fund_id])[deposit.fund_id],
        agreements,
        donor_id=donor_id,
        agreement_id=agreement_id,
        instalment_id=instalment_id,
        conditions=conditions,
    )
    agreements.mark_instalments()
    db.session.flush()
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=deposit.fund_id,
            event="receipt.matched",
            value_on=on or clock.today(),
            moves=[*settling_moves(deposit), _income_move(deposit), *layer_moves(deposit)],
            source=("deposit", deposit.id),
            relates_to_on=deposit.value_on,
        ),
    )
    deposit.matching_entry_id = posted.id
    note(actor, "deposit.matched", deposit)
    return deposit


def _as_paid(
    deposit: Deposit, donor_id: int, agreement_id: int | None, conditions: Earmark | None
) -> NewDeposit:
    return NewDeposit(
        fund_id=deposit.fund_id,
        donor_id=donor_id,
        agreement_id=agreement_id,
        amount=Money.of_minor(deposit.amount_minor, deposit.currency),
        value_on=deposit.value_on,
        conditions=conditions,
    )


def _income_move(deposit: Deposit) -> NewMove:
    return NewMove(
        debit=chart.unidentified(deposit.currency),
        credit=income_of(deposit),
        amount=Money.of_minor(deposit.amount_minor, deposit.currency),
        usd=Money.of_minor(deposit.usd_minor, "USD"),
    )
