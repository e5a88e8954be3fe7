"""Writing an application: nothing typed is lost, and the server's clock decides."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from grants import clock
from grants.applications import rules
from grants.applications.models import (
    AnswerVersion,
    Application,
    ApplicationState,
    Call,
    CallState,
    FormVersion,
)
from grants.applications.queries.scope import recipient
from grants.applications.rules import Form, Kind, Problem
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed, NotFound, Refused
from grants.files import actions as files
from grants.files.models import StoredFile
from grants.money import Money
from grants.outbox import actions as outbox
from grants.people.permissions import Actor, Verb, require

TYPED_MAX = 200_000


class NotADraft(Refused):
    """{reference} was submitted, so it cannot be changed any more."""


class NotComplete(Malformed):
    """{count} answers still need attention before you can submit."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What the server wrote, and when by its clock."""

    application_id: int
    revision: int
    saved_at: datetime
    problems: tuple[Problem, ...]
    #: Controls whose text another author changed since the page was loaded, with what stands now.
    changed_elsewhere: Mapping[str, str]


def start_draft(actor: Actor, call_id: int) -> Application:
    """Begin an application of the actor's organisation; the draft that is there already is it.

    Refuses a call that is not open.
    """
    call = db.session.get(Call, call_id)
    if call is None or call.state != CallState.PUBLISHED or call.form_version_id is None:
        raise NotFound
    require(actor, Verb.APPLY, call.fund_id, organisation_id=actor.organisation_id)
    assert actor.organisation_id is not None
    _check_open(call)
    known = db.session.scalar(
        select(Application).where(
            Application.call_id == call_id,
            Application.organisation_id == actor.organisation_id,
            Application.state == ApplicationState.DRAFT,
        )
    )
    if known is not None:
        return known
    at = clock.now()
    application = Application(
        fund_id=call.fund_id,
        call_id=call.id,
        form_version_id=call.form_version_id,
        organisation_id=actor.organisation_id,
        author_id=actor.user_id,
        reference=f"draft-{call_id}-{actor.organisation_id}-{at.timestamp():.6f}",
        saved_at=at,
        created_at=at,
    )
    db.session.add(application)
    db.session.flush()
    application.reference = f"{call.reference}-{application.id:04d}"
    db.session.flush()
    audit.record(actor, "application.started", "application", application.id, fund_id=call.fund_id)
    return application


def save_answers(
    actor: Actor, application_id: int, changes: Mapping[str, str], *, base_revision: int | None
) -> Saved:
    """Keep what was typed, control by control, exactly as it was typed.

    Only the controls in `changes` are touched, so two authors or two windows never overwrite each
    other's other answers; where both changed the same one the later stands, the earlier stays
    among the versions, and the answer says so. Refuses what is no question of the form, what is no
    draft any more, and text beyond 200,000 characters.
    """
    application = _own_draft(actor, application_id)
    form = form_of(application)
    _check_names(form, changes)
    before = dict(application.answers)
    changed = {name: typed for name, typed in changes.items() if before.get(name, "") != typed}
    elsewhere = _changed_since(application, base_revision, set(changed))
    at = clock.now()
    if changed:
        application.revision += 1
        application.answers = {**before, **changed}
        db.session.add(
            AnswerVersion(
                application_id=application_id,
                revision=application.revision,
                changes=changed,
                saved_by_id=actor.user_id,
                saved_at=at,
            )
        )
        _read_purposes(application, form)
    application.saved_at = at
    db.session.flush()
    return Saved(
        application_id=application_id,
        revision=application.revision,
        saved_at=at,
        problems=tuple(rules.problems_of(form, application.answers)),
        changed_elsewhere=elsewhere,
    )


def attach_file(
    actor: Actor, application_id: int, question_key: str, *, name: str, content: bytes
) -> StoredFile:
    """Attach a file as the answer to a question; an earlier one stays among the versions."""
    application = _own_draft(actor, application_id)
    question = form_of(application).question(question_key)
    if question is None or question.kind is not Kind.FILE:
        raise NotFound
    stored = files.upload(
        actor,
        content,
        name=name,
        owner_type="application",
        owner_id=application_id,
        fund_id=application.fund_id,
    )
    save_answers(actor, application_id, {question_key: f"{stored.id}"}, base_revision=None)
    return stored


