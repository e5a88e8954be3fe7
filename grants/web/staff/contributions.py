"""What came in and what is to come: donors, each donor, and all deposits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.donors import queries as donors
from grants.donors.queries import DepositLine, DonorLine
from grants.funding import queries as funding
from grants.ledger import chart
from grants.ledger import queries as ledger
from grants.people import actions as people
from grants.people.models import OrganisationKind
from grants.people.permissions import Actor, Verb, may
from grants.programmes import queries as programmes
from grants.web.kit.access import actor, current_fund
from grants.web.kit.exports import Cell, csv_response, money_columns
from grants.web.kit.forms import ChoiceField, Form, TextField
from grants.web.kit.paging import Filter, ListSpec, Page
from grants.web.kit.parts import Crumb
from grants.web.staff import desk, look_at, navigation
from grants.web.staff.acting import FormPage, allow, form_page, tried
from grants.web.staff.waiting import Waiting, waiting_source

navigation.add_entry(
    40,
    _l("Contributions"),
    "staff.contributions",
    modules=(
        __name__,
        "grants.web.staff.ageing",
        "grants.web.staff.conditions",
        "grants.web.staff.exchange",
        "grants.web.staff.agreement_instalments",
        "grants.web.staff.agreement_terms",
        "grants.web.staff.amendments",
        "grants.web.staff.bank",
        "grants.web.staff.bank_files",
        "grants.web.staff.bank_lines",
        "grants.web.staff.bank_reconciliation",
        "grants.web.staff.contribution_agreements",
        "grants.web.staff.deposits",
        "grants.web.staff.members",
        "grants.web.staff.payment_requests",
        "grants.web.staff.pledges",
        "grants.web.staff.rates",
        "grants.web.staff.receipts",
    ),
    verbs=(Verb.SEE_MONEY,),
)

_ROWS_AT_ONCE = 1000
#: How long before its day a report or a condition waits on the first page.
_SOON = timedelta(days=14)

DONORS = ListSpec(
    sorts=("name", "pledged", "agreed", "paid", "outstanding", "last_paid_on"),
    default="name",
    per_page=50,
    filters=(Filter("q", _l("Donor"), kind="text"),),
)

DEPOSITS = ListSpec(
    sorts=("value_on", "donor", "amount", "usd"),
    default="-value_on",
    per_page=50,
    filters=(
        Filter("q", _l("Donor, reference or remitter"), kind="text"),
        Filter("year", _l("Year"), kind="text"),
        Filter(
            "state",
            _l("State"),
            choices=[
                ("matched", _l("Identified")),
                ("unidentified", _l("Unidentified")),
                ("reversed", _l("Reversed")),
                ("returned", _l("Sent back")),
            ],
        ),
    ),
)


class DonorForm(Form):
    """A new donor."""

    name = TextField(_l("Name"), required=True, chars_max=300)
    short_name = TextField(_l("Short name"), chars_max=60, width="medium")
    kind = ChoiceField(_l("What it is"), look="select", required=True)
    country = ChoiceField(_l("Country"), look="select")


@desk.get("/contributions")
def contributions() -> str | Response:
    """The donors of the fund with what they pledged, agreed, paid and still owe."""
    fund = current_fund()
    look_at(fund.id)
    state = DONORS.read()
    if request.args.get("format") == "csv":
        return csv_response(
            "donors",
            [
                _("Donor"),
                *money_columns(_("Pledged")),
                *money_columns(_("Agreed")),
                *money_columns(_("Paid")),
                *money_columns(_("Outstanding")),
                _("Last paid"),
            ],
            (
                (one.name, one.pledged, one.agreed, one.paid, one.outstanding, one.last_paid_on)
                for one in _all_donors(fund.id)
            ),
        )
    rows, sums = donors.donor_list(
        fund.id,
        q=str(state.values["q"]),
        sort=state.sort,
        is_descending=state.is_descending,
        offset=state.offset,
        limit=state.limit,
    )
    return render_template(
        "staff/contributions/list.html",
        page=Page.of(rows, state, total=sums.donors),
        sums=sums,
        may_record=may(actor(), Verb.RECORD_CONTRIBUTION, fund.id),
        unidentified=len(donors.unidentified([fund.id])),
    )


@desk.get("/contributions/deposits")
def deposits() -> str | Response:
    """All deposits of the fund."""
    fund = current_fund()
    look_at(fund.id)
    state = DEPOSITS.read()
    if request.args.get("format") == "csv":
        return csv_response("deposits", _deposit_columns(), _deposit_rows(fund.id))
    rows, total = _deposits(fund.id, state.offset, state.limit)
    return render_template(
        "staff/contributions/deposits.html",
        page=Page.of(rows, state, total=total),
        may_record=may(actor(), Verb.RECORD_CONTRIBUTION, fund.id),
    )


@desk.get("/contributions/donors/<int:donor_id>")
def donor(donor_id: int) -> str:
    """One donor in the fund: agreements, pledges and deposits."""
    fund = current_fund()
    look_at(fund.id)
    line = donors.donor_line(fund.id, donor_id)
    lines, total = donors.deposits_of(fund.id, donor_id, limit=50)
    return render_template(
        "staff/contributions/donor.html",
        line=line,
        agreements=donors.agreements_of(fund.id, donor_id),
        pledges=donors.pledges_of(fund.id, donor_id),
        today=clock.today(fund.time_zone),
        deposits=lines,
        deposits_total=total,
        financed=funding.grants_financed_by(fund.id, donor_id, limit=50),
        may_record=may(actor(), Verb.RECORD_CONTRIBUTION, fund.id),
        may_correct=may(actor(), Verb.POST_ADJUSTMENT, fund.id),
        owed=ledger.balance(fund.id, chart.contributors_payable(donor_id)),
    )


@desk.route("/contributions/donors/new", methods=["GET", "POST"])
def new_donor() -> Response | tuple[str, int]:
    """Register a donor."""
    fund = current_fund()
    allow(Verb.RECORD_CONTRIBUTION, fund.id)
    form = DonorForm()
    form.kind.choices = [(kind.value, _KINDS[kind]) for kind in OrganisationKind]
    form.country.choices = programmes.countries()
    if form.validate_on_submit():
        donor_id = tried(
            form,
            lambda: (
                people.register_organisation(
                    actor(),
                    name=form.name.data,
                    short_name=form.short_name.data,
                    kind=OrganisationKind(form.kind.data),
                    country_code=form.country.data or None,
                    is_donor=True,
                ).id
            ),
            "name",
        )
        if donor_id is not None:
            flash(_("The donor is registered."))
            return redirect(url_for(".donor", donor_id=donor_id), 303)
    page = FormPage(
        title=_("New donor"),
        submit=_("Register"),
        cancel=url_for(".contributions"),
        crumbs=[Crumb(_("Contributions"), url_for(".contributions"))],
    )
    return form_page(form, page)


@waiting_source
def waiting_contributions(who: Actor) -> list[Waiting]:
    """Receipts nobody has been found for, and instalments past their day: for finance."""
    fund_ids = who.funds_with(Verb.RECORD_CONTRIBUTION)
    if fund_ids == set():
        return []
    receipts = [
        Waiting(
            title=_("Find out whose this receipt is"),
            endpoint="staff.match_receipt",
            arguments={"deposit_id": one.id},
            since=one.value_on,
            amount=one.amount,
            reference=one.bank_reference,
            who=one.remitter,
            state=_("Unidentified"),
            tone="warn",
        )
        for one in donors.unidentified(fund_ids)
    ]
    overdue = [
        Waiting(
            title=_("Ask for instalment %(number)s", number=one.number)
            if one.state == "scheduled"
            else _("Instalment %(number)s has not come", number=one.number),
            endpoint="staff.agreement",
            arguments={"agreement_id": one.agreement_id},
            due_on=one.due_on,
            amount=one.left,
            reference=one.reference,
            who=one.donor,
        )
        for one in donors.overdue_instalments(fund_ids, clock.today(who.time_zone))
    ]
    return receipts + overdue + _owed_to_donors(fund_ids, who)


def _owed_to_donors(fund_ids: set[int] | None, who: Actor) -> list[Waiting]:
    """Reports that donors wait for, and conditions on which money waits: those soon or late."""
    soon = clock.today(who.time_zone) + _SOON
    reports = [
        Waiting(
            title=_("Report to a donor: %(kind)s", kind=one.kind),
            endpoint="staff.agreement",
            arguments={"agreement_id": one.agreement_id},
            due_on=one.due_on,
            reference=one.reference,
            who=one.donor,
        )
        for one in donors.open_duties(fund_ids, soon)
    ]
    conditions = [
        Waiting(
            title=_("A condition is to be met: %(words)s", words=one.words[:80]),
            endpoint="staff.agreement",
            arguments={"agreement_id": one.agreement_id},
            due_on=one.due_on,
            reference=one.reference,
            who=one.donor,
        )
        for one in donors.open_conditions(fund_ids, soon)
    ]
    return reports + conditions


_KINDS = {
    OrganisationKind.GOVERNMENT: _l("Government"),
    OrganisationKind.LOCAL_GOVERNMENT: _l("Local government"),
    OrganisationKind.NGO: _l("Non-governmental organisation"),
    OrganisationKind.MULTILATERAL: _l("Multilateral organisation"),
    OrganisationKind.FOUNDATION: _l("Foundation"),
    OrganisationKind.PRIVATE: _l("Private sector"),
    OrganisationKind.ACADEMIC: _l("University or research centre"),
    OrganisationKind.OTHER: _l("Other"),
}


def _all_donors(fund_id: int) -> Iterator[DonorLine]:
    state = DONORS.read()
    offset = 0
    while True:
        rows, _sums = donors.donor_list(
            fund_id,
            q=str(state.values["q"]),
            sort=state.sort,
            is_descending=state.is_descending,
            offset=offset,
            limit=_ROWS_AT_ONCE,
        )
        yield from rows
        if len(rows) < _ROWS_AT_ONCE:
            return
        offset += _ROWS_AT_ONCE


def _deposits(fund_id: int, offset: int, limit: int) -> tuple[list[DepositLine], int]:
    state = DEPOSITS.read()
    year = str(state.values["year"])
    return donors.deposits_of(
        fund_id,
        q=str(state.values["q"]),
        year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,
        state=str(state.values["state"]),
        sort=state.sort,
        is_descending=state.is_descending,
        offset=offset,
        limit=limit,
    )


def _deposit_columns() -> list[str]:
    return [
        _("Deposit"),
        _("Donor"),
        _("Agreement"),
        _("Value date"),
        _("Programming year"),
        *money_columns(_("Amount")),
        *money_columns(_("In US dollars")),
        _("Rate"),
        _("Source of the rate"),
        *money_columns(_("Fee")),
        *money_columns(_("Exchange difference")),
        _("Bank reference"),
        _("State"),
    ]


def _deposit_rows(fund_id: int) -> Iterator[tuple[Cell, ...]]:
    offset = 0
    while True:
        rows, _total = _deposits(fund_id, offset, _ROWS_AT_ONCE)
        for one in rows:
            yield (
                one.id,
                one.donor,
                one.agreement,
                one.value_on,
                one.programming_year,
                one.amount,
                one.usd,
                one.rate,
                one.rate_source,
                one.fee,
                one.difference,
                one.bank_reference,
                one.state,
            )
        if len(rows) < _ROWS_AT_ONCE:
            return
        offset += _ROWS_AT_ONCE
