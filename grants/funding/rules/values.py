"""The words of the funding engine: layers, demands, shares, plans and shortages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from grants.donors.rules import CostType, Earmark
from grants.money import Money


class Basis(StrEnum):
    """Tracked: the donor's earmark says so. Notional: a calculated share of a common pool."""

    TRACKED = "tracked"
    NOTIONAL = "notional"


class Policy(StrEnum):
    """How layers of equal conditions share a demand."""

    PRO_RATA = "pro_rata"
    FIRST_IN_FIRST_OUT = "fifo"


class Obstacle(StrEnum):
    """Why a layer may not pay for a demand."""

    OTHER_WINDOW = "earmarked to another window"
    OTHER_COUNTRY = "earmarked to another country"
    OTHER_THEME = "earmarked to another theme"
    OTHER_SECTOR = "earmarked to another sector"
    OTHER_COST = "for another kind of cost"
    OTHER_RECIPIENT = "for another kind of recipient"
    EXCLUDED = "not for what this would buy"
    NOT_YET_RECEIVED = "received later"
    NOT_YET_USABLE = "usable later"
    EXPIRED = "no longer usable"
    CEILING = "up to its ceiling"


@dataclass(frozen=True, kw_only=True)
class SpendableLayer:
    """What is left of a deposit, and what it may pay for.

    Ceilings bind the layers of one agreement together; `used_by_year` is what they gave to the
    grants of each year already.
    """

    layer_id: int
    donor_id: int
    available_minor: int
    conditions: Earmark
    value_on: date
    is_core: bool = True
    agreement_id: int | None = None
    used_by_year: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Demand:
    """An amount wanted for a place and a purpose, on a day.

    With `received_by`, only money that had arrived by then may pay (for books of the past). What
    is None is not known yet: an allocation knows neither sector nor recipient. Where not all can
    be met, those of a lower `priority` are served first, then those of the earlier key.
    """

    key: str
    amount_minor: int
    window_id: int
    country_code: str | None
    themes: frozenset[str] = frozenset()
    on: date
    received_by: date | None = None
    sectors: frozenset[str] | None = None
    cost_type: str | None = None
    recipient_kind: str | None = None
    #: What the money would buy: categories of cost, and words.
    items: frozenset[str] = frozenset()
    is_grant: bool = True
    priority: int = 0

    @property
    def words(self) -> frozenset[str]:
        """Everything that an exclusion may name."""
        return self.items | self.themes | (self.sectors or frozenset())


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """What is known of a grant beside its programme; what is None is not known yet."""

    sectors: frozenset[str] | None = None
    recipient_kind: str | None = None
    items: frozenset[str] = frozenset()
    cost_type: str = CostType.GRANT


@dataclass(frozen=True, kw_only=True)
class Share:
    """The part of a demand that one layer pays, and by which rule."""

    demand_key: str
    layer_id: int
    amount_minor: int
    basis: Basis
    rule: str


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A layer that has money and may not pay for a demand: the first obstacle, and all."""

    demand_key: str
    layer_id: int
    obstacle: Obstacle
    amount_minor: int
    obstacles: tuple[Obstacle, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Bottleneck:
    """The minimum cut: these demands together ask more than all that may pay for them.

    `able_minor` is what layers that may pay for them hold, and what ceilings let through of others.
    """

    demand_keys: tuple[str, ...]
    asked_minor: int
    able_minor: int

    @property
    def short_minor(self) -> int:
        return self.asked_minor - self.able_minor


@dataclass(frozen=True)
class Plan:
    """Every demand is met, to the cent."""

    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Shortage:
    """Some demands cannot be met: how much each lacks, and who may not pay for it, and why.

    `shares` is the most that can be done: who would pay for what can be met. `reasons` speak of one
    demand for all that the same money may pay for.
    """

    short: Mapping[str, int]
    reasons: tuple[Reason, ...]
    bottleneck: Bottleneck
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NewGrant:
    """A grant as it is approved. Without a reference it gets the next number of its year."""

    fund_id: int
    programme_id: int
    grantee_id: int
    title: str
    amount: Money
    approved_on: date
    programme_year: int
    reference: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    round_name: str = ""
    #: A DAC code, or the source's own word.
    sector: str = ""
    cost_type: str = CostType.GRANT
    #: What it would buy: categories of its budget, and words; donors may exclude some.
    items: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class ImportedGrant:
    """A grant from the books of the past: committed, or only reserved; `state` if it went on."""

    grant: NewGrant
    is_committed: bool = True
    state: str | None = None


@dataclass(frozen=True, kw_only=True)
class NamedLayer:
    """A layer as a person knows it: whose deposit, of which day, and what it is for."""

    layer_id: int
    donor: str
    value_on: date
    conditions: Earmark
