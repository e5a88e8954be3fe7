"""Deposits: recording one, its page, and what may have to be done with it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.banking import queries as banking
from grants.corrections.rules import Reversal
from grants.donors import actions
from grants.donors import queries as donors
from grants.donors.actions import NewDeposit
from grants.donors.queries import DepositLine, InvoiceLine, OpenInstalment
from grants.errors import NotFound, Refused
from grants.funding import queries as funding
from grants.money import Money, NotMoney
from grants.people import queries as people
from grants.people.permissions import Verb, may
from grants.web.kit.access import actor, current_fund
from grants.web.kit.forms import (
    ChoiceField,
    DateField,
    DecimalField,
    Form,
    IntegerField,
    MoneyField,
    TextField,
)
from grants.web.kit.parts import Answer, Crumb
from grants.web.staff import bank_words as words
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, allow, done, form_page, tried
from grants.web.staff.corrections import proposed
from grants.web.staff.earmarks import EarmarkFields, earmark_of, is_typed, offer_windows
from grants.web.staff.lateness import say_what_is_late
from grants.web.staff.money_fields import CURRENCIES, is_in_the_future, rate_of
from grants.web.staff.pledges import ReasonForm
from grants.web.staff.trails import trail

#: Before the number of a membership contribution among what a deposit may pay.
_MEMBERSHIP = "m"


class WhoseForm(EarmarkFields):
    """Whose money it is and what it settles."""

    donor = ChoiceField(_l("Donor"), look="select")
    instalment = ChoiceField(
        _l("Instalment or membership contribution that it pays"),
        look="select",
        hint=_l("Chosen here, the donor need not be."),
    )


class DepositForm(WhoseForm):
    """Cash as the bank statement has it."""

    amount = MoneyField(_l("Amount received"), currencies=CURRENCIES, required=True)
    value_on = DateField(_l("Value date"), required=True)
    rate = DecimalField(
        _l("Rate of exchange"),
        places=12,
        hint=_l("Units of the currency for one US dollar. Left empty: the rate known on that day."),
    )
    rate_source = TextField(_l("Source of that rate"), chars_max=60, width="medium")
    programming_year = IntegerField(
        _l("For the programme of the year"),
        least=1990,
        most=2100,
        hint=_l("Left empty: the year of the value date."),
    )
    remitter = TextField(_l("Remitter"), chars_max=300)
    bank_reference = TextField(_l("Bank reference"), chars_max=200, width="medium")


class ConversionForm(Form):
    """What the bank did with foreign cash."""

    amount = DecimalField(_l("Amount converted"), places=3, required=True)
    proceeds = MoneyField(_l("Credited in US dollars"), currency="USD", required=True)
    on = DateField(_l("Value date"), required=True)


@desk.route("/contributions/deposits/new", methods=["GET", "POST"])
def new_deposit() -> Response | tuple[str, int]:
    """Record a deposit; without a donor it waits as an unidentified receipt."""
    fund = current_fund()
    allow(Verb.RECORD_CONTRIBUTION, fund.id)
    form = DepositForm(
        data={
            "donor": request.args.get("donor"),
            "instalment": request.args.get("instalment") or _invoice_chosen(),
            "value_on": clock.today(fund.time_zone),
        }
    )
    say_what_is_late(form.value_on, fund.id)
    offer_payable(form, fund.id)
    new = _read(form, fund.id) if form.validate_on_submit() else None
    if new is not None:
        deposit_id = tried(form, lambda: actions.record_deposit(actor(), new).id)
        if deposit_id is not None:
            flash(_("The deposit is recorded."))
            return redirect(url_for(".deposit", deposit_id=deposit_id), 303)
    page = FormPage(
        title=_("Record a deposit"),
        submit=_("Record the deposit"),
        cancel=url_for(".contributions"),
        lead=_("Without a donor it waits as an unidentified receipt, and cannot be spent."),
        crumbs=[Crumb(_("Contributions"), url_for(".contributions"))],
    )
    return form_page(form, page, "staff/contributions/new_deposit.html")


@desk.get("/contributions/deposits/<int:deposit_id>")
def deposit(deposit_id: int) -> str:
    """One deposit: its value, where its money stands, which grants it pays for."""
    line = donors.deposit(deposit_id)
    look_at(line.fund_id)
    return render_template(
        "staff/contributions/deposit.html",
        line=line,
        layer=funding.layer_line(line.fund_id, deposit_id),
        invoice=None if line.agreement_id else donors.invoice_paid_by(deposit_id),
        paid_for=funding.paid_from(deposit_id),
        events=trail("deposit", deposit_id),
        may_record=may(actor(), Verb.RECORD_CONTRIBUTION, line.fund_id),
        may_correct=may(actor(), Verb.POST_ADJUSTMENT, line.fund_id),
    )


@desk.route("/contributions/deposits/<int:deposit_id>/match", methods=["GET", "POST"])
def match_receipt(deposit_id: int) -> Response | tuple[str, int]:
    """Say whose an unidentified receipt is."""
    line = donors.deposit(deposit_id)
    allow(Verb.RECORD_CONTRIBUTION, line.fund_id)
    form = WhoseForm()
    offer_payable(form, line.fund_id, currency=line.amount.currency)
    if form.validate_on_submit():
        whose = whose_of(form, line.fund_id)
        if whose.donor_id is None and not form.error_lines:
            form.attach(Refused(_("Choose a donor or an instalment.")), "donor")
        conditions = earmark_of(form) if is_typed(form) else None
        if not form.error_lines and done(
            form,
            lambda: actions.match_receipt(
                actor(),
                deposit_id,
                whose.donor_id or 0,
                whose.agreement_id,
                whose.instalment_id,
                invoice_id=whose.invoice_id,
                conditions=conditions,
            ),
        ):
            flash(_("The receipt is matched; its money can be allocated."))
            return redirect(url_for(".deposit", deposit_id=deposit_id), 303)
    page = FormPage(
        title=_("Whose receipt is this?"),
        submit=_("Match"),
        cancel=url_for(".deposit", deposit_id=deposit_id),
        crumbs=_crumbs(line),
    )
    return form_page(
        form,
        page,
        "staff/contributions/match.html",
        about=_about(line),
        proposals=banking.verdict_of_receipt(line).proposals,
        deposit_id=deposit_id,
        words=words,
    )


@desk.route("/contributions/deposits/<int:deposit_id>/reverse", methods=["GET", "POST"])
def reverse_deposit(deposit_id: int) -> Response | tuple[str, int]:
    """Propose to undo a deposit that never came, with the reason."""
    line = donors.deposit(deposit_id)
    allow(Verb.POST_ADJUSTMENT, line.fund_id)
    form = ReasonForm()
    if form.validate_on_submit() and line.entry_id is not None:
        change = Reversal(entry_id=line.entry_id)
        answer = proposed(form, line.fund_id, change, form.reason.data)
        if answer is not None:
            return answer
    page = FormPage(
        title=_("Reverse a deposit"),
        submit=_("Propose"),
        cancel=url_for(".deposit", deposit_id=deposit_id),
        lead=_(
            "Nothing is deleted: when another person has approved it, a second entry takes back"
            " what the first one said."
        ),
        crumbs=_crumbs(line),
        is_danger=True,
    )
    return form_page(form, page, about=_about(line))


@desk.route("/contributions/deposits/<int:deposit_id>/convert", methods=["GET", "POST"])
def convert_deposit(deposit_id: int) -> Response | tuple[str, int]:
    """Record that the bank turned the cash of a deposit into US dollars."""
    line = donors.deposit(deposit_id)
    allow(Verb.RECORD_CONTRIBUTION, line.fund_id)
    if line.amount.currency == "USD":
        raise NotFound
    form = ConversionForm(
        data={"amount": line.amount.amount, "on": clock.today(current_fund().time_zone)}
    )
    if form.validate_on_submit() and not is_in_the_future(form, form.on):
        amount = _amount(form, line.amount.currency)
        if amount is not None and done(
            form,
            lambda: actions.record_conversion(
                actor(), deposit_id, amount, form.proceeds.data, on=form.on.data
            ),
        ):
            flash(_("The conversion is recorded."))
            return redirect(url_for(".deposit", deposit_id=deposit_id), 303)
    page = FormPage(
        title=_("Conversion by the bank"),
        submit=_("Record"),
        cancel=url_for(".deposit", deposit_id=deposit_id),
        lead=_("A loss leaves the money of this deposit, a gain joins it."),
        crumbs=_crumbs(line),
    )
    return form_page(form, page, about=_about(line))


def _invoice_chosen() -> str:
    invoice = request.args.get("invoice", "")
    return f"{_MEMBERSHIP}{invoice}" if invoice else ""


def offer_payable(form: WhoseForm, fund_id: int, currency: str = "") -> None:
    """Fill the choices of donors, and of what may be paid in a currency."""
    offer_windows(form, fund_id)
    form.donor.choices = [(str(key), name) for key, name in people.donors_choice()]
    form.instalment.choices = [(key, _said(one)) for key, one in _payable(fund_id, currency)]


def _said(one: OpenInstalment | InvoiceLine) -> str:
    facts = {"donor": one.donor, "left": one.left, "day": one.due_on.isoformat()}
    if isinstance(one, InvoiceLine):
        sentence = _l("%(donor)s · membership %(year)s · %(left)s due %(day)s")
        return str(sentence) % {**facts, "year": one.year}
    sentence = _l("%(donor)s · %(reference)s · no. %(number)s · %(left)s due %(day)s")
    return str(sentence) % {**facts, "reference": one.reference, "number": one.number}


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Whose money it is, and what it pays."""

    donor_id: int | None
    agreement_id: int | None = None
    instalment_id: int | None = None
    invoice_id: int | None = None


