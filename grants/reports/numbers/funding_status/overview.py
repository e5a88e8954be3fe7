"""Tables 1 and 2 of a consolidated annual financial report, by columns of any length.

Each amount of a column is what stood at its end less what stood before it began, so that columns
which follow one another sum to the cumulative one, whether they are years or eighteen months.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from grants.ledger import queries as ledger
from grants.ledger.queries import PeriodView
from grants.money import Money
from grants.people import queries as people
from grants.reports.numbers.funding_status import reading as parts
from grants.reports.numbers.funding_status.reading import Reading
from grants.reports.shapes.funding_status import Column, ContributorLine, OverviewLine

_RECEIVABLE = "1100"
_DAY = timedelta(days=1)

#: Label, kind and what it is, in the order of Table 1.
_ROWS: Sequence[tuple[str, str, Callable[[Reading], int]]] = (
    ("Contributions from donors", "line", lambda now: now.contributions),
    ("Sub-total Contributions", "subtotal", lambda now: now.contributions),
    (
        "Fund Earned Interest and Investment Income",
        "line",
        lambda now: now.of(*parts.FUND_INTEREST),
    ),
    (
        "Interest Income received from Participating Organizations",
        "line",
        lambda now: now.of(*parts.PARTNER_INTEREST),
    ),
    (
        "Refunds by Administrative Agent to Contributors",
        "line",
        lambda now: -now.of(*parts.RETURNED),
    ),
    (
        "Fund balance transferred to another MDTF",
        "line",
        lambda now: -now.net_to_funds,
    ),
    (
        "Other Income",
        "line",
        lambda now: now.of(*parts.OTHER_INCOME, *parts.BROUGHT_FORWARD),
    ),
    ("Total Sources", "total", lambda now: now.sources - now.net_to_funds),
    ("Transfers to Participating Organizations", "line", lambda now: now.transferred),
    (
        "Refunds received from Participating Organizations",
        "line",
        lambda now: -now.programme_refunds,
    ),
    ("Net Funded Amount", "subtotal", lambda now: now.net_funded),
    ("Administrative Agent Fees", "line", lambda now: now.fees),
    ("Direct Costs (Steering Committee, Secretariat...)", "line", lambda now: now.direct_cost),
    ("Bank Charges", "line", lambda now: now.of(*parts.BANK_CHARGES)),
    ("Other Expenditures", "line", lambda now: now.other_uses),
    ("Total Uses", "total", lambda now: now.uses - now.net_to_funds),
    (
        "Change in Fund cash balance with Administrative Agent",
        "total",
        lambda now: now.agent_balance,
    ),
)
_AFTER: Sequence[tuple[str, str, Callable[[Reading], int]]] = (
    (
        "Net Funded Amount (includes Direct Cost)",
        "line",
        lambda now: now.net_funded + now.direct_cost,
    ),
    (
        "Participating Organizations' Expenditure (includes Direct Cost)",
        "line",
        lambda now: now.spent_by_organisations + now.direct_cost,
    ),
    (
        "Balance of Funds with Participating Organizations",
        "balance",
        lambda now: now.net_funded - now.spent_by_organisations,
    ),
)
OPENING = "Opening Fund balance"
CLOSING = "Closing Fund balance"


def columns_of(fund_id: int, on: date) -> tuple[Column, Column, Column]:
    """The period before the one of that day, that one so far, and all since the start.

    The periods are those of the books; where there are none, calendar years.
    """
    periods = sorted(ledger.periods_of(fund_id), key=lambda one: one.starts_on)
    current = _column_of(periods, on)
    assert current.from_on is not None
    return (
        _column_of(periods, current.from_on - _DAY),
        current,
        Column(label="Cumulative", from_on=None, until_on=on),
    )


def overview_lines(columns: Sequence[Column], at: Callable[[date], Reading]) -> list[OverviewLine]:
    """Table 1. `at` gives the books at the end of a day."""
    sides = [
        (at(column.from_on - _DAY) if column.from_on else Reading({}, {}), at(column.until_on))
        for column in columns
    ]

    def line(label: str, kind: str, of: Callable[[Reading], int]) -> OverviewLine:
        amounts = tuple(_usd(of(end) - of(start)) for start, end in sides)
        return OverviewLine(label=label, amounts=amounts, kind=kind)

    opening = tuple(_usd(start.agent_balance) for start, _ in sides)
    closing = tuple(_usd(end.agent_balance) for _, end in sides)
    return [
        *(line(*row) for row in _ROWS),
        OverviewLine(label=OPENING, amounts=opening, kind="balance"),
        OverviewLine(label=CLOSING, amounts=closing, kind="balance"),
        *(line(*row) for row in _AFTER),
    ]


def contributor_lines(fund_id: int, current: Column, known_at: int) -> list[ContributorLine]:
    """Table 2: commitments and deposits by contributor, by name, and their total."""
    now = _by_donor(fund_id, current.until_on, known_at)
    before = _by_donor(fund_id, current.from_on - _DAY, known_at) if current.from_on else {}
    names = people.organisation_names([donor_id for donor_id in now if donor_id])
    lines = [
        ContributorLine(
            donor_id=donor_id or None,
            contributor=names.get(donor_id, ""),
            commitments=_usd(received + to_come),
            prior=_usd(before.get(donor_id, (0, 0))[0]),
            current=_usd(received - before.get(donor_id, (0, 0))[0]),
        )
        for donor_id, (received, to_come) in now.items()
    ]
    lines.sort(key=lambda one: (one.contributor.casefold(), one.donor_id or 0))
    total = ContributorLine(
        donor_id=None,
        contributor="Grand Total",
        commitments=_sum([one.commitments for one in lines]),
        prior=_sum([one.prior for one in lines]),
        current=_sum([one.current for one in lines]),
        kind="total",
    )
    return [*lines, total]


def _column_of(periods: Sequence[PeriodView], on: date) -> Column:
    """The period that a day lies in, up to that day; else what of its year no period took."""
    for one in periods:
        if one.starts_on <= on <= one.ends_on:
            return Column(label=one.name, from_on=one.starts_on, until_on=on)
    free_from = max((one.ends_on + _DAY for one in periods if one.ends_on < on), default=date.min)
    starts_on = max(free_from, date(on.year, 1, 1))
    return Column(label=f"Annual {on.year}", from_on=starts_on, until_on=on)


def _by_donor(fund_id: int, on: date, known_at: int) -> dict[int, tuple[int, int]]:
    """What each donor deposited by a day, and what of its agreements is still to come."""
    found: dict[int, tuple[int, int]] = {}
    for one in ledger.balances_as_of(
        fund_id, (*parts.CONTRIBUTIONS, _RECEIVABLE), on=on, known_at=known_at
    ):
        received, to_come = found.get(one.donor_id or 0, (0, 0))
        if one.number == _RECEIVABLE:
            to_come += one.usd_minor
        else:
            received += one.usd_minor
        found[one.donor_id or 0] = (received, to_come)
    return found


def _sum(amounts: Sequence[Money]) -> Money:
    return _usd(sum(one.minor for one in amounts))


def _usd(minor: int) -> Money:
    return Money.of_minor(minor, "USD")
