"""A file is read whatever its encoding; what is another layout is refused in a sentence."""

from __future__ import annotations

import pytest

from grants.errors import Malformed
from grants.imports.rules.findings import Findings
from grants.imports.rules.layouts import CONTRIBUTIONS, GRANTS, LAYOUTS
from grants.imports.rules.table import KEY_MAX, Table, key_in, read_table
from tests.imports.files import GRANT, PAID, contributions, grants

pytestmark = pytest.mark.once


def _read(content: bytes, findings: Findings | None = None) -> Table:
    return read_table(content, CONTRIBUTIONS, findings or Findings(), LAYOUTS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_accents_survive_every_unicode_encoding(encoding: str) -> None:
    content = contributions({**PAID, "DonorName": "Türkiye"}).decode().encode(encoding)
    findings = Findings()
    assert _read(content, findings).rows[0].text("DonorName") == "Türkiye"
    assert findings.found == []


def test_windows_1252_is_read_and_said() -> None:
    findings = Findings()
    content = contributions({**PAID, "DonorName": "Türkiye"}).decode().encode("cp1252")
    assert _read(content, findings).rows[0].text("DonorName") == "Türkiye"
    assert [(one.severity, one.code) for one in findings.found] == [("warning", "encoding")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it is empty"),
        (b"\n \n", "it is empty"),
        (b"PK\x03\x04rest of a workbook", "not a CSV file. Save the sheet as CSV"),
        (b"%PDF-1.7", "not a CSV file"),
        ("x".encode("utf-16")[:-1], "its end is missing"),
        (contributions({**PAID, "DonorName": "Swe\x00den"}), "null characters"),
        (contributions(), "a heading and no rows"),
        (contributions(PAID) + b'"open', "unexpected end of data"),
        (contributions({**PAID, "ReceivedComments": "x" * 200_000}), "field larger than"),
    ],
)
def test_what_is_no_such_file_is_refused_in_words(content: bytes, sentence: str) -> None:
    with pytest.raises(Malformed, match=f"cannot be read: .*{sentence}"):
        _read(content)


def test_another_layout_is_recognised() -> None:
    with pytest.raises(Malformed, match=r"not a file of contributions.*a file of grants\.$"):
        _read(grants(GRANT))
    with pytest.raises(Malformed, match="the column PFId is missing"):
        read_table(contributions(PAID), GRANTS, Findings(), LAYOUTS)


def test_cells_parted_by_semicolons_are_named() -> None:
    with pytest.raises(Malformed, match="not parted by commas"):
        _read(contributions(PAID).replace(b",", b";"))


def test_a_column_that_is_there_twice_is_refused() -> None:
    heading, rest = contributions(PAID).decode().split("\r\n", 1)
    with pytest.raises(Malformed, match="The column PaidAmt is there twice"):
        _read((heading + ",PaidAmt\r\n" + rest).encode())


def test_a_column_that_is_not_known_is_left_out_and_said() -> None:
    heading, line = contributions(PAID).decode().strip().split("\r\n")
    findings = Findings()
    rows = _read(f"{heading},Mood\r\n{line},good\r\n".encode(), findings).rows
    assert rows[0].text("PaidAmt") == "100.0"
    assert [one.message for one in findings.found] == ["The column 'Mood' is not known: left out."]


def test_a_line_with_too_few_or_too_many_cells_is_found_and_the_rest_is_read() -> None:
    content = contributions(PAID, PAID).decode().rstrip("\r\n") + "\r\nonly,three,cells\r\n"
    findings = Findings()
    table = _read(content.encode(), findings)
    assert (len(table.rows), table.lines, table.is_complete) == (2, 3, False)
    assert [(one.row, one.code) for one in findings.found] == [(4, "wrong_number_of_cells")]


def test_empty_cells_after_the_last_column_and_empty_lines_do_no_harm() -> None:
    lines = contributions(PAID).decode().rstrip("\r\n") + ",,\r\n,,,\r\n\r\n"
    assert _read(lines.encode()).is_complete


def test_rows_are_numbered_as_a_spreadsheet_does() -> None:
    content = contributions({**PAID, "ReceivedComments": "two\nlines"}, PAID)
    assert [row.number for row in _read(content).rows] == [2, 3]


def test_what_is_too_long_for_a_code_is_none() -> None:
    findings = Findings()
    row = _read(contributions({**PAID, "ContributionCode": "x" * 81})).rows[0]
    assert key_in(row, "ContributionCode", findings) == ""
    assert findings.found[0].key == "x" * KEY_MAX
