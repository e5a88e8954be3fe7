"""Charts as text: one string of SVG that is the same on a page and in a PDF.

Each is a `<figure>` with a title, a description and the table of what it shows. Positions along the
width are percentages, so that a chart fits a telephone and a sheet of paper without its letters
shrinking. No style attribute (the Content-Security-Policy forbids it): the drawing carries its
colours as attributes, which hold on paper, and classes, with which the page's stylesheet takes
over. Colour never says anything alone.
"""

from __future__ import annotations

from grants.reports.papers.charts.bars import Bar, Stack, Step, bar, stacked_bar, waterfall
from grants.reports.papers.charts.drawing import ChartWords
from grants.reports.papers.charts.flows import Flow, sankey
from grants.reports.papers.charts.lines import Point, Series, gauge, line

__all__ = [
    "Bar",
    "ChartWords",
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
