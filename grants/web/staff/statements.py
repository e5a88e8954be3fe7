"""Statements to donors: asked for, made by the worker, certified by a second person."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.db import transaction
from grants.donors import queries as donors
from grants.people.permissions import Actor, Verb, may
from grants.reports import actions
from grants.reports import queries as reports
from grants.reports.queries import StatementLine
from grants.web.kit.access import actor, current_fund
from grants.web.kit.downloads import download
from grants.web.kit.forms import ChoiceField, DateField, Form
from grants.web.kit.paging import Filter, ListSpec, Page
from grants.web.kit.parts import Crumb
from grants.web.kit.statements import FORMATS, is_waiting, shown
from grants.web.staff import desk, look_at, navigation
from grants.web.staff.acting import FormPage, allow, form_page, tried
from grants.web.staff.waiting import Waiting, waiting_source

navigation.add_entry(
    60, _l("Statements"), "staff.statements", modules=(__name__,), verbs=(Verb.SEE_MONEY,)
)

SPEC = ListSpec(
    per_page=50,
    filters=(
        Filter("q", _l("Donor or number"), kind="text"),
        Filter(
            "state",
            _l("State"),
            choices=[
                ("provisional", _l("Provisional")),
                ("certified", _l("Certified")),
                ("requested", _l("Being made")),
                ("failed", _l("Could not be made")),
            ],
        ),
    ),
)


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
        state=str(state.values["state"]),
        offset=state.offset,
        limit=state.limit,
    )
    return render_template(
        "staff/statements/list.html",
        page=Page.of(shown(lines), state, total=total),
        fund=fund,
        formats=FORMATS,
        may_issue=may(actor(), Verb.ISSUE_STATEMENT, fund.id),
        may_certify={line.id for line in lines if _may_certify(line)},
        is_waiting=is_waiting(lines),
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
    lines, _sums = donors.donor_list(fund.id, limit=1000)
    form.donor.choices = [(str(line.donor_id), line.name) for line in lines]
    if form.validate_on_submit():
        asked = tried(form, lambda: _request(form, fund.id))
        if asked is not None:
            flash(asked)
            return redirect(url_for(".statements"), 303)
    page = FormPage(
        title=_("New statement"),
        submit=_("Make the statement"),
        cancel=url_for(".statements"),
        lead=_("It is provisional until a certifying officer signs for it."),
        crumbs=[Crumb(_("Statements"), url_for(".statements"))],
    )
    return form_page(form, page)


@desk.get("/statements/<int:report_id>")
def statement(report_id: int) -> str:
    """One statement: its figures in short, what changed, its versions, who signs."""
    line = reports.issued_statement(actor(), report_id)
    look_at(line.fund_id)
    return render_template(
        "staff/statements/show.html",
        one=shown([line])[0],
        versions=shown(reports.versions_of(actor(), report_id)),
        summary=reports.summary(actor(), report_id) if line.is_ready else None,
        formats=FORMATS,
        may_certify=_may_certify(line),
        may_issue=may(actor(), Verb.ISSUE_STATEMENT, line.fund_id),
        is_own=line.prepared_by_id == actor().user_id,
        is_waiting=is_waiting([line]),
    )


@desk.post("/statements/<int:report_id>/certify")
def certify_statement(report_id: int) -> Response:
    """Sign for a statement."""
    line = reports.issued_statement(actor(), report_id)
    look_at(line.fund_id)
    with transaction():
        actions.certify(actor(), report_id)
    flash(_("You have certified the statement; its paper is made with both names."))
    return redirect(url_for(".statement", report_id=report_id), 303)


@desk.post("/statements/<int:report_id>/again")
def statement_again(report_id: int) -> Response:
    """Ask for the next version of a statement."""
    line = reports.issued_statement(actor(), report_id)
    look_at(line.fund_id)
    with transaction():
        report = actions.request_statement(
            actor(), line.fund_id, line.donor_id, from_on=line.from_on, until_on=line.until_on
        )
        new_id = report.id
    if new_id == report_id:
        flash(_("The books have not changed since: this version is the latest there is."))
    else:
        flash(_("The new version is being made."))
    return redirect(url_for(".statement", report_id=new_id), 303)


@desk.get("/statements/<int:report_id>.<any(pdf, xlsx, csv, json):ending>")
def statement_file(report_id: int, ending: str) -> Response:
    """The very bytes that were issued."""
    return download(reports.statement_file(actor(), report_id, ending))


def _request(form: StatementForm, fund_id: int) -> str:
    """Ask for the statement; says whether it is made or was there already."""
    report = actions.request_statement(
        actor(),
        fund_id,
        int(form.donor.data),
        from_on=form.from_on.data,
        until_on=form.until_on.data,
    )
    if report.figures_hash:
        return str(_("The books have not changed since: the statement below is the latest."))
    return str(_("The statement is being made. It appears in the list in a moment."))


def _may_certify(line: StatementLine) -> bool:
    return (
        line.state == "provisional"
        and line.is_latest
        and line.certified_at is None
        and line.prepared_by_id != actor().user_id
        and may(actor(), Verb.CERTIFY_STATEMENT, line.fund_id)
    )


@waiting_source
def _waiting(who: Actor) -> list[Waiting]:
    return [
        Waiting(
            title=_("Certify a statement"),
            endpoint="staff.statement",
            arguments={"report_id": line.id},
            since=line.prepared_at.date(),
            reference=f"{line.number}, v{line.version}",
            who=line.donor,
        )
        for line in reports.to_certify(who)
    ]
