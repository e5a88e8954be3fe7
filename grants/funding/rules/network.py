"""A network through which money flows at the least cost: whole minor units, the same every time.

The flow itself is that of OR-Tools (cost scaling, exact on 64-bit integers). Nodes and arcs are
numbered in the order in which they were added.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Final

from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from grants.errors import Refused

#: Above this, sums of capacities at a node could leave 64 bits.
FLOW_MAX: Final = 2**62


class TooMuchAtOnce(Refused):
    """Amounts this large cannot be worked out together. Ask for fewer at once."""

    status = 422


class Network:
    """Nodes and arcs; `source` gives, each demanding node takes."""

    def __init__(self) -> None:
        self._flow = SimpleMinCostFlow()
        self._nodes = 0
        self._arcs: list[tuple[int, int, int]] = []
        self._into: dict[int, int] = defaultdict(int)
        self.flows: list[int] = []

    def node(self, *, takes: int = 0) -> int:
        """A new node; what it takes must flow into it."""
        number = self._nodes
        self._nodes += 1
        if takes:
            self._flow.set_node_supply(number, -takes)
        return number

    def gives(self, node: int, amount: int) -> None:
        """Say how much starts at a node."""
        self._check(amount)
        self._flow.set_node_supply(node, amount)

    def arc(self, tail: int, head: int, capacity: int, cost: int = 0) -> int:
        """An arc through which up to `capacity` may flow, at a cost for each unit."""
        self._into[head] += capacity
        self._into[~tail] += capacity
        self._check(max(self._into[head], self._into[~tail]))
        self._arcs.append((tail, head, capacity))
        number: int = self._flow.add_arc_with_capacity_and_unit_cost(tail, head, capacity, cost)
        return number

    def solve(self) -> None:
        """Find the cheapest flow; `flows` then has one amount for each arc."""
        status = self._flow.solve()
        assert status == SimpleMinCostFlow.OPTIMAL, f"every demand can be left unmet: {status}"
        self.flows = [self._flow.flow(arc) for arc in range(len(self._arcs))]

    def reaching(self, targets: Iterable[int], without: int) -> set[int]:
        """The nodes from which one unit more could still flow to the targets; `without` one node.

        The arcs that lead into this set are all full: with the targets it is the far side of a
        minimum cut.
        """
        before: dict[int, list[int]] = defaultdict(list)
        for (tail, head, capacity), flow in zip(self._arcs, self.flows, strict=True):
            if flow < capacity:
                before[head].append(tail)
            if flow > 0:
                before[tail].append(head)
        found = set(targets)
        waiting = deque(found)
        while waiting:
            for node in before[waiting.popleft()]:
                if node not in found and node != without:
                    found.add(node)
                    waiting.append(node)
        return found

    @staticmethod
    def _check(amount: int) -> None:
        if amount > FLOW_MAX:
            raise TooMuchAtOnce
