"""Payment requests: numbered letters that ask for money, frozen as they were sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.donors import rules
from grants.donors.actions.invoices import open_invoice
from grants.donors.actions.settling import OpenAgreements
from grants.donors.models import (
    AgreementCondition,
    AgreementState,
    ContributionAgreement,
    Instalment,
    InstalmentState,
    InstructionState,
    PaymentInstruction,
    PaymentRequest,
    RequestState,
)
from grants.donors.rules import Letter
from grants.errors import Malformed, NotFound
from grants.files import actions as files
from grants.money import Money
from grants.outbox import actions as outbox
from grants.people import queries as people
from grants.people.models import Fund, Organisation, Role
from grants.people.permissions import Actor, Verb, require


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What a letter asks for, of whom and until when."""

    fund_id: int
    donor_id: int
    about: str
    amount: Money
    whole: Money
    due_on: date
    replaces: str
    instalment_id: int | None = None
    invoice_id: int | None = None
    number: int | None = None
    of: int | None = None
    signed_on: date | None = None


def request_payment(
    actor: Actor, instalment_id: int, *, due_on: date | None = None, replaces: str = ""
) -> PaymentRequest:
    """Ask a donor for an instalment: a numbered letter, which the worker puts on paper and sends.

    Nothing is posted. `due_on` is another day than the instalment's; `replaces` the number of the
    letter that this one stands for. Refuses an instalment that is paid, withdrawn, asked for
    already or held by a condition, and a currency without confirmed bank details.
    """
    found = db.session.get(Instalment, instalment_id)
    if found is None:
        raise NotFound
    agreements = OpenAgreements([found.agreement_id])
    agreement = lock(ContributionAgreement, found.agreement_id)
    require(actor, Verb.RECORD_CONTRIBUTION, agreement.fund_id)
    if agreement.state != AgreementState.SIGNED:
        raise rules.AgreementNotSigned(reference=agreement.reference, state=agreement.state)
    instalment = next(
        one for one in agreements.instalments_of(agreement.id) if one.id == instalment_id
    )
    _check_asking(instalment)
    left = agreements.open_of(instalment)
    asked = _Asked(
        fund_id=agreement.fund_id,
        donor_id=agreement.donor_id,
        instalment_id=instalment_id,
        about=agreement.reference,
        number=instalment.number,
        of=len(agreements.instalments_of(agreement.id)),
        amount=Money.of_minor(left.amount_minor, agreement.currency),
        whole=Money.of_minor(instalment.amount_minor, agreement.currency),
        due_on=due_on or instalment.due_on,
        signed_on=agreement.signed_on,
        replaces=replaces,
    )
    request = _issue(actor, asked)
    instalment.state = InstalmentState.REQUESTED
    _note(actor, "instalment.requested", request, "agreement", agreement.id)
    return request


def request_membership(
    actor: Actor, invoice_id: int, *, due_on: date | None = None, replaces: str = ""
) -> PaymentRequest:
    """Ask a member for its contribution of a year, by the same kind of letter.

    Refuses an invoice that is paid, cancelled or asked for already.
    """
    invoice, left = open_invoice(invoice_id)
    require(actor, Verb.RECORD_CONTRIBUTION, invoice.fund_id)
    if not left:
        raise rules.NothingToAsk(thing="This contribution")
    _check_not_out(PaymentRequest.invoice_id == invoice_id)
    asked = _Asked(
        fund_id=invoice.fund_id,
        donor_id=invoice.donor_id,
        invoice_id=invoice_id,
        about=str(invoice.year),
        amount=left,
        whole=Money.of_minor(invoice.amount_minor, invoice.currency),
        due_on=due_on or invoice.due_on,
        replaces=replaces,
    )
    request = _issue(actor, asked)
    _note(actor, "invoice.requested", request, "membership", invoice.membership_id)
    return request


def cancel_request(actor: Actor, request_id: int, reason: str) -> PaymentRequest:
    """Take a letter back: it stays as it was sent. Its number is not used again."""
    request = _locked(actor, request_id)
    if not reason.strip():
        raise Malformed("Say why the letter is taken back.")
    _cancel(actor, request, reason.strip())
    return request


