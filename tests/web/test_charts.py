"""Charts: each with title, description and the table behind it, the same for page and paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import html5lib
import pytest
from markupsafe import Markup

from grants.reports.papers import charts
from grants.reports.papers.charts import Bar, Flow, Point, Series, Stack, Step

SVG = "{http://www.w3.org/2000/svg}"
ZERO, ONE, TWO = Decimal(0), Decimal(1), Decimal(2)
EVERY: dict[str, Callable[[bool], Markup]] = {
    "bar": lambda rtl: charts.bar(
        "Paid",
        "By country.",
        [Bar("Ghana & Togo", TWO, "USD 2", "/gh"), Bar("Uganda", -ONE, "USD −1")],
        rtl=rtl,
    ),
    "stacked": lambda rtl: charts.stacked_bar(
        "Paid", "And pledged.", ["Paid", "Open"], [Stack("Norway", [ONE, TWO], "USD 3")], rtl=rtl
    ),
    "waterfall": lambda rtl: charts.waterfall(
        "Balance",
        "From open to close.",
        [
            Step("Open", TWO, "2", is_total=True),
            Step("Out", -Decimal(3), "−3"),
            Step("Close", -ONE, "−1", is_total=True),
        ],
        rtl=rtl,
    ),
    "line": lambda rtl: charts.line(
        "Cash", "By month.", [Point("Jan", ONE, "1"), Point("Feb", -TWO, "−2")], rtl=rtl
    ),
    "lines": lambda rtl: charts.line(
        "Cash",
        "And due.",
        [Series("Cash", [Point("Jan", ONE, "1")]), Series("Due", [Point("Jan", TWO, "2")])],
        rtl=rtl,
    ),
    "gauge": lambda rtl: charts.gauge("Used", "Of the ceiling.", TWO, ONE, "200 %", rtl=rtl),
    "sankey": lambda rtl: charts.sankey(
        "Flow",
        "Of money.",
        [Flow("A", "B", TWO, "2"), Flow("B", "C", ONE, "1"), Flow("A", "C", ONE, "1", "/ac")],
        rtl=rtl,
    ),
}


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("rtl", [False, True])
def test_every_chart_has_a_title_a_description_and_its_table(kind: str, rtl: bool) -> None:  # noqa: FBT001
    text = EVERY[kind](rtl)
    assert "style=" not in text
    (figure,) = html5lib.parseFragment(text, namespaceHTMLElements=False)
    drawing = figure.find(f"{SVG}svg[@role='img']")
    title, description = drawing.find(f"{SVG}title"), drawing.find(f"{SVG}desc")
    assert drawing.get("aria-labelledby") == title.get("id")
    assert drawing.get("aria-describedby") == description.get("id")
    assert title.text
    assert description.text
    assert figure.find("figcaption") is not None
    head, rows = figure.findall(".//thead/tr/th"), figure.findall(".//tbody/tr")
    assert rows
    assert all(len(row) == len(head) for row in rows)
    for shape in ("rect", "line", "path", "circle"):
        for mark in figure.iter(f"{SVG}{shape}"):
            assert mark.get("fill") or mark.get("stroke"), "paper has no stylesheet for charts"


@pytest.mark.parametrize("kind", EVERY)
def test_a_chart_is_the_same_string_each_time(kind: str) -> None:
    assert EVERY[kind](False) == EVERY[kind](False)


def test_labels_are_escaped_and_amounts_open() -> None:
    text = EVERY["bar"](False)
    assert "Ghana &amp; Togo" in text
    assert '<a href="/gh">' in text


def test_bars_are_as_long_as_their_values() -> None:
    items = [Bar("a", Decimal(8), "8"), Bar("b", Decimal(2), "2"), Bar("c", ZERO, "0")]
    widths = re.findall(
        r'class="c-1" x="0%" y="\d+" width="([\d.]+)%"', charts.bar("t", "d", items)
    )
    assert widths == ["100", "25", "0"]
    mirrored = charts.bar("t", "d", items, rtl=True)
    assert 'class="c-1" x="75%"' in mirrored


def test_a_waterfall_goes_on_where_the_last_step_ended() -> None:
    steps = [
        Step("o", Decimal(10), "", is_total=True),
        Step("+", Decimal(10), ""),
        Step("-", -Decimal(5), ""),
    ]
    text = charts.waterfall("t", "d", steps)
    assert re.findall(r'x="([\d.]+)%" y="\d+" width="([\d.]+)%"', text) == [
        ("0", "50"),
        ("50", "50"),
        ("75", "25"),
    ]


def test_charts_refuse_what_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="circle"):
        charts.sankey("t", "d", [Flow("a", "b", ONE, ""), Flow("b", "a", ONE, "")])
    with pytest.raises(ValueError, match="four series"):
        charts.stacked_bar("t", "d", ["a"], [Stack("x", [-ONE], "")])
    with pytest.raises(ValueError, match="at least one point"):
        charts.line("t", "d", [])


def test_empty_charts_are_empty_and_not_an_error() -> None:
    assert "<figure" in charts.bar("t", "d", [])
    assert "<figure" in charts.waterfall("t", "d", [])
    assert "<figure" in charts.sankey("t", "d", [])
    assert "<figure" in charts.gauge("t", "d", ZERO, ZERO, "0")
