"""Tables to take along: CSV and workbooks that run nothing when they are opened."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, Final

import xlsxwriter
from flask import Response, stream_with_context

from grants.money import Money, decimals

Cell = str | int | date | Money | None

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTH: Final = 18

#: A cell that begins with one of these would be run as a formula.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def csv_response(name: str, columns: Sequence[object], rows: Iterable[Sequence[Cell]]) -> Response:
    """The rows as a CSV file, sent as they come. An amount fills two cells: currency and number."""
    response = Response(
        stream_with_context(_lines(columns, rows)), mimetype="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def money_columns(label: object) -> list[str]:
    """The two column heads of an amount."""
    return [f"{label} (currency)", str(label)]


def _lines(columns: Sequence[object], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    yield "\N{ZERO WIDTH NO-BREAK SPACE}"  # so that spreadsheets read it as UTF-8
    yield _line([str(column) for column in columns])
    for row in rows:
        yield _line([text for cell in row for text in _texts(cell)])


def _line(texts: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(texts)
    return written.getvalue()


def _texts(cell: Cell) -> list[str]:
    if cell is None:
        return [""]
    if isinstance(cell, Money):
        return [cell.currency, f"{cell.amount:f}"]
    if isinstance(cell, date):
        return [cell.isoformat()]
    if isinstance(cell, int):
        return [str(cell)]
    return [f"'{cell}" if cell.startswith(_DANGEROUS) else cell]


def xlsx_response(name: str, columns: Sequence[object], rows: Iterable[Sequence[Cell]]) -> Response:
    """The same rows as a workbook of one sheet: amounts are numbers, texts are never formulas."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    page = book.add_worksheet()
    page.freeze_panes(1, 0)
    page.write_row(0, 0, [str(column) for column in columns], book.add_format({"bold": True}))
    page.set_column(0, max(len(columns) - 1, 0), _WIDTH)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    amounts: dict[int, Any] = {}
    for index, row in enumerate(rows, 1):
        cells = [cell for one in row for cell in _cells(one)]
        for column, cell in enumerate(cells):
            if isinstance(cell, Money):
                places = decimals(cell.currency)
                if places not in amounts:
                    pattern = "#,##0" + ("." + "0" * places if places else "")
                    amounts[places] = book.add_format({"num_format": pattern})
                page.write_number(index, column, cell.amount, amounts[places])
            elif isinstance(cell, date):
                page.write_datetime(index, column, datetime.combine(cell, time()), day)
            elif isinstance(cell, int):
                page.write_number(index, column, cell)
            elif cell is not None:
                page.write_string(index, column, cell)
    book.close()
    response = Response(buffer.getvalue(), mimetype=_XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def table_response(
    ending: str, name: str, columns: Sequence[object], rows: Iterable[Sequence[Cell]]
) -> Response | None:
    """The rows as the file that the address asks for, `csv` or `xlsx`; None: the page is wanted."""
    made = {"csv": csv_response, "xlsx": xlsx_response}.get(ending)
    return made(name, columns, rows) if made else None


def _cells(cell: Cell) -> list[Cell]:
    return [cell.currency, cell] if isinstance(cell, Money) else [cell]
