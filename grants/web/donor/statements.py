"""The donor's statements: a new one for a period, and all that were issued."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.db import transaction
from grants.errors import NotAllowed, NotFound, Refused
from grants.reports import actions
from grants.reports import queries as reports
from grants.web.donor import desk
from grants.web.kit.access import actor, funds_of
from grants.web.kit.forms import ChoiceField, DateField, Form

STATE_WORDS = {
    "requested": _l("Being made"),
    "provisional": _l("Provisional"),
    "certified": _l("Certified"),
    "failed": _l("Could not be made"),
}
STATE_TONES = {"requested": "accent", "provisional": "warn", "certified": "good", "failed": "bad"}


class StatementForm(Form):
    """Of which fund and when."""

    fund = ChoiceField(_l("Fund"), look="select", required=True)
    from_on = DateField(_l("From"), required=True)
    until_on = DateField(_l("Until"), required=True)


@desk.route("/statements", methods=["GET", "POST"])
def statements() -> Response | tuple[str, int]:
    """All statements of the donor, and the form for a new one."""
    who = actor()
    if who.organisation_id is None:
        raise NotFound
    year = clock.today(who.time_zone).year
    form = StatementForm(data={"from_on": date(year, 1, 1), "until_on": clock.today(who.time_zone)})
    form.fund.choices = [(fund.slug, fund.name) for fund in funds_of(who)]
    if form.validate_on_submit() and _request(form, who.organisation_id):
        flash(_("Your statement is being made. It appears below in a moment."))
        return redirect(url_for(".statements"), 303)
    lines, _total = reports.my_statements(who, limit=200)
    page = render_template(
        "donor/statements.html",
        form=form,
        lines=lines,
        words=STATE_WORDS,
        tones=STATE_TONES,
        is_waiting=any(line.state == "requested" for line in lines),
    )
    return page, 422 if form.error_lines else 200


@desk.get("/statements/<int:report_id>.<any(pdf, xlsx, csv, json):ending>")
def statement_file(report_id: int, ending: str) -> Response:
    """The very bytes that were issued."""
    found = reports.statement_file(actor(), report_id, ending)
    return send_file(found.path, found.media_type, as_attachment=True, download_name=found.name)


def _request(form: StatementForm, me: int) -> bool:
    fund = next(fund for fund in funds_of(actor()) if fund.slug == form.fund.data)
    try:
        with transaction():
            actions.request_statement(
                actor(), fund.id, me, from_on=form.from_on.data, until_on=form.until_on.data
            )
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        form.attach(refusal)
        return False
    return True
