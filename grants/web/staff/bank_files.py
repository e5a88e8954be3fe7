"""Bringing in the statements of a bank: a trial first, its findings, then its movements."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants.banking import actions
from grants.banking import queries as banking
from grants.banking.queries import ImportView
from grants.banking.rules import PLAIN, DateOrder, Layout
from grants.db import transaction
from grants.errors import Malformed
from grants.files import queries as stored
from grants.people.permissions import Verb, may
from grants.web.kit.access import actor
from grants.web.kit.downloads import download
from grants.web.kit.exports import csv_response
from grants.web.kit.forms import ChoiceField, Form, IntegerField, TextField, UploadField
from grants.web.kit.paging import Filter, ListSpec, Page
from grants.web.staff import bank_words as words
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, allow, done, form_page, tried
from grants.web.staff.bank import account_crumbs, seen_account

FINDINGS = ListSpec(
    per_page=100,
    filters=(Filter("severity", _l("Severity"), choices=list(words.SEVERITIES.items())),),
)
_DELIMITERS = [(",", _l("Comma")), (";", _l("Semicolon")), ("tab", _l("Tab")), ("|", _l("Bar"))]
_MARKS = [(".", _l("Point")), (",", _l("Comma"))]
_ORDERS = [
    ("dmy", _l("Day, month, year")),
    ("mdy", _l("Month, day, year")),
    ("ymd", _l("Year, month, day")),
]


class FileForm(Form):
    """A file as the bank hands it out."""

    file = UploadField(
        _l("Statement"),
        accept=[".xml", ".sta", ".mt940", ".940", ".txt", ".csv"],
        required=True,
        hint=_l("ISO 20022 camt.053, MT940 (SWIFT), or CSV."),
    )


class LayoutForm(Form):
    """The headings of a bank's CSV."""

    name = TextField(_l("Bank"), chars_max=80, required=True, width="medium")
    booked_on = TextField(_l("Column of the booking date"), chars_max=80, required=True)
    value_on = TextField(_l("Column of the value date"), chars_max=80)
    amount = TextField(
        _l("Column of the amount"),
        chars_max=80,
        hint=_l("With its sign. Leave it empty where money in and out have columns of their own."),
    )
    credit = TextField(_l("Column of money in"), chars_max=80)
    debit = TextField(_l("Column of money out"), chars_max=80)
    direction = TextField(
        _l("Column that says debit or credit"),
        chars_max=80,
        hint=_l("Where the amount has no sign: D, DR, debit or S mean money out."),
    )
    currency = TextField(_l("Column of the currency"), chars_max=80)
    balance = TextField(_l("Column of the balance after"), chars_max=80)
    reference = TextField(_l("Column of the bank's reference"), chars_max=80)
    other_party = TextField(_l("Column of the other party"), chars_max=80)
    other_account = TextField(_l("Column of the other account"), chars_max=80)
    words = TextField(
        _l("Columns of the text"), chars_max=300, hint=_l("Several are parted by a bar: A | B.")
    )
    delimiter = ChoiceField(_l("Cells are parted by"), look="select", choices=_DELIMITERS)
    decimal_mark = ChoiceField(_l("Decimal mark"), look="select", choices=_MARKS)
    date_order = ChoiceField(_l("Days are written"), look="select", choices=_ORDERS)
    skipped = IntegerField(_l("Lines above the headings"), least=0, most=100)


@desk.route("/contributions/bank/accounts/<int:account_id>/files/new", methods=["GET", "POST"])
def new_bank_file(account_id: int) -> Response | tuple[str, int]:
    """Upload a statement; it is tried out at once."""
    account = seen_account(account_id)
    allow(Verb.RECORD_CONTRIBUTION, account.fund_id)
    form = FileForm()
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or "statement"
        import_id = tried(
            form,
            lambda: (
                actions.import_file(actor(), account_id, content, file_name=name, is_trial=True).id
            ),
            "file",
        )
        if import_id is not None:
            return redirect(url_for(".bank_file", import_id=import_id), 303)
    page = FormPage(
        title=_("Bring in a statement"),
        submit=_("Try it out"),
        cancel=url_for(".bank_account", account_id=account_id),
        lead=_("Nothing is kept yet: you see what is new and what is wrong with the file."),
        crumbs=account_crumbs(account),
    )
    return form_page(form, page)


