"""One movement of the bank: what it may be, saying what it is, and taking that back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants.banking import actions
from grants.banking import queries as banking
from grants.banking.actions import Whose
from grants.banking.queries import LineView
from grants.corrections.models import Correction
from grants.db import transaction
from grants.donors import queries as donors
from grants.errors import NotAllowed, NotFound, Refused
from grants.funding import queries as funding
from grants.ledger.queries import Effect
from grants.people.permissions import Verb, may
from grants.web.kit.access import actor
from grants.web.kit.forms import ChoiceField, ChoicesField, Form, TextField
from grants.web.kit.parts import Answer, Crumb
from grants.web.staff import bank_words as words
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, allow, done, form_page, tried
from grants.web.staff.bank import account_crumbs
from grants.web.staff.deposits import WhoseForm, offer_payable, whose_of
from grants.web.staff.earmarks import earmark_of, is_typed
from grants.web.staff.ledger_explorer import event_words
from grants.web.staff.trails import trail

#: Entries so many days before and after a movement are offered for ticking off.
_NEAR = timedelta(days=60)


class LayerForm(Form):
    """Whose money it is that the bank took or gave."""

    kind = ChoiceField(_l("What it is"), required=True)
    layer = ChoiceField(
        _l("Of which deposit"),
        look="select",
        hint=_l("Left empty: of money that no deposit brought, such as interest."),
    )


class EntriesForm(Form):
    """The entries that the bank booked as one movement."""

    entries = ChoicesField(
        _l("Entries of the books"),
        required=True,
        hint=_l("One, or several that the bank paid together: they must come to the movement."),
    )


class ReasonOnlyForm(Form):
    """Why."""

    reason = TextField(_l("Reason"), chars_max=500, required=True)


class ConversionOfForm(Form):
    """What the bank sold, and what it brought."""

    deposit = ChoiceField(_l("Deposit whose money was converted"), look="select", required=True)
    other = ChoiceField(_l("What it brought in US dollars"), look="select", required=True)


@desk.get("/contributions/bank/lines/<int:line_id>")
def bank_line(line_id: int) -> str:
    """One movement: what the bank says, what it may be, what was said before."""
    line = _seen(line_id)
    verdict = banking.verdicts(line.account_id, [line]).get(line_id)
    return render_template(
        "staff/bank/line.html",
        line=line,
        account=banking.account(line.account_id),
        verdict=verdict,
        words=words,
        events=trail("bank_line", line_id),
        may_record=may(actor(), Verb.RECORD_CONTRIBUTION, line.fund_id),
    )


@desk.post("/contributions/bank/lines/<int:line_id>/accept")
def accept_line(line_id: int) -> Response:
    """Take one of the proposals."""
    line = _seen(line_id)
    key = request.form.get("key", "")[:40]
    return _settled(line, lambda: actions.accept(actor(), line_id, key), _("It is settled."))


@desk.post("/contributions/bank/lines/<int:line_id>/unidentified")
def unidentified_line(line_id: int) -> Response:
    """Record money whose giver is not known yet."""
    line = _seen(line_id)
    return _settled(
        line,
        lambda: actions.record_receipt(actor(), line_id, Whose()),
        _("It waits among the unidentified receipts."),
    )


@desk.route("/contributions/bank/lines/<int:line_id>/deposit", methods=["GET", "POST"])
def line_as_deposit(line_id: int) -> Response | tuple[str, int]:
    """Choose the donor, and what the money pays."""
    line = _allowed(line_id)
    form = WhoseForm()
    offer_payable(form, line.fund_id, currency=line.amount.currency)
    if form.validate_on_submit():
        chosen = whose_of(form, line.fund_id)
        if chosen.donor_id is None and not form.error_lines:
            form.attach(Refused(_("Choose a donor or an instalment.")), "donor")
        conditions = earmark_of(form) if is_typed(form) else None
        whose = Whose(
            donor_id=chosen.donor_id,
            agreement_id=chosen.agreement_id,
            instalment_id=chosen.instalment_id,
            invoice_id=chosen.invoice_id,
            conditions=conditions,
        )
        if not form.error_lines and done(
            form, lambda: actions.record_receipt(actor(), line_id, whose)
        ):
            flash(_("The deposit is recorded."))
            return redirect(_back(line), 303)
    page = _page(line, _("Whose money is this?"), _("Record the deposit"))
    return form_page(form, page, "staff/contributions/match.html", about=_about(line))


@desk.route("/contributions/bank/lines/<int:line_id>/own", methods=["GET", "POST"])
def line_of_bank(line_id: int) -> Response | tuple[str, int]:
    """A charge of the bank, interest, or other income."""
    line = _allowed(line_id)
    form = LayerForm(data={"kind": "interest" if line.came_in else "charge"})
    form.kind.choices = (
        [("interest", words.MATCHES["interest"]), ("other_income", words.MATCHES["other_income"])]
        if line.came_in
        else [("charge", words.MATCHES["charge"])]
    )
    form.layer.choices = _layers(line)
    if form.validate_on_submit():
        layer_id = int(form.layer.data) if form.layer.data else None
        act = {
            "charge": actions.record_charge,
            "interest": actions.record_interest,
            "other_income": actions.record_other_income,
        }[form.kind.data]
        if done(form, lambda: act(actor(), line_id, layer_id=layer_id)):
            flash(_("It is recorded."))
            return redirect(_back(line), 303)
    page = _page(line, _("Charge, interest or other income"), _("Record"))
    return form_page(form, page, about=_about(line))


@desk.route("/contributions/bank/lines/<int:line_id>/tick", methods=["GET", "POST"])
def tick_line(line_id: int) -> Response | tuple[str, int]:
    """Find the movement in the books."""
    line = _allowed(line_id)
    form = EntriesForm()
    form.entries.choices = [
        (str(one.entry_id), _said(one)) for one in banking.open_entries(line.id, near=_NEAR)
    ]
    if form.validate_on_submit():
        ids = [int(one) for one in form.entries.data]
        if done(form, lambda: actions.tick_off(actor(), line_id, ids), "entries"):
            flash(_("It is settled."))
            return redirect(_back(line), 303)
    nothing = _("Nothing in the books of these days moved the account so and is still open.")
    page = _page(
        line,
        _("Which entries is it?"),
        _("Tick off"),
        lead="" if form.entries.choices else nothing,
    )
    return form_page(form, page, about=_about(line))


@desk.route("/contributions/bank/lines/<int:line_id>/convert", methods=["GET", "POST"])
def convert_line(line_id: int) -> Response | tuple[str, int]:
    """The bank turned this money of a deposit into US dollars."""
    line = _allowed(line_id)
    if line.came_in or line.amount.currency == "USD":
        raise NotFound
    form = ConversionOfForm()
    form.deposit.choices = [
        (str(one.id), f"{one.donor} · {one.amount} · {one.value_on.isoformat()}")
        for one in donors.deposits_of(line.fund_id, state="matched", limit=500)[0]
        if one.amount.currency == line.amount.currency
    ]
    form.other.choices = _dollars(line)
    if form.validate_on_submit():
        deposit_id, other_id = int(form.deposit.data), int(form.other.data)
        if done(form, lambda: actions.record_conversion(actor(), line_id, deposit_id, other_id)):
            flash(_("The conversion is recorded."))
            return redirect(_back(line), 303)
    page = _page(line, _("Converted by the bank"), _("Record"))
    return form_page(form, page, about=_about(line))


@desk.route("/contributions/bank/lines/<int:line_id>/leave-out", methods=["GET", "POST"])
def leave_line_out(line_id: int) -> Response | tuple[str, int]:
    """Leave a movement out of the books, with the reason."""
    line = _allowed(line_id)
    form = ReasonOnlyForm()
    if form.validate_on_submit() and done(
        form, lambda: actions.leave_out(actor(), line_id, reason=form.reason.data)
    ):
        flash(_("It is left out."))
        return redirect(_back(line), 303)
    page = _page(
        line,
        _("Leave it out of the books"),
        _("Leave it out"),
        lead=_("A transfer between own accounts, say. The reconciliation shows it all the same."),
    )
    return form_page(form, page, about=_about(line))


@desk.route("/contributions/bank/lines/<int:line_id>/undo", methods=["GET", "POST"])
def undo_line(line_id: int) -> Response | tuple[str, int]:
    """Take back what was said of a movement."""
    line = _seen(line_id)
    allow(Verb.RECORD_CONTRIBUTION, line.fund_id)
    form = ReasonOnlyForm()
    if form.validate_on_submit():
        made: tuple[Correction | None] | None = tried(
            form, lambda: (actions.undo(actor(), line_id, reason=form.reason.data),)
        )
        if made is not None:
            return _after_undo(line_id, made[0])
    page = _page(
        line,
        _("Take it back"),
        _("Take it back"),
        lead=_(
            "What was only ticked off or left out is open at once. What was posted is proposed as"
            " a reversal: when another person has approved it, the movement is open."
        ),
    )
    return form_page(form, page, about=_about(line))


def _after_undo(line_id: int, correction: Correction | None) -> Response:
    if correction is None:
        flash(_("The movement is open again."))
        return redirect(url_for(".bank_line", line_id=line_id), 303)
    flash(_("The correction is proposed. Another person must approve it."))
    return redirect(url_for(".correction", correction_id=correction.id), 303)


def _settled(line: LineView, act: Callable[[], object], words_after: str) -> Response:
    """Settle by one press: what is refused is said on the page of the movement."""
    try:
        with transaction():
            act()
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        flash(str(refusal), "error")
        return redirect(url_for(".bank_line", line_id=line.id), 303)
    flash(words_after)
    return redirect(_back(line), 303)


def _seen(line_id: int) -> LineView:
    found = banking.line(line_id)
    look_at(found.fund_id)
    return found


def _allowed(line_id: int) -> LineView:
    found = _seen(line_id)
    allow(Verb.RECORD_CONTRIBUTION, found.fund_id)
    return found


def _back(line: LineView) -> str:
    return url_for(".bank_account", account_id=line.account_id, state="open")


def _page(line: LineView, title: str, submit: str, lead: str = "") -> FormPage:
    here = url_for(".bank_line", line_id=line.id)
    return FormPage(
        title=title,
        submit=submit,
        cancel=here,
        lead=lead,
        crumbs=[
            *account_crumbs(banking.account(line.account_id)),
            Crumb(_("Movement"), here),
        ],
    )


def _about(line: LineView) -> list[Answer]:
    known = [
        Answer(_("Amount"), line.amount),
        Answer(_("Value date"), line.value_on),
        Answer(_("Other party"), line.other_party),
        Answer(_("Text"), line.words),
        Answer(_("Bank reference"), line.reference),
    ]
    return [one for one in known if one.value]


def _layers(line: LineView) -> list[tuple[str, str]]:
    """The deposits of the fund; for a charge, those that have what is asked."""
    asked = None if line.came_in else -line.amount
    return [
        (str(one.layer_id), f"{one.donor} · {one.unallocated} · {one.value_on.isoformat()}")
        for one in funding.layer_lines(line.fund_id)
        if asked is None or asked.currency != "USD" or one.unallocated >= asked
    ]


def _dollars(line: LineView) -> list[tuple[str, str]]:
    """Open movements in US dollars that came in about the same days."""
    return [
        (str(one.id), f"{one.amount} · {one.value_on.isoformat()} · {one.words[:60]}")
        for account in banking.accounts_of(line.fund_id)
        if account.currency == "USD"
        for one in banking.lines_of(
            account.id,
            state="open",
            from_on=line.booked_on - _NEAR,
            until_on=line.booked_on + _NEAR,
            limit=200,
        )[0]
        if one.came_in
    ]


def _said(one: Effect) -> str:
    entry = _("entry %(number)s", number=one.sequence)
    return f"{one.amount} · {one.value_on.isoformat()} · {event_words(one.event)} · {entry}"
