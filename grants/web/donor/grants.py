"""The grants that a donor's money pays for."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants.money import Money
from grants.reports.numbers import donor_statement as numbers
from grants.reports.shapes import GrantLine
from grants.web.donor import desk
from grants.web.donor.mine import chosen_fund, my_funds, my_organisation
from grants.web.kit.exports import csv_response, money_columns
from grants.web.kit.paging import Filter, ListSpec, ListState, Page

SPEC = ListSpec(
    sorts=("reference", "partner", "country", "approved", "net_funded", "expenditure"),
    default="-approved",
    per_page=50,
    filters=(
        Filter("q", _l("Grant, partner or country"), kind="text"),
        Filter(
            "basis",
            _l("Basis"),
            choices=[
                ("tracked", _l("Tracked")),
                ("notional", _l("Notional")),
                ("mixed", _l("Both")),
            ],
        ),
    ),
)


@desk.get("/grants")
def grants() -> str | Response:
    """The grants that the donor's money pays for, with its share and basis."""
    funds = my_funds()
    fund = chosen_fund(funds)
    state = SPEC.read()
    every = numbers.standing(fund.id, my_organisation()).grants if fund else ()
    found = _ordered(_matching(every, state), state)
    if request.args.get("format") == "csv":
        return _as_csv(found)
    return render_template(
        "donor/grants.html",
        page=Page.of(found[state.offset : state.offset + state.limit], state, total=len(found)),
        fund=fund,
        funds=[one for one, _line in funds],
        sums={
            name: _sum([getattr(one, name) for one in found])
            for name in ("approved", "net_funded", "expenditure")
        },
    )


def _matching(every: tuple[GrantLine, ...], state: ListState) -> list[GrantLine]:
    words, basis = str(state.values["q"]).lower(), state.values["basis"]
    return [
        one
        for one in every
        if (not basis or one.basis == basis)
        and words in f"{one.reference} {one.title} {one.partner} {one.country}".lower()
    ]


def _ordered(found: list[GrantLine], state: ListState) -> list[GrantLine]:
    keys: dict[str, Callable[[GrantLine], object]] = {
        "approved": lambda one: one.approved.minor,
        "net_funded": lambda one: one.net_funded.minor,
        "expenditure": lambda one: one.expenditure.minor,
    }
    key = keys.get(state.sort, lambda one: str(getattr(one, state.sort)).lower())
    by_reference = sorted(found, key=lambda one: one.reference)
    return sorted(by_reference, key=key, reverse=state.is_descending)


def _as_csv(found: list[GrantLine]) -> Response:
    columns = [
        _("Reference"),
        _("Title"),
        _("Partner"),
        _("Country"),
        _("Window"),
        _("Share, per cent"),
        _("Basis"),
        *money_columns(_("Approved")),
        *money_columns(_("Net funded")),
        *money_columns(_("Expenditure")),
        _("State"),
    ]
    rows = (
        (
            one.reference,
            one.title,
            one.partner,
            one.country,
            one.window,
            str(Decimal(one.share_basis_points) / 100),
            one.basis,
            one.approved,
            one.net_funded,
            one.expenditure,
            one.state,
        )
        for one in found
    )
    return csv_response("grants-financed", columns, rows)


def _sum(amounts: list[Money]) -> Money:
    total = Money.zero("USD")
    for amount in amounts:
        total += amount
    return total
