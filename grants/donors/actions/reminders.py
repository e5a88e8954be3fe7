"""Reminders: what falls due and what is late, told once at each stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from grants.audit import actions as audit
from grants.db import db, lock
from grants.donors import queries as donors
from grants.donors import rules
from grants.donors.models import PaymentRequest, Reminder, RequestState
from grants.outbox import actions as outbox
from grants.people import queries as people
from grants.people.models import Fund, Role
from grants.people.permissions import Actor, Verb, require
from grants.people.queries import FundView

_FUNDS_MAX = 10_000
_THINGS_MAX = 1000


@dataclass(frozen=True, kw_only=True)
class _Thing:
    """Something with a day: what it is in words, and whether its donor is told too."""

    type: str
    id: int
    due_on: date
    words: str
    #: The donor who was asked for it by letter; None: only the fund is reminded.
    donor_id: int | None = None
    remittance: str = ""


def send_reminders(actor: Actor, on: date) -> int:
    """Remind of what falls due or is late in every fund; says of how many things.

    The finance officers of a fund get one message about all of it; a donor one about what it was
    asked for by letter: instalments and membership contributions. Each thing is told once at each
    of the stages of `rules.STAGES`, and anew where its day was moved. What waits for a condition
    is not due: its condition is.
    """
    told = 0
    for fund in people.funds(limit=_FUNDS_MAX):
        require(actor, Verb.RECORD_CONTRIBUTION, fund.id)
        told += _remind(actor, fund, on)
    return told


def _remind(actor: Actor, fund: FundView, on: date) -> int:
    lock(Fund, fund.id)
    things = [
        (thing, stage)
        for thing in _things(fund.id, on)
        if (stage := rules.stage_of(thing.due_on, on)) is not None
    ]
    known = _known(fund.id)
    new = [
        (thing, stage)
        for thing, stage in things
        if (thing.type, thing.id, thing.due_on, stage) not in known
    ]
    if not new:
        return 0
    sent = _tell_fund(fund, [thing for thing, _stage in new], on)
    asked = _tell_donors(fund, [thing for thing, _stage in new], on)
    for thing, stage in new:
        db.session.add(
            Reminder(
                fund_id=fund.id,
                thing_type=thing.type,
                thing_id=thing.id,
                due_on=thing.due_on,
                stage=stage,
                sent_on=on,
                messages=sent + asked.get(thing.donor_id, 0),
            )
        )
    db.session.flush()
    audit.record(actor, "reminders.sent", "fund", fund.id, fund_id=fund.id, things=len(new))
    return len(new)


def _things(fund_id: int, on: date) -> Iterator[_Thing]:
    before = on + timedelta(days=1 - rules.STAGES[0])
    letters = _letters(fund_id)
    for one in donors.open_instalments(
        [fund_id], due_before=before, is_due=True, limit=_THINGS_MAX
    ):
        letter = letters.get(("instalment", one.id))
        yield _Thing(
            type="instalment",
            id=one.id,
            due_on=one.due_on,
            words=f"{one.left} of {one.donor}, instalment {one.number} of {one.reference}",
            donor_id=one.donor_id if letter else None,
            remittance=letter or "",
        )
    for invoice in donors.open_invoices(fund_id, due_before=before, limit=_THINGS_MAX):
        letter = letters.get(("invoice", invoice.id))
        yield _Thing(
            type="membership_invoice",
            id=invoice.id,
            due_on=invoice.due_on,
            words=f"{invoice.left} of {invoice.donor}, membership contribution {invoice.year}",
            donor_id=invoice.donor_id if letter else None,
            remittance=letter or "",
        )
    for duty in donors.open_duties([fund_id], before, limit=_THINGS_MAX):
        yield _Thing(
            type="reporting_duty",
            id=duty.id,
            due_on=duty.due_on,
            words=f"{duty.kind} report to {duty.donor} under {duty.reference} {duty.words}".strip(),
        )
    for condition in donors.open_conditions([fund_id], before, limit=_THINGS_MAX):
        assert condition.due_on is not None
        yield _Thing(
            type="agreement_condition",
            id=condition.id,
            due_on=condition.due_on,
            words=f"condition of {condition.donor}, {condition.reference}: {condition.words}",
        )


def _letters(fund_id: int) -> dict[tuple[str, int], str]:
    """The remittance references of the letters that are out, by what they ask for."""
    rows = db.session.execute(
        select(PaymentRequest.instalment_id, PaymentRequest.invoice_id, PaymentRequest.letter)
        .where(PaymentRequest.fund_id == fund_id, PaymentRequest.state == RequestState.ISSUED)
        .order_by(PaymentRequest.id)
    )
    found = {}
    for instalment_id, invoice_id, letter in rows:
        key = ("instalment", instalment_id) if instalment_id else ("invoice", invoice_id)
        found[key] = letter["remittance"]
    return found


def _known(fund_id: int) -> set[tuple[str, int, date, int]]:
    rows = db.session.execute(
        select(Reminder.thing_type, Reminder.thing_id, Reminder.due_on, Reminder.stage).where(
            Reminder.fund_id == fund_id
        )
    )
    return {(kind, key, due_on, stage) for kind, key, due_on, stage in rows}


def _tell_fund(fund: FundView, things: Sequence[_Thing], on: date) -> int:
    """One message to each finance officer about everything; says to how many."""
    lines = "\n".join(f"- {_when(one.due_on, on)}: {one.words}" for one in _in_order(things))
    persons = people.recipients(Role.FINANCE_OFFICER, fund.id)
    for person in persons:
        outbox.tell(
            person,
            template="reminders",
            subject=f"{fund.name}: {len(things)} to look after",
            body=f"In {fund.name} this falls due or is late:\n\n{lines}",
        )
    return len(persons)


def _tell_donors(fund: FundView, things: Sequence[_Thing], on: date) -> dict[int | None, int]:
    """One message to the people of each donor about its letters; says to how many of each."""
    told: dict[int | None, int] = {}
    for donor_id in sorted({one.donor_id for one in things if one.donor_id is not None}):
        mine = [one for one in _in_order(things) if one.donor_id == donor_id]
        lines = "\n".join(
            f"- {_when(one.due_on, on)}: {one.words}\n  Please quote: {one.remittance}"
            for one in mine
        )
        persons = people.recipients(Role.DONOR, fund.id, donor_id)
        for person in persons:
            outbox.tell(
                person,
                template="payment_reminder",
                subject=f"{fund.name}: a reminder of your payment request",
                body=(
                    f"{fund.name} is waiting for this payment, or will be soon:\n\n{lines}\n\n"
                    "If you have paid, please disregard this message. The letters are on your"
                    " desk, under My contributions."
                ),
            )
        told[donor_id] = len(persons)
    return told


def _in_order(things: Sequence[_Thing]) -> list[_Thing]:
    return sorted(things, key=lambda one: (one.due_on, one.words))


def _when(due_on: date, on: date) -> str:
    day = f"{due_on:%d %B %Y}"
    if due_on < on:
        return f"{(on - due_on).days} days late ({day})"
    return f"due {day}"
