"""Follow the money: flows from their sources to what they paid for (a Sankey diagram)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from markupsafe import Markup

from grants.reports.papers.charts.drawing import (
    FILLS,
    ChartWords,
    Row,
    Sheet,
    figure,
    share_of,
    short,
    shortened,
)

DEPTH = 300
GAP = 26
NODE_WIDTH = Decimal("1.6")
FLOWS_MAX = 200
_ZERO = Decimal(0)


@dataclass(frozen=True)
class Flow:
    """An amount that goes from one place to another."""

    source: str
    target: str
    value: Decimal
    text: str
    url: str = ""


@dataclass
class _Node:
    name: str
    column: int = 0
    value: Decimal = _ZERO
    top: Decimal = _ZERO
    height: Decimal = _ZERO
    taken_in: Decimal = _ZERO
    given_out: Decimal = _ZERO
    inward: list[Flow] = field(default_factory=list)
    outward: list[Flow] = field(default_factory=list)


def sankey(
    title: str,
    description: str,
    flows: Sequence[Flow],
    *,
    rtl: bool = False,
    words: ChartWords | None = None,
) -> Markup:
    """Flows as wide as their amounts. Refuses circles, amounts below zero, and over 200 flows."""
    words = words or ChartWords()
    if len(flows) > FLOWS_MAX or any(flow.value < 0 for flow in flows):
        raise ValueError("a flow diagram holds at most 200 flows of at least nothing")
    drawn = [flow for flow in flows if flow.value > 0]
    nodes = _nodes(drawn)
    columns = _columns(nodes)
    height = _place(nodes, columns)
    last = max(columns, default=0)
    sheet = Sheet(height=height, rtl=rtl)
    sheet.raw(_ribbons(nodes, drawn, height, last, rtl=rtl))
    for node in nodes.values():
        _draw_node(sheet, node, last)
    rows = [Row((flow.source, flow.target, flow.text), flow.url) for flow in flows]
    head = (words.source, words.target, words.value)
    return figure(sheet, title, description, head, rows, words)


def _nodes(flows: Sequence[Flow]) -> dict[str, _Node]:
    nodes: dict[str, _Node] = {}
    for flow in flows:
        nodes.setdefault(flow.source, _Node(flow.source)).outward.append(flow)
        nodes.setdefault(flow.target, _Node(flow.target)).inward.append(flow)
    for node in nodes.values():
        node.value = max(
            sum((flow.value for flow in node.inward), _ZERO),
            sum((flow.value for flow in node.outward), _ZERO),
        )
    # The longest way to a place decides its column; a circle would never come to an end.
    for _round in range(len(nodes) + 1):
        changed = False
        for flow in flows:
            source, target = nodes[flow.source], nodes[flow.target]
            if target.column <= source.column:
                target.column, changed = source.column + 1, True
        if not changed:
            return nodes
    raise ValueError("money cannot flow in a circle")


def _columns(nodes: dict[str, _Node]) -> dict[int, list[_Node]]:
    columns: dict[int, list[_Node]] = defaultdict(list)
    for node in nodes.values():
        columns[node.column].append(node)
    return columns


def _place(nodes: dict[str, _Node], columns: dict[int, list[_Node]]) -> int:
    """Give each node its place; returns the height that all of them need."""
    most = max(
        (sum((node.value for node in each), _ZERO) for each in columns.values()), default=_ZERO
    )
    highest = _ZERO
    for column in sorted(columns):
        nodes_here = columns[column]
        nodes_here.sort(key=lambda node: (_centre(node, nodes), -node.value, node.name))
        top = _ZERO
        for node in nodes_here:
            node.height = max(share_of(node.value, most, Decimal(DEPTH)), Decimal(2))
            node.top = top + 18
            top = node.top + max(node.height, Decimal(GAP - 18))
            top += GAP - 18
        highest = max(highest, top)
    return int(highest) + 4


def _centre(node: _Node, nodes: dict[str, _Node]) -> Decimal:
    if not node.inward:
        return _ZERO
    weights = sum((flow.value for flow in node.inward), _ZERO)
    middles = ((nodes[flow.source], flow.value) for flow in node.inward)
    return sum(((one.top + one.height / 2) * value for one, value in middles), _ZERO) / weights


def _ribbons(
    nodes: dict[str, _Node], flows: Sequence[Flow], height: int, last: int, *, rtl: bool
) -> Markup:
    """All ribbons in a drawing of its own, which alone is stretched to the width."""
    shapes = []
    in_order = sorted(flows, key=lambda flow: (nodes[flow.source].top, nodes[flow.target].top))
    for flow in in_order:
        source, target = nodes[flow.source], nodes[flow.target]
        thick_out = share_of(flow.value, source.value, source.height)
        thick_in = share_of(flow.value, target.value, target.height)
        y1, y2 = source.top + source.given_out, target.top + target.taken_in
        source.given_out += thick_out
        target.taken_in += thick_in
        x1, x2 = _left(source, last) + NODE_WIDTH, _left(target, last)
        if rtl:
            x1, x2 = 100 - x1, 100 - x2
        shapes.append(_ribbon(x1, y1, thick_out, x2, y2, thick_in))
    return Markup(
        '<svg x="0" y="0" width="100%" height="{0}" viewBox="0 0 100 {0}"'
        ' preserveAspectRatio="none">{1}</svg>'
    ).format(height, Markup("").join(shapes))


def _ribbon(
    x1: Decimal, y1: Decimal, out: Decimal, x2: Decimal, y2: Decimal, into: Decimal
) -> Markup:
    middle = short((x1 + x2) / 2)
    return Markup(
        '<path class="c-flow" fill="{fill}" fill-opacity=".28"'
        ' d="M{x1} {a}C{m} {a} {m} {b} {x2} {b}V{c}C{m} {c} {m} {d} {x1} {d}Z"/>'
    ).format(
        fill=FILLS[0],
        m=middle,
        x1=short(x1),
        x2=short(x2),
        a=short(y1),
        b=short(y2),
        c=short(y2 + into),
        d=short(y1 + out),
    )


def _draw_node(sheet: Sheet, node: _Node, last: int) -> None:
    x = _left(node, last)
    height = max(int(node.height), 2)
    sheet.rect(x, int(node.top), NODE_WIDTH, height, "c-1", FILLS[0], r=0)
    at = "end" if node.column == last and last else "start"
    edge = x + NODE_WIDTH if at == "end" else x
    sheet.text(edge, int(node.top) - 5, shortened(node.name, 26), at=at)


def _left(node: _Node, last: int) -> Decimal:
    return share_of(Decimal(node.column), Decimal(last), 100 - NODE_WIDTH) if last else _ZERO