def whose_of(form: WhoseForm, fund_id: int) -> Chosen:
    """Donor, and instalment or membership contribution: what is paid says whose it is."""
    typed = int(form.donor.data) if form.donor.data else None
    if not form.instalment.data:
        return Chosen(donor_id=typed)
    found = next((one for key, one in _payable(fund_id, "") if key == form.instalment.data), None)
    if found is None:
        form.attach(Refused(_("This instalment has been paid meanwhile.")), "instalment")
        return Chosen(donor_id=typed)
    if typed is not None and typed != found.donor_id:
        form.attach(Refused(_("This instalment is another donor's.")), "instalment")
    if isinstance(found, InvoiceLine):
        return Chosen(donor_id=found.donor_id, invoice_id=found.id)
    return Chosen(donor_id=found.donor_id, agreement_id=found.agreement_id, instalment_id=found.id)


def _payable(fund_id: int, currency: str) -> list[tuple[str, OpenInstalment | InvoiceLine]]:
    """What may be paid: instalments by their number, membership contributions after an `m`."""
    instalments = donors.open_instalments([fund_id], currency=currency)
    invoices = [one for one in donors.open_invoices(fund_id) if currency in {"", one.left.currency}]
    return [
        *((str(one.id), one) for one in instalments),
        *((f"{_MEMBERSHIP}{one.id}", one) for one in invoices),
    ]