def reissue_request(
    actor: Actor, request_id: int, reason: str, *, due_on: date | None = None
) -> PaymentRequest:
    """Cancel a letter and send another in its place, for what is open today."""
    old = cancel_request(actor, request_id, reason)
    if old.instalment_id is not None:
        new = request_payment(actor, old.instalment_id, due_on=due_on, replaces=old.number)
    else:
        assert old.invoice_id is not None
        new = request_membership(actor, old.invoice_id, due_on=due_on, replaces=old.number)
    new.replaces_id = old.id
    db.session.flush()
    return new


def keep_letter(actor: Actor, request_id: int, content: bytes) -> PaymentRequest:
    """Keep a letter that was put on paper, and tell the donor's people that it is there.

    Done once: a letter that is kept stays as it is.
    """
    request = lock(PaymentRequest, request_id)
    require(actor, Verb.RECORD_CONTRIBUTION, request.fund_id)
    if request.document_id is not None:
        return request
    stored = files.save(
        actor,
        content,
        name=f"{request.number}.pdf",
        owner_type="payment_request",
        owner_id=request.id,
        fund_id=request.fund_id,
        media_type="application/pdf",
    )
    request.document_id = stored.id
    if request.state == RequestState.ISSUED:
        letter = Letter.of_stored(request.letter)
        for person in people.recipients(Role.DONOR, request.fund_id, request.donor_id):
            outbox.tell(
                person,
                template="payment_request",
                subject=f"{letter.fund}: payment request {request.number}",
                body=_mail(letter),
            )
    db.session.flush()
    return request


def withdraw_letters(actor: Actor, instalment_ids: Collection[int], reason: str) -> None:
    """Take back the letters that ask for these instalments. For the actions of this room."""
    if not instalment_ids:
        return
    rows = db.session.scalars(
        select(PaymentRequest)
        .where(PaymentRequest.instalment_id.in_(list(instalment_ids)))
        .where(PaymentRequest.state == RequestState.ISSUED)
        .order_by(PaymentRequest.id)
        .with_for_update()
    ).all()
    for request in rows:
        _cancel(actor, request, reason)


def _check_asking(instalment: Instalment) -> None:
    if instalment.state in {InstalmentState.PAID, InstalmentState.CANCELLED}:
        raise rules.InstalmentIsClosed(number=instalment.number, state=instalment.state)
    _check_not_out(PaymentRequest.instalment_id == instalment.id)
    words = db.session.scalar(
        select(AgreementCondition.words)
        .where(
            AgreementCondition.agreement_id == instalment.agreement_id,
            AgreementCondition.met_on.is_(None),
            AgreementCondition.instalment_id.is_(None)
            | (AgreementCondition.instalment_id == instalment.id),
        )
        .order_by(AgreementCondition.id)
        .limit(1)
    )
    if words is not None:
        raise rules.ConditionNotMet(number=instalment.number, words=words)


def _check_not_out(is_for: ColumnElement[bool]) -> None:
    number = db.session.scalar(
        select(PaymentRequest.number).where(is_for, PaymentRequest.state == RequestState.ISSUED)
    )
    if number is not None:
        raise rules.RequestIsOut(number=number)


