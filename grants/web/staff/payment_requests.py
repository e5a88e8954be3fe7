"""Payment requests of the fund, and the bank details that stand on them."""

from __future__ import annotations

from collections.abc import Iterator

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants.db import transaction
from grants.donors import actions
from grants.donors import queries as donors
from grants.donors.queries import LetterLine
from grants.errors import NotFound
from grants.files import queries as files
from grants.people.permissions import Actor, Verb, may
from grants.web.kit.access import actor, current_fund
from grants.web.kit.downloads import download
from grants.web.kit.exports import Cell, money_columns, table_response
from grants.web.kit.forms import ChoiceField, DateField, Form, LongTextField
from grants.web.kit.paging import Filter, ListSpec, ListState, Page
from grants.web.kit.parts import Answer, Crumb
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, allow, done, form_page, tried
from grants.web.staff.money_fields import CURRENCIES
from grants.web.staff.pledges import ReasonForm
from grants.web.staff.waiting import Waiting, waiting_source

_ROWS_AT_ONCE = 1000

LETTERS = ListSpec(
    sorts=("requested_on", "due_on", "donor", "number"),
    default="-requested_on",
    per_page=50,
    filters=(
        Filter("q", _l("Donor, number or agreement"), kind="text"),
        Filter(
            "state",
            _l("State"),
            choices=[("issued", _l("Sent")), ("cancelled", _l("Cancelled"))],
        ),
    ),
)


class ReissueForm(ReasonForm):
    """Why a letter is issued anew, and until when it asks now."""

    due_on = DateField(_l("Payable by"), hint=_l("Left empty: as before, or today if it is past."))


class InstructionForm(Form):
    """Where donors pay in a currency."""

    currency = ChoiceField(_l("Currency"), look="select", required=True)
    lines = LongTextField(
        _l("Bank details as they are to stand on the letter"),
        rows=6,
        chars_max=1000,
        required=_l("Give the bank details as they are to stand on the letter."),
        hint=_l("A line each: bank and place, account holder, IBAN or number, SWIFT code."),
    )


@desk.get("/contributions/requests")
def payment_requests() -> str | Response:
    """All letters that ask for money."""
    fund = current_fund()
    look_at(fund.id)
    state = LETTERS.read()
    sent = table_response(
        request.args.get("format", ""), "payment-requests", _columns(), _rows(fund.id, state)
    )
    if sent is not None:
        return sent
    rows, total = _letters(fund.id, state, state.offset, state.limit)
    return render_template(
        "staff/contributions/requests.html",
        page=Page.of(rows, state, total=total),
        may_record=may(actor(), Verb.RECORD_CONTRIBUTION, fund.id),
    )


@desk.get("/contributions/requests/<int:request_id>.pdf")
def payment_request_file(request_id: int) -> Response:
    """The letter on paper, as it was sent."""
    line = donors.letter(request_id)
    look_at(line.fund_id)
    if line.document_id is None:
        raise NotFound(_("The letter is still being made. Try again in a moment."))
    return download(files.open_file(line.document_id))


@desk.route("/contributions/requests/<int:request_id>/cancel", methods=["GET", "POST"])
def cancel_request(request_id: int) -> Response | tuple[str, int]:
    """Take a letter back, with the reason."""
    line = donors.letter(request_id)
    allow(Verb.RECORD_CONTRIBUTION, line.fund_id)
    form = ReasonForm()
    if form.validate_on_submit() and done(
        form, lambda: actions.cancel_request(actor(), request_id, form.reason.data)
    ):
        flash(_("The letter is cancelled. Its number is not used again."))
        return redirect(url_for(".payment_requests"), 303)
    page = FormPage(
        title=_("Cancel %(number)s", number=line.number),
        submit=_("Cancel the letter"),
        cancel=url_for(".payment_requests"),
        crumbs=_crumbs(),
        is_danger=True,
    )
    return form_page(form, page, about=_about(line))


