"""Membership contributions: invoiced for a year, and paid by deposits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import func, select

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.donors import rules
from grants.donors.actions.values import Rates
from grants.donors.models import (
    Deposit,
    DepositState,
    InvoiceState,
    MembershipInvoice,
    PaymentRequest,
    RequestState,
)
from grants.donors.rules import NewDeposit
from grants.errors import Malformed
from grants.money import Money
from grants.people import rules as members
from grants.people.models import Fund, Membership, MembershipFee, Organisation
from grants.people.permissions import Actor, Verb, require


def issue_invoice(
    actor: Actor, membership_id: int, year: int, *, due_on: date | None = None
) -> MembershipInvoice:
    """Invoice a member's contribution for a year, at what the fund has set for its group.

    Nothing is posted until it is paid. Due at the end of March, or 30 days from now if that is
    later. Refuses a member that was none in that year, one that has its invoice, and a group for
    which nothing is set.
    """
    membership = lock(Membership, membership_id)
    require(actor, Verb.RECORD_CONTRIBUTION, membership.fund_id)
    lock(Fund, membership.fund_id)
    name = db.session.get_one(Organisation, membership.organisation_id).name
    if not members.is_member_in(year, membership.joined_on, membership.left_on):
        raise rules.NotAMemberThen(member=name, year=year)
    if _invoiced(membership.fund_id, year, membership.organisation_id):
        raise rules.InvoiceIsOut(member=name, year=year)
    amount = _fee(membership, _fees(membership.fund_id), year)
    if amount is None or not amount:
        raise rules.NoFeeIsSet(member=name, year=year)
    return _issue(actor, membership, year, amount, due_on)


def issue_invoices(
    actor: Actor, fund_id: int, year: int, *, due_on: date | None = None
) -> list[MembershipInvoice]:
    """Invoice every member of a year that has no invoice yet and contributes something.

    Whoever has two memberships in the year is invoiced for the later one.
    """
    require(actor, Verb.RECORD_CONTRIBUTION, fund_id)
    lock(Fund, fund_id)
    fees = _fees(fund_id)
    done = _invoiced(fund_id, year)
    rows = db.session.scalars(
        select(Membership)
        .where(Membership.fund_id == fund_id)
        .order_by(Membership.organisation_id, Membership.joined_on.desc(), Membership.id.desc())
    )
    found = []
    for membership in rows:
        if membership.organisation_id in done:
            continue
        if not members.is_member_in(year, membership.joined_on, membership.left_on):
            continue
        done.add(membership.organisation_id)
        amount = _fee(membership, fees, year)
        if amount:
            found.append(_issue(actor, membership, year, amount, due_on))
    return found


def cancel_invoice(actor: Actor, invoice_id: int, reason: str) -> MembershipInvoice:
    """Take an invoice back, with its letter. Refuses one on which something was paid."""
    invoice, left = open_invoice(invoice_id)
    require(actor, Verb.RECORD_CONTRIBUTION, invoice.fund_id)
    if not reason.strip():
        raise Malformed("Say why the invoice is taken back.")
    paid = Money.of_minor(invoice.amount_minor, invoice.currency) - left
    if paid:
        raise rules.InvoiceIsPaid(paid=paid)
    invoice.state = InvoiceState.CANCELLED
    invoice.reason = reason.strip()
    invoice.cancelled_on = clock.today()
    for request in db.session.scalars(
        select(PaymentRequest)
        .where(PaymentRequest.invoice_id == invoice_id, PaymentRequest.state == RequestState.ISSUED)
        .with_for_update()
    ):
        request.state = RequestState.CANCELLED
        request.reason = invoice.reason
        request.cancelled_at = clock.now()
        request.cancelled_by_id = actor.user_id
    db.session.flush()
    _note(actor, "invoice.cancelled", invoice, invoice.reason)
    return invoice


def open_invoice(invoice_id: int, *, without: int | None = None) -> tuple[MembershipInvoice, Money]:
    """An invoice, locked, and what is still to come of it. For the actions of this room.

    `without` leaves a deposit out of the reckoning. Refuses an invoice that is cancelled.
    """
    invoice = lock(MembershipInvoice, invoice_id)
    if invoice.state == InvoiceState.CANCELLED:
        raise rules.InvoiceIsClosed
    query = select(func.sum(Deposit.amount_minor)).where(
        Deposit.invoice_id == invoice_id, Deposit.state == DepositState.MATCHED
    )
    if without is not None:
        query = query.where(Deposit.id != without)
    paid = int(db.session.scalar(query) or 0)
    return invoice, Money.of_minor(max(invoice.amount_minor - paid, 0), invoice.currency)


def check_invoices(new: Iterable[NewDeposit]) -> None:
    """Refuse deposits that pay an invoice of somebody else, or in another currency, or earmarked.

    Locks the invoices, in the order of their numbers. For the actions of this room.
    """
    with_invoice = [one for one in new if one.invoice_id is not None]
    for one in sorted(with_invoice, key=lambda each: each.invoice_id or 0):
        assert one.invoice_id is not None
        check_invoice(one.invoice_id, one)


def check_invoice(invoice_id: int, new: NewDeposit) -> None:
    """The same for one deposit."""
    invoice, _left = open_invoice(invoice_id)
    if (invoice.fund_id, invoice.donor_id) != (new.fund_id, new.donor_id):
        raise rules.NotOfThisDonor(thing="The invoice")
    if new.agreement_id is not None or new.instalment_id is not None:
        raise rules.InvoiceOrAgreement
    if new.conditions is not None and new.conditions.is_earmarked:
        raise rules.CoreWithEarmark
    if invoice.currency != new.amount.currency:
        raise rules.CurrencyOfInvoiceDiffers(agreed=invoice.currency, given=new.amount.currency)


def _issue(
    actor: Actor, membership: Membership, year: int, amount: Money, due_on: date | None
) -> MembershipInvoice:
    today = clock.today()
    usd, _rate = Rates().value(membership.fund_id, amount, None, None, today)
    invoice = MembershipInvoice(
        fund_id=membership.fund_id,
        membership_id=membership.id,
        donor_id=membership.organisation_id,
        year=year,
        currency=amount.currency,
        amount_minor=amount.minor,
        usd_minor=usd.minor,
        issued_on=today,
        due_on=due_on or members.contribution_due(year, today),
        state=InvoiceState.ISSUED,
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    db.session.add(invoice)
    db.session.flush()
    _note(actor, "invoice.issued", invoice, "")
    return invoice


def _fees(fund_id: int) -> list[members.Fee]:
    rows = db.session.scalars(select(MembershipFee).where(MembershipFee.fund_id == fund_id))
    return [
        members.Fee(
            kind=one.kind,
            constituency=one.constituency,
            income_group=one.income_group,
            from_year=one.from_year,
            amount=Money.of_minor(one.amount_minor, one.currency),
        )
        for one in rows
    ]


def _fee(membership: Membership, fees: list[members.Fee], year: int) -> Money | None:
    return members.fee_for(
        fees,
        kind=membership.kind,
        constituency=membership.constituency,
        income_group=membership.income_group,
        year=year,
    )


def _invoiced(fund_id: int, year: int, organisation_id: int | None = None) -> set[int]:
    query = select(MembershipInvoice.donor_id).where(
        MembershipInvoice.fund_id == fund_id,
        MembershipInvoice.year == year,
        MembershipInvoice.state == InvoiceState.ISSUED,
    )
    if organisation_id is not None:
        query = query.where(MembershipInvoice.donor_id == organisation_id)
    return set(db.session.scalars(query))


def _note(actor: Actor, verb: str, invoice: MembershipInvoice, reason: str) -> None:
    audit.record(
        actor,
        verb,
        "membership",
        invoice.membership_id,
        fund_id=invoice.fund_id,
        reason=reason,
        amount=Money.of_minor(invoice.amount_minor, invoice.currency),
        year=invoice.year,
    )
