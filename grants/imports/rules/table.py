"""Reading a CSV file into rows, whatever its encoding, and refusing what is another layout."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from grants.errors import Malformed
from grants.imports.rules.findings import Findings

SENTINEL_YEARS = {"0001", "1900", "9999"}
_DAY_FORMATS = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y", "%d/%m/%Y", "%d-%b-%Y")


class NotThisLayout(Malformed):
    """This is not a file of {kind}: the column {column} is missing. Its columns are {columns}."""


class UnreadableFile(Malformed):
    """The file cannot be read: {what}."""


@dataclass(frozen=True)
class Row:
    """One row of a file, numbered as a spreadsheet does (the heading is row 1), by column."""

    number: int
    cells: dict[str, str]

    def text(self, column: str) -> str:
        return self.cells.get(column, "").strip()

    def raw(self, column: str) -> str:
        return self.cells.get(column, "")


def read_table(content: bytes, kind: str, columns: Sequence[str], findings: Findings) -> list[Row]:
    """The rows of a CSV file that has at least these columns. Refuses the rest in a sentence."""
    text = _decoded(content, findings)
    if not text.strip():
        raise UnreadableFile(what="it is empty")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        heading = [name.strip() for name in next(reader)]
        missing = [column for column in columns if column not in heading]
        if missing:
            raise NotThisLayout(
                kind=kind, column=missing[0], columns=", ".join(heading[:8]) or "none"
            )
        rows = []
        for number, cells in enumerate(reader, 2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(heading):
                findings.error(
                    number,
                    "",
                    "wrong_number_of_cells",
                    "",
                    f"This line has {len(cells)} cells; the heading has {len(heading)}.",
                )
                continue
            rows.append(Row(number, dict(zip(heading, cells, strict=True))))
    except csv.Error as error:
        raise UnreadableFile(what=f"line {reader.line_num}: {error}") from error
    if not rows:
        raise UnreadableFile(what="it has a heading and no rows")
    return rows


def number_in(row: Row, column: str, key: str, findings: Findings) -> Decimal | None:
    """The number in a cell; None where it is empty or no number, which is a finding."""
    typed = row.text(column)
    if not typed:
        return None
    try:
        value = Decimal(typed.replace(",", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        findings.error(row.number, key, "bad_number", column, f"{typed!r} is not a number.")
        return None
    if "e" in typed.lower():
        findings.notice(
            row.number,
            key,
            "scientific_notation",
            column,
            f"{typed} is in scientific notation, read as {value:,f}; digits may be lost.",
        )
    return value


def day_in(row: Row, column: str) -> date | None:
    """The day in a cell; None where it is empty, unreadable or a sentinel."""
    typed = row.text(column)
    if not typed or typed[:4] in SENTINEL_YEARS:
        return None
    try:
        return datetime.fromisoformat(typed).date()
    except ValueError:
        pass
    for form in _DAY_FORMATS:
        try:
            found = datetime.strptime(typed, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return None if found.year <= 1900 else found
    return None


def is_sentinel(typed: str) -> bool:
    """Whether a date stands for "there is none"."""
    return typed.strip()[:4] in SENTINEL_YEARS or typed.strip().startswith("1/1/0001")


def _decoded(content: bytes, findings: Findings) -> str:
    if content.startswith((b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0")):
        raise UnreadableFile(what="it is not a CSV file. Save the sheet as CSV (UTF-8) first")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        findings.warning(
            1, "", "encoding", "", "The file is not UTF-8; it was read as Windows-1252."
        )
        return content.decode("cp1252", errors="replace")
