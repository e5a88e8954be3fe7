"""A statement as a workbook and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import xlsxwriter

from grants.money import Money, decimals
from grants.reports.papers.sheets import Cell, Sheet, sheets_of
from grants.reports.shapes import DonorStatement

#: A text that begins so is taken for a formula by spreadsheets; a quote in front keeps it text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDTH_MAX = 60


def render_xlsx(statement: DonorStatement) -> bytes:
    """One sheet for each table. The same statement makes the same bytes."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    cover = statement.cover
    book.set_properties(
        {
            "title": f"{cover.fund}: {cover.donor}, {cover.number}",
            "created": datetime.combine(cover.until_on, time()),
        }
    )
    styles = _Styles(book)
    for sheet in sheets_of(statement):
        page = book.add_worksheet(sheet.name)
        page.freeze_panes(1, 0)
        page.repeat_rows(0)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.write_row(0, 0, sheet.heading, styles.heading)
        for column, width in enumerate(_widths(sheet)):
            page.set_column(column, column, width)
        for index, row in enumerate(sheet.rows, 1):
            _write_row(page, index, row, styles)
    book.close()
    return buffer.getvalue()


def render_csv(statement: DonorStatement) -> bytes:
    """All tables one below the other, each under its name; UTF-8 with the mark that Excel wants."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    for sheet in sheets_of(statement):
        writer.writerow([sheet.name])
        writer.writerow(sheet.heading)
        writer.writerows([_text(cell) for cell in row] for row in sheet.rows)
        writer.writerow([])
    return buffer.getvalue().encode("utf-8-sig")


class _Styles:
    """The formats of a workbook; amounts have as many decimals as their currency."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._amounts: dict[int, Any] = {}
        self.heading = book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"}
        )
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})

    def amount(self, currency: str) -> Any:
        places = decimals(currency)
        if places not in self._amounts:
            pattern = "#,##0" + ("." + "0" * places if places else "")
            self._amounts[places] = self._book.add_format({"num_format": pattern})
        return self._amounts[places]


def _write_row(page: Any, index: int, row: Sequence[Cell], styles: _Styles) -> None:
    for column, cell in enumerate(row):
        if isinstance(cell, Money):
            page.write_number(index, column, cell.amount, styles.amount(cell.currency))
        elif isinstance(cell, date):
            page.write_datetime(index, column, datetime.combine(cell, time()), styles.day)
        elif isinstance(cell, int):
            page.write_number(index, column, cell)
        elif cell is not None:
            page.write_string(index, column, cell)


def _widths(sheet: Sheet) -> list[int]:
    """As wide as the longest cell, within reason; a heading may break."""
    widths = [max((len(word) for word in title.split()), default=0) for title in sheet.heading]
    for row in sheet.rows:
        for column, cell in enumerate(row):
            widths[column] = max(widths[column], len(_shown(cell)))
    return [min(width + 2, _WIDTH_MAX) for width in widths]


def _shown(cell: Cell) -> str:
    return f"{cell.amount:,}" if isinstance(cell, Money) else _text(cell)


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Money):
        return f"{cell.amount:f}"
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(_FORMULA) else text
