"""What a donor pledged, agreed and paid, and what its money has become."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from grants import clock
from grants.donors import queries as donors
from grants.donors.queries import (
    AgreementLine,
    DepositLine,
    DonorLine,
    LetterLine,
    OpenInstalment,
    PledgeLine,
)
from grants.errors import NotFound
from grants.files import queries as files
from grants.funding import queries as funding
from grants.money import Money
from grants.people.permissions import Verb, may
from grants.people.queries import FundView
from grants.reports import queries as reports
from grants.reports.numbers import donor_statement as numbers
from grants.reports.shapes import BalanceLine, Standing
from grants.web.donor import desk
from grants.web.donor.mine import my_fund, my_funds, my_organisation
from grants.web.kit import charts, formats
from grants.web.kit.access import actor
from grants.web.kit.downloads import download
from grants.web.kit.statements import ShownStatement, shown

DEPOSITS_SHOWN = 12
LETTERS_SHOWN = 24
PLACES_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class FundPage:
    """A donor's page of one fund."""

    fund: FundView
    line: DonorLine
    standing: Standing
    agreements: list[tuple[AgreementLine, str]]
    pledges: list[PledgeLine]
    due: list[OpenInstalment]
    letters: list[LetterLine]
    deposits: list[DepositLine]
    deposits_total: int
    statement: ShownStatement | None
    today: date

    @property
    def balance(self) -> Money:
        """What the fund still has of it."""
        return next(line.total for line in self.standing.balance if line.kind == "subtotal")

    @property
    def spent(self) -> Money:
        total = Money.zero("USD")
        for grant in self.standing.grants:
            total += grant.expenditure
        return total

    @property
    def next_due(self) -> OpenInstalment | None:
        return next((one for one in self.due if not one.is_held), None)

    @property
    def balance_chart(self) -> object:
        """The parts of the balance, tracked and notional apart."""
        parts = [line for line in self.standing.balance if line.kind == "line" and line.total]
        if not parts:
            return ""
        return charts.stacked_bar(
            _("What your contributions have become"),
            _("All deposits since the start, less fees, US dollars"),
            [_("Tracked"), _("Notional")],
            [_stack(line) for line in parts],
        )

    @property
    def places_chart(self) -> object:
        """Where the approved share lies, the largest first."""
        by_country: dict[str, Money] = {}
        for place in self.standing.places:
            nothing = Money.zero("USD")
            by_country[place.country] = by_country.get(place.country, nothing) + place.approved
        largest = sorted(by_country.items(), key=lambda pair: (-pair[1].minor, pair[0]))
        bars = [
            charts.Bar(country, amount.amount, formats.figures(amount))
            for country, amount in largest[:PLACES_SHOWN]
            if amount.minor > 0
        ]
        if not bars:
            return ""
        return charts.bar(_("Where it went"), _("Your share of approved grants, US dollars"), bars)


@desk.get("/")
def home() -> str:
    """The donor's contributions: of its one fund in full, of several each in a line."""
    funds = my_funds()
    if len(funds) == 1:
        return _page(*funds[0])
    totals = {
        name: _sum([getattr(line, name) for _fund, line in funds])
        for name in ("pledged", "paid", "outstanding")
    }
    return render_template("donor/home.html", funds=funds, totals=totals)


@desk.get("/funds/<slug>")
def fund(slug: str) -> str:
    """The donor's contributions to one fund."""
    return _page(*my_fund(slug))


@desk.get("/requests/<int:request_id>.pdf")
def payment_request_file(request_id: int) -> Response:
    """A letter that asks the donor to pay, as it was sent. Those of others are not there."""
    me = my_organisation()
    line = donors.letter(request_id)
    is_mine = line.donor_id == me and may(
        actor(), Verb.SEE_OWN_STATEMENTS, line.fund_id, organisation_id=me
    )
    if not is_mine or line.document_id is None:
        raise NotFound
    return download(files.open_file(line.document_id))


def _page(fund: FundView, line: DonorLine) -> str:
    me = my_organisation()
    deposits, total = donors.deposits_of(fund.id, me, limit=DEPOSITS_SHOWN)
    windows = funding.window_names(fund.id)
    page = FundPage(
        fund=fund,
        line=line,
        standing=numbers.standing(fund.id, me),
        agreements=[
            (one, funding.words_of(one.earmark, windows))
            for one in donors.agreements_of(fund.id, me)
        ],
        pledges=donors.pledges_of(fund.id, me, state="open"),
        due=donors.open_instalments([fund.id], donor_id=me),
        letters=[
            one
            for one in donors.letters_of(fund_id=fund.id, donor_id=me, limit=LETTERS_SHOWN)
            if one.document_id is not None
        ],
        deposits=deposits,
        deposits_total=total,
        statement=_latest_statement(fund.id),
        today=clock.today(actor().time_zone),
    )
    return render_template("donor/fund.html", page=page)


def _latest_statement(fund_id: int) -> ShownStatement | None:
    lines, _total = reports.my_statements(actor(), limit=100)
    ready = [line for line in lines if line.fund_id == fund_id and line.is_ready]
    certified = [line for line in ready if line.state == "certified"]
    found = (certified or ready)[:1]
    return shown(found)[0] if found else None


def _stack(line: BalanceLine) -> charts.Stack:
    return charts.Stack(
        part_words(line.label),
        [line.tracked.amount, line.notional.amount],
        formats.figures(line.total),
        texts=[formats.figures(line.tracked), formats.figures(line.notional)],
    )


def part_words(label: str) -> str:
    """The parts of a balance, in the language of the reader."""
    words = {
        "Not yet allocated": _("Not yet allocated"),
        "Held against exchange risk": _("Held against exchange risk"),
        "Allocated to programmes": _("Allocated to programmes"),
        "Reserved for approved grants": _("Reserved for approved grants"),
        "Committed in grant agreements": _("Committed in grant agreements"),
        "Approved for payment, not yet paid": _("Approved for payment, not yet paid"),
        "Paid, not yet reported as spent": _("Paid, not yet reported as spent"),
        "Spent by partners and accepted": _("Spent by partners and accepted"),
        "Written off": _("Written off"),
    }
    return str(words.get(label, label))


def _sum(amounts: list[Money]) -> Money:
    total = Money.zero("USD")
    for amount in amounts:
        total += amount
    return total
