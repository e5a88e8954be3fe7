"""Where a fund's money came from, went and is, before anybody prints it: frozen values.

The rows are those of the "Funding status" of the United Nations' gateway for pooled funds, and of
its consolidated annual financial report (domain rules, section 8). Amounts are US dollars and
cents; shares are tenths of a per cent, as they are published.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from grants.money import Money


class Definition(StrEnum):
    """What the second block counts as transferred.

    WHOLE, published since the second version: everything that left the administrative agent for
    others to spend, direct cost and transfers to other funds included. PLAIN, before that: only
    what was transferred to participating organizations.
    """

    WHOLE = "whole"
    PLAIN = "plain"


@dataclass(frozen=True, kw_only=True)
class StatusLine:
    """A row. `kind` is line, subtotal, total or balance."""

    key: str
    label: str
    amount: Money
    kind: str = "line"
    #: Of deposits or of transfers, as `share_of` says; None where nothing was published.
    share_tenths: int | None = None
    share_of: str = ""
    #: The accounts that the figure is read from, and the events if not all of them count.
    numbers: tuple[str, ...] = ()
    events: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BridgeLine:
    """A step from the first block's transfers and refunds to the second's."""

    label: str
    transfers: Money
    refunds: Money
    kind: str = "line"

    @property
    def net(self) -> Money:
        return self.transfers - self.refunds


@dataclass(frozen=True, kw_only=True)
class Tie:
    """A figure and the parts of the books that it is made of: they sum to it, or the books lie."""

    title: str
    lines: tuple[StatusLine, ...]
    total: StatusLine


@dataclass(frozen=True, kw_only=True)
class Column:
    """A stretch of days of the overview: a year, or a period of any length."""

    label: str
    from_on: date | None
    until_on: date


@dataclass(frozen=True, kw_only=True)
class OverviewLine:
    """A row of Table 1: one amount for each column."""

    label: str
    amounts: tuple[Money, ...]
    kind: str = "line"


@dataclass(frozen=True, kw_only=True)
class ContributorLine:
    """A row of Table 2: a contributor's commitments and deposits.

    Commitments are what was deposited and what is signed and still to come.
    """

    donor_id: int | None
    contributor: str
    commitments: Money
    prior: Money
    current: Money
    kind: str = "line"

    @property
    def deposits(self) -> Money:
        return self.prior + self.current


@dataclass(frozen=True, kw_only=True)
class FundingStatus:
    """The funding status of a fund as of a day, as the journal up to one entry has it."""

    fund_id: int
    fund: str
    host: str
    on: date
    known_at: int
    ledger_hash: str
    definition: Definition
    heading: str
    agent: tuple[StatusLine, ...]
    organisations: tuple[StatusLine, ...]
    total: StatusLine
    bridge: tuple[BridgeLine, ...]
    ties: tuple[Tie, ...]
    columns: tuple[Column, ...]
    overview: tuple[OverviewLine, ...]
    contributors: tuple[ContributorLine, ...]
    notes: tuple[str, ...]

    @property
    def lines(self) -> tuple[StatusLine, ...]:
        """Every row of both blocks, and the last one under them."""
        return (*self.agent, *self.organisations, self.total)

    def line(self, key: str) -> StatusLine:
        """The row of that key. Refuses (a mistake of the caller) a key that there is not."""
        return next(line for line in self.lines if line.key == key)
