"""Handing an application in, and taking it back: the server's clock decides."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from grants import clock
from grants.applications import rules
from grants.applications.actions.drafts import own_draft
from grants.applications.models import Application, ApplicationState, Call, Review
from grants.applications.queries.scope import check_call_open, form_of, recipient
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed, Refused
from grants.outbox import actions as outbox
from grants.people.permissions import Actor, Verb, require


class NotComplete(Malformed):
    """{what} before you can submit."""


def submit(actor: Actor, application_id: int) -> Application:
    """Hand the application in, and give a receipt with the server's time.

    Refuses one that is not complete, and one that arrives at the deadline or after it.
    """
    application = own_draft(actor, application_id)
    call = db.session.get_one(Call, application.call_id)
    check_call_open(call)
    form = form_of(application)
    count = len(rules.problems_of(form, application.answers))
    if count:
        what = "1 answer needs" if count == 1 else f"{count} answers need"
        raise NotComplete(what=f"{what} attention")
    at = clock.now()
    amount = rules.amount_of(form, application.answers)
    application.state = ApplicationState.SUBMITTED
    application.submitted_at = at
    application.receipt_number = f"R-{at:%Y%m%d}-{application.id:05d}"
    application.answers_hash = answers_hash(application.answers)
    application.title = rules.title_of(form, application.answers)
    application.requested_minor = amount.minor if amount else None
    db.session.flush()
    audit.record(
        actor,
        "application.submitted",
        "application",
        application_id,
        fund_id=application.fund_id,
        answers=application.answers_hash,
        receipt=application.receipt_number,
    )
    _send_receipt(actor, application, call, at)
    return application


def withdraw(actor: Actor, application_id: int, *, reason: str = "") -> Application:
    """Take an application back before it is decided. It stays on record.

    Refuses one that is decided, and one that was withdrawn already. Its reviewers are told.
    """
    application = lock(Application, application_id)
    require(actor, Verb.APPLY, application.fund_id, organisation_id=application.organisation_id)
    if application.state in {ApplicationState.APPROVED, ApplicationState.DECLINED}:
        raise Refused(f"{application.reference} is decided, so it cannot be withdrawn.")
    if application.state == ApplicationState.WITHDRAWN:
        raise Refused(f"{application.reference} was withdrawn already.")
    application.state = ApplicationState.WITHDRAWN
    db.session.flush()
    audit.record(
        actor,
        "application.withdrawn",
        "application",
        application_id,
        fund_id=application.fund_id,
        reason=reason,
    )
    _tell_withdrawn(actor, application)
    return application


def answers_hash(answers: Mapping[str, str]) -> str:
    """The SHA-256 of the answers in canonical JSON, as printed on the receipt."""
    text = json.dumps(dict(answers), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _send_receipt(actor: Actor, application: Application, call: Call, at: datetime) -> None:
    local = at.astimezone(ZoneInfo(call.time_zone))
    outbox.tell(
        recipient(actor.user_id),
        template="application_submitted",
        subject=f"We have received {application.reference}",
        body=(
            f"Your application {application.reference}, {application.title}, arrived on"
            f" {local:%d %B %Y at %H:%M:%S} ({call.time_zone}).\n\n"
            f"Receipt {application.receipt_number}\n"
            f"Fingerprint of your answers: {application.answers_hash}\n\n"
            "What happens next: the Secretariat checks whether it is eligible and writes to you."
        ),
    )


def _tell_withdrawn(actor: Actor, application: Application) -> None:
    outbox.tell(
        recipient(actor.user_id),
        template="application_withdrawn",
        subject=f"{application.reference} is withdrawn",
        body=(
            f"Your application {application.reference} is withdrawn and will not be considered."
            " It stays on record.\n\n"
            "What happens next: nothing more. While the call is open you may begin a new one."
        ),
    )
    waiting = db.session.scalars(
        select(Review.reviewer_id)
        .where(Review.application_id == application.id, Review.submitted_at.is_(None))
        .order_by(Review.id)
    )
    for reviewer_id in waiting:
        outbox.tell(
            recipient(reviewer_id),
            template="review_not_needed",
            subject=f"{application.reference} is withdrawn",
            body="The applicant has withdrawn it, so your review is no longer needed. Thank you.",
        )
