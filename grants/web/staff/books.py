"""The line that says whether the books are in balance, as of which entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from grants.funding import queries as funding
from grants.funding.queries import FundingStatus
from grants.ledger import queries as ledger
from grants.ledger.chart import CHART
from grants.money import Money


@dataclass(frozen=True, kw_only=True)
class BooksLine:
    """Whether debits equal credits in each book, and cash what funds control can spend."""

    is_balanced: bool
    sequence: int
    recorded_at: datetime | None
    status: FundingStatus
    spendable: Money

    @property
    def held(self) -> Money:
        return self.status.held


def books_line(fund_id: int) -> BooksLine:
    """Read from the kept balances; the whole proof is `grants verify` and the page of proof."""
    sums = ledger.balance_sums(fund_id)
    status = funding.funding_status(fund_id)
    spendable = (
        status.unallocated
        + status.exchange_reserve
        + status.allocated
        + status.reserved
        + status.committed
    )
    books = {"A": 0, "B": 0}
    for line in sums:
        side = CHART[line.number].side
        books["B" if line.number.startswith("9") else "A"] += side * line.usd_minor
    head = ledger.head(fund_id)
    return BooksLine(
        is_balanced=not any(books.values()) and status.held == spendable,
        sequence=head.sequence,
        recorded_at=head.recorded_at,
        status=status,
        spendable=spendable,
    )
