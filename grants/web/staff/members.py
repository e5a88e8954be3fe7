"""Members by constituency: who they are, what they contribute in a year, and what came."""

from __future__ import annotations

from collections.abc import Iterator

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.db import transaction
from grants.donors import actions
from grants.donors import queries as donors
from grants.donors.queries import InvoiceLine, MemberLine
from grants.errors import NotFound
from grants.people import actions as people
from grants.people import queries as who_is_who
from grants.people.models import Constituency, IncomeGroup, MemberKind
from grants.people.permissions import Verb, may
from grants.web.kit.access import actor, current_fund
from grants.web.kit.exports import Cell, money_columns, table_response
from grants.web.kit.forms import ChoiceField, DateField, Form, IntegerField, MoneyField
from grants.web.kit.paging import Filter, ListSpec, ListState, Page
from grants.web.kit.parts import Answer, Crumb
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, allow, done, form_page, tried
from grants.web.staff.member_words import (
    CONSTITUENCIES,
    INCOME_GROUPS,
    KINDS,
    STANDINGS,
)
from grants.web.staff.money_fields import CURRENCIES
from grants.web.staff.pledges import ReasonForm
from grants.web.staff.trails import trail

_ROWS_AT_ONCE = 1000
_YEARS = (1990, 2100)

MEMBERS = ListSpec(
    sorts=("name", "constituency", "joined_on", "paid"),
    default="name",
    per_page=50,
    filters=(
        Filter("q", _l("Member"), kind="text"),
        Filter("year", _l("Year"), kind="text"),
        Filter("constituency", _l("Constituency"), choices=list(CONSTITUENCIES.items())),
        Filter("kind", _l("Kind"), choices=list(KINDS.items())),
        Filter("standing", _l("Contribution"), choices=list(STANDINGS.items())),
    ),
)


class MemberForm(Form):
    """A new membership."""

    organisation = ChoiceField(_l("Organisation"), look="select", required=True)
    kind = ChoiceField(_l("Kind of membership"), required=True, choices=list(KINDS.items()))
    constituency = ChoiceField(
        _l("Constituency"), look="select", required=True, choices=list(CONSTITUENCIES.items())
    )
    income_group = ChoiceField(
        _l("Income group of its country"), look="select", choices=list(INCOME_GROUPS.items())
    )
    joined_on = DateField(_l("Member since"), required=True)


class LeaveForm(ReasonForm):
    """The end of a membership."""

    left_on = DateField(_l("Last day"), required=True)


class FeeForm(Form):
    """What a group contributes."""

    kind = ChoiceField(_l("Kind of membership"), required=True, choices=list(KINDS.items()))
    constituency = ChoiceField(
        _l("Constituency"), look="select", required=True, choices=list(CONSTITUENCIES.items())
    )
    income_group = ChoiceField(
        _l("Income group"),
        look="select",
        choices=list(INCOME_GROUPS.items()),
        hint=_l("Left empty: every member of the constituency without an amount of its own."),
    )
    from_year = IntegerField(_l("From the year"), least=_YEARS[0], most=_YEARS[1], required=True)
    amount = MoneyField(_l("Contribution for a year"), currencies=CURRENCIES, required=True)


class InvoiceForm(Form):
    """For which year members are invoiced."""

    year = IntegerField(_l("Year"), least=_YEARS[0], most=_YEARS[1], required=True)
    due_on = DateField(
        _l("Payable by"),
        hint=_l("Left empty: the end of March, or 30 days from now if that is later."),
    )


@desk.get("/members")
def members() -> str | Response:
    """The members of a year, with what was asked and what came."""
    fund = current_fund()
    look_at(fund.id)
    state = MEMBERS.read()
    year = _year(state)
    sent = table_response(
        request.args.get("format", ""), f"members-{year}", _columns(), _rows(fund.id, state)
    )
    if sent is not None:
        return sent
    rows, total = _members(fund.id, state, state.offset, state.limit)
    return render_template(
        "staff/contributions/members.html",
        page=Page.of(rows, state, total=total),
        year=year,
        groups={one.constituency: one for one in donors.constituencies(fund.id, year)},
        names=CONSTITUENCIES,
        kinds=KINDS,
        may_record=may(actor(), Verb.RECORD_CONTRIBUTION, fund.id),
    )


