"""Files of rates of exchange: CSV, a workbook or XML, as the UN Treasury hands them out.

Each row says a currency, what one US dollar is in it, and the day from which that holds.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

import iso4217
from lxml import etree
from openpyxl import load_workbook

from grants.errors import Malformed
from grants.imports.rules.findings import Findings

#: What the columns are called, in lower case.
_CURRENCY = (
    "currency code",
    "iso code",
    "iso",
    "code",
    "currency abbreviation",
    "abbreviation",
    "f_curr_code",
    "curr_code",
    "currency",
)
_RATE = (
    "exchange rate",
    "rate",
    "un operational rate",
    "units per usd",
    "units for one us dollar",
    "rate of exchange",
    "units_per_usd",
    "units_per_usd_modal",
    "operational rate",
)
_DAY = ("effective date", "effective", "effective_date", "date", "from", "month", "effect_date")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ROWS_MAX = 20_000


class NoRateFile(Malformed):
    """This is no file of rates of exchange: {what}"""


@dataclass(frozen=True, kw_only=True)
class ReadRate:
    """A rate as a row says it."""

    row: int
    currency: str
    units: Decimal
    on: date


def read_rates(content: bytes, findings: Findings) -> tuple[int, list[ReadRate]]:
    """The sound rates of a file in their order, and how many rows there are.

    Each row that cannot be used is an error in the findings. Refuses a file that has no columns
    of currency, rate and day. Nothing is fetched, and no entity of an XML file is followed.
    """
    table = _table(content)
    if not table:
        raise NoRateFile(what="it is empty.")
    if len(table) > ROWS_MAX:
        raise NoRateFile(what=f"it has more than {ROWS_MAX:,} rows.")
    place = _heading(table)
    heading = [_plain(cell) for cell in table[place][1]]
    columns = [_column(heading, names) for names in (_CURRENCY, _RATE, _DAY)]
    found, seen = [], set()
    body = [
        (number, row) for number, row in table[place + 1 :] if any(cell.strip() for cell in row)
    ]
    for number, row in body:
        cells = [row[one].strip() if one < len(row) else "" for one in columns]
        read = _read(number, cells, findings)
        if read is None:
            continue
        if (read.currency, read.on, read.units) in seen:
            _tell(findings, number, read.currency, "twice", "The row is there twice.")
            continue
        seen.add((read.currency, read.on, read.units))
        found.append(read)
    dollars = sum(1 for _, row in body if _code(row, columns[0]) == "USD")
    return len(body) - dollars, found


def _code(row: Sequence[str], column: int) -> str:
    return row[column].strip().upper() if column < len(row) else ""


def _read(number: int, cells: Sequence[str], findings: Findings) -> ReadRate | None:
    currency, rate, day = cells[0].upper(), cells[1], cells[2]
    if currency == "USD":
        return None
    if currency not in iso4217.raw_table:
        _refuse(
            findings,
            number,
            currency,
            "unknown_currency",
            f"{currency or 'Nothing'} is no currency.",
        )
        return None
    units = _number(rate)
    if units is None or units <= 0:
        _refuse(
            findings, number, currency, "bad_rate", f"{rate or 'Nothing'} is no rate above zero."
        )
        return None
    on = _day(day)
    if on is None:
        _refuse(findings, number, currency, "bad_date", f"{day or 'Nothing'} is no day.")
        return None
    return ReadRate(row=number, currency=currency, units=units, on=on)


def _refuse(findings: Findings, row: int, key: str, code: str, sentence: str) -> None:
    findings.error(row, key, code, "", sentence)


def _tell(findings: Findings, row: int, key: str, code: str, sentence: str) -> None:
    findings.notice(row, key, code, "", sentence)


def _table(content: bytes) -> list[tuple[int, list[str]]]:
    """The rows of a file as text, numbered as a spreadsheet does."""
    if content.startswith(b"PK"):
        return _workbook(content)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _xml(content)
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(
                "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else encoding
            )
            break
        except UnicodeDecodeError:
            continue
    else:
        raise NoRateFile(what="its letters cannot be read.")
    if "\x00" in text:
        raise NoRateFile(what="it is not text.")
    head = "\n".join(text.splitlines()[:10])
    delimiter = max(";\t,", key=head.count)
    return list(enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1))


def _workbook(content: bytes) -> list[tuple[int, list[str]]]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError):
        raise NoRateFile(what="the workbook is damaged.") from None
    sheet = book.worksheets[0]
    rows = [
        (number, [_cell(value) for value in row])
        for number, row in enumerate(sheet.iter_rows(values_only=True, max_row=ROWS_MAX + 2), 1)
    ]
    book.close()
    return rows


def _xml(content: bytes) -> list[tuple[int, list[str]]]:
    """Each element with children of text is a row; the names of the children are its heading."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise NoRateFile(what="it declares a document type.")
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        root = etree.fromstring(content, parser=parser)
    except etree.XMLSyntaxError as error:
        raise NoRateFile(what=f"its XML breaks off in line {error.lineno}.") from None
    names: list[str] = []
    rows: list[tuple[int, dict[str, str]]] = []
    for element in root.iter():
        children = [one for one in element if isinstance(one.tag, str) and not len(one)]
        if len(children) < 3:
            continue
        cells = {etree.QName(one).localname: (one.text or "") for one in children}
        names += [name for name in cells if name not in names]
        rows.append((int(element.sourceline or 0), cells))
    return [
        (0, names),
        *((number, [cells.get(name, "") for name in names]) for number, cells in rows),
    ]


def _heading(table: Sequence[tuple[int, list[str]]]) -> int:
    """Where the heading stands: files begin with a title at times."""
    for place, (_, row) in enumerate(table[:20]):
        cells = {_plain(cell) for cell in row}
        if cells & set(_CURRENCY) and cells & set(_RATE) and cells & set(_DAY):
            return place
    raise NoRateFile(what="no row names the currency, the rate and the day from which it holds.")


def _column(heading: Sequence[str], names: Sequence[str]) -> int:
    return next(heading.index(name) for name in names if name in heading)


def _number(text: str) -> Decimal | None:
    plain = text.replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
    if re.fullmatch(r"\d{1,3}(\.\d{3})*,\d+|\d+,\d+", plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _day(text: str) -> date | None:
    """ISO 8601, `1 Nov 2026`, `01-Nov-26`, or a month alone, which begins on its first."""
    plain = text.strip()
    for form in ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m", "%d/%m/%Y"):
        try:
            return datetime.strptime(plain, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    said = re.fullmatch(r"(\d{1,2})[ .-]([A-Za-z]{3})[a-z]*\.?[ .-](\d{4}|\d{2})", plain)
    if said is None or said[2].lower() not in _MONTHS:
        return None
    year = int(said[3]) + (2000 if len(said[3]) == 2 else 0)
    try:
        return date(year, _MONTHS.index(said[2].lower()) + 1, int(said[1]))
    except ValueError:
        return None


def _plain(cell: str) -> str:
    return " ".join(cell.lower().split())


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value)