@desk.get("/contributions/bank/files/<int:import_id>")
def bank_file(import_id: int) -> str | Response:
    """A file: what was read, what of it is new, and what was found."""
    found = _seen(import_id)
    state = FINDINGS.read()
    severity = str(state.values["severity"])
    if request.args.get("format") == "csv":
        return _findings_csv(import_id, severity)
    rows, total = banking.findings_of(
        import_id, severity=severity, offset=state.offset, limit=state.limit
    )
    return render_template(
        "staff/bank/file.html",
        found=found,
        account=banking.account(found.account_id),
        page=Page.of(rows, state, total=total),
        loaded_as=banking.loaded_as(found) if found.is_trial else None,
        words=words,
        may_record=may(actor(), Verb.RECORD_CONTRIBUTION, found.fund_id),
    )


@desk.post("/contributions/bank/files/<int:import_id>/load")
def load_bank_file(import_id: int) -> Response:
    """Keep what is new of a file that was tried out. Asked twice, it is loaded once."""
    found = _seen(import_id)
    content = stored.open_file(found.file_id).read()
    with transaction():
        new_id = banking.loaded_as(found) or (
            actions.import_file(
                actor(),
                found.account_id,
                content,
                file_name=found.file_name,
                is_trial=False,
                file_id=found.file_id,
            ).id
        )
    loaded = banking.import_view(new_id)
    if loaded.state != "loaded":
        return redirect(url_for(".bank_file", import_id=new_id), 303)
    flash(_("%(count)s movements are new.", count=loaded.lines_new))
    return redirect(url_for(".bank_account", account_id=found.account_id, state="open"), 303)


@desk.get("/contributions/bank/files/<int:import_id>/download")
def download_bank_file(import_id: int) -> Response:
    """The file as the bank handed it out."""
    return download(stored.open_file(_seen(import_id).file_id))


@desk.route("/contributions/bank/accounts/<int:account_id>/layout", methods=["GET", "POST"])
def bank_layout(account_id: int) -> Response | tuple[str, int]:
    """Say how the bank of an account lays out its CSV."""
    account = seen_account(account_id)
    allow(Verb.RECORD_CONTRIBUTION, account.fund_id)
    kept = banking.layout(account.layout_id) if account.layout_id else None
    form = LayoutForm(data=_typed(kept.layout if kept else PLAIN, account.layout or account.bank))
    if form.validate_on_submit():
        layout = _layout_of(form)
        if layout is not None and done(
            form, lambda: _keep(account.fund_id, account_id, form.name.data, layout)
        ):
            flash(_("The layout is kept."))
            return redirect(url_for(".bank_statements", account_id=account_id), 303)
    page = FormPage(
        title=_("How the bank lays out its CSV"),
        submit=_("Keep the layout"),
        cancel=url_for(".bank_statements", account_id=account_id),
        lead=_(
            "What is left empty is found out from the file. Where that leaves a doubt, the file is"
            " refused."
        ),
        crumbs=account_crumbs(account),
    )
    return form_page(form, page)


def _keep(fund_id: int, account_id: int, name: str, layout: Layout) -> None:
    kept = actions.keep_layout(actor(), fund_id, name, layout)
    actions.choose_layout(actor(), account_id, kept.id)


_TEXTS = (
    "booked_on",
    "value_on",
    "amount",
    "credit",
    "debit",
    "direction",
    "currency",
    "balance",
    "reference",
    "other_party",
    "other_account",
    "delimiter",
    "decimal_mark",
)


def _typed(layout: Layout, name: str) -> dict[str, object]:
    stored_as = layout.stored()
    return {
        **{key: stored_as[key] for key in _TEXTS},
        "name": name,
        "delimiter": layout.delimiter.replace("\t", "tab"),
        "words": " | ".join(layout.words),
        "date_order": str(layout.date_order),
        "skipped": layout.skipped,
    }


def _layout_of(form: LayoutForm) -> Layout | None:
    texts = {key: str(form[key].data or "").strip(" ") for key in _TEXTS}
    try:
        return Layout.of_stored(
            {
                **texts,
                "delimiter": texts["delimiter"].replace("tab", "\t"),
                "words": [part.strip() for part in form.words.data.split("|") if part.strip()],
                "date_order": DateOrder(form.date_order.data or ""),
                "skipped": form.skipped.data or 0,
            }
        )
    except Malformed as refusal:
        form.attach(refusal, "amount")
        return None


def _seen(import_id: int) -> ImportView:
    found = banking.import_view(import_id)
    look_at(found.fund_id)
    return found


def _findings_csv(import_id: int, severity: str) -> Response:
    found, _total = banking.findings_of(import_id, severity=severity, limit=banking.FINDINGS_MAX)
    columns = [_("Line"), _("Severity"), _("Finding"), _("What it is")]
    rows = ((one.row_number or None, one.severity, one.code, one.message) for one in found)
    return csv_response(f"bank-findings-{import_id}", columns, rows)
