"""The funding status of a fund: one place that computes it, from one reading of the books."""

from __future__ import annotations

from datetime import date
from functools import cache

from grants.ledger import queries as ledger
from grants.people import queries as people
from grants.reports import rules
from grants.reports.numbers.funding_status import blocks, overview
from grants.reports.numbers.funding_status.reading import Reading, read
from grants.reports.shapes.funding_status import Definition, FundingStatus

_DATES = (
    "Contributions and transfers count on the day on which the bank booked them, at the value in US"
    " dollars of that day. Expenditure counts when the fund accepted the report on it; what was"
    " written off stands with it."
)
_DIRECT_COST = (
    "Direct cost is paid by the secretariat itself and counts as spent when it is paid. The first"
    " block has it less what came back; the second has what was paid, and what came back as a"
    " refund."
)
_COMMITMENTS = (
    "Commitments of a contributor are its deposits and what it has signed and not yet paid, at its"
    " value when it was signed."
)
_PLAIN = (
    "The second block counts only what was transferred to participating organizations: neither"
    " direct cost nor transfers to other funds."
)


def build(
    fund_id: int,
    on: date,
    *,
    known_at: int | None = None,
    definition: Definition = Definition.WHOLE,
    read_on: date,
) -> FundingStatus:
    """The funding status at the end of a day, as the journal up to entry `known_at` has it.

    Without `known_at`, as it has it now. `read_on` is the day of reading: it says which years are
    still provisional. Refuses with NotFound an unknown fund.
    """
    fund = people.fund(fund_id)
    head = ledger.head(fund_id)
    known = head.sequence if known_at is None else max(0, min(known_at, head.sequence))

    @cache
    def at(day: date) -> Reading:
        return read(fund_id, day, known)

    now = at(on)
    columns = overview.columns_of(fund_id, on)
    return FundingStatus(
        fund_id=fund_id,
        fund=fund.name,
        host=fund.host,
        on=on,
        known_at=known,
        ledger_hash=ledger.entries_that_stand(fund_id, [known]).get(known, ""),
        definition=definition,
        heading=heading(on, read_on),
        agent=tuple(blocks.agent_lines(now)),
        organisations=tuple(blocks.organisation_lines(now, definition)),
        total=blocks.total_line(now, definition),
        bridge=tuple(blocks.bridge_lines(now, definition)),
        ties=tuple(blocks.ties(now, definition)),
        columns=columns,
        overview=tuple(overview.overview_lines(columns, at)),
        contributors=tuple(overview.contributor_lines(fund_id, columns[1], known)),
        notes=(_DATES, _DIRECT_COST if definition is Definition.WHOLE else _PLAIN, _COMMITMENTS),
    )


def heading(on: date, read_on: date) -> str:
    """Which figures are provisional, in a sentence (domain rules, section 2.1)."""
    final = rules.final_year(read_on)
    what = (
        "Participating organizations certify their expenditure of a year by 30 April of the next;"
        " figures before that are voluntary and provisional."
    )
    if on.year <= final:
        return f"{what} The expenditure of {on.year} is final."
    since = f"Expenditure after 31 December {final} is provisional."
    return f"{what} {since}"
