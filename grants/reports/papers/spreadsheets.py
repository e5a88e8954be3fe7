"""A statement as a workbook and as CSV."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import Any

import xlsxwriter

from grants.money import Money, decimals
from grants.reports.papers.sheets import Cell, Sheet, sheets_of
from grants.reports.shapes import DonorStatement

#: A cell that begins so is taken for a formula by spreadsheets; a quote in front keeps it text.
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
            "created": datetime.combine(cover.until_on, datetime.min.time()),
        }
    )
    bold = book.add_format({"bold": True, "bottom": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    amounts: dict[str, object] = {}
    for sheet in sheets_of(statement):
        page = book.add_worksheet(sheet.name)
        page.freeze_panes(1, 0)
        page.write_row(0, 0, sheet.heading, bold)
        widths = [len(title) for title in sheet.heading]
        for index, row in enumerate(sheet.rows, 1):
            for column, cell in enumerate(row):
                widths[column] = max(widths[column], len(str(cell or "")))
                if isinstance(cell, Money):
                    style = amounts.setdefault(
                        cell.currency, book.add_format({"num_format": _amount_format(cell)})
                    )
                    page.write_number(index, column, cell.amount, style)
                elif isinstance(cell, date):
                    page.write_datetime(
                        index, column, datetime.combine(cell, datetime.min.time()), day
                    )
                elif isinstance(cell, int):
                    page.write_number(index, column, cell)
                elif cell is not None:
                    page.write_string(index, column, cell)
        for column, width in enumerate(widths):
            page.set_column(column, column, min(width + 2, _WIDTH_MAX))
    book.close()
    return buffer.getvalue()


def render_csv(statement: DonorStatement) -> bytes:
    """All tables one below the other, each under its name; UTF-8 with a mark, so that Excel reads it."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    for sheet in sheets_of(statement):
        _write_sheet(writer, sheet)
    return buffer.getvalue().encode("utf-8-sig")


def render_sheet_csv(sheet: Sheet) -> bytes:
    """One table as CSV."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(sheet.heading)
    writer.writerows([_text(cell) for cell in row] for row in sheet.rows)
    return buffer.getvalue().encode("utf-8-sig")


def _write_sheet(writer: Any, sheet: Sheet) -> None:
    writer.writerow([sheet.name])
    writer.writerow(sheet.heading)
    writer.writerows([_text(cell) for cell in row] for row in sheet.rows)
    writer.writerow([])


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Money):
        return f"{cell.amount:f}"
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(_FORMULA) else text


def _amount_format(amount: Money) -> str:
    places = decimals(amount.currency)
    return "#,##0" + ("." + "0" * places if places else "")
