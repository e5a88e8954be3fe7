"""Contribution agreements: what a donor has signed for, and its instalments."""

from __future__ import annotations

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.donors import rules
from grants.donors.actions.pledges import close_pledge
from grants.donors.actions.settling import OpenAgreements
from grants.donors.actions.values import Rates, check_donors, check_positive, funds_of
from grants.donors.models import (
    AgreementState,
    ContributionAgreement,
    Instalment,
    InstalmentState,
    Pledge,
    PledgeState,
)
from grants.donors.rules import NewAgreement, NewInstalment
from grants.errors import NotFound, Refused
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger.actions import NewEntry, NewMove
from grants.money import Money
from grants.people.permissions import Actor, Verb, require


def sign_agreement(actor: Actor, new: NewAgreement) -> ContributionAgreement:
    """Record a signed agreement: Dr 1100 / Cr 2100; the pledge it follows is reversed.

    Valued at `rate`, or at the rate known on the day of signature. Refuses a core contribution
    with an earmark, instalments that do not make the amount, a reference that exists, and a
    pledge of someone else or no longer open.
    """
    require(actor, Verb.RECORD_CONTRIBUTION, new.fund_id)
    funds_of([new.fund_id])
    check_donors([new.donor_id])
    check_positive([new.amount])
    if new.is_core and new.earmark.is_earmarked:
        raise rules.CoreWithEarmark
    parts = new.instalments or (NewInstalment(due_on=new.signed_on, amount=new.amount),)
    rules.check_instalments(new.amount, [part.amount for part in parts])
    _check_reference(new)
    usd, rate = Rates().value(new.amount, None, new.rate, new.signed_on)
    agreement = _write(actor, new, parts, usd)
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=new.fund_id,
            event="agreement",
            value_on=new.signed_on,
            moves=[
                NewMove(
                    debit=chart.receivable(new.donor_id, new.amount.currency),
                    credit=chart.deferred(new.donor_id, new.amount.currency),
                    amount=new.amount,
                    usd=usd,
                    rate=rate,
                )
            ],
            reason=new.reference,
            source=("agreement", agreement.id),
        ),
    )
    agreement.entry_id = posted.id
    if new.pledge_id is not None:
        reason = f"The agreement {new.reference} is signed"
        close_pledge(actor, new.pledge_id, PledgeState.AGREED, reason)
    audit.record(
        actor,
        "agreement.signed",
        "agreement",
        agreement.id,
        fund_id=new.fund_id,
        amount=new.amount,
        donor_id=new.donor_id,
        reference=new.reference,
    )
    return agreement


def request_payment(actor: Actor, instalment_id: int) -> Instalment:
    """Note that the donor was asked to pay an instalment. Nothing is posted."""
    instalment, agreement = _scheduled(actor, instalment_id)
    instalment.state = InstalmentState.REQUESTED
    audit.record(
        actor,
        "instalment.requested",
        "agreement",
        agreement.id,
        fund_id=agreement.fund_id,
        number=instalment.number,
    )
    return instalment


def cancel_instalment(actor: Actor, instalment_id: int, reason: str) -> Instalment:
    """Say that an instalment will not come: Dr 2100 / Cr 1100 for what is open of it.

    It never was spendable, so nothing else changes. Refuses one that is paid or cancelled.
    """
    instalment, agreement = _scheduled(actor, instalment_id)
    left = OpenAgreements([agreement.id]).open_of(instalment)
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=agreement.fund_id,
            event="instalment.cancelled",
            value_on=clock.today(),
            moves=[
                NewMove(
                    debit=chart.deferred(agreement.donor_id, agreement.currency),
                    credit=chart.receivable(agreement.donor_id, agreement.currency),
                    amount=Money.of_minor(left.amount_minor, agreement.currency),
                    usd=Money.of_minor(left.usd_minor, "USD"),
                )
            ],
            reason=reason,
            source=("agreement", agreement.id),
        ),
    )
    instalment.state = InstalmentState.CANCELLED
    instalment.cancelled_minor = left.amount_minor
    instalment.cancelled_usd_minor = left.usd_minor
    audit.record(
        actor,
        "instalment.cancelled",
        "agreement",
        agreement.id,
        fund_id=agreement.fund_id,
        reason=reason,
        number=instalment.number,
        entry=posted.sequence,
    )
    return instalment


def _scheduled(actor: Actor, instalment_id: int) -> tuple[Instalment, ContributionAgreement]:
    found = db.session.get(Instalment, instalment_id)
    if found is None:
        raise NotFound
    agreement = lock(ContributionAgreement, found.agreement_id)
    require(actor, Verb.RECORD_CONTRIBUTION, agreement.fund_id)
    instalment = lock(Instalment, instalment_id)
    if instalment.state in {InstalmentState.PAID, InstalmentState.CANCELLED}:
        raise rules.InstalmentIsClosed(number=instalment.number, state=instalment.state)
    return instalment, agreement


def _check_reference(new: NewAgreement) -> None:
    known = (
        db.session.query(ContributionAgreement.id)
        .filter_by(fund_id=new.fund_id, reference=new.reference)
        .first()
    )
    if known is not None:
        raise Refused(f"An agreement {new.reference} is recorded already.")
    if new.pledge_id is not None:
        pledge = lock(Pledge, new.pledge_id)
        if (pledge.fund_id, pledge.donor_id) != (new.fund_id, new.donor_id):
            raise rules.NotOfThisDonor(thing="The pledge")


def _write(
    actor: Actor, new: NewAgreement, parts: tuple[NewInstalment, ...], usd: Money
) -> ContributionAgreement:
    agreement = ContributionAgreement(
        fund_id=new.fund_id,
        donor_id=new.donor_id,
        pledge_id=new.pledge_id,
        reference=new.reference,
        is_core=new.is_core,
        currency=new.amount.currency,
        amount_minor=new.amount.minor,
        usd_minor=usd.minor,
        signed_on=new.signed_on,
        earmark=dict(new.earmark.stored_with_dates()),
        provider_activity_id=new.provider_activity_id,
        state=AgreementState.SIGNED,
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    db.session.add(agreement)
    db.session.flush()
    values = rules.instalment_values(usd, [part.amount for part in parts])
    db.session.add_all(
        Instalment(
            agreement_id=agreement.id,
            number=number,
            due_on=part.due_on,
            amount_minor=part.amount.minor,
            usd_minor=value.minor,
            state=InstalmentState.SCHEDULED,
        )
        for number, (part, value) in enumerate(zip(parts, values, strict=True), 1)
    )
    db.session.flush()
    return agreement
