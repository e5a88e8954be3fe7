"""Pledges: all of them, recording one, and taking it back."""

from __future__ import annotations

from collections.abc import Iterator

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.donors import actions
from grants.donors import queries as donors
from grants.donors.actions import NewPledge
from grants.donors.queries import PledgeLine
from grants.people import queries as people
from grants.people.permissions import Verb, may
from grants.web.kit.access import actor, current_fund
from grants.web.kit.exports import Cell, money_columns, table_response
from grants.web.kit.forms import (
    ChoiceField,
    DateField,
    DecimalField,
    Form,
    IntegerField,
    LongTextField,
    MoneyField,
    TextField,
)
from grants.web.kit.paging import Filter, ListSpec, Page
from grants.web.kit.parts import Answer, Crumb
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, allow, done, form_page
from grants.web.staff.money_fields import CURRENCIES, rate_of

_ROWS_AT_ONCE = 1000

PLEDGES = ListSpec(
    sorts=("pledged_on", "donor", "usd", "fiscal_year", "state"),
    default="-pledged_on",
    per_page=50,
    filters=(
        Filter("q", _l("Donor or reference"), kind="text"),
        Filter("year", _l("Fiscal year"), kind="text"),
        Filter(
            "state",
            _l("State"),
            choices=[
                ("open", _l("Open")),
                ("agreed", _l("Agreed")),
                ("paid", _l("Paid")),
                ("withdrawn", _l("Withdrawn")),
            ],
        ),
    ),
)


class PledgeForm(Form):
    """An intention to give."""

    donor = ChoiceField(_l("Donor"), look="select", required=True)
    amount = MoneyField(_l("Amount"), currencies=CURRENCIES, required=True)
    pledged_on = DateField(_l("Pledged on"), required=True)
    fiscal_year = IntegerField(
        _l("For the year"), least=1990, most=2100, hint=_l("Left empty: the year of the pledge.")
    )
    expected_on = DateField(
        _l("Hoped for by"), hint=_l("Left empty: the end of the year. It ages from this day.")
    )
    reference = TextField(_l("Reference"), chars_max=80, width="medium")
    rate = DecimalField(
        _l("Rate of exchange"),
        places=12,
        hint=_l("Units of the currency for one US dollar. Left empty: the rate known on that day."),
    )


class ReasonForm(Form):
    """Why something is taken back."""

    reason = LongTextField(_l("Reason"), rows=3, chars_max=500, required=_l("Give the reason."))


@desk.get("/contributions/pledges")
def pledges() -> str | Response:
    """All pledges with their state, how late they are, and the agreement that followed."""
    fund = current_fund()
    look_at(fund.id)
    state = PLEDGES.read()
    sent = table_response(request.args.get("format", ""), "pledges", _columns(), _rows(fund.id))
    if sent is not None:
        return sent
    rows, total = _pledges(fund.id, state.offset, state.limit)
    return render_template(
        "staff/contributions/pledges.html",
        page=Page.of(rows, state, total=total),
        today=clock.today(fund.time_zone),
        may_record=may(actor(), Verb.RECORD_CONTRIBUTION, fund.id),
    )


@desk.route("/contributions/pledges/new", methods=["GET", "POST"])
def new_pledge() -> Response | tuple[str, int]:
    """Record a pledge."""
    fund = current_fund()
    allow(Verb.RECORD_CONTRIBUTION, fund.id)
    form = PledgeForm(
        data={"donor": request.args.get("donor"), "pledged_on": clock.today(fund.time_zone)}
    )
    form.donor.choices = [(str(key), name) for key, name in people.donors_choice()]
    if form.validate_on_submit():
        pledged_on = form.pledged_on.data
        rate = rate_of(
            form,
            form.rate,
            currency=form.amount.data.currency,
            source=_("entered by hand"),
            on=pledged_on,
        )
        new = NewPledge(
            fund_id=fund.id,
            donor_id=int(form.donor.data),
            amount=form.amount.data,
            pledged_on=pledged_on,
            fiscal_year=form.fiscal_year.data or pledged_on.year,
            reference=form.reference.data,
            expected_on=form.expected_on.data,
            rate=rate,
        )
        if not form.error_lines and done(form, lambda: actions.record_pledge(actor(), new)):
            flash(_("The pledge is recorded."))
            return redirect(url_for(".donor", donor_id=new.donor_id), 303)
    page = FormPage(
        title=_("Record a pledge"),
        submit=_("Record"),
        cancel=url_for(".contributions"),
        lead=_("A pledge is an intention. It never raises what the fund can promise."),
        crumbs=[Crumb(_("Contributions"), url_for(".contributions"))],
    )
    return form_page(form, page)


@desk.route("/contributions/pledges/<int:pledge_id>/withdraw", methods=["GET", "POST"])
def withdraw_pledge(pledge_id: int) -> Response | tuple[str, int]:
    """Take a pledge back, with the reason."""
    pledge = donors.pledge(pledge_id)
    allow(Verb.RECORD_CONTRIBUTION, pledge.fund_id)
    form = ReasonForm()
    if form.validate_on_submit() and done(
        form,
        lambda: actions.withdraw_pledge(
            actor(), pledge_id, form.reason.data, on=clock.today(current_fund().time_zone)
        ),
    ):
        flash(_("The pledge is withdrawn; its entry is reversed."))
        return redirect(url_for(".donor", donor_id=pledge.donor_id), 303)
    donor_url = url_for(".donor", donor_id=pledge.donor_id)
    page = FormPage(
        title=_("Withdraw a pledge"),
        submit=_("Withdraw"),
        cancel=donor_url,
        crumbs=[
            Crumb(_("Contributions"), url_for(".contributions")),
            Crumb(pledge.donor, donor_url),
        ],
        is_danger=True,
    )
    about = [
        Answer(_("Donor"), pledge.donor),
        Answer(_("Pledged"), pledge.amount),
        Answer(_("Pledged on"), pledge.pledged_on),
        Answer(_("State"), pledge.state),
    ]
    return form_page(form, page, about=about)


def _pledges(fund_id: int, offset: int, limit: int) -> tuple[list[PledgeLine], int]:
    state = PLEDGES.read()
    year = str(state.values["year"])
    return donors.pledge_list(
        fund_id,
        q=str(state.values["q"]),
        year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,
        state=str(state.values["state"]),
        sort=state.sort,
        is_descending=state.is_descending,
        offset=offset,
        limit=limit,
    )


def _columns() -> list[str]:
    return [
        _("Donor"),
        _("Reference"),
        _("Pledged on"),
        _("Fiscal year"),
        _("Hoped for by"),
        *money_columns(_("Amount")),
        *money_columns(_("In US dollars")),
        _("State"),
        _("Closed on"),
        _("Agreement"),
    ]


def _rows(fund_id: int) -> Iterator[tuple[Cell, ...]]:
    offset = 0
    while True:
        rows, _total = _pledges(fund_id, offset, _ROWS_AT_ONCE)
        for one in rows:
            yield (
                one.donor,
                one.reference,
                one.pledged_on,
                one.fiscal_year,
                one.expected_on,
                one.amount,
                one.usd,
                one.state,
                one.closed_on,
                one.agreement,
            )
        if len(rows) < _ROWS_AT_ONCE:
            return
        offset += _ROWS_AT_ONCE
