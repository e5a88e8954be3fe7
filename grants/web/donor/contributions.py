"""What a donor pledged, agreed and paid, and what its money paid for."""

from __future__ import annotations

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.donors import queries as donors
from grants.errors import NotFound
from grants.funding import queries as funding
from grants.funding.queries import FinancedGrant
from grants.money import Money
from grants.people.permissions import Verb, require
from grants.people.queries import FundView
from grants.web.donor import desk
from grants.web.kit import charts
from grants.web.kit.access import actor, funds_of
from grants.web.kit.exports import csv_response, money_columns
from grants.web.kit.paging import Filter, ListSpec, Page

GRANTS = ListSpec(per_page=50, filters=(Filter("q", _l("Search"), kind="text"),))


@desk.get("/")
def home() -> str:
    """The donor's contributions in each fund, and what became of them."""
    me = _organisation()
    funds = [_summary(fund, me) for fund in _my_funds(me)]
    return render_template("donor/home.html", funds=funds, who=actor())


@desk.get("/grants")
def grants() -> str | Response:
    """The grants that the donor's money pays for, with its share and basis."""
    me = _organisation()
    funds = _my_funds(me)
    chosen = request.args.get("fund", "")
    fund = next((one for one in funds if one.slug == chosen), funds[0] if funds else None)
    state = GRANTS.read()
    found = _financed(fund, me, str(state.values["q"])) if fund else []
    if request.args.get("format") == "csv":
        return _as_csv(found)
    rows = found[state.offset : state.offset + state.limit]
    return render_template(
        "donor/grants.html",
        page=Page.of(rows, state, total=len(found)),
        fund=fund,
        funds=funds,
        total=_sum([one.amount for one in found]),
        tracked=_sum([one.tracked for one in found]),
        notional=_sum([one.notional for one in found]),
    )


def _organisation() -> int:
    found = actor().organisation_id
    if found is None:
        raise NotFound(_("Your account belongs to no organisation. Ask the fund to set it."))
    return found


def _my_funds(me: int) -> list[FundView]:
    """The funds in which the person is a donor, and the donor has something in the books."""
    found = []
    for fund in funds_of(actor()):
        require(actor(), Verb.SEE_OWN_STATEMENTS, fund.id, organisation_id=me)
        line = donors.donor_line(fund.id, me)
        if line.paid or line.pledged or line.agreed:
            found.append(fund)
    return found


def _summary(fund: FundView, me: int) -> dict[str, object]:
    line = donors.donor_line(fund.id, me)
    agreements = donors.agreements_of(fund.id, me)
    deposits, total = donors.deposits_of(fund.id, me, limit=12)
    today = clock.today(actor().time_zone)
    due = donors.open_instalments([fund.id], donor_id=me)
    layers = [one for one in funding.layer_lines(fund.id, limit=100_000) if one.donor_id == me]
    parts = (
        (_("Disbursed to grantees"), _sum([one.disbursed for one in layers])),
        (_("Committed"), _sum([one.committed for one in layers])),
        (_("Reserved"), _sum([one.reserved for one in layers])),
        (_("Allocated to programmes"), _sum([one.allocated for one in layers])),
        (_("Not yet allocated"), _sum([one.unallocated for one in layers])),
    )
    return {
        "fund": fund,
        "line": line,
        "agreements": agreements,
        "deposits": deposits,
        "deposits_total": total,
        "due": due,
        "today": today,
        "chart": charts.bar(
            _("What your contributions have become"),
            _("All deposits since the start, less fees, today"),
            [
                charts.Bar(label, amount.amount, f"USD {amount.amount:,}")
                for label, amount in parts
                if amount
            ],
        )
        if any(amount for _label, amount in parts)
        else "",
    }


def _financed(fund: FundView, me: int, words: str) -> list[FinancedGrant]:
    found = funding.grants_financed_by(fund.id, me, limit=100_000)
    wanted = words.lower()
    kept = [
        one
        for one in found
        if one.amount
        and (
            not wanted
            or wanted in f"{one.grant.reference} {one.grant.title} {one.grant.grantee}".lower()
        )
    ]
    return sorted(kept, key=lambda one: (-one.amount.minor, one.grant.reference))


def _as_csv(found: list[FinancedGrant]) -> Response:
    columns = [
        _("Reference"),
        _("Title"),
        _("Grantee"),
        _("Country"),
        *money_columns(_("Tracked")),
        *money_columns(_("Notional")),
        _("State"),
    ]
    rows = (
        (
            one.grant.reference,
            one.grant.title,
            one.grant.grantee,
            one.grant.country,
            one.tracked,
            one.notional,
            one.grant.state,
        )
        for one in found
    )
    return csv_response("grants-financed", columns, rows)


def _sum(amounts: list[Money]) -> Money:
    total = Money.zero("USD")
    for amount in amounts:
        total += amount
    return total
