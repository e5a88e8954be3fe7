"""Whether money may pay for a demand: the one place that decides it, for everybody.

The solver, the previews on screen and the checks of the books ask here; what a page says and what
an approval does can never differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from grants.donors.rules import WHOLE_BASIS_POINTS, Earmark, folded
from grants.funding.rules.values import Demand, Obstacle, SpendableLayer


@dataclass(frozen=True, kw_only=True)
class Check:
    """One kind of condition: what it looks at in a demand, and whether money passes it.

    Demands that look the same to every check may be paid by the same money.
    """

    obstacle: Obstacle
    sees: Callable[[Demand], object]
    passes: Callable[[Earmark, Demand], bool]


def objections(conditions: Earmark, demand: Demand) -> tuple[Obstacle, ...]:
    """Why money with these conditions may not pay for the demand; empty: it may.

    What the demand does not know yet (None: an allocation knows neither sector nor recipient) is
    not held against it. Says nothing of amounts: see limit_of.
    """
    return tuple(check.obstacle for check in CHECKS if not check.passes(conditions, demand))


def obstacles(layer: SpendableLayer, demand: Demand) -> tuple[Obstacle, ...]:
    """Everything that keeps the layer from paying for the demand; empty: it may pay."""
    found = objections(layer.conditions, demand)
    return found if has_come(layer, demand) else (*found, Obstacle.NOT_YET_RECEIVED)


def obstacle(layer: SpendableLayer, demand: Demand) -> Obstacle | None:
    """The first thing that keeps the layer from paying for the demand, or None if it may."""
    return next(iter(obstacles(layer, demand)), None)


def has_come(layer: SpendableLayer, demand: Demand) -> bool:
    """Whether the money was there by the day by which the demand wants it."""
    return demand.received_by is None or layer.value_on <= demand.received_by


def limit_of(conditions: Earmark, demand: Demand) -> int | None:
    """The most that a ceiling lets this money pay of the demand (US cents); None: no ceiling.

    A share counts for allocations too, so that a programme is never given money which its grants
    could not use; an amount per grant counts for grants. A share is rounded down.
    """
    ceilings = conditions.ceilings
    found = []
    if ceilings.share_of_grant is not None:
        found.append(demand.amount_minor * ceilings.share_of_grant // WHOLE_BASIS_POINTS)
    if ceilings.per_grant_minor is not None and demand.is_grant:
        found.append(ceilings.per_grant_minor)
    return min(found) if found else None


def room_in_year(layer: SpendableLayer, demand: Demand) -> int | None:
    """What the ceiling of a year leaves to grants approved in it (US cents); None: no ceiling."""
    ceiling = layer.conditions.ceilings.per_year_minor
    if ceiling is None or not demand.is_grant:
        return None
    return max(ceiling - dict(layer.used_by_year).get(demand.on.year, 0), 0)


def _has_window(conditions: Earmark, demand: Demand) -> bool:
    return not conditions.windows or demand.window_id in conditions.windows


def _has_place(conditions: Earmark, demand: Demand) -> bool:
    return not conditions.places or demand.country_code in conditions.places


def _has_theme(conditions: Earmark, demand: Demand) -> bool:
    return not conditions.themes or bool(folded(conditions.themes) & folded(demand.themes))


def _has_sector(conditions: Earmark, demand: Demand) -> bool:
    if not conditions.sectors or demand.sectors is None:
        return True
    return any(conditions.covers_sector(sector) for sector in demand.sectors)


def _is_among(name: str, asked: str, conditions: Earmark, demand: Demand) -> bool:
    allowed, wanted = getattr(conditions, name), getattr(demand, asked)
    return not allowed or wanted is None or wanted in allowed


def _is_not_excluded(conditions: Earmark, demand: Demand) -> bool:
    return not conditions.excluded or not folded(conditions.excluded) & folded(demand.words)


def _is_not_early(conditions: Earmark, demand: Demand) -> bool:
    return conditions.usable_from is None or demand.on >= conditions.usable_from


def _is_not_late(conditions: Earmark, demand: Demand) -> bool:
    return conditions.usable_until is None or demand.on <= conditions.usable_until


#: In the order in which a person is told.
CHECKS: Final = (
    Check(obstacle=Obstacle.OTHER_WINDOW, sees=lambda it: it.window_id, passes=_has_window),
    Check(obstacle=Obstacle.OTHER_COUNTRY, sees=lambda it: it.country_code, passes=_has_place),
    Check(obstacle=Obstacle.OTHER_THEME, sees=lambda it: it.themes, passes=_has_theme),
    Check(obstacle=Obstacle.OTHER_SECTOR, sees=lambda it: it.sectors, passes=_has_sector),
    Check(
        obstacle=Obstacle.OTHER_COST,
        sees=lambda it: it.cost_type,
        passes=partial(_is_among, "cost_types", "cost_type"),
    ),
    Check(
        obstacle=Obstacle.OTHER_RECIPIENT,
        sees=lambda it: it.recipient_kind,
        passes=partial(_is_among, "recipient_kinds", "recipient_kind"),
    ),
    Check(obstacle=Obstacle.EXCLUDED, sees=lambda it: it.words, passes=_is_not_excluded),
    Check(obstacle=Obstacle.NOT_YET_USABLE, sees=lambda it: it.on, passes=_is_not_early),
    Check(obstacle=Obstacle.EXPIRED, sees=lambda it: it.on, passes=_is_not_late),
)
