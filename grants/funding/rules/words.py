"""Shortages and earmarks in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from grants.donors.rules import Earmark
from grants.funding.rules.refusals import NotEnoughFunds
from grants.funding.rules.values import NamedLayer, Obstacle, Reason
from grants.money import Money
from grants.programmes.rules import country_name

_REASONS_SAID: Final = 3


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
