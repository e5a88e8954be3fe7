"""The narrowest conditions that would allow what these forbid: what a donor could be asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Final

from grants.donors.rules import WHOLE_BASIS_POINTS, Ceilings, Earmark, folded
from grants.funding.rules.allowing import limit_of
from grants.funding.rules.values import Demand, Obstacle

_NOTHING: Final = frozenset[str]()


def widened(conditions: Earmark, demands: Sequence[Demand], against: Iterable[Obstacle]) -> Earmark:
    """The conditions that allow the demands as well: only what is in the way changes.

    Ceilings stay: see with_higher_ceilings.
    """
    for obstacle in against:
        conditions = _WIDER[obstacle](conditions, demands)
    return conditions


def with_higher_ceilings(
    conditions: Earmark, demands: Sequence[Demand], short_minor: int
) -> Earmark:
    """The conditions with each ceiling raised so that this much more may be paid."""
    old = conditions.ceilings
    asked = min((one.amount_minor for one in demands), default=1)
    limit = max(limit_of(conditions, one) or 0 for one in demands)
    share = -(-(limit + short_minor) * WHOLE_BASIS_POINTS // asked)
    ceilings = Ceilings(
        share_of_grant=None if old.share_of_grant is None else _highest(old.share_of_grant, share),
        per_grant_minor=_raised(old.per_grant_minor, short_minor),
        per_year_minor=_raised(old.per_year_minor, short_minor),
    )
    return replace(conditions, ceilings=ceilings)


def raised_ceilings(before: Earmark, after: Earmark) -> Iterator[tuple[str, int, int]]:
    """The ceilings that differ: name, as it was, as it would be."""
    for one in fields(Ceilings):
        was, now = getattr(before.ceilings, one.name), getattr(after.ceilings, one.name)
        if was is not None and now is not None and was < now:
            yield one.name, was, now


def with_ceiling(conditions: Earmark, name: str, ceiling: int) -> Earmark:
    """The conditions with one ceiling set."""
    stored = conditions.ceilings.stored() | {name: ceiling}
    return replace(conditions, ceilings=Ceilings(**stored))


def _highest(share: int, wanted: int) -> int:
    return min(max(share, wanted), WHOLE_BASIS_POINTS)


def _raised(ceiling: int | None, by: int) -> int | None:
    return None if ceiling is None else ceiling + by


def _windows(conditions: Earmark, demands: Sequence[Demand]) -> Earmark:
    return replace(conditions, windows=conditions.windows | {one.window_id for one in demands})


def _places(conditions: Earmark, demands: Sequence[Demand]) -> Earmark:
    """The countries asked for as well; anywhere, where a global programme asks."""
    asked = frozenset(one.country_code for one in demands)
    if None in asked:
        return replace(conditions, countries=_NOTHING, regions=_NOTHING)
    more = frozenset(code for code in asked if code and code not in conditions.places)
    return replace(conditions, countries=conditions.countries | more)


def _themes(conditions: Earmark, demands: Sequence[Demand]) -> Earmark:
    return replace(conditions, themes=_more(conditions.themes, [one.themes for one in demands]))


def _sectors(conditions: Earmark, demands: Sequence[Demand]) -> Earmark:
    asked = [one.sectors or _NOTHING for one in demands]
    return replace(conditions, sectors=_more(conditions.sectors, asked))


def _costs(conditions: Earmark, demands: Sequence[Demand]) -> Earmark:
    asked = [_only(one.cost_type) for one in demands]
    return replace(conditions, cost_types=_more(conditions.cost_types, asked))


def _recipients(conditions: Earmark, demands: Sequence[Demand]) -> Earmark:
    asked = [_only(one.recipient_kind) for one in demands]
    return replace(conditions, recipient_kinds=_more(conditions.recipient_kinds, asked))


def _excluded(conditions: Earmark, demands: Sequence[Demand]) -> Earmark:
    bought = folded(frozenset(word for one in demands for word in one.words))
    kept = frozenset(word for word in conditions.excluded if word.casefold() not in bought)
    return replace(conditions, excluded=kept)


def _earlier(conditions: Earmark, demands: Sequence[Demand]) -> Earmark:
    return replace(conditions, usable_from=min(one.on for one in demands))


def _later(conditions: Earmark, demands: Sequence[Demand]) -> Earmark:
    return replace(conditions, usable_until=max(one.on for one in demands))


def _unchanged(conditions: Earmark, _demands: Sequence[Demand]) -> Earmark:
    return conditions


def _more(named: frozenset[str], asked: Sequence[frozenset[str]]) -> frozenset[str]:
    """What is named and what is asked; where a demand names nothing, everything."""
    return named.union(*asked) if all(asked) else _NOTHING


def _only(word: str | None) -> frozenset[str]:
    return frozenset({word} if word else ())


_WIDER: Final[Mapping[Obstacle, Callable[[Earmark, Sequence[Demand]], Earmark]]] = {
    Obstacle.OTHER_WINDOW: _windows,
    Obstacle.OTHER_COUNTRY: _places,
    Obstacle.OTHER_THEME: _themes,
    Obstacle.OTHER_SECTOR: _sectors,
    Obstacle.OTHER_COST: _costs,
    Obstacle.OTHER_RECIPIENT: _recipients,
    Obstacle.EXCLUDED: _excluded,
    Obstacle.NOT_YET_USABLE: _earlier,
    Obstacle.EXPIRED: _later,
    Obstacle.NOT_YET_RECEIVED: _unchanged,
    Obstacle.CEILING: _unchanged,
}
