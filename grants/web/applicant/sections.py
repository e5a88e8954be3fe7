"""Writing: one section on a page, saved while it is typed, with and without JavaScript."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from grants.applications import actions, queries
from grants.applications.actions import Saved
from grants.applications.queries import SectionPage
from grants.applications.rules import Kind, Problem
from grants.db import transaction
from grants.errors import NotFound, Refused
from grants.web.applicant import desk
from grants.web.applicant.home import title_of
from grants.web.applicant.section_form import ROWS_MORE, SectionForm, rows_in, section_form
from grants.web.kit.access import actor
from grants.web.kit.applications import printable
from grants.web.kit.saving import saved_words

#: What a page sends beside its answers; the last two when somebody signed in again on the way.
_OURS = {
    *("csrf_token", "version", "go", "add_row", "remove_file"),
    *("resume_email", "resume_password"),
}


@dataclass(frozen=True)
class Kept:
    """What became of a page that was sent: what was saved, and what was refused."""

    saved: Saved | None
    refusals: tuple[str, ...]
    file_problem: str
    status: int


@desk.get("/<int:application_id>/sections/<key>")
def section(application_id: int, key: str) -> Response | str:
    """The questions of one section."""
    page = queries.section_page(actor(), application_id, key)
    if not page.case.is_draft:
        return redirect(url_for(".application", application_id=application_id), 303)
    problems = page.problems if request.args.get("show") == "all" else None
    return _rendered(page, section_form(page, problems=problems, rows=_rows_asked()))


@desk.post("/<int:application_id>/sections/<key>")
def save_section(application_id: int, key: str) -> Response | tuple[str, int]:
    """Save a whole page, sound or not, and go where its button leads."""
    page = queries.section_page(actor(), application_id, key)
    kept = _keep(page)
    if kept.saved is None or kept.file_problem:
        return _refused(application_id, key, page, kept)
    _tell(kept.saved)
    if "add_row" in request.form:
        name = request.form["add_row"]
        rows = rows_in(queries.section_page(actor(), application_id, key), name) + ROWS_MORE
        rows = max(rows, _rows_asked() + ROWS_MORE)
        here = url_for(".section", application_id=application_id, key=key, rows=rows)
        return redirect(f"{here}#{name}-field", 303)
    if request.form.get("go") == "stay" or "remove_file" in request.form:
        return redirect(url_for(".section", application_id=application_id, key=key), 303)
    return redirect(_onward(application_id, key), 303)


@desk.post("/<int:application_id>/sections/<key>/save")
def autosave(application_id: int, key: str) -> Response:
    """Save the answers that changed, while they are typed."""
    page = queries.section_page(actor(), application_id, key)
    with transaction():
        saved = actions.save_answers(
            actor(), application_id, _typed(page), base_revision=_version()
        )
    text = saved_words(saved.saved_at, actor().time_zone)
    if saved.changed_elsewhere:
        text = f"{text}. {_elsewhere_words(saved)}"
    asked = {question.key for question in page.section.questions}
    return jsonify(
        saved_at=saved.saved_at.isoformat(),
        zone=actor().time_zone,
        text=text,
        version=saved.page_revision,
        revision=saved.revision,
        problems=[
            {"question": each.question, "sentence": each.sentence}
            for each in saved.problems
            if each.question in asked
        ],
        changed_elsewhere=sorted(saved.changed_elsewhere),
    )


def _keep(page: SectionPage) -> Kept:
    application_id = page.case.id
    try:
        with transaction():
            saved = actions.save_page(
                actor(), application_id, _typed(page), base_revision=_version()
            )
    except NotFound:
        raise
    except Refused as refusal:
        return Kept(None, (str(refusal),), "", refusal.status)
    for question in page.section.questions:
        upload = request.files.get(question.key)
        try:
            if request.form.get("remove_file") == question.key:
                with transaction():
                    actions.remove_file(actor(), application_id, question.key)
            elif upload is not None and upload.filename:
                _attach(application_id, question.key, upload)
        except NotFound:
            raise
        except Refused as refusal:
            return Kept(saved, (), f"{question.key}:{refusal}", refusal.status)
    return Kept(saved, (), "", 200)


def _attach(application_id: int, key: str, upload: FileStorage) -> None:
    name, content = str(upload.filename), upload.stream.read()
    with transaction():
        actions.attach_file(actor(), application_id, key, name=name, content=content)


def _refused(application_id: int, key: str, page: SectionPage, kept: Kept) -> tuple[str, int]:
    """The page again, with everything that was typed on it."""
    now = queries.section_page(actor(), application_id, key)
    problems = list(now.flaws)
    question, _colon, sentence = kept.file_problem.partition(":")
    if sentence:
        problems.append(Problem(question, sentence))
    typed = None if kept.saved else _typed(page)
    form = section_form(now, typed, version=_version(), problems=problems, rows=_rows_typed(page))
    form.refusals += kept.refusals
    return _rendered(now, form), kept.status


def _rendered(page: SectionPage, form: SectionForm) -> str:
    onward = page.after.title if page.after else str(_("Check your answers"))
    return render_template(
        "applicant/section.html",
        page=page,
        case=page.case,
        form=form,
        zone=actor().time_zone,
        title=title_of(page.case),
        onward=onward,
        onward_url=_next_url(page),
    )


def _onward(application_id: int, key: str) -> str:
    """The next section; or, while something that was typed here is wrong, this one."""
    page = queries.section_page(actor(), application_id, key)
    if page.flaws:
        return url_for(".section", application_id=application_id, key=key)
    return _next_url(page)


def _next_url(page: SectionPage) -> str:
    if page.after is None:
        return url_for(".check", application_id=page.case.id)
    return url_for(".section", application_id=page.case.id, key=page.after.key)


def _typed(page: SectionPage) -> dict[str, str]:
    """What stands in the controls; what only looks otherwise on the page is as it was."""
    files = {question.key for question in page.section.questions if question.kind is Kind.FILE}
    typed = {}
    for name, text in request.form.items():
        if name in _OURS or name in files:
            continue
        plain = _one_kind_of_line(text)
        held = page.case.answers.get(name, "")
        typed[name] = held if plain == _one_kind_of_line(printable(held)) else plain
    return typed


def _one_kind_of_line(text: str) -> str:
    return text.replace("\r\n", "\n")


def _version() -> int | None:
    typed = request.form.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def _rows_asked() -> int:
    typed = request.args.get("rows", "")
    return min(int(typed), 200) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 0


def _rows_typed(page: SectionPage) -> int:
    keys = [question.key for question in page.section.questions]
    return max(
        (
            sum(
                name.startswith(f"{key}-") and name.endswith("-description")
                for name in request.form
            )
            for key in keys
        ),
        default=0,
    )


def _tell(saved: Saved) -> None:
    if saved.changed_elsewhere:
        flash(_elsewhere_words(saved), "warning")


def _elsewhere_words(saved: Saved) -> str:
    return str(
        ngettext(
            "Somebody else changed the same answer meanwhile. Yours stands; theirs is in what was"
            " saved before.",
            "Somebody else changed %(num)s of the same answers meanwhile. Yours stand; theirs are"
            " in what was saved before.",
            len(saved.changed_elsewhere),
        )
    )
