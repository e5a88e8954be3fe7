"""Values over time, and one value against its limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import cos, sin

from markupsafe import Markup

from grants.reports.papers.charts.drawing import (
    AXIS,
    FILLS,
    LINE,
    MINUS,
    QUIET,
    TRACK,
    ChartWords,
    Mark,
    Row,
    Sheet,
    figure,
    share_of,
    short,
)

TOP, DEPTH = 26, 170
LABELS_MAX = 5
HALF_TURN = Decimal("3.14159265358979")
STROKES = (FILLS[0], MINUS, QUIET)
DASHES = ("", "6 4", "1 4")
_ZERO = Decimal(0)
_FULL = Decimal(100)


@dataclass(frozen=True)
class Point:
    """A value at a place along the line, and how it is written."""

    label: str
    value: Decimal
    text: str


@dataclass(frozen=True)
class Series:
    """One line of several."""

    label: str
    points: Sequence[Point]


def line(
    title: str,
    description: str,
    points: Sequence[Point] | Sequence[Series],
    *,
    rtl: bool = False,
    words: ChartWords | None = None,
) -> Markup:
    """One line, or up to three over the same labels; each ends with its own value in words."""
    words = words or ChartWords()
    several = [
        each if isinstance(each, Series) else Series(words.value, points)  # type: ignore[arg-type]  # all are points then
        for each in (points if points and isinstance(points[0], Series) else points[:1])
    ]
    if len(several) > len(STROKES):
        raise ValueError("at most three lines can be told apart")
    if not several or not all(each.points for each in several):
        raise ValueError("a line needs at least one point")
    sheet = Sheet(height=TOP + DEPTH + 24, rtl=rtl)
    values = [point.value for series in several for point in series.points]
    least, most = min([_ZERO, *values]), max([_ZERO, *values])
    _grid(sheet, several, least, most)
    for number, series in enumerate(several):
        _draw(sheet, series, number, least, most)
    first = several[0].points if several else ()
    rows = [
        Row((point.label, *(series.points[index].text for series in several)))
        for index, point in enumerate(first)
    ]
    head = (words.item, *(series.label for series in several))
    return figure(sheet, title, description, head, rows, words, legend=_legend(several))


def gauge(
    title: str,
    description: str,
    value: Decimal,
    maximum: Decimal,
    text: str,
    *,
    rtl: bool = False,
    words: ChartWords | None = None,
) -> Markup:
    """How much of a limit is used, as a half circle. What lies above the limit fills it."""
    words = words or ChartWords()
    sheet = Sheet(height=120, rtl=rtl)
    part = min(max(share_of(value, maximum, Decimal(1)), _ZERO), Decimal(1))
    sheet.raw(_arc(Decimal(1), "c-stroke-track", TRACK, rtl=rtl))
    if part:
        is_over = value > maximum
        css, stroke = ("c-stroke-2", MINUS) if is_over else ("c-stroke-1", FILLS[0])
        sheet.raw(_arc(part, css, stroke, rtl=rtl))
    sheet.raw(
        Markup(
            '<text x="100" y="96" font-size="22" font-weight="600" text-anchor="middle">{}</text>'
        ).format(text)
    )
    rows = [Row((title, text))]
    head = (words.item, words.value)
    return figure(sheet, title, description, head, rows, words, box="0 0 200 112")


def _legend(several: Sequence[Series]) -> list[Mark]:
    """Which line is which, and where each ends."""
    return [
        Mark(f"{each.label}: {each.points[-1].text}", f"c-stroke-{number + 1}", stroke, dashes)
        for number, (each, stroke, dashes) in enumerate(zip(several, STROKES, DASHES, strict=False))
        if each.points
    ]


def _grid(sheet: Sheet, several: Sequence[Series], least: Decimal, most: Decimal) -> None:
    for value in {least, _ZERO, (least + most) / 2, most}:
        y = _down(value, least, most)
        css, stroke = ("c-axis", AXIS) if value == 0 else ("c-line", LINE)
        sheet.line(_ZERO, y, _FULL, y, css, stroke, "1")
    highest = max((point for each in several for point in each.points), key=lambda one: one.value)
    if highest.value > 0:
        sheet.text(_ZERO, TOP - 7, highest.text, quiet=True)
    labels = [point.label for point in several[0].points] if several else []
    last = len(labels) - 1
    apart = max(1, -(-last // (LABELS_MAX - 1)))
    for index in [*range(0, last - apart + 1, apart), last]:
        at = "start" if index == 0 else "end" if index == last else "middle"
        sheet.text(_across(index, last), TOP + DEPTH + 18, labels[index], at=at, quiet=True)


def _draw(sheet: Sheet, series: Series, number: int, least: Decimal, most: Decimal) -> None:
    last = len(series.points) - 1
    places = [
        (_across(index, last), _down(point.value, least, most))
        for index, point in enumerate(series.points)
    ]
    css, stroke = f"c-stroke-{number + 1}", STROKES[number]
    for (x1, y1), (x2, y2) in pairwise(places):
        sheet.line(x1, y1, x2, y2, css, stroke, "2", dashes=DASHES[number])
    if not places:
        return
    x, y = places[-1]
    sheet.dot(x, y, f"c-dot-{number + 1}", stroke)


def _across(index: int, last: int) -> Decimal:
    return share_of(Decimal(index), Decimal(last), Decimal(99)) if last > 0 else Decimal(99)


def _down(value: Decimal, least: Decimal, most: Decimal) -> int:
    return TOP + DEPTH - int(share_of(value - least, most - least, Decimal(DEPTH)))


def _arc(part: Decimal, css: str, stroke: str, *, rtl: bool) -> Markup:
    angle = HALF_TURN * (1 - part)
    x, y = Decimal(cos(angle)) * 84, Decimal(sin(angle)) * 84
    start, end = (184, 100 - x) if rtl else (16, 100 + x)
    return Markup(
        '<path class="{}" d="M{} 100A84 84 0 0 {} {} {}" fill="none" stroke="{}"'
        ' stroke-width="14"/>'
    ).format(css, start, 0 if rtl else 1, short(Decimal(end)), short(100 - y), stroke)
