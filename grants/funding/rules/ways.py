"""What would make a shortage fit: the smallest changes, each proven by solving once more."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from grants.donors.rules import Earmark
from grants.funding.rules.allowing import obstacles
from grants.funding.rules.solving import solve
from grants.funding.rules.values import Demand, Obstacle, Plan, Policy, SpendableLayer
from grants.funding.rules.widening import (
    raised_ceilings,
    widened,
    with_ceiling,
    with_higher_ceilings,
)

#: So many ways are told of one kind, and so many earmarks are tried.
_OF_A_KIND: Final = 2
_TRIED: Final = 40


class Lies(StrEnum):
    """Where other money of the fund lies, in the order in which it is thought of."""

    UNALLOCATED = "unallocated"
    PROGRAMME = "programme"
    RESERVED = "reserved"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Money that lies elsewhere: not allocated, free in another programme, or reserved."""

    lies: Lies
    key: int
    name: str
    layers: tuple[SpendableLayer, ...]


@dataclass(frozen=True, kw_only=True)
class Coming:
    """An instalment that has not come: as the layer that it would be."""

    instalment_id: int
    donor: str
    reference: str
    number: int
    due_on: date
    is_held: bool
    layer: SpendableLayer


@dataclass(frozen=True, kw_only=True)
class Take:
    """Free so much of the money of a source, and give it to what is short."""

    source: Source
    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Wait for an instalment."""

    coming: Coming


@dataclass(frozen=True, kw_only=True)
class Widen:
    """Ask a donor to widen what its layers may pay for."""

    donor_id: int
    layer_ids: tuple[int, ...]
    before: Earmark
    after: Earmark
    #: Whether some of the money is not allocated yet.
    is_elsewhere: bool


Change = Take | Wait | Widen
#: Changes that together, and only together, make it fit.
Way = tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is asked, who may pay, and what else the fund has or expects."""

    layers: Sequence[SpendableLayer]
    demands: Sequence[Demand]
    policy: Policy
    sources: Sequence[Source] = ()
    coming: Sequence[Coming] = ()
    #: The keys of the demands that compete for too little; empty: all of them.
    tight: frozenset[str] = frozenset()

    @property
    def asking(self) -> list[Demand]:
        """The demands that compete for too little."""
        return [one for one in self.demands if not self.tight or one.key in self.tight]

    def after(self, way: Sequence[Change]) -> tuple[list[SpendableLayer], list[Demand]]:
        """The layers and the demands as they would be after the changes."""
        pool = {layer.layer_id: layer for layer in self.layers}
        demands = list(self.demands)
        widened: dict[int, Earmark] = {}
        for change in way:
            if isinstance(change, Take):
                _add(pool, change.source.layers)
            elif isinstance(change, Wait):
                _add(pool, [change.coming.layer])
                demands = [_later(one, change.coming.due_on) for one in demands]
            else:
                widened |= dict.fromkeys(change.layer_ids, change.after)
                if change.is_elsewhere:
                    _add(pool, self._unallocated(change.layer_ids))
        for layer_id in widened.keys() & pool.keys():
            pool[layer_id] = replace(pool[layer_id], conditions=widened[layer_id])
        return list(pool.values()), demands

    def fits(self, way: Sequence[Change]) -> bool:
        """Whether every demand would be met."""
        layers, demands = self.after(way)
        return isinstance(solve(layers, demands, self.policy), Plan)

    def _unallocated(self, layer_ids: Sequence[int]) -> list[SpendableLayer]:
        wanted = set(layer_ids)
        return [
            layer
            for source in self.sources
            if source.lies is Lies.UNALLOCATED
            for layer in source.layers
            if layer.layer_id in wanted
        ]


def ways_out(standing: Standing, short_minor: int) -> tuple[Way, ...]:
    """The smallest changes that would make it fit, the least trouble first; none: nothing would.

    Where money that nobody has allocated is enough, that is the way. Else single changes, each of
    them enough; else as few as possible together. Each was solved again. `short_minor` is missing.
    """
    found: list[Way] = []
    for kind in (_takes, _waits, _widenings):
        of_kind = 0
        for way in kind(standing, short_minor):
            if of_kind < _OF_A_KIND and standing.fits(way):
                found.append(_lowered(standing, _trimmed(standing, way)))
                of_kind += 1
        if found and _is_free(found[0][0]):
            return (found[0],)
    return tuple(found) or _together(standing, short_minor)


def _takes(standing: Standing, short_minor: int) -> Iterator[Way]:
    for take in _all_takes(standing, short_minor):
        if take.amount_minor >= short_minor:
            yield (replace(take, amount_minor=short_minor),) if _is_partial(take) else (take,)


def _waits(standing: Standing, short_minor: int) -> Iterator[Way]:
    """Wait until enough has come: the first instalments that may pay, as many as it takes."""
    waited: list[Change] = []
    enough = 0
    for change in _all_waits(standing):
        waited.append(change)
        enough += change.coming.layer.available_minor
        if enough >= short_minor:
            yield tuple(waited)
            return


def _widenings(standing: Standing, short_minor: int) -> Iterator[Way]:
    for amount, change in _all_widenings(standing, short_minor):
        if amount >= short_minor:
            yield (change,)


