"""Receipts that nobody is found for: whose they may be, and sending them back."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.banking import queries as banking
from grants.banking.rules import Target, TargetKind, Verdict
from grants.corrections.rules import ReturnToSender
from grants.db import transaction
from grants.donors import actions
from grants.donors import queries as donors
from grants.donors.queries import DepositLine
from grants.errors import NotFound
from grants.people.permissions import Verb, may
from grants.web.kit.access import actor, current_fund
from grants.web.kit.exports import money_columns, table_response
from grants.web.kit.forms import DateField, Form, TextField
from grants.web.kit.parts import Answer, Crumb
from grants.web.staff import bank_words as words
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, allow, form_page
from grants.web.staff.corrections import proposed
from grants.web.staff.money_fields import is_in_the_future

_SHOWN_MAX = 100


class SendBackForm(Form):
    """When the bank sent it back, and why."""

    on = DateField(_l("Day on which the bank sends it back"), required=True)
    reason = TextField(_l("Reason"), chars_max=500, required=True)


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    line: DepositLine
    days: int
    verdict: Verdict


@desk.get("/contributions/receipts")
def receipts() -> str | Response:
    """Unidentified receipts with their age, and whose they may be."""
    fund = current_fund()
    look_at(fund.id)
    today = clock.today(fund.time_zone)
    found = donors.unidentified([fund.id], limit=_SHOWN_MAX)
    sent = table_response(
        request.args.get("format", ""),
        "unidentified-receipts",
        [_("Deposit"), _("Value date"), _("Days"), *money_columns(_("Amount")), _("Remitter")],
        (
            (one.id, one.value_on, (today - one.value_on).days, one.amount, one.remitter)
            for one in found
        ),
    )
    if sent is not None:
        return sent
    told = banking.verdicts_of_receipts(found)
    return render_template(
        "staff/bank/receipts.html",
        rows=[
            _Waiting(line=one, days=(today - one.value_on).days, verdict=told[one.id])
            for one in found
        ],
        words=words,
        may_record=may(actor(), Verb.RECORD_CONTRIBUTION, fund.id),
        may_correct=may(actor(), Verb.POST_ADJUSTMENT, fund.id),
    )


@desk.post("/contributions/receipts/<int:deposit_id>/accept")
def accept_receipt(deposit_id: int) -> Response:
    """Take one of the proposals for a receipt."""
    line = donors.deposit(deposit_id)
    look_at(line.fund_id)
    key = request.form.get("key", "")
    told = banking.verdicts_of_receipts([line])[deposit_id]
    target = next((one.target for one in told.proposals if one.target.key == key), None)
    if target is None:
        raise NotFound(_("This is no longer what is proposed. Look at the receipt again."))
    with transaction():
        _match(deposit_id, target)
    flash(_("The receipt is matched; its money can be allocated."))
    return redirect(url_for(".deposit", deposit_id=deposit_id), 303)


@desk.route("/contributions/receipts/<int:deposit_id>/send-back", methods=["GET", "POST"])
def send_receipt_back(deposit_id: int) -> Response | tuple[str, int]:
    """Propose to send a receipt back to its sender."""
    line = donors.deposit(deposit_id)
    allow(Verb.POST_ADJUSTMENT, line.fund_id)
    if line.state != "unidentified":
        raise NotFound
    form = SendBackForm(data={"on": clock.today(current_fund().time_zone)})
    if form.validate_on_submit() and not is_in_the_future(form, form.on):
        change = ReturnToSender(deposit_id=deposit_id, on=form.on.data)
        answer = proposed(form, line.fund_id, change, form.reason.data)
        if answer is not None:
            return answer
    page = FormPage(
        title=_("Send a receipt back"),
        submit=_("Propose"),
        cancel=url_for(".receipts"),
        lead=_("Another person approves it within delegated authority; then it is posted."),
        crumbs=[Crumb(_("Unidentified receipts"), url_for(".receipts"))],
    )
    about = [
        Answer(_("Received"), line.amount),
        Answer(_("Value date"), line.value_on),
        Answer(_("Remitter"), line.remitter),
        Answer(_("Bank reference"), line.bank_reference),
    ]
    return form_page(form, page, about=about)


def _match(deposit_id: int, target: Target) -> None:
    assert target.donor_id is not None
    actions.match_receipt(
        actor(),
        deposit_id,
        target.donor_id,
        target.agreement_id,
        target.id if target.kind is TargetKind.INSTALMENT else None,
        invoice_id=target.id if target.kind is TargetKind.INVOICE else None,
    )
