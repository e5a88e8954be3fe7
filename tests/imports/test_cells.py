"""Numbers and days are read exactly, or not at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.imports.rules.cells import (
    day_in,
    is_sentinel,
    is_unreadable_day,
    number_in,
    year_in,
)
from grants.imports.rules.findings import Findings
from grants.imports.rules.table import Row

pytestmark = pytest.mark.once


def _row(typed: str) -> Row:
    return Row(2, {"x": typed})


def _number(typed: str) -> Decimal | None:
    return number_in(_row(typed), "x", "K", Findings())


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12", "12"),
        (" 12.50 ", "12.50"),
        ("-0.01", "-0.01"),
        ("1,234,567.89", "1234567.89"),
        (".5", "0.5"),
        ("2E+07", "20000000"),
        ("1.51882E+07", "15188200"),
        ("541757.0499", "541757.0499"),
    ],
)
def test_numbers_are_read_exactly(typed: str, value: str) -> None:
    assert _number(typed) == Decimal(value)


@pytest.mark.parametrize(
    "typed",
    [
        "1234,56",  # a comma for the decimals, or a group gone wrong: a factor of a hundred
        "1,23",
        "12 000",
        "1_000",
        "NaN",
        "Infinity",
        "1e999",
        "9" * 19,
        "0." + "1" * 19,
        "e5",
        ".",
        "-",
        "12.5.1",
        "USD 12",
        "٣",
    ],
)
def test_what_may_mean_two_things_is_no_number(typed: str) -> None:
    findings = Findings()
    assert number_in(_row(typed), "x", "K", findings) is None
    assert [(one.severity, one.code) for one in findings.found] == [("error", "bad_number")]


def test_scientific_notation_is_read_and_said() -> None:
    findings = Findings()
    number_in(_row("2E+07"), "x", "K", findings)
    assert "read as 20,000,000" in findings.found[0].message


def test_a_number_that_the_row_can_do_without_is_only_a_warning() -> None:
    findings = Findings()
    number_in(_row("n/a"), "x", "K", findings, is_needed=False)
    assert (findings.errors, findings.found[0].severity) == (0, "warning")


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=4, allow_nan=False))
def test_every_amount_is_read_back(value: Decimal) -> None:
    assert _number(str(value)) == value
    assert _number(f"{value:,f}") == value


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading(typed: str) -> None:
    row, findings = _row(typed), Findings()
    number_in(row, "x", "K", findings)
    year_in(row, "x", "K", findings)
    day_in(row, "x")
    is_sentinel(row, "x")
    is_unreadable_day(row, "x")


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2025-05-02", date(2025, 5, 2)),
        ("2025-05-02T22:52:00", date(2025, 5, 2)),
        ("3/19/2018 12:00:00 AM", date(2018, 3, 19)),
        ("10/9/2019 6:39:50 PM", date(2019, 10, 9)),
        ("", None),
        ("0001-01-01T00:00:00", None),
        ("1900-01-01", None),
    ],
)
def test_days_are_read(typed: str, day: date | None) -> None:
    assert day_in(_row(typed), "x") == day
    assert not is_unreadable_day(_row(typed), "x")


@pytest.mark.parametrize("typed", ["19/3/2018", "2025-02-30", "soon", "1800-01-01", "45000"])
def test_what_is_no_day_is_said_to_be_none(typed: str) -> None:
    assert day_in(_row(typed), "x") is None
    assert is_unreadable_day(_row(typed), "x")


@pytest.mark.parametrize(
    "typed", ["0001-01-01", "0001-01-01T00:00:00", "1/1/0001", "1900-01-01", "9999-12-31"]
)
def test_dates_that_stand_for_none_are_known(typed: str) -> None:
    assert is_sentinel(_row(typed), "x")


def test_a_year_is_a_whole_number_of_our_time() -> None:
    assert year_in(_row("2025"), "x", "K", Findings()) == 2025
    assert year_in(_row("2025.0"), "x", "K", Findings()) == 2025
    for typed in ("", "25", "2025.5", "99999999999", "MMXXV"):
        findings = Findings()
        assert year_in(_row(typed), "x", "K", findings) is None
        assert findings.found[0].code == "bad_year"