def _together(standing: Standing, short_minor: int) -> tuple[Way, ...]:
    """Changes of all kinds, one after the other until it fits; then those without which it does."""
    way: list[Change] = []
    candidates: list[Change] = [
        *_all_takes(standing, short_minor),
        *_all_waits(standing),
        *(change for _, change in _all_widenings(standing, short_minor)),
    ]
    for change in candidates[:_TRIED]:
        way.append(change)
        if standing.fits(way):
            return (_trimmed(standing, way),)
    return ()


def _trimmed(standing: Standing, way: Sequence[Change]) -> Way:
    """Only the changes that are needed: each is left out in turn, the last first."""
    kept = list(way)
    for change in reversed(way):
        without = [one for one in kept if one is not change]
        if without and standing.fits(without):
            kept = without
    return tuple(kept)


def _lowered(standing: Standing, way: Way) -> Way:
    """The same with every ceiling raised no more than is needed."""
    for place, change in enumerate(way):
        if isinstance(change, Widen):
            for name, low, high in raised_ceilings(change.before, change.after):
                way = _lowest(standing, way, place, name, low, high)
    return way


def _lowest(standing: Standing, way: Way, place: int, name: str, low: int, high: int) -> Way:
    """The way with the lowest ceiling of a change above `low` that fits; `high` does."""

    def raised_to(ceiling: int) -> Way:
        change = way[place]
        assert isinstance(change, Widen)
        wider = replace(change, after=with_ceiling(change.after, name, ceiling))
        return (*way[:place], wider, *way[place + 1 :])

    above = range(low + 1, high)
    return raised_to(
        above.start + bisect_left(above, True, key=lambda it: standing.fits(raised_to(it)))
    )


def _all_takes(standing: Standing, short_minor: int) -> list[Take]:
    """Money elsewhere that may pay: the unallocated, then the smallest that is enough."""
    found = []
    for source in standing.sources:
        able = sum(
            layer.available_minor
            for layer in source.layers
            if any(not obstacles(layer, demand) for demand in standing.asking)
        )
        if able:
            found.append(Take(source=source, amount_minor=able))
    kinds = list(Lies)
    return sorted(
        found,
        key=lambda take: (
            kinds.index(take.source.lies),
            take.amount_minor < short_minor,
            take.amount_minor if take.amount_minor >= short_minor else -take.amount_minor,
            take.source.key,
        ),
    )


def _is_free(change: Change) -> bool:
    return isinstance(change, Take) and change.source.lies is Lies.UNALLOCATED


def _is_partial(take: Take) -> bool:
    """Whether a part of the source can be taken: a reservation is released as a whole."""
    return take.source.lies is not Lies.RESERVED


def _all_waits(standing: Standing) -> list[Wait]:
    found = []
    for coming in sorted(standing.coming, key=lambda one: (one.due_on, one.instalment_id)):
        later = [_later(one, coming.due_on) for one in standing.asking]
        if any(not obstacles(coming.layer, demand) for demand in later):
            found.append(Wait(coming=coming))
    return found


def _all_widenings(standing: Standing, short_minor: int) -> list[tuple[int, Widen]]:
    """Earmarks that keep money away, with how much: the fewest conditions, then the most money."""
    groups: dict[tuple[object, ...], list[tuple[SpendableLayer, bool]]] = defaultdict(list)
    elsewhere = [
        layer
        for source in standing.sources
        if source.lies is Lies.UNALLOCATED
        for layer in source.layers
    ]
    for is_elsewhere, layers in ((False, standing.layers), (True, elsewhere)):
        for layer in layers:
            if layer.available_minor > 0:
                key = (layer.donor_id, layer.agreement_id, layer.conditions)
                groups[key].append((layer, is_elsewhere))
    found = []
    for group in groups.values():
        against = _against(group[0][0], standing.asking)
        if Obstacle.NOT_YET_RECEIVED in against:
            continue
        amount = sum(layer.available_minor for layer, _ in group)
        first = group[0][0]
        for extra, after in _wider(first.conditions, standing.asking, against, short_minor):
            change = Widen(
                donor_id=first.donor_id,
                layer_ids=tuple(sorted({layer.layer_id for layer, _ in group})),
                before=first.conditions,
                after=after,
                is_elsewhere=any(is_elsewhere for _, is_elsewhere in group),
            )
            found.append((len(against) + extra, amount, change))
    found.sort(key=lambda one: (one[0], -one[1], one[2].layer_ids))
    return [(amount, change) for _, amount, change in found]


def _wider(
    conditions: Earmark, demands: Sequence[Demand], against: Sequence[Obstacle], short_minor: int
) -> Iterator[tuple[int, Earmark]]:
    """The wider conditions to ask for, with how many ceilings would be raised too: none first."""
    after = widened(conditions, demands, against)
    if after != conditions:
        yield 0, after
    if conditions.ceilings:
        yield 1, with_higher_ceilings(after, demands, short_minor)


def _against(layer: SpendableLayer, demands: Sequence[Demand]) -> list[Obstacle]:
    """Everything that keeps the layer from any of the demands."""
    found = {one for demand in demands for one in obstacles(layer, demand)}
    return [one for one in Obstacle if one in found]


def _later(demand: Demand, day: date) -> Demand:
    """The demand as it would be on the day, if that is later."""
    if day <= demand.on:
        return demand
    return replace(demand, on=day, received_by=day if demand.received_by else None)


def _add(pool: dict[int, SpendableLayer], layers: Sequence[SpendableLayer]) -> None:
    for layer in layers:
        known = pool.get(layer.layer_id)
        held = known.available_minor if known else 0
        pool[layer.layer_id] = replace(known or layer, available_minor=held + layer.available_minor)
