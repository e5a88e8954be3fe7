"""The sheet on which charts are drawn, and the figure around it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from markupsafe import Markup, escape

#: Colours on paper, darkest first; on a page the classes c-1 to c-4 replace them.
FILLS = ("#0b5c6e", "#5f97a4", "#b3cfd5", "#89847a")
INK = "#1d1c1a"
QUIET = "#5d5952"
LINE = "#e3dfd6"
AXIS = "#89847a"
TRACK = "#f2f0ea"
MINUS = "#7d4c00"
LETTERS_MAX = 38


@dataclass(frozen=True, kw_only=True)
class ChartWords:
    """The few words that a chart says by itself, in the reader's language."""

    figures: str = "Show the figures"
    item: str = "Item"
    value: str = "Value"
    source: str = "From"
    target: str = "To"


@dataclass(frozen=True)
class Mark:
    """An entry of the legend: a filled square, or a line where `dashes` is not None."""

    label: str
    css: str
    colour: str
    dashes: str | None = None


@dataclass(frozen=True)
class Row:
    """A line of the table behind a chart; `url` opens what its figures are made of."""

    cells: Sequence[str]
    url: str = ""


@dataclass
class Sheet:
    """Collects marks. Across is in per cent (mirrored for right-to-left), down in pixels."""

    height: int
    rtl: bool = False
    marks: list[Markup] = field(default_factory=list)

    def rect(
        self, x: Decimal, y: int, width: Decimal, height: int, css: str, fill: str, *, r: int = 2
    ) -> None:
        left = 100 - x - width if self.rtl else x
        self.marks.append(
            Markup(
                '<rect class="{}" x="{}%" y="{}" width="{}%" height="{}" rx="{}" fill="{}"/>'
            ).format(css, short(left), y, short(width), height, r, fill)
        )

    def line(
        self,
        x1: Decimal,
        y1: int,
        x2: Decimal,
        y2: int,
        css: str,
        stroke: str,
        width: str,
        *,
        dashes: str = "",
    ) -> None:
        left, right = (100 - x1, 100 - x2) if self.rtl else (x1, x2)
        self.marks.append(
            Markup(
                '<line class="{}" x1="{}%" y1="{}" x2="{}%" y2="{}" stroke="{}" stroke-width="{}"'
                ' stroke-linecap="round"{}/>'
            ).format(
                css,
                short(left),
                y1,
                short(right),
                y2,
                stroke,
                width,
                Markup(' stroke-dasharray="{}"').format(dashes) if dashes else "",
            )
        )

    def dot(self, x: Decimal, y: int, css: str, fill: str, radius: str = "3.5") -> None:
        self.marks.append(
            Markup('<circle class="{}" cx="{}%" cy="{}" r="{}" fill="{}"/>').format(
                css, short(100 - x if self.rtl else x), y, radius, fill
            )
        )

    def text(
        self,
        x: Decimal,
        y: int,
        words: str,
        *,
        at: str = "start",
        quiet: bool = False,
        bold: bool = False,
    ) -> None:
        """Words that start, stand in the middle, or end at x as the reader reads."""
        anchor = {"start": "end", "end": "start"}.get(at, at) if self.rtl else at
        self.marks.append(
            Markup(
                '<text{} x="{}%" y="{}" font-size="13"{} text-anchor="{}" fill="{}">{}</text>'
            ).format(
                Markup(' class="c-quiet"') if quiet else "",
                short(100 - x if self.rtl else x),
                y,
                Markup(' font-weight="600"') if bold else "",
                anchor,
                QUIET if quiet else INK,
                words,
            )
        )

    def raw(self, mark: Markup) -> None:
        self.marks.append(mark)


def figure(
    sheet: Sheet,
    title: str,
    description: str,
    head: Sequence[str],
    rows: Sequence[Row],
    words: ChartWords,
    *,
    legend: Sequence[Mark] = (),
    box: str = "",
) -> Markup:
    """The whole: caption, legend, drawing, and the table behind it."""
    drawing = Markup("").join(sheet.marks)
    key = hashlib.sha256(f"{title}\0{description}\0{drawing}".encode()).hexdigest()[:10]
    size = (
        Markup('viewBox="{}" class="chart-fixed"').format(box)
        if box
        else Markup('width="100%" height="{}"').format(sheet.height)
    )
    return Markup(
        '<figure class="chart"><figcaption>{title}<small>{description}</small></figcaption>{legend}'
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" {size} aria-labelledby="{key}-t"'
        ' aria-describedby="{key}-d"><title id="{key}-t">{title}</title>'
        '<desc id="{key}-d">{description}</desc>{drawing}</svg>{table}</figure>'
    ).format(
        title=title,
        description=description,
        legend=_legend(legend),
        size=size,
        key=f"chart-{key}",
        drawing=drawing,
        table=_table(head, rows, words),
    )


def shortened(words: str, most: int = LETTERS_MAX) -> str:
    """Words that fit beside a bar; the table has them whole."""
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def share_of(value: Decimal, whole: Decimal, width: Decimal = Decimal(100)) -> Decimal:
    """The part of the width that a value takes."""
    return value * width / whole if whole else Decimal(0)


def short(value: Decimal) -> str:
    """Two decimals at most: a hundredth of a per cent cannot be seen."""
    text = f"{value:.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _legend(entries: Sequence[Mark]) -> Markup:
    if not entries:
        return Markup("")
    items = Markup("").join(
        Markup("<li>{} {}</li>").format(_swatch(entry), entry.label) for entry in entries
    )
    return Markup('<ul class="chart-legend">{}</ul>').format(items)


def _swatch(entry: Mark) -> Markup:
    if entry.dashes is None:
        return Markup(
            '<svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">'
            '<rect class="{}" width="10" height="10" rx="2" fill="{}"/></svg>'
        ).format(entry.css, entry.colour)
    return Markup(
        '<svg width="22" height="10" viewBox="0 0 22 10" aria-hidden="true"><path class="{}"'
        ' d="M1 5h20" stroke="{}" stroke-width="2" stroke-dasharray="{}"/></svg>'
    ).format(entry.css, entry.colour, entry.dashes or "none")


def _table(head: Sequence[str], rows: Sequence[Row], words: ChartWords) -> Markup:
    heads = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(_num(index), label)
        for index, label in enumerate(head)
    )
    lines = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            _linked(row),
            Markup("").join(
                Markup("<td{}>{}</td>").format(_num(index + 1), cell)
                for index, cell in enumerate(row.cells[1:])
            ),
        )
        for row in rows
    )
    return Markup(
        "<details><summary>{}</summary><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>"
        "</details>"
    ).format(words.figures, heads, lines)


def _linked(row: Row) -> Markup:
    if row.url:
        return Markup('<a href="{}">{}</a>').format(row.url, row.cells[0])
    return escape(row.cells[0])


def _num(index: int) -> Markup:
    return Markup(' class="num"') if index else Markup("")
