"""Reading a CSV file into rows, whatever its encoding, and refusing what is another layout."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grants.errors import Malformed
from grants.imports.rules.findings import Findings

#: Codes longer than this are no codes.
KEY_MAX = 80


class NotThisLayout(Malformed):
    """This is not a file of {kind}: the column {column} is missing. Its columns are {columns}."""


class ColumnTwice(Malformed):
    """The column {column} is there twice, so it is not clear which one counts."""


class UnreadableFile(Malformed):
    """The file cannot be read: {what}."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The columns of a kind of file: those it must have, and those it may have."""

    kind: str
    needed: tuple[str, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One row of a file, numbered as a spreadsheet does (the heading is row 1), by column."""

    number: int
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """The cell without blanks around it."""
        return self.cells.get(column, "").strip()

    def words(self, column: str) -> str:
        """The cell with single blanks between its words, for names and titles."""
        return " ".join(self.cells.get(column, "").split())

    def raw(self, column: str) -> str:
        """The cell as it is."""
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Table:
    """The rows of a file. Lines without as many cells as the heading are counted, not kept."""

    rows: tuple[Row, ...]
    lines: int

    @property
    def is_complete(self) -> bool:
        return len(self.rows) == self.lines


def read_table(
    content: bytes, layout: Layout, findings: Findings, others: Sequence[Layout] = ()
) -> Table:
    """The rows of a CSV file of this layout. Refuses anything else in a sentence.

    `others` are the layouts that a file may have by mistake, to say so.
    """
    text = _decoded(content, findings)
    if not text.strip():
        raise UnreadableFile(what="it is empty")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        heading = [name.strip() for name in next(reader)]
        _check_heading(heading, layout, others, findings)
        table = _rows(reader, heading, findings)
    except csv.Error as error:
        raise UnreadableFile(what=f"line {reader.line_num}: {error}") from error
    if not table.lines:
        raise UnreadableFile(what="it has a heading and no rows")
    return table


def key_in(row: Row, column: str, findings: Findings) -> str:
    """The code of a row; empty, with a finding, where there is none or it is no code."""
    key = row.text(column)
    if not key:
        findings.error(row.number, "", "no_key", column, f"The line has no {column}.")
    elif len(key) > KEY_MAX:
        findings.error(
            row.number,
            key[:KEY_MAX],
            "no_key",
            column,
            f"{key[:KEY_MAX]}… has {len(key)} characters; a code has at most {KEY_MAX}.",
        )
        return ""
    return key


def name_in(row: Row, column: str, key: str, findings: Findings, *, length: int) -> str:
    """A name, with at most so many characters; a longer one is cut, which is a finding."""
    name = row.words(column)
    if len(name) > length:
        findings.warning(
            row.number,
            key,
            "long_name",
            column,
            f"The name has {len(name)} characters; the first {length} are kept.",
        )
    return name[:length].strip()


def _rows(reader: Iterable[list[str]], heading: Sequence[str], findings: Findings) -> Table:
    rows = []
    lines = 0
    for number, cells in enumerate(reader, 2):
        if not any(cell.strip() for cell in cells):
            continue
        lines += 1
        extra = cells[len(heading) :]
        if len(cells) < len(heading) or any(cell.strip() for cell in extra):
            findings.error(
                number,
                "",
                "wrong_number_of_cells",
                "",
                f"This line has {len(cells)} cells; the heading has {len(heading)}.",
            )
            continue
        rows.append(Row(number, dict(zip(heading, cells, strict=False))))
    return Table(tuple(rows), lines)


def _check_heading(
    heading: Sequence[str], layout: Layout, others: Sequence[Layout], findings: Findings
) -> None:
    missing = [column for column in layout.needed if column not in heading]
    if missing:
        raise NotThisLayout(_why_not(heading, layout, missing[0], others))
    twice = [name for name, count in Counter(heading).items() if name and count > 1]
    if twice:
        raise ColumnTwice(column=twice[0])
    known = {*layout.needed, *layout.others}
    for name in heading:
        if name and name not in known:
            findings.notice(
                1, "", "unknown_column", name[:60], f"The column {name!r} is not known: left out."
            )


def _why_not(heading: Sequence[str], layout: Layout, column: str, others: Sequence[Layout]) -> str:
    named = ", ".join(name[:40] for name in heading[:8]) or "none"
    sentence = (
        f"This is not a file of {layout.kind}: the column {column} is missing."
        f" Its columns are {named}."
    )
    meant = next((one for one in others if set(one.needed) <= set(heading)), None)
    if meant is not None:
        return f"{sentence} It looks like a file of {meant.kind}."
    if len(heading) == 1 and any(mark in heading[0] for mark in ";\t|"):
        return f"{sentence} Its cells are not parted by commas: save it as CSV with commas."
    return sentence


def _decoded(content: bytes, findings: Findings) -> str:
    if content.startswith((b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0")):
        raise UnreadableFile(what="it is not a CSV file. Save the sheet as CSV (UTF-8) first")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            text = content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise UnreadableFile(what=f"its end is missing ({error.reason})") from error
    else:
        text = _of_eight_bits(content, findings)
    if "\x00" in text:
        raise UnreadableFile(what="it holds null characters, as no text does")
    return text


def _of_eight_bits(content: bytes, findings: Findings) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        findings.warning(
            1,
            "",
            "encoding",
            "",
            "The file is not UTF-8; it was read as Windows-1252. Look at names with accents.",
        )
        return content.decode("cp1252", errors="replace")
