"""Bars: one value each, several on top of each other, or steps from one total to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from grants.reports.papers.charts.drawing import (
    AXIS,
    FILLS,
    MINUS,
    TRACK,
    ChartWords,
    Mark,
    Row,
    Sheet,
    figure,
    share_of,
    shortened,
)

ROW = 42
THICKNESS = 12
_ZERO = Decimal(0)
_FULL = Decimal(100)


@dataclass(frozen=True)
class Bar:
    """A value and how it is written; `url` opens what it is made of."""

    label: str
    value: Decimal
    text: str
    url: str = ""


@dataclass(frozen=True)
class Stack:
    """Values of one label, one for each series."""

    label: str
    values: Sequence[Decimal]
    text: str
    texts: Sequence[str] = ()
    url: str = ""


@dataclass(frozen=True)
class Step:
    """A change, or a total that stands by itself."""

    label: str
    value: Decimal
    text: str
    is_total: bool = False


def bar(
    title: str,
    description: str,
    items: Sequence[Bar],
    *,
    rtl: bool = False,
    words: ChartWords | None = None,
) -> Markup:
    """Values side by side. Negative values are drawn by their size, in the colour of a minus."""
    words = words or ChartWords()
    most = max((abs(each.value) for each in items), default=_ZERO)
    sheet = Sheet(height=ROW * len(items), rtl=rtl)
    for index, each in enumerate(items):
        top = ROW * index
        _row_words(sheet, top, each.label, each.text)
        sheet.rect(_ZERO, top + 22, _FULL, THICKNESS, "c-track", TRACK)
        css, fill = ("c-minus", MINUS) if each.value < 0 else ("c-1", FILLS[0])
        sheet.rect(_ZERO, top + 22, share_of(abs(each.value), most), THICKNESS, css, fill)
    rows = [Row((each.label, each.text), each.url) for each in items]
    return figure(sheet, title, description, (words.item, words.value), rows, words)


def stacked_bar(
    title: str,
    description: str,
    series: Sequence[str],
    items: Sequence[Stack],
    *,
    rtl: bool = False,
    words: ChartWords | None = None,
) -> Markup:
    """Parts of a whole for each label. At most four series; values may not be negative."""
    words = words or ChartWords()
    if len(series) > len(FILLS) or any(value < 0 for each in items for value in each.values):
        raise ValueError("a stacked bar holds at most four series of values above zero")
    most = max((sum(each.values, _ZERO) for each in items), default=_ZERO)
    sheet = Sheet(height=ROW * len(items), rtl=rtl)
    for index, each in enumerate(items):
        top, start = ROW * index, _ZERO
        _row_words(sheet, top, each.label, each.text)
        sheet.rect(_ZERO, top + 22, _FULL, THICKNESS, "c-track", TRACK)
        for number, value in enumerate(each.values):
            width = share_of(value, most)
            # The gap between two parts is seen without colour.
            shown = max(width - Decimal("0.3"), _ZERO) if start + width < _FULL else width
            if value:
                css = f"c-{number + 1}"
                sheet.rect(start, top + 22, shown, THICKNESS, css, FILLS[number], r=1)
            start += width
    head = (words.item, *series, words.value)
    rows = [
        Row(
            (each.label, *(each.texts or [f"{value:,}" for value in each.values]), each.text),
            each.url,
        )
        for each in items
    ]
    return figure(
        sheet,
        title,
        description,
        head,
        rows,
        words,
        legend=[Mark(each, f"c-{index + 1}", FILLS[index]) for index, each in enumerate(series)],
    )


def waterfall(
    title: str,
    description: str,
    steps: Sequence[Step],
    *,
    rtl: bool = False,
    words: ChartWords | None = None,
) -> Markup:
    """How one total becomes another. A total starts from zero; each change from where it stood."""
    words = words or ChartWords()
    spans = _spans(steps)
    least = min((low for low, _high in spans), default=_ZERO)
    whole = max((high for _low, high in spans), default=_ZERO) - least
    sheet = Sheet(height=ROW * len(steps), rtl=rtl)
    if least < 0:
        zero = share_of(-least, whole)
        sheet.line(zero, 0, zero, sheet.height, "c-axis", AXIS, "1")
    for index, (step, (low, high)) in enumerate(zip(steps, spans, strict=True)):
        top = ROW * index
        _row_words(sheet, top, step.label, step.text, bold=step.is_total)
        css, fill = ("c-1", FILLS[0]) if step.is_total else ("c-2", FILLS[1])
        if step.value < 0 and not step.is_total:
            css, fill = "c-minus", MINUS
        width = max(share_of(high - low, whole), Decimal("0.4"))
        sheet.rect(share_of(low - least, whole), top + 22, width, THICKNESS, css, fill)
    rows = [Row((each.label, each.text)) for each in steps]
    return figure(sheet, title, description, (words.item, words.value), rows, words)


def _spans(steps: Sequence[Step]) -> list[tuple[Decimal, Decimal]]:
    spans, standing = [], _ZERO
    for step in steps:
        before = _ZERO if step.is_total else standing
        standing = before + step.value
        spans.append((min(before, standing), max(before, standing)))
    return spans


def _row_words(sheet: Sheet, top: int, label: str, text: str, *, bold: bool = True) -> None:
    sheet.text(_ZERO, top + 14, shortened(label))
    sheet.text(_FULL, top + 14, text, at="end", bold=bold)