def _issue(actor: Actor, asked: _Asked) -> PaymentRequest:
    # Letters of a fund are numbered one after the other.
    fund = lock(Fund, asked.fund_id)
    lines = _instruction(asked.fund_id, asked.amount.currency)
    letter = _letter(actor, fund, asked, lines)
    request = PaymentRequest(
        fund_id=asked.fund_id,
        donor_id=asked.donor_id,
        number=letter.number,
        instalment_id=asked.instalment_id,
        invoice_id=asked.invoice_id,
        currency=asked.amount.currency,
        amount_minor=asked.amount.minor,
        requested_on=letter.requested_on,
        due_on=letter.due_on,
        letter=letter.stored(),
        state=RequestState.ISSUED,
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    db.session.add(request)
    db.session.flush()
    outbox.enqueue(
        "payment_request.render",
        {"request_id": request.id},
        unique_key=f"payment_request/{request.id}",
    )
    return request


def _letter(actor: Actor, fund: Fund, asked: _Asked, lines: str) -> Letter:
    """The letter as it is sent today; what is past its day is due at once."""
    today = clock.today(fund.time_zone)
    number = _next_number(fund.id, today.year)
    is_instalment = asked.instalment_id is not None
    about = asked.about if is_instalment else f"membership {asked.about}"
    return Letter(
        number=number,
        fund=fund.name,
        host=fund.host,
        donor=db.session.get_one(Organisation, asked.donor_id).name,
        kind="instalment" if is_instalment else "membership",
        about=asked.about,
        instalment=asked.number,
        instalments=asked.of,
        amount=asked.amount,
        whole=asked.whole,
        requested_on=today,
        due_on=max(asked.due_on, today),
        remittance=f"{number} / {about}",
        bank_lines=tuple(lines.splitlines()),
        signed_on=asked.signed_on,
        asked_by=actor.name,
        replaces=asked.replaces,
    )


def _instruction(fund_id: int, currency: str) -> str:
    lines = db.session.scalar(
        select(PaymentInstruction.lines).where(
            PaymentInstruction.fund_id == fund_id,
            PaymentInstruction.currency == currency,
            PaymentInstruction.state == InstructionState.CONFIRMED,
        )
    )
    if lines is None:
        raise rules.NoPaymentInstruction(currency=currency)
    return lines


def _next_number(fund_id: int, year: int) -> str:
    """`PR-2026-0007`: the letters of a fund in a year, counted."""
    stem = f"PR-{year}-"
    known = db.session.scalar(
        select(func.count())
        .select_from(PaymentRequest)
        .where(PaymentRequest.fund_id == fund_id, PaymentRequest.number.startswith(stem))
    )
    return f"{stem}{(known or 0) + 1:04d}"


def _locked(actor: Actor, request_id: int) -> PaymentRequest:
    """The letter, and before it what it asks for."""
    found = db.session.get(PaymentRequest, request_id)
    if found is None:
        raise NotFound
    if found.instalment_id is not None:
        instalment = db.session.get_one(Instalment, found.instalment_id)
        OpenAgreements([instalment.agreement_id])
    else:
        assert found.invoice_id is not None
        open_invoice(found.invoice_id)
    request = lock(PaymentRequest, request_id)
    require(actor, Verb.RECORD_CONTRIBUTION, request.fund_id)
    if request.state == RequestState.CANCELLED:
        raise rules.RequestIsClosed(number=request.number)
    return request


def _cancel(actor: Actor, request: PaymentRequest, reason: str) -> None:
    request.state = RequestState.CANCELLED
    request.reason = reason
    request.cancelled_at = clock.now()
    request.cancelled_by_id = actor.user_id
    if request.instalment_id is not None:
        instalment = db.session.get_one(Instalment, request.instalment_id)
        if instalment.state == InstalmentState.REQUESTED:
            instalment.state = InstalmentState.SCHEDULED
    db.session.flush()
    audit.record(
        actor,
        "payment_request.cancelled",
        "payment_request",
        request.id,
        fund_id=request.fund_id,
        reason=reason,
        number=request.number,
    )


def _note(actor: Actor, verb: str, request: PaymentRequest, thing: str, key: int) -> None:
    audit.record(
        actor,
        verb,
        thing,
        key,
        fund_id=request.fund_id,
        amount=Money.of_minor(request.amount_minor, request.currency),
        number=request.number,
        due_on=request.due_on,
    )


def _mail(letter: Letter) -> str:
    what = (
        f"instalment {letter.instalment} of the agreement {letter.about}"
        if letter.kind == "instalment"
        else f"your membership contribution for {letter.about}"
    )
    return (
        f"{letter.fund} asks you to pay {letter.amount} for {what} by {letter.due_on:%d %B %Y}.\n\n"
        f"Please quote in the remittance information: {letter.remittance}\n\n"
        "The letter with the bank details is on your desk, under My contributions. For your"
        " safety the bank details are not repeated here: compare them with those you know."
    )
