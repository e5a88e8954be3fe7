"""The fund at a glance: where the money comes from, where it goes, whether the books balance."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, render_template, url_for
from flask_babel import gettext as _

from grants.applications import queries as applications
from grants.donors import queries as donors
from grants.funding import queries as funding
from grants.funding.queries.totals import grant_totals
from grants.ledger import chart
from grants.ledger import queries as ledger
from grants.money import Money
from grants.people import queries as people
from grants.people.queries import FundView
from grants.web.kit import charts
from grants.web.kit.desk import Desk, NavItem
from grants.web.public import desk

DONORS_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class FundCard:
    """A fund in the list."""

    fund: FundView
    paid: Money
    pledged: Money
    donors: int


@dataclass(frozen=True, kw_only=True)
class Books:
    """Whether cash less what is owed is what the fund can still spend."""

    is_balanced: bool
    sequence: int
    recorded_at: object


@desk.before_request
def _dress() -> None:
    g.desk = Desk(
        name="public",
        label=_("Open to everybody"),
        home=url_for("public.home"),
        nav=[
            NavItem(_("The funds"), url_for("public.home")),
            NavItem(_("Open calls"), url_for("public.calls")),
            NavItem(_("Verify a document"), url_for("public.verify")),
        ],
        sign_in=url_for("account.sign_in"),
    )


@desk.get("/")
def home() -> str:
    """All funds of this installation; a single one is shown at once."""
    funds = people.funds(limit=500)
    if len(funds) == 1:
        return _fund_page(funds[0])
    found = donors.contribution_totals()
    cards = []
    for fund in funds:
        mine = [one for one in found if one.fund_id == fund.id]
        cards.append(
            FundCard(
                fund=fund,
                paid=_sum([one.paid_usd for one in mine]),
                pledged=_sum([one.pledged_usd for one in mine]),
                donors=len({one.donor_id for one in mine}),
            )
        )
    return render_template(
        "public/home.html",
        cards=sorted(cards, key=lambda card: (-card.paid.minor, card.fund.name)),
        paid=_sum([card.paid for card in cards]),
        calls=applications.open_calls(limit=6),
    )


@desk.get("/funds/<slug>")
def fund(slug: str) -> str:
    """One fund at a glance."""
    return _fund_page(people.fund_by_name(slug))


def _fund_page(fund: FundView) -> str:
    found = donors.contribution_totals([fund.id])
    by_donor = sorted(
        donors.summed(found, lambda one: one.donor).items(),
        key=lambda pair: (-pair[1][0].minor, pair[0]),
    )
    return render_template(
        "public/fund.html",
        fund=fund,
        status=funding.funding_status(fund.id),
        paid=_sum([one.paid_usd for one in found]),
        by_donor=by_donor,
        chart=_donors_chart(by_donor),
        grants=grant_totals(fund.id),
        books=_books(fund.id),
        calls=[call for call in applications.open_calls(limit=20) if call.fund == fund.name],
    )


def _donors_chart(by_donor: list[tuple[str, tuple[Money, Money]]]) -> object:
    paid = [(name, amounts[0]) for name, amounts in by_donor if amounts[0]]
    if not paid:
        return ""
    bars = [charts.Bar(name, amount.amount, str(amount)) for name, amount in paid[:DONORS_SHOWN]]
    rest = _sum([amount for _name, amount in paid[DONORS_SHOWN:]])
    if rest:
        bars.append(charts.Bar(_("All others"), rest.amount, str(rest)))
    return charts.bar(_("Who pays in"), _("Contributions received since the start"), bars)


def _books(fund_id: int) -> Books:
    """Invariant (iii), from the kept balances; `grants verify` recomputes them from the entries."""
    held = ledger.sum_usd(ledger.balances(fund_id, ["1010"])) - ledger.sum_usd(
        ledger.balances(fund_id, chart.PAYABLES)
    )
    spendable = ledger.sum_usd(ledger.balances(fund_id, chart.SPENDABLE))
    head = ledger.head(fund_id)
    return Books(
        is_balanced=held == spendable, sequence=head.sequence, recorded_at=head.recorded_at
    )


def _sum(amounts: list[Money]) -> Money:
    total = Money.zero("USD")
    for amount in amounts:
        total += amount
    return total
