"""Contribution agreements: what a donor has signed for, and its instalments."""

from __future__ import annotations

from datetime import date

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.donors import rules
from grants.donors.actions.letters import withdraw_letters
from grants.donors.actions.pledges import close_pledge
from grants.donors.actions.settling import OpenAgreements
from grants.donors.actions.terms import write_condition, write_duty
from grants.donors.actions.values import Rates, check_donors, check_positive, funds_of
from grants.donors.actions.versions import latest_version, write_version
from grants.donors.models import (
    AgreementState,
    ContributionAgreement,
    Instalment,
    InstalmentState,
    Pledge,
    PledgeState,
    VersionKind,
)
from grants.donors.rules import NewAgreement, NewInstalment
from grants.errors import Malformed, NotFound, Refused
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger.actions import NewEntry, NewMove
from grants.money import Money, Rate
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
    rules.check_eligible(new.eligible_from, new.eligible_until)
    _check_reference(new)
    usd, rate = Rates().value(new.fund_id, new.amount, None, new.rate, new.signed_on)
    agreement = _write(actor, new, parts, usd)
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=new.fund_id,
            event="agreement",
            value_on=new.signed_on,
            moves=[_promised(new, usd, rate)],
            reason=new.reference,
            source=("agreement", agreement.id),
        ),
    )
    agreement.entry_id = posted.id
    write_version(actor, agreement, VersionKind.SIGNED, new.signed_on, "", posted.id, 1)
    for condition in new.conditions:
        write_condition(actor, agreement, condition)
    for duty in new.duties:
        write_duty(actor, agreement, duty)
    if new.pledge_id is not None:
        reason = f"The agreement {new.reference} is signed"
        close_pledge(actor, new.pledge_id, PledgeState.AGREED, reason, on=new.signed_on)
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


def cancel_instalment(
    actor: Actor, instalment_id: int, reason: str, *, on: date | None = None
) -> Instalment:
    """Say that an instalment will not come: Dr 2100 / Cr 1100 for what is open of it.

    It never was spendable, so nothing else changes. Posted today (or `on`), and kept as a version
    of the agreement. Refuses one that is paid or withdrawn.
    """
    found = db.session.get(Instalment, instalment_id)
    if found is None:
        raise NotFound
    agreements, agreement = _locked(actor, found.agreement_id)
    instalment = next(
        one for one in agreements.instalments_of(agreement.id) if one.id == instalment_id
    )
    if not _is_open(instalment):
        raise rules.InstalmentIsClosed(number=instalment.number, state=instalment.state)
    _withdraw(actor, agreement, agreements, [instalment], reason, on)
    return instalment


def withdraw_agreement(
    actor: Actor, agreement_id: int, reason: str, *, on: date | None = None
) -> ContributionAgreement:
    """Say that nothing more will come of an agreement: what is open is taken off in one entry.

    An agreement of which nothing was paid is withdrawn altogether. Refuses one with nothing left.
    """
    agreements, agreement = _locked(actor, agreement_id)
    if agreement.state != AgreementState.SIGNED:
        raise rules.AgreementNotSigned(reference=agreement.reference, state=agreement.state)
    still_open = [one for one in agreements.instalments_of(agreement_id) if _is_open(one)]
    if not still_open:
        raise rules.NothingLeft(reference=agreement.reference)
    is_paid = agreements.is_paid_on(agreement)
    _withdraw(actor, agreement, agreements, still_open, reason, on)
    if not is_paid:
        agreement.state = AgreementState.WITHDRAWN
        db.session.flush()
    return agreement


def _locked(actor: Actor, agreement_id: int) -> tuple[OpenAgreements, ContributionAgreement]:
    agreements = OpenAgreements([agreement_id])
    agreement = lock(ContributionAgreement, agreement_id)
    require(actor, Verb.RECORD_CONTRIBUTION, agreement.fund_id)
    return agreements, agreement


def _is_open(one: Instalment) -> bool:
    return one.state in {InstalmentState.SCHEDULED, InstalmentState.REQUESTED}


def _withdraw(
    actor: Actor,
    agreement: ContributionAgreement,
    agreements: OpenAgreements,
    instalments: list[Instalment],
    reason: str,
    on: date | None,
) -> None:
    if not reason.strip():
        raise Malformed("Say why it will not come.")
    latest = latest_version(actor, agreement)
    day = on or clock.today()
    withdraw_letters(actor, [one.id for one in instalments], reason)
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=agreement.fund_id,
            event="instalment.cancelled",
            value_on=day,
            moves=[_cancelled(agreement, agreements, instalments)],
            reason=reason,
            source=("agreement", agreement.id),
        ),
    )
    write_version(
        actor,
        agreement,
        VersionKind.WITHDRAWN,
        max(day, latest.signed_on),
        reason.strip(),
        posted.id,
        latest.number + 1,
    )
    audit.record(
        actor,
        "instalment.cancelled",
        "agreement",
        agreement.id,
        fund_id=agreement.fund_id,
        reason=reason,
        number=", ".join(str(one.number) for one in instalments),
        entry=posted.sequence,
    )


def _cancelled(
    agreement: ContributionAgreement, agreements: OpenAgreements, instalments: list[Instalment]
) -> NewMove:
    """Mark the instalments as withdrawn; the move that takes what is open of them off."""
    amount_minor = usd_minor = 0
    for one in instalments:
        left = agreements.open_of(one)
        one.state = InstalmentState.CANCELLED
        one.cancelled_minor = left.amount_minor
        one.cancelled_usd_minor = left.usd_minor
        amount_minor += left.amount_minor
        usd_minor += left.usd_minor
    db.session.flush()
    return NewMove(
        debit=chart.deferred(agreement.donor_id, agreement.currency),
        credit=chart.receivable(agreement.donor_id, agreement.currency),
        amount=Money.of_minor(amount_minor, agreement.currency),
        usd=Money.of_minor(usd_minor, "USD"),
    )


def _promised(new: NewAgreement, usd: Money, rate: Rate | None) -> NewMove:
    return NewMove(
        debit=chart.receivable(new.donor_id, new.amount.currency),
        credit=chart.deferred(new.donor_id, new.amount.currency),
        amount=new.amount,
        usd=usd,
        rate=rate,
    )


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
        eligible_from=new.eligible_from,
        eligible_until=new.eligible_until,
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
