"""Bringing in what a fund has today: a trial first, its findings, then the books."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants.db import transaction
from grants.errors import Malformed, NotAllowed
from grants.files import actions as files
from grants.files import queries as stored
from grants.imports import actions, progress
from grants.imports import queries as imports
from grants.imports.queries import RunView
from grants.outbox import actions as outbox
from grants.outbox import queries as jobs
from grants.people.permissions import Verb
from grants.web.kit.access import actor
from grants.web.kit.exports import csv_response
from grants.web.kit.forms import ChoiceField, Form, TextField, UploadField
from grants.web.kit.paging import Filter, ListSpec, Page
from grants.web.kit.parts import Crumb
from grants.web.staff import desk, navigation
from grants.web.staff import import_words as words
from grants.web.staff.acting import FormPage, form_page, tried

navigation.add_entry(80, _l("Imports"), "staff.imports", modules=(__name__,), verbs=(Verb.IMPORT,))

RUNS = ListSpec(per_page=25)
FINDINGS_PER_PAGE = 50


class ImportForm(Form):
    """A file and what it is."""

    kind = ChoiceField(
        _l("What the file holds"),
        choices=list(words.KINDS.items()),
        required=True,
        hint=_l("Contributions first, then rounds, then grants: each leans on the one before."),
    )
    source = TextField(
        _l("Source"),
        chars_max=40,
        width="medium",
        required=True,
        hint=_l("Whose file this is. A later file of the same source updates the earlier one."),
    )
    file = UploadField(_l("CSV file"), accept=[".csv"], required=True)


@desk.get("/imports", endpoint="imports")
def runs() -> str:
    """The runs, newest first."""
    _allow()
    state = RUNS.read()
    found, total = imports.runs(actor(), offset=state.offset, limit=state.limit)
    return render_template(
        "staff/imports/list.html", page=Page.of(found, state, total=total), words=words
    )


@desk.route("/imports/new", methods=["GET", "POST"])
def new_import() -> Response | tuple[str, int]:
    """Upload a file; the worker tries it out."""
    _allow()
    is_rates = request.args.get("kind") == "rates"
    form = ImportForm(
        data={"source": "UN operational rate", "kind": "rates"}
        if is_rates
        else {"source": "pfmb", "kind": "contributions"}
    )
    if form.validate_on_submit():
        content = form.file.data.read()
        name = form.file.data.filename or "file.csv"
        run_id = tried(form, lambda: _start(form.kind.data, form.source.data, name, content))
        if run_id is not None:
            return redirect(url_for(".import_run", run_id=run_id), 303)
    page = FormPage(
        title=_("Bring in a file"),
        submit=_("Try it out"),
        cancel=url_for(".imports"),
        lead=_("Nothing is kept yet: you see what would change and what is wrong with the file."),
        crumbs=[Crumb(_("Imports"), url_for(".imports")), Crumb(_("Bring in a file"))],
    )
    return form_page(form, page, "staff/imports/new.html")


@desk.get("/imports/<int:run_id>")
def import_run(run_id: int) -> str | Response:
    """A run: how far it is, what it brought, what was found."""
    who = actor()
    run = imports.run(who, run_id)
    counts = imports.findings_by_code(who, run_id)
    state = _spec(counts).read()
    chosen = {name: str(state.values[name] or "") for name in ("q", "severity", "code")}
    if request.args.get("format") == "csv":
        return _findings_csv(run_id, chosen)
    found, total = imports.findings(
        who,
        run_id,
        severity=chosen["severity"],
        code=chosen["code"],
        search=chosen["q"],
        offset=state.offset,
        limit=state.limit,
    )
    job = jobs.job_by_key(_job_key(run_id)) if run.state == "running" else None
    return render_template(
        "staff/imports/run.html",
        run=run,
        page=Page.of(found, state, total=total),
        counts=counts,
        is_waiting=run.state == "running" and not (job and job.is_over),
        how_far=progress.of_run(current_app.config["VAR_DIR"], run_id),
        loaded_as=imports.loaded_as(run) if run.is_dry_run else None,
        words=words,
    )


@desk.post("/imports/<int:run_id>/load")
def load_import(run_id: int) -> Response:
    """Load a file that was tried out. Asked twice, it is loaded once."""
    run = imports.run(actor(), run_id)
    with transaction():
        new_id = imports.loaded_as(run) or _again(run)
    flash(_("The file is being loaded."))
    return redirect(url_for(".import_run", run_id=new_id), 303)


def _allow() -> None:
    if actor().funds_with(Verb.IMPORT) == set():
        raise NotAllowed(_("Only a finance officer or a grant officer of a fund may import books."))


def _start(kind: str, source: str, name: str, content: bytes) -> int:
    file_id = files.upload(
        actor(), content, name=name, owner_type="import", owner_id=None, fund_id=None
    ).id
    return _enqueue(kind, source, name, content, file_id, is_dry_run=True)


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
        "import.run", {"run_id": run_id, "file_id": file_id}, unique_key=_job_key(run_id)
    )
    return run_id


def _job_key(run_id: int) -> str:
    return f"import.run/{run_id}"


def _spec(counts: list[tuple[str, str, int]]) -> ListSpec:
    """The filters of the findings, with the codes that there are."""
    codes = sorted({code for _severity, code, _count in counts})
    return ListSpec(
        per_page=FINDINGS_PER_PAGE,
        filters=(
            Filter("q", _("Code or words"), kind="text"),
            Filter("severity", _("Severity"), choices=list(words.SEVERITIES.items())),
            Filter(
                "code",
                _("Kind of finding"),
                choices=[(code, words.CODES.get(code, code)) for code in codes],
            ),
        ),
    )


def _findings_csv(run_id: int, chosen: dict[str, str]) -> Response:
    found, _total = imports.findings(
        actor(),
        run_id,
        severity=chosen["severity"],
        code=chosen["code"],
        search=chosen["q"],
        limit=imports.FINDINGS_MAX,
    )
    columns = [_("Row"), _("Code"), _("Severity"), _("Finding"), _("Column"), _("What it is")]
    rows = (
        (one.row_number or None, one.key, one.severity, one.code, one.column, one.message)
        for one in found
    )
    return csv_response(f"findings-{run_id}", columns, rows)
