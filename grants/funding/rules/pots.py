"""Pots: layers of equal conditions, which pay side by side, and the order in which pots pay."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from grants.donors.rules import Earmark
from grants.funding.rules.values import Demand, SpendableLayer

#: Money that must be used within so many days of the first demand would expire unused: it pays
#: first, whatever else it could be used for. What may be used longer is spared by its earmark.
EXPIRES_SOON_DAYS: Final = 180


@dataclass(frozen=True)
class Pot:
    """Layers that nothing tells apart: first in first. A ceiling binds those of one agreement."""

    layers: tuple[SpendableLayer, ...]

    @property
    def conditions(self) -> Earmark:
        return self.layers[0].conditions

    @property
    def has_ceilings(self) -> bool:
        return bool(self.conditions.ceilings)

    @cached_property
    def available_minor(self) -> int:
        return sum(layer.available_minor for layer in self.layers)

    @cached_property
    def last_in(self) -> SpendableLayer:
        """The layer that came last: where it had come, the whole pot had."""
        return self.layers[-1]


def pots_of(layers: Sequence[SpendableLayer], demands: Sequence[Demand]) -> list[Pot]:
    """The layers that hold anything, in pots, in the order of payment. One order for one input.

    The order is that of cost, the first that tells two pots apart: (1) would expire unused, the
    earlier the sooner; (2) the tightest earmark: more kinds of purpose named, then fewer places,
    themes and so on that fit; (3) the earlier last day of use; (4) the older; (5) fewer donors,
    then more money, so that fewer pay for a grant; (6) the lowest number.
    """
    days = sorted({one.received_by for one in demands if one.received_by is not None})
    first = min((one.on for one in demands), default=date.min)
    groups: dict[tuple[object, ...], list[SpendableLayer]] = defaultdict(list)
    for layer in layers:
        if layer.available_minor > 0:
            groups[_kind_of(layer, days)].append(layer)
    pots = [Pot(tuple(sorted(group, key=_age))) for group in groups.values()]
    return sorted(pots, key=lambda pot: _cost(pot, first))


def agreement_of(layer: SpendableLayer) -> tuple[str, int]:
    """What a ceiling binds together: the agreement, or the deposit alone where it has none."""
    if layer.agreement_id is None:
        return ("layer", layer.layer_id)
    return ("agreement", layer.agreement_id)


def _kind_of(layer: SpendableLayer, days: Sequence[date]) -> tuple[object, ...]:
    """What layers must have in common; `days` tell apart what had come by the day of a demand."""
    bound = agreement_of(layer) if layer.conditions.ceilings else None
    return (layer.conditions, bound, bisect_left(days, layer.value_on))


def _age(layer: SpendableLayer) -> tuple[date, int]:
    return (layer.value_on, layer.layer_id)


def _cost(pot: Pot, first: date) -> tuple[object, ...]:
    until = pot.conditions.usable_until or date.max
    is_soon = until - first <= timedelta(days=EXPIRES_SOON_DAYS)
    return (
        (0, until) if is_soon else (1, date.max),
        _tightness(pot.conditions),
        until,
        pot.layers[0].value_on,
        len({layer.donor_id for layer in pot.layers}),
        -pot.available_minor,
        pot.layers[0].layer_id,
    )


def _tightness(conditions: Earmark) -> tuple[int, int]:
    """Smaller is tighter: more kinds of purpose first, then fewer that fit them."""
    named = [words for words in conditions.purposes if words]
    return (-len(named), sum(len(words) for words in named))
