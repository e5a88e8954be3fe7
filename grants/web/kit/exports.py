"""Tables to take along: CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from flask import Response, stream_with_context

from grants.money import Money

Cell = str | int | date | Money | None

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
