"""Bringing in what a fund has today: a trial first, its findings, then the books."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants.errors import Malformed
from grants.files import actions as files
from grants.files import queries as stored
from grants.imports import actions
from grants.imports import queries as imports
from grants.imports.queries import RunView
from grants.outbox import actions as outbox
from grants.outbox import queries as jobs
from grants.people.permissions import Verb
from grants.web.kit.access import actor, current_fund
from grants.web.kit.exports import csv_response
from grants.web.kit.forms import ChoiceField, Form, TextField, TickField, UploadField
from grants.web.kit.paging import Filter, ListSpec, Page
from grants.web.kit.parts import Crumb
from grants.web.staff import desk, navigation
from grants.web.staff.acting import FormPage, allow, form_page, tried

navigation.add_entry(80, _l("Imports"), "staff.imports", modules=(__name__,), verbs=(Verb.IMPORT,))

KIND_WORDS = {
    "contributions": _l("Contributions"),
    "rounds": _l("Allocation rounds"),
    "grants": _l("Grants"),
}
STATE_WORDS = {
    "waiting": _l("Waiting"),
    "running": _l("Being read"),
    "done": _l("Done"),
    "failed": _l("Refused"),
}
STATE_TONES = {"running": "accent", "done": "good", "failed": "bad"}
SEVERITY_TONES = {"error": "bad", "warning": "warn"}

RUNS = ListSpec(per_page=25)
FINDINGS = ListSpec(
    per_page=50,
    filters=(
        Filter("q", _l("Code or words"), kind="text"),
        Filter(
            "severity",
            _l("Severity"),
            choices=[
                ("error", _l("Error")),
                ("warning", _l("Warning")),
                ("notice", _l("Notice")),
            ],
        ),
        Filter("code", _l("Kind of finding"), kind="text"),
    ),
)


class ImportForm(Form):
    """A file and what it is."""

    kind = ChoiceField(_l("What the file holds"), required=True)
    source = TextField(
        _l("Source"),
        chars_max=40,
        width="medium",
        required=True,
        hint=_l("Whose file this is. A later file of the same source updates the earlier one."),
    )
    file = UploadField(_l("CSV file"), accept=[".csv"], required=True)
    at_once = TickField(_l("Load it at once, without a trial"))


@desk.get("/imports", endpoint="imports")
def runs() -> str:
    """The runs, newest first."""
    allow(Verb.IMPORT, current_fund().id)
    state = RUNS.read()
    found, total = imports.runs(actor(), offset=state.offset, limit=state.limit)
    return render_template(
        "staff/imports/list.html",
        page=Page.of(found, state, total=total),
        kinds=KIND_WORDS,
        words=STATE_WORDS,
        tones=STATE_TONES,
    )


@desk.route("/imports/new", methods=["GET", "POST"])
def new_import() -> Response | tuple[str, int]:
    """Upload a file; the worker tries it out."""
    fund = current_fund()
    allow(Verb.IMPORT, fund.id)
    form = ImportForm(data={"source": "pfmb", "kind": "contributions"})
    form.kind.choices = list(KIND_WORDS.items())
    if form.validate_on_submit():
        content = form.file.data.read()
        name = form.file.data.filename or "file.csv"
        run_id = tried(
            form,
            lambda: _start(
                form.kind.data,
                form.source.data,
                name,
                content,
                is_dry_run=not form.at_once.data,
            ),
        )
        if run_id is not None:
            return redirect(url_for(".import_run", run_id=run_id), 303)
    page = FormPage(
        title=_("Bring in a file"),
        submit=_("Read the file"),
        cancel=url_for(".imports"),
        lead=_("It is tried out first: you see what would change and what is wrong with it."),
        crumbs=[Crumb(_("Imports"), url_for(".imports"))],
    )
    return form_page(form, page, "staff/imports/new.html")


@desk.get("/imports/<int:run_id>")
def import_run(run_id: int) -> str | Response:
    """A run: how far it is, what it brought, what was found."""
    run = imports.run(actor(), run_id)
    state = FINDINGS.read()
    words = {name: str(state.values[name] or "") for name in ("q", "severity", "code")}
    if request.args.get("format") == "csv":
        return _findings_csv(run_id, words)
    found, total = imports.findings(
        run_id,
        severity=words["severity"],
        code=words["code"],
        search=words["q"],
        offset=state.offset,
        limit=state.limit,
    )
    return render_template(
        "staff/imports/run.html",
        run=run,
        page=Page.of(found, state, total=total),
        counts=imports.findings_by_code(run_id),
        job=jobs.job_by_key(f"import.run/{run_id}"),
        kinds=KIND_WORDS,
        words=STATE_WORDS,
        tones=STATE_TONES,
        severity_tones=SEVERITY_TONES,
    )


@desk.post("/imports/<int:run_id>/load")
def load_import(run_id: int) -> Response:
    """Load a file that was tried out."""
    run = imports.run(actor(), run_id)
    new_id = tried(ImportForm(), lambda: _again(run))
    if new_id is None:
        raise Malformed(_("This file cannot be loaded. Upload it again."))
    flash(_("The file is being loaded."))
    return redirect(url_for(".import_run", run_id=new_id), 303)


def _start(kind: str, source: str, name: str, content: bytes, *, is_dry_run: bool) -> int:
    who = actor()
    file_id = files.upload(
        who, content, name=name, owner_type="import", owner_id=None, fund_id=None
    ).id
    return _enqueue(kind, source, name, content, file_id, is_dry_run=is_dry_run)


def _again(run: RunView) -> int:
    if run.stored_file_id is None:
        raise Malformed(_("This file was read on the command line. Upload it here first."))
    content = stored.open_file(run.stored_file_id).read()
    return _enqueue(
        run.kind, run.source, run.file_name, content, run.stored_file_id, is_dry_run=False
    )


def _enqueue(
    kind: str, source: str, name: str, content: bytes, file_id: int, *, is_dry_run: bool
) -> int:
    run_id = actions.start_run(
        actor(),
        kind=kind,
        source=source,
        file_name=name,
        content=content,
        is_dry_run=is_dry_run,
        stored_file_id=file_id,
    )
    outbox.enqueue(
        "import.run",
        {"run_id": run_id, "file_id": file_id},
        unique_key=f"import.run/{run_id}",
    )
    return run_id


def _findings_csv(run_id: int, words: dict[str, str]) -> Response:
    found, _total = imports.findings(
        run_id,
        severity=words["severity"],
        code=words["code"],
        search=words["q"],
        limit=100_000,
    )
    columns = [_("Line"), _("Code"), _("Severity"), _("Finding"), _("Column"), _("What it is")]
    rows = (
        (one.row_number, one.key, one.severity, one.code, one.column, one.message) for one in found
    )
    return csv_response(f"findings-{run_id}", columns, rows)
