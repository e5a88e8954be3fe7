"""The words of the funding engine: layers, demands, shares, plans and shortages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from grants.donors.rules import Earmark
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
    NOT_YET_RECEIVED = "received later"
    NOT_YET_USABLE = "usable later"
    EXPIRED = "no longer usable"


@dataclass(frozen=True, kw_only=True)
class SpendableLayer:
    """What is left of a deposit, and what it may pay for."""

    layer_id: int
    donor_id: int
    available_minor: int
    conditions: Earmark
    value_on: date
    is_core: bool = True


@dataclass(frozen=True, kw_only=True)
class Demand:
    """An amount wanted for a place and a purpose, on a day.

    With `received_by`, only money that had arrived by then may pay (for books of the past).
    """

    key: str
    amount_minor: int
    window_id: int
    country_code: str | None
    themes: frozenset[str] = frozenset()
    on: date
    received_by: date | None = None


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
    """A layer that has money and may not pay for a demand."""

    demand_key: str
    layer_id: int
    obstacle: Obstacle
    amount_minor: int


@dataclass(frozen=True)
class Plan:
    """Every demand is met, to the cent."""

    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Shortage:
    """Some demands cannot be met: how much each lacks, and who may not pay for it, and why."""

    short: Mapping[str, int]
    reasons: tuple[Reason, ...]


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
    sector: str = ""


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