def _read(form: DepositForm, fund_id: int) -> NewDeposit | None:
    is_in_the_future(form, form.value_on)
    whose = whose_of(form, fund_id)
    rate = rate_of(
        form,
        form.rate,
        currency=form.amount.data.currency,
        source=form.rate_source.data or _("entered by hand"),
        on=form.value_on.data,
    )
    conditions = earmark_of(form) if is_typed(form) else None
    if form.error_lines:
        return None
    return NewDeposit(
        fund_id=fund_id,
        donor_id=whose.donor_id,
        agreement_id=whose.agreement_id,
        instalment_id=whose.instalment_id,
        invoice_id=whose.invoice_id,
        amount=form.amount.data,
        rate=rate,
        value_on=form.value_on.data,
        programming_year=form.programming_year.data,
        conditions=conditions,
        remitter=form.remitter.data,
        bank_reference=form.bank_reference.data,
    )


def _amount(form: ConversionForm, currency: str) -> Money | None:
    try:
        return Money(form.amount.data, currency)
    except NotMoney:
        sentence = _("%(currency)s has fewer decimals.", currency=currency)
        form.attach(Refused(sentence), "amount")
        return None


def _crumbs(line: DepositLine) -> list[Crumb]:
    return [
        Crumb(_("Contributions"), url_for(".contributions")),
        Crumb(_("Deposit %(number)s", number=line.id), url_for(".deposit", deposit_id=line.id)),
    ]


def _about(line: DepositLine) -> list[Answer]:
    return [
        Answer(_("Received"), line.amount),
        Answer(_("In US dollars"), line.usd),
        Answer(_("Value date"), line.value_on),
        Answer(_("Remitter"), line.remitter),
        Answer(_("Bank reference"), line.bank_reference),
        Answer(_("Donor"), line.donor),
    ]
