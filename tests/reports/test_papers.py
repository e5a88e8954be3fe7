"""The four forms of a statement say the same; what is long is summed up; nothing runs in a cell."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from grants.cli.samples import sample_statement
from grants.money import Money
from grants.reports.numbers.differences import changes
from grants.reports.papers import sheets
from grants.reports.papers.donor_statement import LINES_MAX, html_of, render_papers
from grants.reports.papers.plain import render_json
from grants.reports.papers.spreadsheets import render_csv, render_xlsx
from grants.reports.shapes import (
    AgreementLine,
    Change,
    DonorStatement,
    EntryBehind,
    FeeLine,
    FlowLine,
    FundLine,
    PledgeLine,
    SpendingLine,
)
from grants.reports.shapes.plain import canonical, figures_hash, figures_of, statement_of
from tests.makes.donors import money

DAY = date(2026, 3, 10)


def whole_statement(lines: int = 3) -> DonorStatement:
    """A statement in which every table has a line."""
    one = money("1,234.56")
    return replace(
        sample_statement(lines),
        pledges=(PledgeLine(reference="P-1", pledged_on=DAY, amount=one, usd=one),),
        agreements=(
            AgreementLine(
                reference="A-1",
                signed_on=DAY,
                earmark="core",
                amount=money("5,000", "UGX"),
                usd=one,
                paid=money("0", "UGX"),
                outstanding=money("5,000", "UGX"),
            ),
        ),
        flows=(
            FlowLine(
                label="Contributions received",
                kind="source",
                period_tracked=one,
                period_notional=-one,
                tracked=one,
                notional=one,
            ),
        ),
        fund=(FundLine(label="Direct costs", kind="use", period=one, cumulative=one),),
        spending=(
            SpendingLine(
                country="Uganda", window="W", number=4, category="Services", expenditure=one
            ),
        ),
        fees=(
            FeeLine(
                value_on=DAY,
                reference="A-1",
                deposit=one,
                fee=money("12.35"),
                other=-money("0.01"),
                difference=-money("20.00"),
            ),
        ),
        changes=(Change(label="Received", before=None, after=one),),
        entries_behind=(EntryBehind(sequence=7, event="deposit", value_on=DAY, reason="BANK"),),
    )


def test_the_workbook_the_csv_and_the_json_hold_the_same_figures() -> None:
    made = whole_statement()
    amounts = sorted(_amounts_of_figures(json.loads(render_json(made))))
    assert amounts
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx(made)), read_only=True)
    tables = {sheet.title: [list(row) for row in sheet.values] for sheet in book}
    texts = _tables_of_csv(render_csv(made))
    assert list(tables) == list(texts)
    for name, rows in tables.items():
        assert [[_as_text(cell, name) for cell in row] for row in rows] == [
            [_normal(cell) for cell in row] for row in texts[name]
        ]
    printed = {cell for rows in texts.values() for row in rows for cell in row}
    assert not [amount for amount in amounts if f"{amount:f}" not in printed]


def test_every_field_of_every_line_stands_in_a_table() -> None:
    assert sheets.unprinted() == []


def test_the_paper_prints_the_same_figures() -> None:
    made = whole_statement()
    page = html_of(made)
    for figure in ("1,234.56", "\N{MINUS SIGN}1,234.56", "UGX\N{NO-BREAK SPACE}5,000", "12.35"):
        assert figure in page
    for line in made.grants:
        assert f"{line.approved.amount:,}" in page
        assert f"{line.expenditure.amount:,}" in page


def test_figures_come_back_as_they_were_frozen() -> None:
    made = whole_statement()
    stored = json.loads(json.dumps(figures_of(made)))
    assert statement_of(stored) == made
    signed = replace(
        made, cover=replace(made.cover, state="certified", certified_by="B", certified_at=None)
    )
    assert figures_hash(figures_of(signed)) == figures_hash(stored)
    other = replace(made, closing_balance=money("0.01"))
    assert figures_hash(figures_of(other)) != figures_hash(stored)
    assert b" " not in canonical({"a": 1, "b": [2]})


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_runs_as_a_formula(beginning: str) -> None:
    text = f"{beginning}HYPERLINK(1)"
    made = whole_statement(1)
    made = replace(made, grants=(replace(made.grants[0], title=text),))
    assert f"'{text.strip()}" in render_csv(made).decode("utf-8-sig") or f"'{text}" in (
        render_csv(made).decode("utf-8-sig")
    )
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx(made)))
    kinds = {cell.data_type for row in book["Grants"].iter_rows() for cell in row}
    assert "f" not in kinds


def test_what_somebody_typed_is_escaped_on_paper() -> None:
    made = whole_statement(1)
    made = replace(made, grants=(replace(made.grants[0], title="<b>bold</b>"),))
    assert "&lt;b&gt;bold" in html_of(made)


def test_a_long_list_is_summed_up_on_paper_and_whole_in_the_data() -> None:
    made = whole_statement(LINES_MAX + 1)
    page = html_of(made)
    assert "The 50 largest of 61 grants" in page
    assert "11 smaller grants" in page
    left = sum(line.approved.minor for line in made.grants[50:])
    assert f"{Money.of_minor(left, 'USD').amount:,}" in page
    assert len(_tables_of_csv(render_csv(made))["Grants"]) == 62
    assert "smaller grants" not in html_of(whole_statement(LINES_MAX))


def test_the_same_statement_makes_the_same_files() -> None:
    made = whole_statement()
    once, again = render_papers(made), render_papers(made)
    assert once == again
    assert set(once) == {"pdf", "xlsx", "csv", "json"}


def test_changes_name_each_figure_with_before_and_now() -> None:
    before = whole_statement(2)
    grant = replace(before.grants[0], expenditure=money("1.00"))
    after = replace(before, grants=(grant,), closing_balance=money("1.00"))
    found = {change.label: change for change in changes(before, after)}
    spent = found[f"Grant {grant.reference}, expenditure"]
    assert (spent.before, spent.after) == (before.grants[0].expenditure, money("1.00"))
    gone = found[f"Grant {before.grants[1].reference}, approved"]
    assert gone.after is None
    assert changes(before, before) == []


def _amounts_of_figures(figures: Any) -> Iterable[Decimal]:
    if isinstance(figures, dict) and set(figures) == {"amount", "currency"}:
        yield Decimal(figures["amount"])
    elif isinstance(figures, dict):
        for value in figures.values():
            yield from _amounts_of_figures(value)
    elif isinstance(figures, list):
        for value in figures:
            yield from _amounts_of_figures(value)


def _tables_of_csv(content: bytes) -> dict[str, list[list[str]]]:
    tables: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        if not row:
            rows = []
        elif not rows and row[0] not in tables and len(row) == 1:
            rows = tables.setdefault(row[0], [])
            rows.append([])
        elif rows and rows[0] == []:
            rows[0] = row
        else:
            rows.append(row)
    return tables


def _as_text(cell: Any, sheet: str) -> str:
    del sheet
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return _normal(str(cell))


def _normal(text: str) -> str:
    """Numbers without the zeros that a workbook leaves out."""
    try:
        return f"{Decimal(text).normalize():f}"
    except ArithmeticError:
        return text.removeprefix("'")
