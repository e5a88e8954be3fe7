"""Instalments of an agreement: asking for one, and saying that it or the rest will not come."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.donors import actions
from grants.donors import queries as donors
from grants.errors import NotFound
from grants.people.permissions import Verb
from grants.web.kit.access import actor, current_fund
from grants.web.kit.forms import DateField, Form
from grants.web.kit.parts import Answer, Crumb
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, allow, done, form_page
from grants.web.staff.pledges import ReasonForm

_INSTALMENT = "/contributions/agreements/<int:agreement_id>/instalments/<int:instalment_id>"


class AskForm(Form):
    """Until when the donor is asked to pay."""

    due_on = DateField(
        _l("Payable by"), hint=_l("Left empty: the day of the instalment, or today if it is past.")
    )


@desk.route(f"{_INSTALMENT}/request", methods=["GET", "POST"])
def request_payment(agreement_id: int, instalment_id: int) -> Response | tuple[str, int]:
    """Ask the donor for an instalment by a numbered letter."""
    page, line = _instalment(agreement_id, instalment_id)
    allow(Verb.RECORD_CONTRIBUTION, page.fund_id)
    form = AskForm()
    if form.validate_on_submit() and done(
        form,
        lambda: actions.request_payment(actor(), instalment_id, due_on=form.due_on.data),
    ):
        flash(_("The letter is being made; the donor is told as soon as it is there."))
        return redirect(url_for(".agreement", agreement_id=agreement_id), 303)
    around = FormPage(
        title=_("Ask for instalment %(number)s", number=line.number),
        submit=_("Send the letter"),
        cancel=url_for(".agreement", agreement_id=agreement_id),
        lead=_(
            "A numbered letter with the bank details and the reference to quote. Once it is sent"
            " it does not change; it can be cancelled or issued anew."
        ),
        crumbs=crumbs_of(page),
    )
    return form_page(form, around, about=_about(page, line))


@desk.route(f"{_INSTALMENT}/cancel", methods=["GET", "POST"])
def cancel_instalment(agreement_id: int, instalment_id: int) -> Response | tuple[str, int]:
    """Say that an instalment will not come, with the reason."""
    page, line = _instalment(agreement_id, instalment_id)
    allow(Verb.RECORD_CONTRIBUTION, page.fund_id)
    form = ReasonForm()
    if form.validate_on_submit() and done(
        form, lambda: actions.cancel_instalment(actor(), instalment_id, form.reason.data)
    ):
        flash(_("The instalment is cancelled."))
        return redirect(url_for(".agreement", agreement_id=agreement_id), 303)
    around = FormPage(
        title=_("Cancel instalment %(number)s", number=line.number),
        submit=_("Cancel the instalment"),
        cancel=url_for(".agreement", agreement_id=agreement_id),
        lead=_("What is still open of it is taken off the receivable. It never was spendable."),
        crumbs=crumbs_of(page),
        is_danger=True,
    )
    return form_page(form, around, about=_about(page, line))


@desk.route("/contributions/agreements/<int:agreement_id>/withdraw", methods=["GET", "POST"])
def withdraw_agreement(agreement_id: int) -> Response | tuple[str, int]:
    """Say that nothing more will come of an agreement."""
    page = page_of(agreement_id)
    allow(Verb.RECORD_CONTRIBUTION, page.fund_id)
    form = ReasonForm()
    if form.validate_on_submit() and done(
        form, lambda: actions.withdraw_agreement(actor(), agreement_id, form.reason.data)
    ):
        flash(_("What was still to come is withdrawn."))
        return redirect(url_for(".agreement", agreement_id=agreement_id), 303)
    around = FormPage(
        title=_("Withdraw what is left"),
        submit=_("Withdraw the rest"),
        cancel=url_for(".agreement", agreement_id=agreement_id),
        lead=_(
            "Every open instalment is taken off the receivable in one entry. What was paid stays."
        ),
        crumbs=crumbs_of(page),
        is_danger=True,
    )
    about = [
        Answer(_("Donor"), page.donor),
        Answer(_("Agreed"), page.amount),
        Answer(_("Paid"), page.paid),
        Answer(_("Still to come"), page.outstanding),
    ]
    return form_page(form, around, about=about)


def page_of(agreement_id: int) -> donors.AgreementPage:
    """The agreement that a form is about, seen as its fund. Refuses with NotFound."""
    page = donors.agreement_page(agreement_id, clock.today(current_fund().time_zone))
    look_at(page.fund_id)
    return page


def crumbs_of(page: donors.AgreementPage) -> list[Crumb]:
    """The way back to the agreement."""
    return [
        Crumb(_("Contributions"), url_for(".contributions")),
        Crumb(page.reference, url_for(".agreement", agreement_id=page.id)),
    ]


def _instalment(
    agreement_id: int, instalment_id: int
) -> tuple[donors.AgreementPage, donors.InstalmentLine]:
    page = page_of(agreement_id)
    for line in page.instalments:
        if line.id == instalment_id:
            return page, line
    raise NotFound


def _about(page: donors.AgreementPage, line: donors.InstalmentLine) -> list[Answer]:
    return [
        Answer(_("Donor"), page.donor),
        Answer(_("Due on"), line.due_on),
        Answer(_("Amount"), line.amount),
        Answer(_("Paid"), line.paid),
    ]
