"""Statements to donors: asked for, made by the worker, certified by a second person."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.db import transaction
from grants.people import queries as people
from grants.people.permissions import Actor, Verb, may
from grants.reports import actions
from grants.reports import queries as reports
from grants.web.kit.access import actor, current_fund
from grants.web.kit.forms import ChoiceField, DateField, Form
from grants.web.kit.paging import Filter, ListSpec, Page
from grants.web.kit.parts import Crumb
from grants.web.staff import desk, look_at, navigation
from grants.web.staff.acting import FormPage, allow, form_page, tried
from grants.web.staff.waiting import Waiting, waiting_source

navigation.add_entry(
    60, _l("Statements"), "staff.statements", modules=(__name__,), verbs=(Verb.SEE_MONEY,)
)

STATE_WORDS = {
    "requested": _l("Being made"),
    "provisional": _l("Provisional"),
    "certified": _l("Certified"),
    "failed": _l("Could not be made"),
}
STATE_TONES = {"requested": "accent", "provisional": "warn", "certified": "good", "failed": "bad"}

SPEC = ListSpec(per_page=50, filters=(Filter("q", _l("Donor"), kind="text"),))


class StatementForm(Form):
    """For whom, and of when."""

    donor = ChoiceField(_l("Donor"), look="select", required=True)
    from_on = DateField(_l("From"), required=True)
    until_on = DateField(_l("Until"), required=True)


@desk.get("/statements")
def statements() -> str:
    """The statements that were asked for, the newest first."""
    fund = current_fund()
    look_at(fund.id)
    state = SPEC.read()
    lines, total = reports.statements_of_fund(
        actor(),
        fund.id,
        search=str(state.values["q"]),
        offset=state.offset,
        limit=state.limit,
    )
    return render_template(
        "staff/statements/list.html",
        page=Page.of(lines, state, total=total),
        fund=fund,
        words=STATE_WORDS,
        tones=STATE_TONES,
        who=actor(),
        may_issue=may(actor(), Verb.ISSUE_STATEMENT, fund.id),
        may_certify=may(actor(), Verb.CERTIFY_STATEMENT, fund.id),
        is_waiting=any(line.state == "requested" for line in lines),
    )


@desk.route("/statements/new", methods=["GET", "POST"])
def new_statement() -> Response | tuple[str, int]:
    """Ask for a statement; the worker makes it, and this page answers at once."""
    fund = current_fund()
    allow(Verb.ISSUE_STATEMENT, fund.id)
    last_year = clock.today(fund.time_zone).year - 1
    form = StatementForm(
        data={
            "donor": request.args.get("donor"),
            "from_on": date(last_year, 1, 1),
            "until_on": date(last_year, 12, 31),
        }
    )
    form.donor.choices = [(str(key), name) for key, name in people.donors_choice()]
    if form.validate_on_submit():
        report = tried(
            form,
            lambda: actions.request_statement(
                actor(),
                fund.id,
                int(form.donor.data),
                from_on=form.from_on.data,
                until_on=form.until_on.data,
            ),
        )
        if report is not None:
            flash(_("The statement is being made. It appears in the list in a moment."))
            return redirect(url_for(".statements"), 303)
    page = FormPage(
        title=_("New statement"),
        submit=_("Make the statement"),
        cancel=url_for(".statements"),
        lead=_("It is provisional until a certifying officer signs for it."),
        crumbs=[Crumb(_("Statements"), url_for(".statements"))],
    )
    return form_page(form, page)


@desk.post("/statements/<int:report_id>/certify")
def certify_statement(report_id: int) -> Response:
    """Sign for a statement."""
    line = reports.issued_statement(actor(), report_id)
    look_at(line.fund_id)
    with transaction():
        actions.certify(actor(), report_id)
    flash(_("The statement is certified; its paper is made with both names."))
    return redirect(url_for(".statements"), 303)


@desk.get("/statements/<int:report_id>.<any(pdf, xlsx, csv, json):ending>")
def statement_file(report_id: int, ending: str) -> Response:
    """The very bytes that were issued."""
    found = reports.statement_file(actor(), report_id, ending)
    return send_file(found.path, found.media_type, as_attachment=True, download_name=found.name)


@waiting_source
def _waiting(who: Actor) -> list[Waiting]:
    fund = current_fund()
    if not may(who, Verb.CERTIFY_STATEMENT, fund.id):
        return []
    lines, _total = reports.statements_of_fund(who, fund.id)
    return [
        Waiting(
            title=_("Certify a statement"),
            endpoint="staff.statements",
            since=line.prepared_at.date(),
            reference=f"{line.number}, v{line.version}",
            who=line.donor,
        )
        for line in lines
        if line.state == "provisional" and line.prepared_by_id != who.user_id
    ]
