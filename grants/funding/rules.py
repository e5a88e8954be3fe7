"""Who may pay for what, and how a sum is split over those who pay: pure functions of values.

`solve` is the whole interface of the funding engine: layers and demands in, a Plan or a Shortage
out. It serves the demands in the order given; a solver that weighs all of them at once can take
its place without anyone noticing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import Final

from babel import Locale

from grants.donors.rules import Earmark
from grants.errors import Refused
from grants.money import Money, share_minor

_ENGLISH: Final = Locale("en")
_REASONS_SAID: Final = 3


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
class NamedLayer:
    """A layer as a person knows it: whose deposit, of which day, and what it is for."""

    layer_id: int
    donor: str
    value_on: date
    conditions: Earmark


class NotEnoughFunds(Refused):
    """The amount asked is more than may be spent for this."""

    def __init__(self, sentence: str, *, left: Money, asked: Money) -> None:
        super().__init__(sentence)
        self.left = left
        self.asked = asked


class MoreThanHeld(Refused):
    """{held} is {what} on this grant; {asked} is asked."""


class WrongState(Refused):
    """Grant {reference} is {state}, so {deed}."""


class NotOfThisFund(Refused):
    """{thing} belongs to another fund."""

    status = 422


def solve(
    layers: Sequence[SpendableLayer], demands: Sequence[Demand], policy: Policy
) -> Plan | Shortage:
    """Choose who pays: the tightest earmark first, then what expires first, then first in.

    Layers of equal conditions share by their balances (largest remainder, the earlier layer
    gets the odd cent) or, by policy, pay first in, first out. Whole minor units; a layer never
    pays more than it has, nor for what its conditions forbid; the same input, the same plan.
    """
    ordered = sorted(layers, key=_in_order)
    left = {layer.layer_id: layer.available_minor for layer in ordered}
    assert len(left) == len(ordered), "a layer is given once"
    shares: list[Share] = []
    short: dict[str, int] = {}
    reasons: list[Reason] = []
    for demand in demands:
        able = [layer for layer in ordered if left[layer.layer_id] > 0]
        able = [layer for layer in able if obstacle(layer, demand) is None]
        missing = demand.amount_minor - sum(left[layer.layer_id] for layer in able)
        if missing > 0:
            short[demand.key] = missing
            reasons += _reasons(ordered, left, demand)
            continue
        for share in _serve(demand, able, left, policy):
            left[share.layer_id] -= share.amount_minor
            shares.append(share)
    return Shortage(short, tuple(reasons)) if short else Plan(tuple(shares))


def obstacle(layer: SpendableLayer, demand: Demand) -> Obstacle | None:
    """Why the layer may not pay for the demand, or None if it may."""
    allowed = layer.conditions
    received_by = demand.received_by
    against = {
        Obstacle.OTHER_WINDOW: allowed.windows and demand.window_id not in allowed.windows,
        Obstacle.OTHER_COUNTRY: allowed.countries and demand.country_code not in allowed.countries,
        Obstacle.OTHER_THEME: allowed.themes and not allowed.themes & demand.themes,
        Obstacle.NOT_YET_RECEIVED: received_by is not None and layer.value_on > received_by,
        Obstacle.NOT_YET_USABLE: demand.on < (allowed.usable_from or date.min),
        Obstacle.EXPIRED: demand.on > (allowed.usable_until or date.max),
    }
    return next((obstacle for obstacle, stands in against.items() if stands), None)


def split_by_holdings(total: int, held: Mapping[int, int]) -> dict[int, int]:
    """Split a sum over layers in proportion to what each holds; never more than it holds.

    The split of a commitment, an advance and a refund: parts of nothing are left out.
    """
    if total > sum(held.values()):
        raise ValueError("more than the layers hold")
    layers = sorted(held)
    parts = share_minor(total, [held[layer] for layer in layers])
    return {layer: part for layer, part in zip(layers, parts, strict=True) if part}


def explain_shortage(
    *,
    asked: Money,
    left: Money,
    purpose: str,
    unallocated: Money,
    reasons: Sequence[Reason],
    names: Mapping[int, NamedLayer],
    windows: Mapping[int, str],
) -> NotEnoughFunds:
    """The refusal in words: what is left, what is asked, and where the rest of the money lies."""
    sentence = f"{left} is left for {purpose}; {asked} is asked."
    parts = _said(reasons, names, windows)
    if unallocated:
        parts.append(f"{unallocated} is not yet allocated")
    if parts:
        sentence = f"{sentence} {'; '.join(parts)}."
    return NotEnoughFunds(sentence, left=left, asked=asked)


def words_of(conditions: Earmark, windows: Mapping[int, str]) -> str:
    """What an earmark allows, in words; empty where it allows everything."""
    words = [
        *(windows.get(window, f"window {window}") for window in sorted(conditions.windows)),
        *(country_name(code) for code in sorted(conditions.countries)),
        *sorted(conditions.themes),
    ]
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def country_name(code: str) -> str:
    """The English name of a country by its ISO 3166 code; the code itself if it is unknown."""
    return str(_ENGLISH.territories.get(code, code))


def in_words(day: date) -> str:
    """A date as a sentence has it: 3 May 2026."""
    return f"{day.day} {day:%B %Y}"


def _tightness(conditions: Earmark) -> tuple[int, int]:
    """Smaller is tighter: more kinds of condition first, then fewer places that fit them."""
    named = [places for places in conditions.places if places]
    return (-len(named), sum(len(places) for places in named))


def _pot(layer: SpendableLayer) -> tuple[object, ...]:
    """What layers that pay side by side have in common, in the order in which pots are emptied."""
    conditions = layer.conditions
    return (
        _tightness(conditions),
        conditions.usable_until or date.max,
        sorted(conditions.windows),
        sorted(conditions.countries),
        sorted(conditions.themes),
    )


def _in_order(layer: SpendableLayer) -> tuple[object, ...]:
    return (_pot(layer), layer.value_on, layer.layer_id)


def _serve(
    demand: Demand, able: Sequence[SpendableLayer], left: Mapping[int, int], policy: Policy
) -> list[Share]:
    shares: list[Share] = []
    need = demand.amount_minor
    for pot in _pots(able):
        if need == 0:
            break
        held = [left[layer.layer_id] for layer in pot]
        taken = min(need, sum(held))
        parts = share_minor(taken, held) if policy is Policy.PRO_RATA else _first_in(taken, held)
        shares += [
            Share(
                demand_key=demand.key,
                layer_id=layer.layer_id,
                amount_minor=part,
                basis=Basis.TRACKED if layer.conditions.is_earmarked else Basis.NOTIONAL,
                rule=_rule(layer.conditions, policy),
            )
            for layer, part in zip(pot, parts, strict=True)
            if part
        ]
        need -= taken
    return shares


def _pots(able: Sequence[SpendableLayer]) -> list[list[SpendableLayer]]:
    """Pots in the order of payment: equal tightness and expiry, the pot that is first in."""
    pots = [list(group) for _, group in groupby(able, key=_pot)]

    def order(pot: list[SpendableLayer]) -> tuple[object, ...]:
        conditions = pot[0].conditions
        expiry = conditions.usable_until or date.max
        return (_tightness(conditions), expiry, pot[0].value_on, pot[0].layer_id)

    return sorted(pots, key=order)


def _first_in(taken: int, held: Sequence[int]) -> list[int]:
    parts = []
    for available in held:
        part = min(taken, available)
        parts.append(part)
        taken -= part
    return parts


def _rule(conditions: Earmark, policy: Policy) -> str:
    if conditions.is_earmarked:
        return "earmark"
    if conditions.usable_until is not None:
        return "expiry"
    return f"pool_{policy}"


def _reasons(
    ordered: Sequence[SpendableLayer], left: Mapping[int, int], demand: Demand
) -> list[Reason]:
    found = []
    for layer in ordered:
        against = obstacle(layer, demand)
        if against is not None and left[layer.layer_id] > 0:
            found.append(
                Reason(
                    demand_key=demand.key,
                    layer_id=layer.layer_id,
                    obstacle=against,
                    amount_minor=left[layer.layer_id],
                )
            )
    return sorted(found, key=lambda reason: (-reason.amount_minor, reason.layer_id))


def _said(
    reasons: Sequence[Reason], names: Mapping[int, NamedLayer], windows: Mapping[int, str]
) -> list[str]:
    amounts: dict[int, int] = defaultdict(int)
    against: dict[int, Obstacle] = {}
    for reason in reasons:
        amounts[reason.layer_id] += reason.amount_minor
        against[reason.layer_id] = reason.obstacle
    largest = sorted(amounts, key=lambda layer_id: (-amounts[layer_id], layer_id))
    parts = []
    for index, layer_id in enumerate(largest[:_REASONS_SAID]):
        amount = Money.of_minor(amounts[layer_id], "USD")
        named = names[layer_id]
        more = " more lies in the fund but" if index == 0 else ""
        why = _why(against[layer_id], named, windows)
        deposit = f"({named.donor}, deposit of {in_words(named.value_on)})"
        parts.append(f"{amount}{more} {why} {deposit}")
    rest = largest[_REASONS_SAID:]
    if rest:
        amount = Money.of_minor(sum(amounts[layer_id] for layer_id in rest), "USD")
        deposits = "deposit" if len(rest) == 1 else "deposits"
        parts.append(f"{amount} in {len(rest)} more {deposits} may not pay for this either")
    return parts


def _why(against: Obstacle, named: NamedLayer, windows: Mapping[int, str]) -> str:
    conditions = named.conditions
    if against is Obstacle.NOT_YET_RECEIVED:
        return f"was received on {in_words(named.value_on)}, too late for this"
    if against is Obstacle.NOT_YET_USABLE:
        assert conditions.usable_from is not None
        return f"may be used from {in_words(conditions.usable_from)} only"
    if against is Obstacle.EXPIRED:
        assert conditions.usable_until is not None
        return f"could be used until {in_words(conditions.usable_until)} only"
    return f"is earmarked to {words_of(conditions, windows)}"
