"""A partner's report: read, returned for changes, or accepted with what of it is refused."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.agreements import actions
from grants.agreements import queries as agreements
from grants.agreements.actions import RefusedCost
from grants.agreements.queries import ReportView
from grants.money import Money
from grants.people.permissions import Verb, may
from grants.web.kit.access import actor
from grants.web.kit.forms import DateField, Form, LongTextField, MoneyField, TextField, make_form
from grants.web.kit.parts import Answer, Crumb
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, allow, done, form_page
from grants.web.staff.grants import REPORT_TONES, REPORT_WORDS
from grants.web.staff.lateness import say_what_is_late


class ReturnForm(Form):
    """What is to be changed."""

    reason = LongTextField(
        _l("What is to be changed"), rows=4, required=_l("Say what is to be changed.")
    )


@desk.get("/grants/reports/<int:report_id>")
def report(report_id: int) -> str:
    """A report as it was submitted, and what can be done with it."""
    found = agreements.report_page(actor(), report_id)
    record = agreements.record(actor(), found.grant_id)
    look_at(record.grant.fund_id)
    is_waiting = found.state == "submitted"
    return render_template(
        "staff/grants/report.html",
        report=found,
        record=record,
        crumbs=_crumbs(found),
        words=REPORT_WORDS,
        tones=REPORT_TONES,
        may_decide=is_waiting and may(actor(), Verb.ACCEPT_REPORT, record.grant.fund_id),
        may_correct=may(actor(), Verb.POST_ADJUSTMENT, record.grant.fund_id),
        is_own=found.submitted_by_id == actor().user_id,
    )


@desk.route("/grants/reports/<int:report_id>/accept", methods=["GET", "POST"])
def accept_report(report_id: int) -> Response | tuple[str, int]:
    """Accept a report, and refuse single costs with their reason."""
    found = agreements.report_page(actor(), report_id)
    record = agreements.record(actor(), found.grant_id)
    allow(Verb.ACCEPT_REPORT, record.grant.fund_id)
    form = _accept_form(found)(data={"on": clock.today(actor().time_zone)})
    say_what_is_late(form["on"], record.grant.fund_id)
    if form.validate_on_submit():
        refused = [
            RefusedCost(
                category=line.category,
                amount=form[f"refused_{line.category}"].data or Money.zero("USD"),
                reason=form[f"reason_{line.category}"].data,
            )
            for line in found.lines
        ]
        if done(
            form,
            lambda: actions.accept_report(
                actor(),
                report_id,
                on=form["on"].data,
                refused=[cost for cost in refused if cost.amount],
                note=form["note"].data,
            ),
        ):
            flash(_("The report is accepted and its expenditure is in the books."))
            return redirect(url_for(".grant", grant_id=found.grant_id, tab="reports"), 303)
    page = FormPage(
        title=_("Accept report %(number)s", number=found.number),
        submit=_("Accept"),
        cancel=url_for(".report", report_id=report_id),
        lead=_("Leave the refused amounts empty to accept all that is claimed."),
        crumbs=_crumbs(found),
    )
    about = [
        Answer(_("Claimed"), found.claimed),
        Answer(_("Left of the advance"), record.money.advances),
        *(Answer(line.name, line.claimed) for line in found.lines),
    ]
    return form_page(form, page, about=about)


@desk.route("/grants/reports/<int:report_id>/return", methods=["GET", "POST"])
def return_report(report_id: int) -> Response | tuple[str, int]:
    """Give a report back to be changed."""
    found = agreements.report_page(actor(), report_id)
    record = agreements.record(actor(), found.grant_id)
    allow(Verb.ACCEPT_REPORT, record.grant.fund_id)
    form = ReturnForm()
    if form.validate_on_submit() and done(
        form, lambda: actions.return_report(actor(), report_id, reason=form.reason.data)
    ):
        flash(_("The report is returned, and the grantee told what to change."))
        return redirect(url_for(".grant", grant_id=found.grant_id, tab="reports"), 303)
    page = FormPage(
        title=_("Return report %(number)s", number=found.number),
        submit=_("Return for changes"),
        cancel=url_for(".report", report_id=report_id),
        crumbs=_crumbs(found),
    )
    return form_page(form, page)


def _accept_form(found: ReportView) -> type[Form]:
    fields: dict[str, object] = {"on": DateField(_("Date of acceptance"), required=True)}
    for line in found.lines:
        fields[f"refused_{line.category}"] = MoneyField(
            _("Refused of %(name)s", name=line.name), currency="USD", may_be_zero=True
        )
        fields[f"reason_{line.category}"] = TextField(
            _("Reason (%(name)s)", name=line.name), chars_max=300
        )
    fields["note"] = LongTextField(_("Note to the grantee"), rows=3)
    return make_form("AcceptForm", fields)


def _crumbs(found: ReportView) -> list[Crumb]:
    return [
        Crumb(_("Grants"), url_for("staff.grants")),
        Crumb(found.reference, url_for("staff.grant", grant_id=found.grant_id, tab="reports")),
    ]
