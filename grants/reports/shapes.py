"""What a statement says, before anybody prints it: frozen values, amounts in US dollars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from grants.money import Money


@dataclass(frozen=True, kw_only=True)
class Cover:
    """Whose statement this is, of when, and where its figures come from."""

    fund: str
    host: str
    donor: str
    constituency: str
    agreements: tuple[str, ...]
    from_on: date
    until_on: date
    state: str
    number: str
    version: int
    verification_code: str
    verification_url: str
    ledger_sequence: int
    ledger_hash: str
    prepared_by: str
    prepared_at: datetime | None
    certified_by: str
    certified_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PledgeLine:
    """An open pledge."""

    reference: str
    pledged_on: date
    amount: Money
    usd: Money


@dataclass(frozen=True, kw_only=True)
class InstalmentLine:
    """An instalment and what came of it; a deposit without an agreement has no due date."""

    agreement: str
    number: int | None
    due_on: date | None
    agreed: Money | None
    agreed_usd: Money | None
    paid_on: date | None
    paid: Money | None
    rate: str
    rate_source: str
    usd: Money | None
    difference: Money | None
    days_late: int | None


@dataclass(frozen=True, kw_only=True)
class SourceOrUse:
    """A row of sources and uses: in the period and cumulative, tracked and notional apart."""

    label: str
    kind: str  # source, use, total, balance
    tracked: Money
    notional: Money
    cumulative_tracked: Money
    cumulative_notional: Money

    @property
    def total(self) -> Money:
        return self.tracked + self.notional

    @property
    def cumulative(self) -> Money:
        return self.cumulative_tracked + self.cumulative_notional


@dataclass(frozen=True, kw_only=True)
class PlaceLine:
    """Where the donor's money went: country, window and programme."""

    country: str
    window: str
    programme: str
    grants: int
    approved: Money
    net_funded: Money
    expenditure: Money


@dataclass(frozen=True, kw_only=True)
class CategoryLine:
    """What it was spent on: the donor's share of accepted expenditure by UNSDG category."""

    number: int
    name: str
    expenditure: Money


@dataclass(frozen=True, kw_only=True)
class GrantLine:
    """A grant that the donor's money pays for; all amounts are the donor's share."""

    reference: str
    title: str
    partner: str
    country: str
    state: str
    share_basis_points: int
    basis: str
    approved: Money
    net_funded: Money
    expenditure: Money


@dataclass(frozen=True, kw_only=True)
class FeeLine:
    """What was taken off a deposit, and what the exchange made of it."""

    value_on: date
    reference: str
    deposit: Money
    fee: Money
    other: Money
    difference: Money


@dataclass(frozen=True, kw_only=True)
class BalanceLine:
    """A part of what became of the donor's deposits."""

    label: str
    tracked: Money
    notional: Money

    @property
    def total(self) -> Money:
        return self.tracked + self.notional


@dataclass(frozen=True, kw_only=True)
class Change:
    """A figure that differs from the previous version of the statement."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class DonorStatement:
    """One donor's statement for one period."""

    cover: Cover
    pledged: Money
    agreed: Money
    received: Money
    received_in_period: Money
    pledges: tuple[PledgeLine, ...]
    instalments: tuple[InstalmentLine, ...]
    sources_and_uses: tuple[SourceOrUse, ...]
    places: tuple[PlaceLine, ...]
    categories: tuple[CategoryLine, ...]
    grants: tuple[GrantLine, ...]
    fees: tuple[FeeLine, ...]
    balance: tuple[BalanceLine, ...]
    closing_balance: Money
    notes: tuple[str, ...]
    changes: tuple[Change, ...] = ()