@desk.get("/members/<int:membership_id>")
def member(membership_id: int) -> str:
    """One member: its term, its contributions year by year, and the letters."""
    line = donors.member(membership_id)
    look_at(line.fund_id)
    return render_template(
        "staff/contributions/member.html",
        line=line,
        invoices=donors.invoices_of(membership_id),
        letters=donors.letters_of(membership_id=membership_id),
        today=clock.today(current_fund().time_zone),
        constituency=CONSTITUENCIES[line.constituency],
        kind=KINDS[line.kind],
        income_group=str(INCOME_GROUPS.get(line.income_group, "")),
        events=trail("membership", membership_id),
        may_record=may(actor(), Verb.RECORD_CONTRIBUTION, line.fund_id),
    )


@desk.route("/members/new", methods=["GET", "POST"])
def new_member() -> Response | tuple[str, int]:
    """Record that an organisation is a member."""
    fund = current_fund()
    allow(Verb.RECORD_CONTRIBUTION, fund.id)
    form = MemberForm(data={"kind": "full", "organisation": request.args.get("organisation")})
    form.organisation.choices = [
        (str(key), name) for key, name in who_is_who.organisations_choice()
    ]
    if form.validate_on_submit():
        membership_id = tried(
            form,
            lambda: (
                people.admit_member(
                    actor(),
                    fund.id,
                    int(form.organisation.data),
                    kind=MemberKind(form.kind.data),
                    constituency=Constituency(form.constituency.data),
                    income_group=IncomeGroup(form.income_group.data),
                    joined_on=form.joined_on.data,
                ).id
            ),
        )
        if membership_id is not None:
            flash(_("The membership is recorded."))
            return redirect(url_for(".member", membership_id=membership_id), 303)
    page = FormPage(
        title=_("New member"),
        submit=_("Record the membership"),
        cancel=url_for(".members"),
        crumbs=[Crumb(_("Members"), url_for(".members"))],
    )
    return form_page(form, page)


@desk.route("/members/<int:membership_id>/leave", methods=["GET", "POST"])
def end_membership(membership_id: int) -> Response | tuple[str, int]:
    """Record the last day of a membership."""
    line = donors.member(membership_id)
    allow(Verb.RECORD_CONTRIBUTION, line.fund_id)
    form = LeaveForm()
    if form.validate_on_submit() and done(
        form,
        lambda: people.end_membership(
            actor(), membership_id, left_on=form.left_on.data, reason=form.reason.data
        ),
    ):
        flash(_("The membership is ended."))
        return redirect(url_for(".member", membership_id=membership_id), 303)
    page = FormPage(
        title=_("End a membership"),
        submit=_("End the membership"),
        cancel=url_for(".member", membership_id=membership_id),
        crumbs=_crumbs(line),
        is_danger=True,
    )
    about = [Answer(_("Member"), line.name), Answer(_("Member since"), line.joined_on)]
    return form_page(form, page, about=about)


@desk.route("/members/fees", methods=["GET", "POST"])
def membership_fees() -> Response | tuple[str, int]:
    """What the fund asks of each group in a year."""
    fund = current_fund()
    look_at(fund.id)
    may_record = may(actor(), Verb.RECORD_CONTRIBUTION, fund.id)
    form = FeeForm(data={"kind": "full", "from_year": clock.today(fund.time_zone).year})
    if may_record and form.validate_on_submit() and done(form, lambda: _set_fee(form, fund.id)):
        flash(_("The contribution is set."))
        return redirect(url_for(".membership_fees"), 303)
    page = render_template(
        "staff/contributions/fees_of_members.html",
        lines=donors.membership_fees(fund.id),
        form=form if may_record else None,
        names=CONSTITUENCIES,
        kinds=KINDS,
        groups=INCOME_GROUPS,
    )
    return page, 422 if form.error_lines else 200


@desk.route("/members/invoices/new", methods=["GET", "POST"])
def invoice_members() -> Response | tuple[str, int]:
    """Invoice every member of a year that has no invoice yet."""
    fund = current_fund()
    allow(Verb.RECORD_CONTRIBUTION, fund.id)
    form = InvoiceForm(data={"year": clock.today(fund.time_zone).year})
    if form.validate_on_submit():
        made = tried(
            form,
            lambda: (
                len(
                    actions.issue_invoices(
                        actor(), fund.id, form.year.data, due_on=form.due_on.data
                    )
                ),
            ),
        )
        if made is not None:
            flash(_("%(count)s members are invoiced.", count=made[0]))
            return redirect(url_for(".members", year=form.year.data), 303)
    page = FormPage(
        title=_("Invoice the members"),
        submit=_("Invoice"),
        cancel=url_for(".members"),
        lead=_(
            "Every member of the year without an invoice gets one, at the contribution that is set"
            " for its group. Nothing is posted until it is paid."
        ),
        crumbs=[Crumb(_("Members"), url_for(".members"))],
    )
    return form_page(form, page)


