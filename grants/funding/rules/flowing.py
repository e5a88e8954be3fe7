"""The flow of money from pots to demands: which pot pays how much of which demand.

    source -> pot -> (pots that may pay for the same demands) -> demand

Costs, per minor unit: of a pot its place in the order of payment; of a demand that stays unmet
more than any pot, and more the earlier it is to be served. Since the sums that pots can give
together form a polymatroid, any costs that rise along the order find the one answer in which the
first pot pays all it can, then the second, and so on: small costs do, and none can overflow. So
the whole is feasible first, then cheapest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from grants.funding.rules.allowing import CHECKS, has_come, limit_of, room_in_year
from grants.funding.rules.network import Network
from grants.funding.rules.pots import Pot, agreement_of
from grants.funding.rules.values import Bottleneck, Demand
from grants.money import share_minor


@dataclass(frozen=True)
class Flow:
    """Who pays what: (pot, demand) by their places -> amount; what is short, and the cut."""

    paid: dict[tuple[int, int], int]
    short: dict[int, int]
    far: frozenset[int]
    """The demands on the far side of the minimum cut; empty when nothing is short."""
    limited: frozenset[tuple[int, int]]
    """(pot, demand) where a ceiling stands between them."""
    able: dict[int, int]
    """For each demand, a bit for each pot that may pay for it."""


@dataclass
class _Group:
    """Demands that the same pots without ceilings may pay for, and the node between them."""

    node: int
    demands: list[int] = field(default_factory=list)
    #: Pots and the arcs from them; the arcs to the demands.
    sources: list[tuple[int, int]] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)


def flow(pots: Sequence[Pot], demands: Sequence[Demand]) -> Flow:
    """The cheapest way in which the pots meet the demands; both in order, the first first."""
    return _Flowing(pots, demands).flow()


def able_pots(pots: Sequence[Pot], demands: Sequence[Demand]) -> dict[int, int]:
    """For each demand (by its place) a number with a bit for each pot that may pay for it.

    Asks each check once for what several demands have in common.
    """
    known: dict[object, int] = {}

    def passing(key: object, passes: Sequence[bool]) -> int:
        return known.setdefault(key, sum(1 << at for at, is_fit in enumerate(passes) if is_fit))

    found = {}
    for place, demand in enumerate(demands):
        able = (1 << len(pots)) - 1
        for number, check in enumerate(CHECKS):
            key = (number, check.sees(demand))
            if key not in known:
                passing(key, [check.passes(pot.conditions, demand) for pot in pots])
            able &= known[key]
        if demand.received_by is not None:
            if demand.received_by not in known:
                passing(demand.received_by, [has_come(pot.last_in, demand) for pot in pots])
            able &= known[demand.received_by]
        found[place] = able
    return found


class _Flowing:
    """The network while it is built and read."""

    def __init__(self, pots: Sequence[Pot], demands: Sequence[Demand]) -> None:
        self._pots, self._demands = pots, demands
        self._able = able_pots(pots, demands)
        self._net = Network()
        self._source = self._net.node()
        total = sum(demand.amount_minor for demand in demands)
        self._pot_nodes = [self._net.node() for _ in pots]
        self._demand_nodes = [self._net.node(takes=demand.amount_minor) for demand in demands]
        self._groups: dict[int, _Group] = {}
        self._direct: list[tuple[int, int, int]] = []
        self._net.gives(self._source, total)
        for place, pot in enumerate(pots):
            self._net.arc(
                self._source, self._pot_nodes[place], min(pot.available_minor, total), place
            )
        self._unmet = [
            self._net.arc(
                self._source,
                self._demand_nodes[place],
                demand.amount_minor,
                len(pots) + len(demands) - place,
            )
            for place, demand in enumerate(demands)
        ]

    def flow(self) -> Flow:
        limited = sum(1 << at for at, pot in enumerate(self._pots) if pot.has_ceilings)
        self._join_groups(limited)
        between = self._join_limited(limited) if limited else frozenset()
        self._net.solve()
        flows = self._net.flows
        short = {place: flows[arc] for place, arc in enumerate(self._unmet) if flows[arc]}
        return Flow(
            paid=dict(self._paid()),
            short=short,
            far=self._far(short),
            limited=between,
            able=self._able,
        )

    def _join_groups(self, limited: int) -> None:
        """Arcs from pots without ceilings, through one node for demands that see the same pots."""
        for place, able in self._able.items():
            if not able & ~limited:
                continue
            group = self._groups.get(able & ~limited)
            if group is None:
                group = self._groups[able & ~limited] = _Group(self._net.node())
            group.demands.append(place)
        for able, group in self._groups.items():
            asked = sum(self._demands[place].amount_minor for place in group.demands)
            for at in _bits(able):
                capacity = min(self._pots[at].available_minor, asked)
                arc = self._net.arc(self._pot_nodes[at], group.node, capacity)
                group.sources.append((at, arc))
            group.targets = [
                self._net.arc(
                    group.node, self._demand_nodes[place], self._demands[place].amount_minor
                )
                for place in group.demands
            ]

    def _join_limited(self, limited: int) -> frozenset[tuple[int, int]]:
        """Arcs from pots with ceilings, each straight to its demand; ceilings are capacities."""
        years = _Years(self._net, self._pots, self._pot_nodes, self._demands, self._able, limited)
        between = set()
        for place, able in self._able.items():
            demand = self._demands[place]
            by_agreement: dict[tuple[str, int], list[int]] = defaultdict(list)
            for at in _bits(able & limited):
                by_agreement[agreement_of(self._pots[at].layers[0])].append(at)
            for bound in by_agreement.values():
                limits = [_limit(self._pots[at], demand) for at in bound]
                head = self._demand_nodes[place]
                if len(bound) > 1:
                    head = self._net.node()
                    self._net.arc(head, self._demand_nodes[place], max(limits))
                for at, limit in zip(bound, limits, strict=True):
                    arc = self._net.arc(years.tail(at, demand), head, limit)
                    self._direct.append((at, place, arc))
                    between.add((at, place))
        return frozenset(between)

    def _paid(self) -> Iterator[tuple[tuple[int, int], int]]:
        flows = self._net.flows
        for group in self._groups.values():
            gives = [(at, flows[arc]) for at, arc in group.sources if flows[arc]]
            takes = zip(group.demands, (flows[arc] for arc in group.targets), strict=True)
            yield from _in_turn(gives, [(place, amount) for place, amount in takes if amount])
        for at, place, arc in self._direct:
            if flows[arc]:
                yield (at, place), flows[arc]

    def _far(self, short: dict[int, int]) -> frozenset[int]:
        if not short:
            return frozenset()
        reached = self._net.reaching(
            [self._demand_nodes[place] for place in short], without=self._source
        )
        return frozenset(place for place, node in enumerate(self._demand_nodes) if node in reached)


class _Years:
    """Nodes that hold what pots with a yearly ceiling may give in a year."""

    def __init__(
        self,
        net: Network,
        pots: Sequence[Pot],
        nodes: Sequence[int],
        demands: Sequence[Demand],
        able: dict[int, int],
        limited: int,
    ) -> None:
        self._net, self._pots, self._nodes = net, pots, nodes
        self._known: dict[tuple[int, int], int] = {}
        self._rooms: dict[tuple[int, int], int] = {}
        bound: dict[tuple[tuple[str, int], int], dict[int, int]] = defaultdict(dict)
        for place, mask in able.items():
            for at in _bits(mask & limited):
                room = room_in_year(pots[at].layers[0], demands[place])
                if room is not None:
                    year = demands[place].on.year
                    bound[agreement_of(pots[at].layers[0]), year][at] = room
        for (_, year), rooms in bound.items():
            parts = [max(rooms.values())]
            if len(rooms) > 1:
                parts = share_minor(parts[0], [pots[at].available_minor for at in rooms])
            for (at, room), part in zip(rooms.items(), parts, strict=True):
                self._rooms[at, year] = min(room, part)

    def tail(self, at: int, demand: Demand) -> int:
        """Where money of a pot for a demand comes from: the pot, or its part of the year."""
        key = (at, demand.on.year)
        if key not in self._rooms or not demand.is_grant:
            return self._nodes[at]
        if key not in self._known:
            self._known[key] = self._net.node()
            capacity = min(self._rooms[key], self._pots[at].available_minor)
            self._net.arc(self._nodes[at], self._known[key], capacity)
        return self._known[key]


def bottleneck_of(found: Flow, demands: Sequence[Demand]) -> Bottleneck:
    """The demands that together ask more than may be paid for them."""
    asked = sum(demands[place].amount_minor for place in found.far)
    return Bottleneck(
        demand_keys=tuple(demands[place].key for place in sorted(found.far)),
        asked_minor=asked,
        able_minor=asked - sum(found.short.values()),
    )


def _limit(pot: Pot, demand: Demand) -> int:
    limit = limit_of(pot.conditions, demand)
    most = min(pot.available_minor, demand.amount_minor)
    return most if limit is None else min(limit, most)


def _bits(mask: int) -> Iterator[int]:
    """The places of the bits that are set, the lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _in_turn(
    gives: list[tuple[int, int]], takes: list[tuple[int, int]]
) -> Iterator[tuple[tuple[int, int], int]]:
    """The first gives to the first until one of the two is done: as few pairs as can be said."""
    turn = iter(gives)
    at, left = next(turn, (-1, 0))
    for place, wanted in takes:
        missing = wanted
        while missing:
            part = min(left, missing)
            if part:
                yield (at, place), part
            missing -= part
            left -= part
            if missing:
                at, left = next(turn)
