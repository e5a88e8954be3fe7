"""Writing an application: nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from grants import clock
from grants.applications import rules
from grants.applications.models import (
    AnswerVersion,
    Application,
    ApplicationState,
    Call,
    CallState,
)
from grants.applications.queries.scope import answers_before, check_call_open, form_of
from grants.applications.rules import Form, Kind, Problem
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed, NotAllowed, NotFound, Refused
from grants.files import actions as files
from grants.files.models import StoredFile
from grants.people.permissions import Actor, Verb, require

TYPED_MAX: Final = 200_000


class NotADraft(Refused):
    """{reference} is {state}, so it cannot be changed any more."""


class NoOrganisation(NotAllowed):
    """Your account belongs to no organisation, so there is nobody to apply for. Ask the fund."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What the server wrote, and when by its clock."""

    application_id: int
    revision: int
    #: What the page compares with from now on: the revision, unless another author saved between.
    page_revision: int
    saved_at: datetime
    problems: tuple[Problem, ...]
    #: Controls that another author changed since the page was loaded, with what they had typed.
    changed_elsewhere: Mapping[str, str]


def start_draft(actor: Actor, call_id: int) -> Application:
    """Begin an application of the actor's organisation; the draft that is there already is it.

    Refuses a call that is not open.
    """
    call = lock(Call, call_id)
    if call.state != CallState.PUBLISHED or call.form_version_id is None:
        raise NotFound
    if actor.organisation_id is None:
        raise NoOrganisation
    require(actor, Verb.APPLY, call.fund_id, organisation_id=actor.organisation_id)
    check_call_open(call)
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
        reference=f"draft-{call_id}-{actor.organisation_id}-{at:%Y%m%d%H%M%S%f}",
        saved_at=at,
        created_at=at,
    )
    db.session.add(application)
    db.session.flush()
    # The number of the row makes the reference: no two can be alike, and none is used twice.
    application.reference = f"{call.reference[:28]}-{application.id:04d}"
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
    application = own_draft(actor, application_id)
    return _save(actor, application, changes, base_revision=base_revision)


def save_page(
    actor: Actor, application_id: int, typed: Mapping[str, str], *, base_revision: int | None
) -> Saved:
    """Keep a page that was sent whole: only what differs from what it showed counts as changed.

    `base_revision` is that of the page. What another author changed meanwhile, and this page still
    shows as it was, stays as the other wrote it.
    """
    application = own_draft(actor, application_id)
    shown = answers_before(application, base_revision, typed)
    changes = {name: text for name, text in typed.items() if shown.get(name, "") != text}
    return _save(actor, application, changes, base_revision=base_revision)


def attach_file(
    actor: Actor, application_id: int, question_key: str, *, name: str, content: bytes
) -> StoredFile:
    """Attach a file as the answer to a question; an earlier one stays among the versions."""
    application = own_draft(actor, application_id)
    _check_takes_file(application, question_key)
    stored = files.upload(
        actor,
        content,
        name=name,
        owner_type="application",
        owner_id=application_id,
        fund_id=application.fund_id,
    )
    _write(actor, application, {question_key: f"{stored.id}"})
    return stored


def remove_file(actor: Actor, application_id: int, question_key: str) -> None:
    """Take a file off a question. The file itself is kept with the earlier version."""
    application = own_draft(actor, application_id)
    _check_takes_file(application, question_key)
    _write(actor, application, {question_key: ""})


def own_draft(actor: Actor, application_id: int) -> Application:
    """The draft of the actor's organisation, locked. Refuses another's, and what is no draft."""
    application = lock(Application, application_id)
    require(actor, Verb.APPLY, application.fund_id, organisation_id=application.organisation_id)
    if application.state != ApplicationState.DRAFT:
        raise NotADraft(reference=application.reference, state=application.state.replace("_", " "))
    return application


def _save(
    actor: Actor,
    application: Application,
    changes: Mapping[str, str],
    *,
    base_revision: int | None,
) -> Saved:
    form = form_of(application)
    _check_names(form, changes)
    before = application.revision
    elsewhere = _changed_since(application, base_revision, changes)
    changed = {
        name: typed for name, typed in changes.items() if application.answers.get(name, "") != typed
    }
    _write(actor, application, changed)
    is_alone = base_revision is None or base_revision >= before
    return Saved(
        application_id=application.id,
        revision=application.revision,
        page_revision=application.revision if is_alone else base_revision or 0,
        saved_at=application.saved_at,
        problems=tuple(rules.problems_of(form, application.answers)),
        changed_elsewhere={name: typed for name, typed in elsewhere.items() if name in changed},
    )


def _write(actor: Actor, application: Application, changed: Mapping[str, str]) -> None:
    at = clock.now()
    if changed:
        form = form_of(application)
        application.revision += 1
        application.answers = {**application.answers, **changed}
        db.session.add(
            AnswerVersion(
                application_id=application.id,
                revision=application.revision,
                changes=dict(changed),
                saved_by_id=actor.user_id,
                saved_at=at,
            )
        )
        amount = rules.amount_of(form, application.answers)
        application.title = rules.title_of(form, application.answers)
        application.requested_minor = amount.minor if amount else None
    application.saved_at = at
    db.session.flush()


def _check_names(form: Form, changes: Mapping[str, str]) -> None:
    questions = tuple(form.questions())
    for name, typed in changes.items():
        question = next((each for each in questions if rules.belongs_to(each, name)), None)
        if question is None:
            raise Malformed(f"This form has no question {name[:60]!r}.")
        if question.kind is Kind.FILE:
            raise Malformed("A file is attached, not typed.")
        if len(typed) > TYPED_MAX:
            raise Malformed(f"One answer can hold {TYPED_MAX:,} characters. Attach a file instead.")


def _check_takes_file(application: Application, question_key: str) -> None:
    question = form_of(application).question(question_key)
    if question is None or question.kind is not Kind.FILE:
        raise NotFound


def _changed_since(
    application: Application, base_revision: int | None, changes: Mapping[str, str]
) -> dict[str, str]:
    if base_revision is None or base_revision >= application.revision or not changes:
        return {}
    shown = answers_before(application, base_revision, changes)
    return {
        name: present
        for name in changes
        if (present := str(application.answers.get(name, ""))) != shown.get(name, "")
    }