@desk.post("/members/invoices/<int:invoice_id>/request")
def request_membership(invoice_id: int) -> Response:
    """Ask a member for its contribution by letter."""
    line = _invoice(invoice_id)
    with transaction():
        actions.request_membership(actor(), invoice_id)
    flash(_("The letter is being made; the member is told as soon as it is there."))
    return redirect(url_for(".member", membership_id=line.membership_id), 303)


@desk.route("/members/invoices/<int:invoice_id>/cancel", methods=["GET", "POST"])
def cancel_invoice(invoice_id: int) -> Response | tuple[str, int]:
    """Take an invoice back."""
    line = _invoice(invoice_id)
    allow(Verb.RECORD_CONTRIBUTION, line.fund_id)
    form = ReasonForm()
    if form.validate_on_submit() and done(
        form, lambda: actions.cancel_invoice(actor(), invoice_id, form.reason.data)
    ):
        flash(_("The invoice is cancelled."))
        return redirect(url_for(".member", membership_id=line.membership_id), 303)
    page = FormPage(
        title=_("Cancel the invoice for %(year)s", year=line.year),
        submit=_("Cancel the invoice"),
        cancel=url_for(".member", membership_id=line.membership_id),
        crumbs=_crumbs(donors.member(line.membership_id)),
        is_danger=True,
    )
    return form_page(
        form, page, about=[Answer(_("Member"), line.donor), Answer(_("Asked"), line.amount)]
    )


def _year(state: ListState) -> int:
    typed = str(state.values["year"])
    is_year = typed.isascii() and typed.isdigit() and _YEARS[0] <= int(typed[:5]) <= _YEARS[1]
    return int(typed) if is_year else clock.today(current_fund().time_zone).year


def _members(
    fund_id: int, state: ListState, offset: int, limit: int
) -> tuple[list[MemberLine], int]:
    return donors.member_list(
        fund_id,
        _year(state),
        q=str(state.values["q"]),
        constituency=str(state.values["constituency"]),
        kind=str(state.values["kind"]),
        standing=str(state.values["standing"]),
        sort=state.sort,
        is_descending=state.is_descending,
        offset=offset,
        limit=limit,
    )


def _set_fee(form: FeeForm, fund_id: int) -> None:
    people.set_membership_fee(
        actor(),
        fund_id,
        kind=MemberKind(form.kind.data),
        constituency=Constituency(form.constituency.data),
        income_group=IncomeGroup(form.income_group.data),
        from_year=form.from_year.data,
        amount=form.amount.data,
    )


def _invoice(invoice_id: int) -> InvoiceLine:
    line = donors.invoice(invoice_id)
    look_at(line.fund_id)
    if line.state != "issued":
        raise NotFound
    return line


def _columns() -> list[str]:
    return [
        _("Member"),
        _("Country"),
        _("Kind"),
        _("Constituency"),
        _("Income group"),
        _("Member since"),
        _("Until"),
        *money_columns(_("Asked")),
        *money_columns(_("Paid")),
        _("Payable by"),
        _("Contribution"),
    ]


def _rows(fund_id: int, state: ListState) -> Iterator[tuple[Cell, ...]]:
    offset = 0
    while True:
        rows, _total = _members(fund_id, state, offset, _ROWS_AT_ONCE)
        for one in rows:
            yield (
                one.name,
                one.country_code,
                str(KINDS[one.kind]),
                str(CONSTITUENCIES[one.constituency]),
                str(INCOME_GROUPS.get(one.income_group, "")),
                one.joined_on,
                one.left_on,
                *((one.asked, one.paid) if one.asked and one.paid else ("", "", "", "")),
                one.due_on,
                str(STANDINGS[one.standing]),
            )
        if len(rows) < _ROWS_AT_ONCE:
            return
        offset += _ROWS_AT_ONCE


def _crumbs(line: MemberLine) -> list[Crumb]:
    return [
        Crumb(_("Members"), url_for(".members")),
        Crumb(line.name, url_for(".member", membership_id=line.id)),
    ]
