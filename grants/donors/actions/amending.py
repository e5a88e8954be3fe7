"""Amending an agreement: a new version, and where the amount moves a new entry; never an edit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from grants.audit import actions as audit
from grants.db import db, lock
from grants.donors import rules
from grants.donors.actions.letters import withdraw_letters
from grants.donors.actions.settling import OpenAgreements
from grants.donors.actions.values import Rates
from grants.donors.actions.versions import latest_version, terms_now, write_version
from grants.donors.models import (
    AgreementState,
    AgreementVersion,
    ContributionAgreement,
    Instalment,
    InstalmentState,
    VersionKind,
)
from grants.donors.rules import AmendedInstalment, Amendment, OpenPart, Settlement
from grants.errors import Malformed
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger.actions import NewEntry, NewMove
from grants.money import Money, Rate
from grants.people.permissions import Actor, Verb, require


@dataclass
class _Change:
    """What an amendment does to the books: more (above zero) or less, and what that is worth."""

    amount_minor: int = 0
    usd_minor: int = 0
    rate: Rate | None = None


def amend_agreement(actor: Actor, agreement_id: int, new: Amendment) -> AgreementVersion:
    """Record an amendment that both sides signed, as the agreement's next version.

    An increase is posted Dr 1100 / Cr 2100 at `rate` or the rate known on the day of signature; a
    decrease Dr 2100 / Cr 1100 at the value at which it stands. Letters that ask for an instalment
    that changes are withdrawn. Deposits keep the conditions under which they came. Refuses less
    than was paid or withdrawn, instalments that do not make the amount, a core contribution with
    an earmark, a day before the last version, and what changes nothing.
    """
    agreements = OpenAgreements([agreement_id])
    agreement = lock(ContributionAgreement, agreement_id)
    require(actor, Verb.RECORD_CONTRIBUTION, agreement.fund_id)
    if agreement.state != AgreementState.SIGNED:
        raise rules.AgreementNotSigned(reference=agreement.reference, state=agreement.state)
    if not new.reason.strip():
        raise Malformed("Say what the amendment is about.")
    latest = latest_version(actor, agreement)
    if new.signed_on < latest.signed_on:
        raise rules.AmendedBeforeSigned(before=latest.signed_on.isoformat())
    before = terms_now(agreement)
    change = _amount(agreement, agreements, new)
    _instalments(agreement, agreements, new)
    _words(agreement, new)
    db.session.flush()
    after = terms_now(agreement)
    changed = rules.differences(before, after)
    if not changed:
        raise rules.NothingAmended
    old = {one.number: one for one in before.instalments}
    withdraw_letters(
        actor,
        [one.id for one in after.instalments if old.get(one.number) != one],
        f"Amendment {latest.number + 1} of {agreement.reference}",
    )
    entry_id = _post(actor, agreement, new, change)
    version = write_version(
        actor,
        agreement,
        VersionKind.AMENDED,
        new.signed_on,
        new.reason.strip(),
        entry_id,
        latest.number + 1,
    )
    audit.record(
        actor,
        "agreement.amended",
        "agreement",
        agreement.id,
        fund_id=agreement.fund_id,
        reason=version.reason,
        version=version.number,
        amount=after.amount,
        changed=", ".join(name for name, _was, _now in changed),
    )
    return version


def _amount(
    agreement: ContributionAgreement, agreements: OpenAgreements, new: Amendment
) -> _Change:
    """Set the whole amount and its value; says by how much they move."""
    if new.amount is None:
        return _Change()
    if new.amount.currency != agreement.currency:
        raise rules.CurrencyOfAgreementDiffers(
            reference=agreement.reference, agreed=agreement.currency, given=new.amount.currency
        )
    left = agreements.open_of_agreement(agreement)
    delta = new.amount.minor - agreement.amount_minor
    if -delta > left.amount_minor:
        taken = Money.of_minor(agreement.amount_minor - left.amount_minor, agreement.currency)
        raise rules.AmendedBelowPaid(paid=taken, reference=agreement.reference)
    change = _Change(amount_minor=delta)
    if delta > 0:
        more = Money.of_minor(delta, agreement.currency)
        usd, change.rate = Rates().value(agreement.fund_id, more, None, new.rate, new.signed_on)
        change.usd_minor = usd.minor
    elif delta < 0:
        change.usd_minor = -rules.reduced_value(left.usd_minor, left.amount_minor, -delta)
    agreement.amount_minor += change.amount_minor
    agreement.usd_minor += change.usd_minor
    return change


def _instalments(
    agreement: ContributionAgreement, agreements: OpenAgreements, new: Amendment
) -> None:
    """Set the open instalments to what is given, and share the value of what is open anew."""
    every = agreements.instalments_of(agreement.id)
    still_open = [one for one in every if _is_open(one)]
    if new.instalments is not None:
        kept = {one.number for one in new.instalments if one.number is not None}
        for one in still_open:
            if one.number not in kept:
                _drop(one, agreements.taken_of(one))
        still_open = _reschedule(agreement, agreements, every, new.instalments)
        db.session.flush()
    amounts = [one.amount_minor for one in every]
    amounts += [one.amount_minor for one in still_open if one not in every]
    rules.check_instalments(
        Money.of_minor(agreement.amount_minor, agreement.currency),
        [Money.of_minor(minor, agreement.currency) for minor in amounts],
    )
    _value(agreement, agreements, still_open)


def _reschedule(
    agreement: ContributionAgreement,
    agreements: OpenAgreements,
    every: Collection[Instalment],
    given: Collection[AmendedInstalment],
) -> list[Instalment]:
    by_number = {one.number: one for one in every}
    last = max(by_number, default=0)
    found = []
    for one in given:
        if one.amount.currency != agreement.currency:
            raise rules.CurrencyOfAgreementDiffers(
                reference=agreement.reference,
                agreed=agreement.currency,
                given=one.amount.currency,
            )
        if one.number is None:
            last += 1
            row = Instalment(
                agreement_id=agreement.id,
                number=last,
                due_on=one.due_on,
                amount_minor=one.amount.minor,
                usd_minor=0,
                cancelled_minor=0,
                cancelled_usd_minor=0,
                state=InstalmentState.SCHEDULED,
            )
            db.session.add(row)
        else:
            row = _open_one(by_number.get(one.number), one.number)
            taken = agreements.taken_of(row)
            if one.amount.minor < taken.amount_minor:
                raise rules.AmendedBelowInstalment(
                    paid=Money.of_minor(taken.amount_minor, agreement.currency), number=row.number
                )
            row.due_on = one.due_on
            row.amount_minor = one.amount.minor
        found.append(row)
    return found


def _open_one(row: Instalment | None, number: int) -> Instalment:
    if row is None:
        raise rules.NotOfThisDonor(thing=f"Instalment {number}")
    if not _is_open(row):
        raise rules.InstalmentIsClosed(number=number, state=row.state)
    return row


def _is_open(one: Instalment) -> bool:
    return one.state in {InstalmentState.SCHEDULED, InstalmentState.REQUESTED}


def _drop(one: Instalment, taken: Settlement) -> None:
    """Leave of an instalment what was paid of it."""
    one.amount_minor = taken.amount_minor
    one.usd_minor = taken.usd_minor
    one.state = InstalmentState.PAID if taken.amount_minor else InstalmentState.CANCELLED


def _value(
    agreement: ContributionAgreement, agreements: OpenAgreements, still_open: list[Instalment]
) -> None:
    left = agreements.open_of_agreement(agreement)
    parts = [
        OpenPart(number=one.number, amount_minor=one.amount_minor, taken=agreements.taken_of(one))
        for one in still_open
    ]
    values = rules.open_values(left.usd_minor, parts)
    for one, part, usd_minor in zip(still_open, parts, values, strict=True):
        one.usd_minor = usd_minor
        if part.taken.amount_minor >= one.amount_minor:
            one.state = (
                InstalmentState.PAID if part.taken.amount_minor else InstalmentState.CANCELLED
            )


def _words(agreement: ContributionAgreement, new: Amendment) -> None:
    """Set earmark, days of eligible spending and the donor's identifier."""
    if new.earmark is not None:
        if agreement.is_core and new.earmark.is_earmarked:
            raise rules.CoreWithEarmark
        agreement.earmark = dict(new.earmark.stored_with_dates())
    if new.eligible is not None:
        rules.check_eligible(*new.eligible)
        agreement.eligible_from, agreement.eligible_until = new.eligible
    if new.provider_activity_id is not None:
        agreement.provider_activity_id = new.provider_activity_id


def _post(
    actor: Actor, agreement: ContributionAgreement, new: Amendment, change: _Change
) -> int | None:
    if not change.amount_minor or agreement.entry_id is None:
        return None
    move = NewMove(
        debit=chart.receivable(agreement.donor_id, agreement.currency),
        credit=chart.deferred(agreement.donor_id, agreement.currency),
        amount=Money.of_minor(abs(change.amount_minor), agreement.currency),
        usd=Money.of_minor(abs(change.usd_minor), "USD"),
        rate=change.rate,
    )
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=agreement.fund_id,
            event="agreement.amended",
            value_on=new.signed_on,
            moves=[move if change.amount_minor > 0 else move.mirrored],
            reason=new.reason.strip(),
            source=("agreement", agreement.id),
        ),
    )
    return posted.id