@desk.route("/contributions/requests/<int:request_id>/reissue", methods=["GET", "POST"])
def reissue_request(request_id: int) -> Response | tuple[str, int]:
    """Cancel a letter and send another in its place."""
    line = donors.letter(request_id)
    allow(Verb.RECORD_CONTRIBUTION, line.fund_id)
    form = ReissueForm()
    if form.validate_on_submit():
        number = tried(
            form,
            lambda: (
                actions.reissue_request(
                    actor(), request_id, form.reason.data, due_on=form.due_on.data
                ).number
            ),
        )
        if number is not None:
            flash(_("%(number)s takes its place.", number=number))
            return redirect(url_for(".payment_requests"), 303)
    page = FormPage(
        title=_("Issue %(number)s anew", number=line.number),
        submit=_("Send another letter"),
        cancel=url_for(".payment_requests"),
        lead=_("The old letter is cancelled; the new one asks for what is open today."),
        crumbs=_crumbs(),
    )
    return form_page(form, page, about=_about(line))


@desk.route("/contributions/bank-details", methods=["GET", "POST"])
def bank_details() -> Response | tuple[str, int]:
    """Where donors pay, by currency: written by one person, confirmed by another."""
    fund = current_fund()
    look_at(fund.id)
    may_record = may(actor(), Verb.RECORD_CONTRIBUTION, fund.id)
    form = InstructionForm()
    form.currency.choices = [(code, code) for code in CURRENCIES]
    if may_record and form.validate_on_submit():
        given = (form.currency.data, form.lines.data)
        if done(form, lambda: actions.propose_instruction(actor(), fund.id, *given)):
            flash(_("Written down. They stand on letters once a second person has confirmed."))
            return redirect(url_for(".bank_details"), 303)
    page = render_template(
        "staff/contributions/bank_details.html",
        lines=donors.instructions_of(fund.id),
        form=form if may_record else None,
        may_confirm=may(actor(), Verb.APPROVE_ADJUSTMENT, fund.id),
        me=actor().user_id,
    )
    return page, 422 if form.error_lines else 200


@desk.post("/contributions/bank-details/<int:instruction_id>/confirm")
def confirm_bank_details(instruction_id: int) -> Response:
    """Confirm bank details that somebody else wrote."""
    line = donors.instruction(instruction_id)
    look_at(line.fund_id)
    with transaction():
        actions.confirm_instruction(actor(), instruction_id)
    flash(_("Confirmed: new letters in %(currency)s carry them.", currency=line.currency))
    return redirect(url_for(".bank_details"), 303)


@waiting_source
def waiting_bank_details(who: Actor) -> list[Waiting]:
    """Bank details that a second person must confirm."""
    fund_ids = who.funds_with(Verb.APPROVE_ADJUSTMENT)
    if fund_ids == set():
        return []
    return [
        Waiting(
            title=_("Confirm the bank details for %(currency)s", currency=one.currency),
            endpoint="staff.bank_details",
            since=one.proposed_at.date(),
            who=one.proposed_by,
        )
        for one in donors.instructions_to_confirm(fund_ids, not_by=who.user_id)
    ]


def _letters(
    fund_id: int, state: ListState, offset: int, limit: int
) -> tuple[list[LetterLine], int]:
    return donors.letter_list(
        fund_id,
        q=str(state.values["q"]),
        state=str(state.values["state"]),
        sort=state.sort,
        is_descending=state.is_descending,
        offset=offset,
        limit=limit,
    )


def _columns() -> list[str]:
    return [
        _("Number"),
        _("Donor"),
        _("Agreement"),
        _("Instalment"),
        _("Membership year"),
        _("Sent on"),
        _("Payable by"),
        *money_columns(_("Amount")),
        _("State"),
        _("Reason"),
    ]


def _rows(fund_id: int, state: ListState) -> Iterator[tuple[Cell, ...]]:
    offset = 0
    while True:
        rows, _total = _letters(fund_id, state, offset, _ROWS_AT_ONCE)
        for one in rows:
            yield (
                one.number,
                one.donor,
                one.reference,
                one.instalment,
                one.year,
                one.requested_on,
                one.due_on,
                one.amount,
                one.state,
                one.reason,
            )
        if len(rows) < _ROWS_AT_ONCE:
            return
        offset += _ROWS_AT_ONCE


def _crumbs() -> list[Crumb]:
    return [
        Crumb(_("Contributions"), url_for(".contributions")),
        Crumb(_("Payment requests"), url_for(".payment_requests")),
    ]


def _about(line: LetterLine) -> list[Answer]:
    return [
        Answer(_("Donor"), line.donor),
        Answer(_("Asks for"), line.amount),
        Answer(_("Sent on"), line.requested_on),
        Answer(_("Payable by"), line.due_on),
    ]
