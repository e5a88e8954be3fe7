"""Shortages and earmarks in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from grants.donors.rules import CostType, Earmark, region_name
from grants.funding.rules.allowing import objections
from grants.funding.rules.refusals import NotEnoughFunds
from grants.funding.rules.values import Demand, NamedLayer, Obstacle, Reason
from grants.money import Money
from grants.programmes.rules import country_name

_REASONS_SAID: Final = 3
_COSTS: Final[Mapping[str, str]] = {
    CostType.GRANT: "grants",
    CostType.DIRECT_COST: "direct cost of the secretariat",
    CostType.FUND_TRANSFER: "transfers to other funds",
}


def explain_shortage(
    *,
    asked: Money,
    left: Money,
    purpose: str,
    unallocated: Money,
    reasons: Sequence[Reason],
    names: Mapping[int, NamedLayer],
    windows: Mapping[int, str],
    ways: Sequence[str] = (),
) -> NotEnoughFunds:
    """The refusal in words: what is left and asked, where the rest lies, what would make it fit."""
    in_short = sentence = f"{left} is left for {purpose}; {asked} is asked."
    parts = _said(reasons, names, windows)
    if unallocated:
        parts.append(f"{unallocated} is not yet allocated")
    if parts:
        sentence = f"{sentence} {'; '.join(parts)}."
    if ways:
        sentence = f"{sentence} It would fit if you {'; or '.join(ways)}."
    return NotEnoughFunds(
        sentence, in_short=in_short, left=left, asked=asked, reasons=parts, ways=ways
    )


def allows(conditions: Earmark, demand: Demand, windows: Mapping[int, str]) -> list[str]:
    """Why money with these conditions may not pay for the demand, in words; empty: it may."""
    told = (why_not(one, conditions, windows) for one in objections(conditions, demand))
    return list(dict.fromkeys(told))


def words_of(conditions: Earmark, windows: Mapping[int, str]) -> str:
    """What an earmark allows, in words; empty where it allows everything."""
    purposes = purposes_in_words(conditions, windows)
    limits = limits_in_words(conditions)
    return "; ".join(part for part in (purposes, *limits) if part)


def purposes_in_words(conditions: Earmark, windows: Mapping[int, str]) -> str:
    """The windows, places, themes, sectors, recipients and costs that it names."""
    return listed(
        [
            *(windows.get(window, f"window {window}") for window in sorted(conditions.windows)),
            *(country_name(code) for code in sorted(conditions.countries)),
            *(region_name(code) for code in sorted(conditions.regions)),
            *sorted(conditions.themes),
            *(f"sector {code}" if code.isdigit() else code for code in sorted(conditions.sectors)),
            *(kind.replace("_", " ") for kind in sorted(conditions.recipient_kinds)),
            *(_COSTS.get(kind, kind) for kind in sorted(conditions.cost_types)),
        ]
    )


def limits_in_words(conditions: Earmark) -> list[str]:
    """Its ceilings, and what it may never pay for."""
    ceilings, found = conditions.ceilings, []
    if ceilings.share_of_grant is not None:
        percent = f"{Decimal(ceilings.share_of_grant) / 100:f}"
        found.append(f"at most {percent} % of a grant")
    if ceilings.per_grant_minor is not None:
        found.append(f"at most {Money.of_minor(ceilings.per_grant_minor, 'USD')} for a grant")
    if ceilings.per_year_minor is not None:
        found.append(f"at most {Money.of_minor(ceilings.per_year_minor, 'USD')} a year")
    if conditions.excluded:
        found.append(f"not for {listed(sorted(conditions.excluded), 'or')}")
    return found


def listed(words: Sequence[str], last: str = "and") -> str:
    """Words as a sentence has them: a, b and c."""
    return f" {last} ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def in_words(day: date) -> str:
    """A date as a sentence has it: 3 May 2026."""
    return f"{day.day} {day:%B %Y}"


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
        why = why_not(against[layer_id], named.conditions, windows, named.value_on)
        deposit = f"({named.donor}, deposit of {in_words(named.value_on)})"
        parts.append(f"{amount}{more} {why} {deposit}")
    rest = largest[_REASONS_SAID:]
    if rest:
        amount = Money.of_minor(sum(amounts[layer_id] for layer_id in rest), "USD")
        deposits = "deposit" if len(rest) == 1 else "deposits"
        parts.append(f"{amount} in {len(rest)} more {deposits} may not pay for this either")
    return parts


def why_not(
    against: Obstacle,
    conditions: Earmark,
    windows: Mapping[int, str],
    value_on: date | None = None,
) -> str:
    """Why money with these conditions may not pay: "it" is left out, to be said before."""
    if against is Obstacle.NOT_YET_RECEIVED:
        assert value_on is not None
        return f"was received on {in_words(value_on)}, too late for this"
    if against is Obstacle.NOT_YET_USABLE:
        assert conditions.usable_from is not None
        return f"may be used from {in_words(conditions.usable_from)} only"
    if against is Obstacle.EXPIRED:
        assert conditions.usable_until is not None
        return f"could be used until {in_words(conditions.usable_until)} only"
    if against is Obstacle.EXCLUDED:
        return f"may not pay for {listed(sorted(conditions.excluded), 'or')}"
    if against is Obstacle.CEILING:
        limits = [one for one in limits_in_words(conditions) if one.startswith("at most")]
        return f"may pay {listed(limits)}"
    return f"is earmarked to {purposes_in_words(conditions, windows)}"
