"""Tranches: requested, certified and released by three different people."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from grants import clock
from grants.agreements import rules
from grants.agreements.models import Tranche, TrancheState
from grants.agreements.queries.scope import agreement_of, grantee_people, usd
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed
from grants.funding import actions as funding
from grants.funding import queries as funds
from grants.funding.models import Grant
from grants.outbox import actions as outbox
from grants.people.permissions import Actor, Verb, require


def request_tranche(actor: Actor, tranche_id: int, *, note: str = "") -> Tranche:
    """Ask for a tranche to be paid.

    Refuses before the agreement is signed, before the tranche ahead of it is released, and until
    enough of what was advanced is accepted as spent.
    """
    tranche = lock(Tranche, tranche_id)
    require(actor, Verb.REQUEST_TRANCHE, tranche.fund_id)
    _check_state(tranche, TrancheState.PLANNED, "requested")
    if agreement_of(tranche.grant_id).signed_on is None:
        raise rules.WrongMoment(what="The agreement", state="not signed", done="paid against")
    earlier = db.session.scalar(
        select(Tranche.number)
        .where(
            Tranche.grant_id == tranche.grant_id,
            Tranche.number < tranche.number,
            Tranche.state != TrancheState.RELEASED,
        )
        .order_by(Tranche.number)
        .limit(1)
    )
    if earlier is not None:
        raise rules.EarlierTrancheOpen(number=earlier)
    money = funds.grant_money(tranche.grant_id)
    rules.check_spent(money.net_funded, money.expenditure, rules.TERMS)
    tranche.state = TrancheState.REQUESTED
    tranche.requested_by_id = actor.user_id
    tranche.requested_at = clock.now()
    tranche.request_note = note
    db.session.flush()
    _note(actor, "tranche.requested", tranche)
    return tranche


def certify_tranche(actor: Actor, tranche_id: int, *, on: date) -> Tranche:
    """Certify that a tranche is due: Dr 1200 / Cr 2010, and Dr 9140 / Cr 9150 by the layers.

    Refuses whoever requested it, and more than is committed.
    """
    tranche = lock(Tranche, tranche_id)
    require(actor, Verb.CERTIFY_TRANCHE, tranche.fund_id)
    rules.check_certifier(actor.user_id, tranche.requested_by_id)
    _check_state(tranche, TrancheState.REQUESTED, "certified")
    posted = funding.advance(
        actor,
        tranche.grant_id,
        usd(tranche.amount_minor),
        on=on,
        source=("tranche", tranche_id),
    )
    tranche.state = TrancheState.CERTIFIED
    tranche.certified_by_id = actor.user_id
    tranche.certified_at = clock.now()
    tranche.advance_entry_id = posted.id
    db.session.flush()
    _note(actor, "tranche.certified", tranche)
    return tranche


def release_tranche(
    actor: Actor, tranche_id: int, *, paid_on: date, bank_reference: str
) -> Tranche:
    """Release the payment of a certified tranche: Dr 2010 / Cr 1010 on the day of payment.

    Refuses whoever requested or certified it, a payment without its bank reference, and more than
    the account holds.
    """
    tranche = lock(Tranche, tranche_id)
    require(actor, Verb.RELEASE_TRANCHE, tranche.fund_id)
    rules.check_releaser(actor.user_id, tranche.requested_by_id, tranche.certified_by_id)
    _check_state(tranche, TrancheState.CERTIFIED, "released")
    if not bank_reference.strip():
        raise Malformed("Give the bank's reference of the payment.")
    posted = funding.pay(
        actor,
        tranche.grant_id,
        usd(tranche.amount_minor),
        on=paid_on,
        source=("tranche", tranche_id),
    )
    tranche.state = TrancheState.RELEASED
    tranche.released_by_id = actor.user_id
    tranche.released_at = clock.now()
    tranche.paid_on = paid_on
    tranche.bank_reference = bank_reference.strip()
    tranche.entry_id = posted.id
    db.session.flush()
    _note(actor, "tranche.released", tranche)
    grant = db.session.get_one(Grant, tranche.grant_id)
    for person in grantee_people(grant):
        outbox.tell(
            person,
            template="tranche_released",
            subject=f"Tranche {tranche.number} of {grant.reference} is paid",
            body=(
                f"{usd(tranche.amount_minor)} was paid on {paid_on:%d %B %Y}"
                f" (bank reference {tranche.bank_reference}). Report on it when it is spent."
            ),
        )
    return tranche


def _check_state(tranche: Tranche, wanted: TrancheState, done: str) -> None:
    if tranche.state != wanted:
        raise rules.WrongMoment(what=f"Tranche {tranche.number}", state=tranche.state, done=done)


def _note(actor: Actor, verb: str, tranche: Tranche) -> None:
    audit.record(
        actor,
        verb,
        "grant",
        tranche.grant_id,
        fund_id=tranche.fund_id,
        tranche=tranche.number,
        amount=usd(tranche.amount_minor),
    )
