"""The donor's statements: a new one for a period, and all that were issued."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.db import transaction
from grants.errors import NotAllowed, NotFound, Refused
from grants.reports import actions
from grants.reports import queries as reports
from grants.web.donor import desk
from grants.web.donor.mine import my_funds, my_organisation
from grants.web.kit.access import actor
from grants.web.kit.downloads import download
from grants.web.kit.forms import ChoiceField, DateField, Form
from grants.web.kit.paging import ListSpec, Page
from grants.web.kit.statements import FORMATS, is_waiting, shown

SPEC = ListSpec(per_page=20)


class StatementForm(Form):
    """Of which fund and when."""

    fund = ChoiceField(_l("Fund"), look="select", required=True)
    from_on = DateField(_l("From"), required=True)
    until_on = DateField(_l("Until"), required=True)


@desk.route("/statements", methods=["GET", "POST"])
def statements() -> Response | tuple[str, int]:
    """All statements of the donor, and the form for a new one."""
    who, funds = actor(), my_funds()
    today = clock.today(who.time_zone)
    form = StatementForm(
        data={
            "fund": funds[0][0].slug if funds else "",
            "from_on": date(today.year, 1, 1),
            "until_on": today,
        }
    )
    form.fund.choices = [(fund.slug, fund.name) for fund, _line in funds]
    if form.validate_on_submit() and _request(form):
        return redirect(url_for(".statements"), 303)
    state = SPEC.read()
    lines, total = reports.my_statements(who, offset=state.offset, limit=state.limit)
    page = render_template(
        "donor/statements.html",
        form=form,
        has_funds=bool(funds),
        page=Page.of(shown(lines), state, total=total),
        is_waiting=is_waiting(lines),
        formats=FORMATS,
    )
    return page, 422 if form.error_lines else 200


@desk.get("/statements/<int:report_id>.<any(pdf, xlsx, csv, json):ending>")
def statement_file(report_id: int, ending: str) -> Response:
    """The very bytes that were issued."""
    return download(reports.statement_file(actor(), report_id, ending))


def _request(form: StatementForm) -> bool:
    """Ask for it; the worker makes it, and this page answers at once."""
    fund = next(fund for fund, _line in my_funds() if fund.slug == form.fund.data)
    try:
        with transaction():
            report = actions.request_statement(
                actor(),
                fund.id,
                my_organisation(),
                from_on=form.from_on.data,
                until_on=form.until_on.data,
            )
            is_there = report.figures_hash != ""
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        form.attach(refusal)
        return False
    if is_there:
        flash(_("The books have not changed since: the statement below is the latest there is."))
    else:
        flash(_("Your statement is being made. It appears below in a moment."))
    return True
