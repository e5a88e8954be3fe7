"""Contribution agreements: signing one, its page, and its instalments."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.donors import actions
from grants.donors import queries as donors
from grants.donors.actions import NewAgreement, NewInstalment
from grants.errors import Refused
from grants.funding import queries as funding
from grants.money import Money, NotMoney
from grants.people import queries as people
from grants.people.permissions import Verb, may
from grants.web.kit.access import actor, current_fund
from grants.web.kit.forms import (
    ChoiceField,
    DateField,
    DecimalField,
    MoneyField,
    TextField,
)
from grants.web.kit.parts import Crumb
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, allow, form_page, tried
from grants.web.staff.earmarks import EarmarkFields, earmark_of, offer_windows
from grants.web.staff.money_fields import CURRENCIES, rate_of
from grants.web.staff.trails import trail

INSTALMENTS = 6


class AgreementForm(EarmarkFields):
    """A contribution agreement as it was signed."""

    donor = ChoiceField(_l("Donor"), look="select", required=True)
    reference = TextField(
        _l("Reference"), chars_max=80, required=True, width="medium", hint=_l("As both sides say.")
    )
    amount = MoneyField(_l("Amount"), currencies=CURRENCIES, required=True)
    signed_on = DateField(_l("Signed on"), required=True)
    rate = DecimalField(
        _l("Rate of exchange"),
        places=12,
        hint=_l("Units of the currency for one US dollar. Left empty: the rate known on that day."),
    )
    pledge = ChoiceField(
        _l("The pledge that it follows"),
        look="select",
        hint=_l("The pledge is closed with the signature."),
    )
    eligible_from = DateField(
        _l("Spending counts from"), hint=_l("Of grantees: the first day of eligible cost.")
    )
    eligible_until = DateField(_l("Spending counts until"))
    provider_activity_id = TextField(
        _l("The donor's own activity identifier"),
        chars_max=120,
        width="medium",
        hint=_l("For IATI: ask the donor for it."),
    )
    kind = ChoiceField(
        _l("Kind of contribution"),
        required=True,
        default="core",
        choices=[
            ("core", _l("Core: not earmarked")),
            ("non_core", _l("Non-core: for the purposes below")),
        ],
    )


for _number in range(1, INSTALMENTS + 1):
    setattr(AgreementForm, f"due_{_number}", DateField(_l("Due on")))
    setattr(AgreementForm, f"part_{_number}", DecimalField(_l("Amount"), places=3))


@desk.route("/contributions/agreements/new", methods=["GET", "POST"])
def new_agreement() -> Response | tuple[str, int]:
    """Record a signed agreement with its earmark and instalments."""
    fund = current_fund()
    allow(Verb.RECORD_CONTRIBUTION, fund.id)
    form = AgreementForm(
        data={
            "donor": request.args.get("donor"),
            "kind": "core",
            "signed_on": clock.today(fund.time_zone),
        }
    )
    _offer(form, fund.id)
    new = _read(form, fund.id) if form.validate_on_submit() else None
    if new is not None:
        agreement_id = tried(form, lambda: actions.sign_agreement(actor(), new).id)
        if agreement_id is not None:
            flash(_("The agreement is recorded."))
            return redirect(url_for(".agreement", agreement_id=agreement_id), 303)
    page = FormPage(
        title=_("Record an agreement"),
        submit=_("Record the agreement"),
        cancel=url_for(".contributions"),
        crumbs=[Crumb(_("Contributions"), url_for(".contributions"))],
    )
    parts = [(form[f"due_{n}"], form[f"part_{n}"]) for n in range(1, INSTALMENTS + 1)]
    return form_page(form, page, "staff/contributions/new_agreement.html", parts=parts)


@desk.get("/contributions/agreements/<int:agreement_id>")
def agreement(agreement_id: int) -> str:
    """One agreement: instalments, payments, rates and differences."""
    fund = current_fund()
    page = donors.agreement_page(agreement_id, clock.today(fund.time_zone))
    look_at(page.fund_id)
    names = funding.window_names(page.fund_id)
    return render_template(
        "staff/contributions/agreement.html",
        page=page,
        earmark=funding.words_of(page.earmark, names),
        conditions=donors.conditions_of(agreement_id),
        duties=donors.duties_of(agreement_id),
        versions=donors.versions_of(agreement_id),
        letters=donors.letters_of(agreement_id=agreement_id),
        today=clock.today(fund.time_zone),
        events=trail("agreement", agreement_id),
        may_record=may(actor(), Verb.RECORD_CONTRIBUTION, page.fund_id),
    )


def _offer(form: AgreementForm, fund_id: int) -> None:
    offer_windows(form, fund_id)
    form.donor.choices = [(str(key), name) for key, name in people.donors_choice()]
    form.pledge.choices = [
        (str(one.id), f"{one.donor} · {one.amount} · {one.pledged_on}")
        for one in donors.pledges_of(fund_id, state="open", limit=500)
    ]


def _read(form: AgreementForm, fund_id: int) -> NewAgreement | None:
    amount: Money = form.amount.data
    is_core = form.kind.data == "core"
    earmark = earmark_of(form)
    rate = rate_of(
        form,
        form.rate,
        currency=amount.currency,
        source=_("entered by hand"),
        on=form.signed_on.data,
    )
    instalments = _instalments(form, amount.currency)
    if form.error_lines or earmark is None:
        return None
    return NewAgreement(
        fund_id=fund_id,
        donor_id=int(form.donor.data),
        reference=form.reference.data,
        amount=amount,
        signed_on=form.signed_on.data,
        is_core=is_core,
        rate=rate,
        earmark=earmark,
        instalments=instalments,
        provider_activity_id=form.provider_activity_id.data,
        eligible_from=form.eligible_from.data,
        eligible_until=form.eligible_until.data,
        pledge_id=int(form.pledge.data) if form.pledge.data else None,
    )


def _instalments(form: AgreementForm, currency: str) -> tuple[NewInstalment, ...]:
    found = []
    for number in range(1, INSTALMENTS + 1):
        due, part = form[f"due_{number}"], form[f"part_{number}"]
        if due.data is None and part.data is None:
            continue
        if due.data is None:
            form.attach(Refused(_("Say when this instalment is due.")), due.name)
        elif part.data is None or part.data <= 0:
            form.attach(Refused(_("Give the amount of this instalment.")), part.name)
        else:
            try:
                amount = Money(part.data, currency)
            except NotMoney:
                sentence = _("%(currency)s has fewer decimals.", currency=currency)
                form.attach(Refused(sentence), part.name)
                continue
            found.append(NewInstalment(due_on=due.data, amount=amount))
    return tuple(found)
