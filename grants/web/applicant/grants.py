"""One's own grants: the agreement, what was paid, and the report that is due."""

from __future__ import annotations

from datetime import date, timedelta

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.agreements import actions
from grants.agreements import queries as agreements
from grants.agreements.actions import ClaimedLine
from grants.agreements.queries import GrantRecord, ReportView
from grants.agreements.rules import CATEGORIES
from grants.db import transaction
from grants.errors import NotAllowed, NotFound, Refused
from grants.files import queries as files
from grants.money import Money
from grants.web.applicant import desk
from grants.web.kit.access import actor
from grants.web.kit.forms import DateField, Form, LongTextField, MoneyField, TickField, make_form

STATE_WORDS = {
    "reserved": _l("Approved: the agreement is being prepared"),
    "active": _l("Active"),
    "reporting": _l("Reporting"),
    "operationally_closed": _l("Activities closed"),
    "closed": _l("Closed"),
    "cancelled": _l("Cancelled"),
}
REPORT_WORDS = {
    "draft": _l("Being written"),
    "submitted": _l("Submitted: the fund reads it"),
    "returned": _l("Returned to you for changes"),
    "accepted": _l("Accepted"),
}
REPORT_TONES = {"submitted": "accent", "returned": "warn", "accepted": "good"}
TRANCHE_WORDS = {
    "planned": _l("Planned"),
    "requested": _l("Being checked"),
    "certified": _l("About to be paid"),
    "released": _l("Paid"),
}


@desk.get("/grants")
def grants() -> str:
    """The grants of one's organisation."""
    return render_template(
        "applicant/grants/list.html", lines=agreements.my_grants(actor()), words=STATE_WORDS
    )


@desk.get("/grants/<int:grant_id>")
def grant(grant_id: int) -> str:
    """One grant: its agreement, its money, its reports, and what happens next."""
    record = agreements.my_grant(actor(), grant_id)
    return render_template(
        "applicant/grants/show.html",
        record=record,
        words=STATE_WORDS,
        tranche_words=TRANCHE_WORDS,
        report_words=REPORT_WORDS,
        report_tones=REPORT_TONES,
        may_report=record.money.advances.minor > 0,
        open_report=_open_report(record),
    )


@desk.get("/grants/<int:grant_id>/agreement.pdf")
def agreement_document(grant_id: int) -> Response:
    """The document of the agreement."""
    record = agreements.my_grant(actor(), grant_id)
    if record.agreement is None or record.agreement.document_id is None:
        raise NotFound(_("The document is being made. Try again in a moment."))
    found = files.open_file(record.agreement.document_id)
    return send_file(found.path, found.media_type, as_attachment=True, download_name=found.name)


@desk.post("/grants/<int:grant_id>/reports")
def start_report(grant_id: int) -> Response:
    """Begin the next report; one that was begun is gone on with."""
    record = agreements.my_grant(actor(), grant_id)
    from_on, until_on = _next_period(record)
    with transaction():
        report_id = actions.start_report(actor(), grant_id, from_on=from_on, until_on=until_on).id
    return redirect(url_for(".report", report_id=report_id), 303)


@desk.route("/reports/<int:report_id>", methods=["GET", "POST"])
def report(report_id: int) -> Response | tuple[str, int] | str:
    """Write a report: what was done, and what was spent in each category."""
    found = agreements.report_page(actor(), report_id)
    record = agreements.my_grant(actor(), found.grant_id)
    if found.state not in {"draft", "returned"}:
        return render_template(
            "applicant/grants/report.html",
            report=found,
            record=record,
            words=REPORT_WORDS,
            tones=REPORT_TONES,
        )
    form = _report_form()(data=_typed(found))
    if form.validate_on_submit():
        is_submitting = "submit_report" in request.form
        if _save(form, found, is_submitting=is_submitting):
            if is_submitting:
                flash(_("Your report is submitted. The fund reads it and tells you."))
                return redirect(url_for(".grant", grant_id=found.grant_id), 303)
            flash(_("Saved."))
            return redirect(url_for(".report", report_id=report_id), 303)
    page = render_template(
        "applicant/grants/write_report.html",
        form=form,
        report=found,
        record=record,
        categories=CATEGORIES,
    )
    return page, 422 if form.error_lines else 200


def _save(form: Form, found: ReportView, *, is_submitting: bool) -> bool:
    nothing = Money.zero("USD")
    lines = [
        ClaimedLine(category=number, claimed=form[f"category_{number}"].data or nothing)
        for number in CATEGORIES
    ]
    try:
        with transaction():
            actions.save_report(
                actor(),
                found.id,
                narrative=form["narrative"].data,
                lines=lines,
                is_final=form["is_final"].data,
                from_on=form["from_on"].data,
                until_on=form["until_on"].data,
            )
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        form.attach(refusal)
        return False
    if not is_submitting:
        return True
    try:
        with transaction():
            actions.submit_report(actor(), found.id)
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        form.attach(refusal)
        return False
    return True


def _report_form() -> type[Form]:
    fields: dict[str, object] = {
        "from_on": DateField(_("From"), required=True),
        "until_on": DateField(_("Until"), required=True),
        "narrative": LongTextField(_("What was done and what it changed"), words_max=1500, rows=10),
    }
    for number, name in CATEGORIES.items():
        fields[f"category_{number}"] = MoneyField(
            f"{number} {_(name)}", currency="USD", may_be_zero=True
        )
    fields["is_final"] = TickField(_("This is the final report of the grant"))
    return make_form("ReportForm", fields)


def _typed(found: ReportView) -> dict[str, object]:
    return {
        "from_on": found.from_on,
        "until_on": found.until_on,
        "narrative": found.narrative,
        "is_final": found.is_final,
        **{f"category_{line.category}": line.claimed for line in found.lines},
    }


def _open_report(record: GrantRecord) -> ReportView | None:
    return next((one for one in record.reports if one.state in {"draft", "returned"}), None)


def _next_period(record: GrantRecord) -> tuple[date, date]:
    today = clock.today(actor().time_zone)
    if record.reports:
        from_on = record.reports[-1].until_on + timedelta(days=1)
    else:
        from_on = record.agreement.starts_on if record.agreement else record.grant.approved_on
    return min(from_on, today), today
