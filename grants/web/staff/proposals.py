"""Proposing a correction where the thing stands that it is about."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.corrections.rules import (
    ReAttribution,
    ReturnPaid,
    ReturnToContributor,
    Reversal,
    WriteOff,
)
from grants.errors import NotFound
from grants.funding import queries as funding
from grants.ledger import chart
from grants.ledger import queries as ledger
from grants.money import Money
from grants.people import queries as people
from grants.people.permissions import Verb
from grants.web.kit.access import current_fund
from grants.web.kit.forms import ChoiceField, DateField, Form, LongTextField, MoneyField, TextField
from grants.web.kit.parts import Answer, Crumb
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, allow, form_page
from grants.web.staff.corrections import proposed
from grants.web.staff.lateness import say_what_is_late
from grants.web.staff.ledger_explorer import event_words


def _reason() -> LongTextField:
    return LongTextField(_l("Reason"), rows=3, chars_max=500, required=_l("Give the reason."))


class ReasonForm(Form):
    """Why something is to be put right."""

    reason = _reason()


class AmountForm(Form):
    """How much is to be put right, and as of which day."""

    amount = MoneyField(_l("Amount"), currency="USD", required=True)
    on = DateField(_l("Value date"), required=True)
    reason = _reason()


class ReturnForm(AmountForm):
    """What goes back to a contributor, and out of which deposit."""

    deposit = ChoiceField(_l("Out of the deposit"), look="select", required=True)
    reason = _reason()


class ReturnPaidForm(AmountForm):
    """What the bank paid."""

    bank_reference = TextField(_l("Bank reference"), chars_max=200, width="medium")
    reason = _reason()


class PayerForm(AmountForm):
    """Who pays less of a grant, and who pays more."""

    payer = ChoiceField(_l("Pays less"), look="select", required=True)
    other = ChoiceField(_l("Pays more"), look="select", required=True)
    reason = _reason()


@desk.route("/ledger/entries/<int:entry_id>/reverse", methods=["GET", "POST"])
def reverse_entry(entry_id: int) -> Response | tuple[str, int]:
    """Propose to mirror an entry."""
    entry = ledger.entry(entry_id)
    allow(Verb.POST_ADJUSTMENT, entry.fund_id)
    form = ReasonForm()
    here = url_for(".ledger_entry", entry_id=entry_id)
    if form.validate_on_submit():
        answer = proposed(form, entry.fund_id, Reversal(entry_id=entry_id), form.reason.data)
        if answer is not None:
            return answer
    page = FormPage(
        title=_("Reverse entry %(number)s", number=entry.sequence),
        submit=_("Propose"),
        cancel=here,
        lead=_(
            "Nothing is deleted: when another person has approved it, a second entry takes back"
            " what this one said."
        ),
        crumbs=[Crumb(_("Ledger"), url_for(".ledger"))],
        is_danger=True,
    )
    about = [Answer(_("Event"), event_words(entry.event)), Answer(_("Value date"), entry.value_on)]
    return form_page(form, page, about=about)


@desk.route("/grants/<int:grant_id>/write-off", methods=["GET", "POST"])
def write_off(grant_id: int) -> Response | tuple[str, int]:
    """Propose to give up what a grantee owes."""
    grant = funding.grant(grant_id)
    allow(Verb.POST_ADJUSTMENT, grant.fund_id)
    owed = ledger.balance(grant.fund_id, chart.due_from_grantee(grant_id))
    form = AmountForm(data={"on": _today(), "amount": owed.amount})
    say_what_is_late(form.on, grant.fund_id)
    if form.validate_on_submit():
        change = WriteOff(grant_id=grant_id, usd_minor=form.amount.data.minor, on=form.on.data)
        answer = proposed(form, grant.fund_id, change, form.reason.data)
        if answer is not None:
            return answer
    page = FormPage(
        title=_("Write off what %(grantee)s owes", grantee=grant.grantee),
        submit=_("Propose"),
        cancel=url_for(".grant", grant_id=grant_id),
        lead=_("%(amount)s is owed. The deposits that paid stay charged.", amount=owed),
        crumbs=_grant_crumbs(grant_id, grant.reference),
        is_danger=True,
    )
    return form_page(form, page)


@desk.route("/grants/<int:grant_id>/another-payer", methods=["GET", "POST"])
def another_payer(grant_id: int) -> Response | tuple[str, int]:
    """Propose that another deposit pays for part of a grant."""
    grant = funding.grant(grant_id)
    allow(Verb.POST_ADJUSTMENT, grant.fund_id)
    payers = funding.attribution_of(grant_id)
    form = PayerForm(data={"on": _today(), "payer": request.args.get("payer")})
    say_what_is_late(form.on, grant.fund_id)
    form.payer.choices = [
        (str(one.layer_id), f"{one.donor}, {one.value_on:%d %B %Y}: {one.amount}") for one in payers
    ]
    form.other.choices = _free_in(grant.fund_id, grant.programme_id)
    form.other.hint = _("With what each has free in %(programme)s.", programme=grant.programme)
    if form.validate_on_submit():
        change = ReAttribution(
            grant_id=grant_id,
            from_layer_id=int(form.payer.data),
            to_layer_id=int(form.other.data),
            usd_minor=form.amount.data.minor,
            on=form.on.data,
        )
        answer = proposed(form, grant.fund_id, change, form.reason.data)
        if answer is not None:
            return answer
    page = FormPage(
        title=_("Let another deposit pay"),
        submit=_("Propose"),
        cancel=url_for(".grant", grant_id=grant_id, tab="payers"),
        lead=_(
            "The deposit that pays less has as much free in the programme again. The other must"
            " be allowed to pay for this grant, and have it free there."
        ),
        crumbs=_grant_crumbs(grant_id, grant.reference),
    )
    return form_page(form, page)


@desk.route("/contributions/donors/<int:donor_id>/return", methods=["GET", "POST"])
def return_money(donor_id: int) -> Response | tuple[str, int]:
    """Propose to give unspent money back to its contributor."""
    fund, donor = current_fund(), people.organisation(donor_id)
    allow(Verb.POST_ADJUSTMENT, fund.id)
    free = [
        one
        for one in funding.layer_lines(fund.id)
        if one.donor_id == donor_id and one.unallocated.minor > 0
    ]
    form = ReturnForm(data={"on": _today()})
    say_what_is_late(form.on, fund.id)
    form.deposit.choices = [
        (str(one.layer_id), f"{one.value_on:%d %B %Y}: {one.unallocated}") for one in free
    ]
    if not free:
        form.deposit.hint = _("Nothing of its deposits is free: programmes hold all of it.")
    if form.validate_on_submit():
        parts = {int(form.deposit.data): form.amount.data.minor}
        change = ReturnToContributor(donor_id=donor_id, parts=parts, on=form.on.data)
        answer = proposed(form, fund.id, change, form.reason.data)
        if answer is not None:
            return answer
    page = FormPage(
        title=_("Return money to %(donor)s", donor=donor.name),
        submit=_("Propose"),
        cancel=url_for(".donor", donor_id=donor_id),
        lead=_("What is not set aside for programmes can go back. It is owed first, then paid."),
        crumbs=_donor_crumbs(donor_id, donor.name),
        is_danger=True,
    )
    return form_page(form, page)


@desk.route("/contributions/donors/<int:donor_id>/return-paid", methods=["GET", "POST"])
def return_paid(donor_id: int) -> Response | tuple[str, int]:
    """Propose to note that a contributor was paid what was owed to it."""
    fund, donor = current_fund(), people.organisation(donor_id)
    allow(Verb.POST_ADJUSTMENT, fund.id)
    owed = ledger.balance(fund.id, chart.contributors_payable(donor_id))
    if not owed:
        raise NotFound
    form = ReturnPaidForm(data={"on": _today(), "amount": owed.amount})
    say_what_is_late(form.on, fund.id)
    if form.validate_on_submit():
        change = ReturnPaid(
            donor_id=donor_id,
            usd_minor=form.amount.data.minor,
            on=form.on.data,
            bank_reference=form.bank_reference.data or "",
        )
        answer = proposed(form, fund.id, change, form.reason.data)
        if answer is not None:
            return answer
    page = FormPage(
        title=_("Pay back %(donor)s", donor=donor.name),
        submit=_("Propose"),
        cancel=url_for(".donor", donor_id=donor_id),
        lead=_("%(amount)s is owed to this contributor.", amount=owed),
        crumbs=_donor_crumbs(donor_id, donor.name),
    )
    return form_page(form, page)


def _free_in(fund_id: int, programme_id: int) -> list[tuple[str, str]]:
    """The deposits that have money free in a programme, and how much."""
    free = {
        one.layer_id: Money.of_minor(one.usd_minor, "USD")
        for one in ledger.balances(fund_id, ("9120",), programme_id=programme_id)
    }
    return [
        (str(one.layer_id), f"{one.donor}, {one.value_on:%d %B %Y}: {free[one.layer_id]}")
        for one in funding.layer_lines(fund_id)
        if one.layer_id in free
    ]


def _today() -> object:
    return clock.today(current_fund().time_zone)


def _grant_crumbs(grant_id: int, reference: str) -> list[Crumb]:
    look_at(funding.grant(grant_id).fund_id)
    return [
        Crumb(_("Grants"), url_for(".grants")),
        Crumb(reference, url_for(".grant", grant_id=grant_id)),
    ]


def _donor_crumbs(donor_id: int, name: str) -> list[Crumb]:
    return [
        Crumb(_("Contributions"), url_for(".contributions")),
        Crumb(name, url_for(".donor", donor_id=donor_id)),
    ]
