"""Charts on pages: those of the papers, in the reader's language and direction.

They live with the papers because papers may not import the web; a page shows the very same string.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask_babel import gettext as _
from markupsafe import Markup

from grants.reports.papers import charts as _charts
from grants.reports.papers.charts import Bar, ChartWords, Flow, Point, Series, Stack, Step
from grants.web.kit.languages import current_language

__all__ = [
    "Bar",
    "Flow",
    "Point",
    "Series",
    "Stack",
    "Step",
    "bar",
    "gauge",
    "line",
    "sankey",
    "stacked_bar",
    "waterfall",
]


def bar(title: str, description: str, items: Sequence[Bar]) -> Markup:
    """Values side by side."""
    return _charts.bar(title, description, items, rtl=_is_rtl(), words=_words())


def stacked_bar(
    title: str, description: str, series: Sequence[str], items: Sequence[Stack]
) -> Markup:
    """Parts of a whole for each label."""
    return _charts.stacked_bar(title, description, series, items, rtl=_is_rtl(), words=_words())


def waterfall(title: str, description: str, steps: Sequence[Step]) -> Markup:
    """How one total becomes another."""
    return _charts.waterfall(title, description, steps, rtl=_is_rtl(), words=_words())


def line(title: str, description: str, points: Sequence[Point] | Sequence[Series]) -> Markup:
    """Values over time."""
    return _charts.line(title, description, points, rtl=_is_rtl(), words=_words())


def gauge(title: str, description: str, value: Decimal, maximum: Decimal, text: str) -> Markup:
    """How much of a limit is used."""
    return _charts.gauge(title, description, value, maximum, text, rtl=_is_rtl(), words=_words())


def sankey(title: str, description: str, flows: Sequence[Flow]) -> Markup:
    """Follow the money from its sources to what it paid for."""
    return _charts.sankey(title, description, flows, rtl=_is_rtl(), words=_words())


def _is_rtl() -> bool:
    return current_language().direction == "rtl"


def _words() -> ChartWords:
    return ChartWords(
        figures=_("Show the figures"),
        item=_("Item"),
        value=_("Value"),
        source=_("From"),
        target=_("To"),
    )
