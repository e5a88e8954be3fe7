"""The organisation's applications, and each of them: what is done and what comes next."""

from __future__ import annotations

from flask import redirect, render_template, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from grants.applications import actions, queries
from grants.applications.queries import ApplicationLine, Case, DraftPage
from grants.db import transaction
from grants.web.applicant import desk
from grants.web.kit.access import actor
from grants.web.kit.applications import (
    NEXT_STEPS,
    STATES,
    ToldSection,
    events_of,
    printable,
    told_sections,
)
from grants.web.kit.parts import Task


@desk.get("/")
def home() -> str:
    """What the organisation is writing and has submitted."""
    lines = queries.my_applications(actor())
    waiting = [each for each in queries.waiting_for(actor()) if each.what == "finish"]
    return render_template(
        "applicant/home.html",
        drafts=[line for line in lines if line.state == "draft"],
        others=[line for line in lines if line.state != "draft"],
        calls=queries.open_calls(limit=5),
        open_ids={each.thing_id for each in waiting},
        states=STATES,
        title_of=title_of,
    )


@desk.post("/start/<int:call_id>")
def start(call_id: int) -> Response:
    """Begin an application, or go on with the draft that is there."""
    with transaction():
        application_id = actions.start_draft(actor(), call_id).id
    return redirect(url_for(".application", application_id=application_id), 303)


@desk.get("/<int:application_id>")
def application(application_id: int) -> str:
    """A draft as a list of what there is to do; later, what was submitted and what became of it."""
    page = queries.draft_page(actor(), application_id)
    if page.case.is_draft:
        return render_template(
            "applicant/tasks.html",
            page=page,
            case=page.case,
            tasks=[*_tasks(page), _last_task(page)],
            title=title_of(page.case),
        )
    return render_template(
        "applicant/submitted.html",
        case=page.case,
        sections=sections_of(page.case),
        events=events_of(queries.timeline(actor(), application_id)),
        state=STATES[page.case.state],
        next_step=NEXT_STEPS[page.case.state],
        title=title_of(page.case),
    )


@desk.get("/<int:application_id>/files/<int:file_id>")
def attachment(application_id: int, file_id: int) -> Response:
    """A file that is attached to the application."""
    file = queries.open_attachment(actor(), application_id, file_id)
    return send_file(
        file.path, mimetype=file.media_type, as_attachment=True, download_name=file.name
    )


def title_of(case: Case | ApplicationLine) -> str:
    """What an application is called while nobody has given it a title."""
    return printable(case.title) or str(_("No title yet"))


def sections_of(case: Case, *, may_change: bool = False) -> list[ToldSection]:
    """The answers for reading; of a draft, with links back to each question."""

    def change_url(section: str, question: str) -> str:
        address = url_for(".section", application_id=case.id, key=section, show="all")
        return f"{address}#{question}-field"

    return told_sections(
        case.form,
        case.answers,
        case.files,
        file_url=lambda file_id: url_for(".attachment", application_id=case.id, file_id=file_id),
        change_url=change_url if may_change else None,
        problems=case.problems if may_change else (),
    )


def _tasks(page: DraftPage) -> list[Task]:
    tasks = []
    for each in page.sections:
        progress = each.progress
        hint = str(
            _(
                "%(answered)s of %(asked)s questions answered",
                answered=progress.answered,
                asked=progress.asked,
            )
        )
        state, tone = _("Not started"), ""
        if progress.is_done:
            state, tone, hint = _("Done"), "good", ""
        elif progress.is_begun:
            state, tone = _("Begun"), "accent"
        url = url_for(".section", application_id=page.case.id, key=each.section.key)
        tasks.append(Task(each.section.title, url, str(state), tone, hint))
    return tasks


def _last_task(page: DraftPage) -> Task:
    is_ready = not page.problems
    return Task(
        str(_("Check your answers and submit")),
        url_for(".check", application_id=page.case.id),
        str(_("Ready") if is_ready else _("Not yet")),
        "accent" if is_ready else "",
    )
