"""What a statement says, before anybody prints it: frozen values, nothing computed or formatted.

Amounts are US dollars unless the field says otherwise. Tracked: the earmark of the contribution
decides. Notional: a calculated share of the common pool.
"""

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
class Contribution:
    """The contribution in figures; pledged is what is neither agreed nor paid yet."""

    pledged: Money
    agreed: Money
    outstanding: Money
    received_in_period: Money
    received: Money
    #: Of all contributions to the fund since its start; None while there are none.
    share_basis_points: int | None


@dataclass(frozen=True, kw_only=True)
class PledgeLine:
    """An open pledge."""

    reference: str
    pledged_on: date
    amount: Money
    usd: Money


@dataclass(frozen=True, kw_only=True)
class AgreementLine:
    """A contribution agreement, in its own currency and at its value when it was signed."""

    reference: str
    signed_on: date | None
    earmark: str
    amount: Money
    usd: Money
    paid: Money
    outstanding: Money


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
class FlowLine:
    """A row of the contributor's sources and uses. `kind`: source, use, total, balance or memo."""

    label: str
    kind: str
    period_tracked: Money
    period_notional: Money
    tracked: Money
    notional: Money

    @property
    def period(self) -> Money:
        return self.period_tracked + self.period_notional

    @property
    def cumulative(self) -> Money:
        return self.tracked + self.notional


@dataclass(frozen=True, kw_only=True)
class FundLine:
    """A row of the whole fund's sources and uses. `kind` as in FlowLine."""

    label: str
    kind: str
    period: Money
    cumulative: Money


@dataclass(frozen=True, kw_only=True)
class PlaceLine:
    """Where the money went: country, window and programme."""

    country: str
    window: str
    programme: str
    grants: int
    approved: Money
    net_funded: Money
    expenditure: Money


@dataclass(frozen=True, kw_only=True)
class CategoryLine:
    """What it was spent on: accepted expenditure by UNSDG category."""

    number: int
    name: str
    before: Money
    in_period: Money
    expenditure: Money


@dataclass(frozen=True, kw_only=True)
class SpendingLine:
    """Country by window by category, in full: for the attached data."""

    country: str
    window: str
    number: int
    category: str
    expenditure: Money


@dataclass(frozen=True, kw_only=True)
class GrantLine:
    """A grant that the contributor's money pays for; all amounts but the first are its share."""

    reference: str
    title: str
    partner: str
    country: str
    window: str
    state: str
    grant_approved: Money
    share_basis_points: int
    basis: str
    approved: Money
    net_funded: Money
    expenditure: Money
    delivery_basis_points: int | None


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
    """A part of what became of the deposits. `kind`: line, subtotal or total."""

    label: str
    kind: str
    tracked: Money
    notional: Money

    @property
    def total(self) -> Money:
        return self.tracked + self.notional


@dataclass(frozen=True, kw_only=True)
class Change:
    """A figure that differs from the previous version of the statement."""

    label: str
    before: Money | None
    after: Money | None


@dataclass(frozen=True, kw_only=True)
class EntryBehind:
    """A ledger entry since the previous version that touched the contributor's money."""

    sequence: int
    event: str
    value_on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class DonorStatement:
    """One contributor's statement for one period."""

    cover: Cover
    contribution: Contribution
    pledges: tuple[PledgeLine, ...]
    agreements: tuple[AgreementLine, ...]
    instalments: tuple[InstalmentLine, ...]
    flows: tuple[FlowLine, ...]
    fund: tuple[FundLine, ...]
    places: tuple[PlaceLine, ...]
    categories: tuple[CategoryLine, ...]
    spending: tuple[SpendingLine, ...]
    grants: tuple[GrantLine, ...]
    fees: tuple[FeeLine, ...]
    balance: tuple[BalanceLine, ...]
    closing_balance: Money
    notes: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    entries_behind: tuple[EntryBehind, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a contributor's deposits have become by now: what a page shows of a statement."""

    balance: tuple[BalanceLine, ...]
    places: tuple[PlaceLine, ...]
    grants: tuple[GrantLine, ...]
