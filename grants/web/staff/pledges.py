"""Recording a pledge, and taking it back."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.donors import actions
from grants.donors import queries as donors
from grants.donors.actions import NewPledge
from grants.people import queries as people
from grants.people.permissions import Verb
from grants.web.kit.access import actor, current_fund
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
from grants.web.kit.parts import Answer, Crumb
from grants.web.staff import desk
from grants.web.staff.acting import FormPage, allow, done, form_page
from grants.web.staff.money_fields import CURRENCIES, rate_of


class PledgeForm(Form):
    """An intention to give."""

    donor = ChoiceField(_l("Donor"), look="select", required=True)
    amount = MoneyField(_l("Amount"), currencies=CURRENCIES, required=True)
    pledged_on = DateField(_l("Pledged on"), required=True)
    fiscal_year = IntegerField(
        _l("For the year"), least=1990, most=2100, hint=_l("Left empty: the year of the pledge.")
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
        form, lambda: actions.withdraw_pledge(actor(), pledge_id, form.reason.data)
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
