"""The fund at a glance: where the money comes from, where it goes, whether the books balance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import g, render_template, request, url_for
from flask_babel import gettext as _

from grants.applications import queries as applications
from grants.donors import queries as donors
from grants.funding import queries as funding
from grants.funding.queries.totals import GrantTotal, grant_totals
from grants.ledger import chart
from grants.ledger import queries as ledger
from grants.money import Money
from grants.people import queries as people
from grants.people.queries import FundView
from grants.proof import queries as proof
from grants.proof.queries import ProofLine
from grants.web.kit import charts, formats
from grants.web.kit.desk import Desk, NavItem
from grants.web.public import desk

DONORS_SHOWN = 8
COUNTRIES_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class FundCard:
    """A fund in the list."""

    fund: FundView
    paid: Money
    pledged: Money
    donors: int


@dataclass(frozen=True, kw_only=True)
class Books:
    """Whether the books are in balance, up to which entry, and when they were last proven."""

    is_balanced: bool
    sequence: int
    recorded_at: datetime | None
    proven: ProofLine | None


@dataclass(frozen=True, kw_only=True)
class ProgrammeRow:
    """A programme with what of it is in grants, and what was paid to partners."""

    name: str
    window: str
    country: str
    grants: int
    in_grants: Money
    paid: Money


@desk.before_request
def _dress() -> None:
    g.desk = Desk(
        name="public",
        label=_("Open to everybody"),
        home=url_for("public.home"),
        nav=[
            NavItem(label, url_for(endpoint), active=request.endpoint in endpoints)
            for label, endpoint, endpoints in (
                (_("Where the money goes"), "public.home", {"public.home", "public.fund"}),
                (_("Open calls"), "public.calls", {"public.calls", "public.call"}),
                (_("Verify a document"), "public.verify", {"public.verify", "public.verified"}),
            )
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
    programmes = _programmes(fund.id)
    by_donor = sorted(
        donors.summed(found, lambda one: one.donor).items(),
        key=lambda pair: (-pair[1][0].minor, pair[0]),
    )
    return render_template(
        "public/fund.html",
        fund=fund,
        status=funding.funding_status(fund.id),
        paid=_sum([one.paid_usd for one in found]),
        pledged=_sum([one.pledged_usd for one in found]),
        donors_with_money=sum(1 for _name, amounts in by_donor if amounts[0]),
        by_donor=by_donor,
        chart=_donors_chart(by_donor),
        programmes=programmes,
        places_chart=_places_chart(programmes),
        years=_years(fund.id),
        books=_books(fund.id),
        calls=[call for call in applications.open_calls(limit=20) if call.fund == fund.name],
    )


def _donors_chart(by_donor: list[tuple[str, tuple[Money, Money]]]) -> object:
    paid = [(name, amounts[0]) for name, amounts in by_donor if amounts[0]]
    if not paid:
        return ""
    bars = [
        charts.Bar(name, amount.amount, formats.figures(amount))
        for name, amount in paid[:DONORS_SHOWN]
    ]
    rest = _sum([amount for _name, amount in paid[DONORS_SHOWN:]])
    if rest:
        bars.append(charts.Bar(_("All others"), rest.amount, formats.figures(rest)))
    return charts.bar(
        _("Who pays in"), _("Contributions received since the start, US dollars"), bars
    )


def _programmes(fund_id: int) -> list[ProgrammeRow]:
    rows = [
        ProgrammeRow(
            name=line.programme.name,
            window=line.programme.window,
            country=line.programme.country,
            grants=line.grants,
            in_grants=line.money.reserved + line.money.committed + line.money.disbursed,
            paid=line.money.disbursed,
        )
        for line in funding.programme_lines(fund_id)
    ]
    return sorted(rows, key=lambda row: (-row.in_grants.minor, row.name))


def _places_chart(programmes: list[ProgrammeRow]) -> object:
    by_country: dict[str, Money] = {}
    for row in programmes:
        country = row.country or _("Global and regional")
        by_country[country] = by_country.get(country, Money.zero("USD")) + row.in_grants
    largest = sorted(by_country.items(), key=lambda pair: (-pair[1].minor, pair[0]))
    bars = [
        charts.Bar(country, amount.amount, formats.figures(amount))
        for country, amount in largest[:COUNTRIES_SHOWN]
        if amount
    ]
    rest = _sum([amount for _country, amount in largest[COUNTRIES_SHOWN:]])
    if rest:
        bars.append(charts.Bar(_("All others"), rest.amount, formats.figures(rest)))
    if not bars:
        return ""
    return charts.bar(_("Where it goes"), _("Money in approved grants, US dollars"), bars)


def _years(fund_id: int) -> list[GrantTotal]:
    """Grants by programme year, the latest first."""
    return sorted(grant_totals(fund_id), key=lambda row: -row.year)


def _books(fund_id: int) -> Books:
    """Invariant (iii) from the balances of this moment, and what the last full proof found."""
    held = ledger.sum_usd(ledger.balances(fund_id, ["1010"])) - ledger.sum_usd(
        ledger.balances(fund_id, chart.PAYABLES)
    )
    spendable = ledger.sum_usd(ledger.balances(fund_id, chart.SPENDABLE))
    head = ledger.head(fund_id)
    proven, house = proof.latest(fund_id), proof.latest(None)
    return Books(
        is_balanced=held == spendable and all(one.holds for one in (proven, house) if one),
        sequence=head.sequence,
        recorded_at=head.recorded_at,
        proven=proven,
    )


def _sum(amounts: list[Money]) -> Money:
    total = Money.zero("USD")
    for amount in amounts:
        total += amount
    return total