def remove_file(actor: Actor, application_id: int, question_key: str) -> None:
    """Take a file off a question. The file itself is kept with the earlier version."""
    application = _own_draft(actor, application_id)
    question = form_of(application).question(question_key)
    if question is None or question.kind is not Kind.FILE:
        raise NotFound
    save_answers(actor, application_id, {question_key: ""}, base_revision=None)


def submit(actor: Actor, application_id: int) -> Application:
    """Hand the application in, and give a receipt with the server's time.

    Refuses one that is not complete, and one that arrives at the deadline or after it.
    """
    application = _own_draft(actor, application_id)
    call = db.session.get_one(Call, application.call_id)
    _check_open(call)
    form = form_of(application)
    problems = rules.problems_of(form, application.answers)
    if problems:
        raise NotComplete(count=len(problems))
    at = clock.now()
    application.state = ApplicationState.SUBMITTED
    application.submitted_at = at
    application.receipt_number = f"R-{at:%Y%m%d}-{application.id:05d}"
    application.answers_hash = answers_hash(application.answers)
    _read_purposes(application, form)
    db.session.flush()
    audit.record(
        actor,
        "application.submitted",
        "application",
        application_id,
        fund_id=application.fund_id,
        answers=application.answers_hash,
    )
    _send_receipt(actor, application, call, at)
    return application


def withdraw(actor: Actor, application_id: int, *, reason: str) -> Application:
    """Take an application back before it is decided. It stays on record."""
    application = lock(Application, application_id)
    require(actor, Verb.APPLY, application.fund_id, organisation_id=application.organisation_id)
    if application.state in {ApplicationState.APPROVED, ApplicationState.DECLINED}:
        raise Refused(f"{application.reference} is decided, so it cannot be withdrawn.")
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
    return application


def form_of(application: Application) -> Form:
    """The form as it was when the draft was begun."""
    version = db.session.get_one(FormVersion, application.form_version_id)
    return rules.parse_form(version.definition)


def answers_hash(answers: Mapping[str, str]) -> str:
    """The SHA-256 of the answers in canonical JSON, as printed on the receipt."""
    text = json.dumps(dict(answers), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _own_draft(actor: Actor, application_id: int) -> Application:
    application = lock(Application, application_id)
    require(actor, Verb.APPLY, application.fund_id, organisation_id=application.organisation_id)
    if application.state != ApplicationState.DRAFT:
        raise NotADraft(reference=application.reference)
    return application


def _check_open(call: Call) -> None:
    rules.check_open(
        clock.now(),
        call.opens_at,
        call.closes_at,
        zone=call.time_zone,
        grace_minutes=call.grace_minutes,
    )


def _check_names(form: Form, changes: Mapping[str, str]) -> None:
    questions = tuple(form.questions())
    for name, typed in changes.items():
        if not any(rules.belongs_to(question, name) for question in questions):
            raise Malformed(f"This form has no question {name}.")
        if len(typed) > TYPED_MAX:
            raise Malformed(f"One answer can hold {TYPED_MAX:,} characters. Attach a file instead.")


def _changed_since(
    application: Application, base_revision: int | None, names: set[str]
) -> dict[str, str]:
    if base_revision is None or base_revision >= application.revision or not names:
        return {}
    later = db.session.scalars(
        select(AnswerVersion.changes).where(
            AnswerVersion.application_id == application.id,
            AnswerVersion.revision > base_revision,
        )
    )
    touched = {name for changes in later for name in changes}
    return {name: str(application.answers.get(name, "")) for name in touched & names}


def _read_purposes(application: Application, form: Form) -> None:
    title, amount = form.with_purpose("title"), form.with_purpose("amount")
    if title is not None:
        application.title = application.answers.get(title.key, "").strip()[:300]
    if amount is not None:
        value = rules.value_of(amount, application.answers)
        application.requested_minor = value.minor if isinstance(value, Money) else None


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
