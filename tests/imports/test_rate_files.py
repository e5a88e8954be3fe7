"""Files of rates: CSV, workbooks and XML are read row by row, and what looks wrong is held."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from flask import Flask

from grants.imports.rules.findings import Findings
from grants.imports.rules.rate_files import NoRateFile, ReadRate, read_rates
from grants.ledger import queries as ledger
from tests.imports.files import bring, counts

SHARED = Path(__file__).parents[3] / "shared" / "data" / "rates"
IMPLIED = SHARED / "un-operational-rates-implied-by-contributions.csv"

CSV = """United Nations operational rates of exchange,,,
Country,Currency,Code,Exchange Rate,Effective Date
Sweden,Krona,SEK,10.50,01 Mar 2026
Sweden,Krona, SEK ,10.10,16 Mar 2026
Japan,Yen,JPY,149.25,2026-03-01
Tunisia,Dinar,TND,"3,104",1-Mar-26
"""
NOVEMBER = date(2026, 3, 1)


def _read(content: bytes) -> tuple[int, list[ReadRate], list[str]]:
    findings = Findings()
    count, found = read_rates(content, findings)
    return count, found, [one.code for one in findings.found]


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Country", "Currency Code", "Rate", "Effective Date"],
        ["Sweden", "SEK", 10.5, NOVEMBER],
        ["Euro area", "EUR", "0.92", "01 Mar 2026"],
    ):
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


XML = b"""<?xml version="1.0"?><UN_OPERATIONAL_RATES><UN_OPERATIONAL_RATES_DATASET>
<f_country_name>Sweden</f_country_name><f_curr_code>SEK</f_curr_code><rate>10.5</rate>
<effect_date>01 Mar 2026</effect_date></UN_OPERATIONAL_RATES_DATASET></UN_OPERATIONAL_RATES>"""


def test_csv_with_a_title_above_its_heading() -> None:
    count, found, codes = _read(CSV.encode())
    assert (count, codes) == (4, [])
    assert [(one.currency, str(one.units), one.on.day) for one in found] == [
        ("SEK", "10.50", 1),
        ("SEK", "10.10", 16),
        ("JPY", "149.25", 1),
        ("TND", "3.104", 1),
    ]


def test_workbook_and_xml() -> None:
    _, found, codes = _read(_workbook())
    assert codes == []
    assert [(one.currency, one.units, one.on) for one in found] == [
        ("SEK", Decimal("10.5"), NOVEMBER),
        ("EUR", Decimal("0.92"), NOVEMBER),
    ]
    _, found, codes = _read(XML)
    assert (codes, found[0].currency, found[0].units, found[0].on) == (
        [],
        "SEK",
        Decimal("10.5"),
        NOVEMBER,
    )


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("QQQ,1.5,2026-03-01", "unknown_currency"),
        (",1.5,2026-03-01", "unknown_currency"),
        ("SEK,0,2026-03-01", "bad_rate"),
        ("SEK,-1,2026-03-01", "bad_rate"),
        ("SEK,ten,2026-03-01", "bad_rate"),
        ("SEK,NaN,2026-03-01", "bad_rate"),
        ("SEK,10.5,soon", "bad_date"),
        ("SEK,10.5,31 Feb 2026", "bad_date"),
    ],
)
def test_a_row_that_cannot_be_used_is_left_out_alone(row: str, code: str) -> None:
    _, found, codes = _read(f"Code,Rate,Date\n{row}\nEUR,0.92,2026-03-01\n".encode())
    assert ([one.currency for one in found], codes) == (["EUR"], [code])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,b\n1,2\n", "no row names the currency"),
        (b"PK\x03\x04broken", "damaged"),
        (XML[:120], "breaks off"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "document type"),
        (b"\x00\x01\x02", "not text"),
    ],
)
def test_what_is_no_file_of_rates_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(NoRateFile, match=words):
        _read(content)


def test_loading_is_idempotent_revises_and_holds(app: Flask) -> None:
    assert counts(bring("rates", CSV.encode())) == (4, 0, 0, 0, 0)
    assert counts(bring("rates", CSV.encode())) == (0, 0, 0, 4, 0)
    later = CSV.replace("10.10", "10.20").replace("149.25", "1492.5")
    outcome = bring("rates", later.encode())
    assert counts(outcome) == (0, 2, 0, 2, 0)
    assert {one.code for one in outcome.findings.found} == {"revised", "held"}
    sek = ledger.rate_on("SEK", date(2026, 3, 20))
    yen = ledger.rate_on("JPY", date(2026, 3, 20))
    assert sek is not None
    assert yen is not None
    assert (str(sek.units_per_usd), str(yen.units_per_usd)) == ("10.20", "149.25")


@pytest.mark.once
@pytest.mark.skipif(not IMPLIED.exists(), reason="the shared real data is not here")
def test_twenty_years_of_real_rates(app: Flask) -> None:
    header, *rows = IMPLIED.read_text().splitlines()
    sample = "\n".join([header, *rows[::5]])
    outcome = bring("rates", sample.encode())
    assert outcome.rows_read == sum(",USD," not in row for row in rows[::5])
    assert outcome.rows_refused == outcome.findings.errors
    assert {one.key for one in outcome.findings.found if one.code == "unknown_currency"} <= {"EEK"}
    held = [one for one in outcome.findings.found if one.code == "held"]
    assert len(held) < outcome.rows_read // 20
