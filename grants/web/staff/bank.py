"""The accounts of the fund at banks: their movements, what those may be, and their statements."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants.banking import actions
from grants.banking import queries as banking
from grants.banking.actions import NewAccount
from grants.banking.queries import AccountView, LineView
from grants.banking.rules import Proposal, certain_ones
from grants.db import transaction
from grants.errors import Refused
from grants.money import Money, NotMoney
from grants.people.permissions import Actor, Verb, may
from grants.web.kit.access import actor, current_fund
from grants.web.kit.exports import Cell, money_columns, table_response
from grants.web.kit.forms import ChoiceField, DecimalField, Form, TextField
from grants.web.kit.paging import Filter, ListSpec, Page
from grants.web.kit.parts import Crumb
from grants.web.staff import bank_words as words
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, allow, form_page, tried
from grants.web.staff.money_fields import CURRENCIES
from grants.web.staff.waiting import Waiting, waiting_source

_ROWS_AT_ONCE = 500
#: So many open movements are looked at when the certain ones are taken together.
_TOGETHER_MAX = 200
LINES = ListSpec(
    sorts=("booked_on", "amount", "other_party"),
    default="-booked_on",
    per_page=50,
    filters=(
        Filter("q", _l("Name, text or reference"), kind="text"),
        Filter(
            "state",
            _l("State"),
            choices=[
                ("open", _l("Not settled")),
                ("settled", _l("Settled")),
                ("in", _l("Came in")),
                ("out", _l("Went out")),
            ],
        ),
        Filter("from_on", _l("From"), kind="date"),
        Filter("until_on", _l("Until"), kind="date"),
    ),
)
STATEMENTS = ListSpec(per_page=25)


class AccountForm(Form):
    """An account as it stands on its statements."""

    number = TextField(_l("IBAN or account number"), chars_max=60, required=True, width="medium")
    currency = ChoiceField(
        _l("Currency"),
        look="select",
        required=True,
        choices=[(code, code) for code in CURRENCIES],
    )
    bank = TextField(_l("Bank"), chars_max=120, required=True)
    bic = TextField(_l("BIC"), chars_max=15, width="medium")
    holder = TextField(_l("Account holder"), chars_max=120)
    tolerance = DecimalField(
        _l("What banks on the way may keep back of a payment"),
        places=3,
        hint=_l("A payment that is so much less than what is open is proposed all the same."),
    )


@desk.get("/contributions/bank")
def bank() -> str:
    """The accounts, with what waits on each."""
    fund = current_fund()
    look_at(fund.id)
    return render_template(
        "staff/bank/accounts.html",
        accounts=banking.accounts_of(fund.id),
        may_record=may(actor(), Verb.RECORD_CONTRIBUTION, fund.id),
    )


@desk.route("/contributions/bank/accounts/new", methods=["GET", "POST"])
def new_bank_account() -> Response | tuple[str, int]:
    """Enter an account."""
    fund = current_fund()
    allow(Verb.RECORD_CONTRIBUTION, fund.id)
    form = AccountForm(data={"currency": "USD", "tolerance": Decimal(actions.TOLERANCE_UNITS)})
    if form.validate_on_submit():
        new = _new_account(form, fund.id)
        account_id = new and tried(form, lambda: actions.open_account(actor(), new).id, "number")
        if account_id:
            flash(_("The account is entered."))
            return redirect(url_for(".bank_account", account_id=account_id), 303)
    page = FormPage(
        title=_("New account"),
        submit=_("Enter the account"),
        cancel=url_for(".bank"),
        lead=_("Movements are recorded from its statements. No payment is made from here."),
        crumbs=[Crumb(_("Bank"), url_for(".bank"))],
    )
    return form_page(form, page)


@desk.get("/contributions/bank/accounts/<int:account_id>")
def bank_account(account_id: int) -> str | Response:
    """The movements of an account; of the open ones what they may be."""
    account = seen_account(account_id)
    state = LINES.read()
    sent = table_response(
        request.args.get("format", ""),
        f"bank-{account.number}",
        _columns(),
        _rows(account_id),
    )
    if sent is not None:
        return sent
    rows, total = _read(account_id, state.offset, state.limit)
    told = banking.verdicts(account_id, rows)
    return render_template(
        "staff/bank/account.html",
        account=account,
        page=Page.of(rows, state, total=total),
        verdicts=told,
        certain=len(certain_ones(list(told.items()))),
        words=words,
        may_record=may(actor(), Verb.RECORD_CONTRIBUTION, account.fund_id),
    )


@desk.get("/contributions/bank/accounts/<int:account_id>/statements")
def bank_statements(account_id: int) -> str:
    """The statements of an account, with gaps, and the files that brought them."""
    account = seen_account(account_id)
    state = STATEMENTS.read()
    rows, total = banking.statements_of(account_id, offset=state.offset, limit=state.limit)
    files, _total = banking.imports_of(account_id)
    return render_template(
        "staff/bank/statements.html",
        account=account,
        page=Page.of(rows, state, total=total),
        files=files,
        words=words,
        may_record=may(actor(), Verb.RECORD_CONTRIBUTION, account.fund_id),
    )


@desk.route("/contributions/bank/accounts/<int:account_id>/certain", methods=["GET", "POST"])
def certain_lines(account_id: int) -> str | Response:
    """Take the proposals that are certain together: first they are all shown."""
    account = seen_account(account_id)
    allow(Verb.RECORD_CONTRIBUTION, account.fund_id)
    if request.method == "POST":
        return _take(account_id)
    return render_template(
        "staff/bank/certain.html", account=account, found=_certain(account_id), words=words
    )


@waiting_source
def waiting_movements(who: Actor) -> list[Waiting]:
    """Movements that nobody has said anything about."""
    if who.funds_with(Verb.RECORD_CONTRIBUTION) == set():
        return []
    return [
        Waiting(
            title=_("Say what %(count)s movements of the bank are", count=one.open_lines),
            endpoint="staff.bank_account",
            arguments={"account_id": one.id, "state": "open"},
            reference=one.shown_number,
            who=one.bank,
            state=one.currency,
        )
        for one in banking.open_lines(who)
    ]


def seen_account(account_id: int) -> AccountView:
    """The account, for those who may see the money of its fund."""
    found = banking.account(account_id)
    look_at(found.fund_id)
    return found


def account_crumbs(account: AccountView) -> list[Crumb]:
    """The way to an account."""
    return [
        Crumb(_("Bank"), url_for(".bank")),
        Crumb(
            f"{account.bank} {account.currency}", url_for(".bank_account", account_id=account.id)
        ),
    ]


def _new_account(form: AccountForm, fund_id: int) -> NewAccount | None:
    try:
        tolerance = form.tolerance.data
        amount = None if tolerance is None else Money(tolerance, form.currency.data)
    except NotMoney:
        form.attach(Refused(_("The currency has fewer decimals.")), "tolerance")
        return None
    return NewAccount(
        fund_id=fund_id,
        number=form.number.data,
        currency=form.currency.data,
        bank=form.bank.data,
        bic=form.bic.data,
        holder=form.holder.data,
        tolerance=amount,
    )


def _certain(account_id: int) -> list[tuple[LineView, Proposal]]:
    lines, _total = banking.lines_of(
        account_id, state="open", is_descending=False, limit=_TOGETHER_MAX
    )
    sure = certain_ones(list(banking.verdicts(account_id, lines).items()))
    return [(line, sure[line.id]) for line in lines if line.id in sure]


def _take(account_id: int) -> Response:
    chosen = []
    for value in request.form.getlist("take")[:_TOGETHER_MAX]:
        line_id, _mark, key = value.partition(" ")
        if key and line_id.isascii() and line_id.isdigit():
            chosen.append((int(line_id), key))
    with transaction():
        done = actions.accept_certain(actor(), account_id, chosen)
    flash(_("%(count)s movements are settled.", count=len(done)))
    if len(done) < len(set(chosen)):
        left = len(set(chosen)) - len(done)
        flash(_("%(count)s are no longer certain: look at them.", count=left), "warning")
    return redirect(url_for(".bank_account", account_id=account_id, state="open"), 303)


def _read(account_id: int, offset: int, limit: int) -> tuple[list[LineView], int]:
    state = LINES.read()
    from_on, until_on = state.values["from_on"], state.values["until_on"]
    return banking.lines_of(
        account_id,
        q=str(state.values["q"]),
        state=str(state.values["state"]),
        from_on=from_on if not isinstance(from_on, str) else None,
        until_on=until_on if not isinstance(until_on, str) else None,
        sort=state.sort,
        is_descending=state.is_descending,
        offset=offset,
        limit=limit,
    )


def _columns() -> list[str]:
    return [
        _("Booked"),
        _("Value date"),
        *money_columns(_("Amount")),
        _("Name"),
        _("Text"),
        _("Reference"),
        _("What it is"),
        _("Entry"),
    ]


def _rows(account_id: int) -> Iterator[tuple[Cell, ...]]:
    offset = 0
    while True:
        rows, _total = _read(account_id, offset, _ROWS_AT_ONCE)
        for one in rows:
            match = one.standing[0] if one.standing else None
            yield (
                one.booked_on,
                one.value_on,
                one.amount,
                one.other_party,
                one.words,
                one.reference or one.end_to_end,
                str(words.MATCHES[match.kind]) if match else "",
                match.entry_id if match else None,
            )
        if len(rows) < _ROWS_AT_ONCE:
            return
        offset += _ROWS_AT_ONCE
