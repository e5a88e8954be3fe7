"""Every save of an application: what was typed, when, by whom, and how to have it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from grants.applications import actions, queries
from grants.applications.queries import Case, VersionLine
from grants.applications.rules import Kind, Question, belongs_to
from grants.db import transaction
from grants.errors import NotFound
from grants.files.queries import OpenFile
from grants.web.applicant import desk
from grants.web.applicant.home import title_of
from grants.web.kit.access import actor
from grants.web.kit.applications import printable
from grants.web.kit.paging import ListSpec, Page

SAVES = ListSpec(per_page=25)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One answer as a save left it."""

    name: str
    label: str
    text: str
    file: OpenFile | None
    is_present: bool


@dataclass(frozen=True, kw_only=True)
class Save:
    """One save, with the answers that it changed."""

    revision: int
    at: datetime
    by: str
    changes: list[Change]


@desk.get("/<int:application_id>/history")
def history(application_id: int) -> str:
    """What was typed before, newest first."""
    case = queries.case_for_applicant(actor(), application_id)
    state = SAVES.read()
    versions = queries.versions_of(actor(), application_id, offset=state.offset, limit=state.limit)
    return render_template(
        "applicant/history.html",
        case=case,
        title=title_of(case),
        page=Page.of([_save(case, each) for each in versions], state, total=case.revision),
    )


@desk.post("/<int:application_id>/history/<int:revision>/restore")
def restore(application_id: int, revision: int) -> Response:
    """Put one answer back as a save left it. What stands now stays among the saves."""
    name = request.form.get("name", "")
    changes = queries.version(actor(), application_id, revision).changes
    if name not in changes:
        raise NotFound
    with transaction():
        actions.save_answers(actor(), application_id, {name: changes[name]}, base_revision=None)
    flash(_("The answer is put back."))
    return redirect(url_for(".history", application_id=application_id), 303)


def _save(case: Case, version: VersionLine) -> Save:
    return Save(
        revision=version.revision,
        at=version.saved_at,
        by=version.saved_by,
        changes=[_change(case, name, text) for name, text in version.changes.items()],
    )


def _change(case: Case, name: str, text: str) -> Change:
    question = next((each for each in case.form.questions() if belongs_to(each, name)), None)
    is_file = question is not None and question.kind is Kind.FILE
    return Change(
        name=name,
        label=_label(question, name),
        text="" if is_file else printable(_told(question, name, text)),
        file=case.files.get(int(text)) if is_file and text.isdigit() else None,
        is_present=is_file or case.answers.get(name, "") == text,
    )


def _told(question: Question | None, name: str, text: str) -> str:
    """The answer of a choice by its label, any other as it was typed."""
    if question is not None and (question.kind is Kind.CHOICE or name.endswith("-category")):
        return dict(question.choices).get(text, text)
    if question is not None and question.kind is Kind.YES_NO:
        return {"yes": str(_("Yes")), "no": str(_("No"))}.get(text, text)
    return text


def _label(question: Question | None, name: str) -> str:
    if question is None:
        return name
    if question.kind is not Kind.BUDGET_TABLE:
        return question.label
    line, cell = name.removeprefix(f"{question.key}-").split("-")
    words = {
        "category": _("Category"),
        "description": _("What for"),
        "quantity": _("Quantity"),
        "unit_cost": _("Unit cost"),
    }
    return str(
        _(
            "%(question)s line %(line)s, %(cell)s",
            question=question.label,
            line=int(line) + 1,
            cell=words[cell],
        )
    )
