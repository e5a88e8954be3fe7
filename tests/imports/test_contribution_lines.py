"""What each line of contributions means, and what is odd about it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from grants.imports.rules.contributions import Contribution, read_contributions
from grants.imports.rules.findings import Findings
from grants.imports.rules.reading import Reading
from grants.money import Money
from tests.imports.files import PAID, PLEDGED, TODAY, Line, codes, contributions, read

pytestmark = pytest.mark.once


def _one(line: Line) -> tuple[object, set[tuple[str, str]]]:
    rows, found = read(line)
    return (rows[0] if rows else None), codes(found)


def test_a_payment_keeps_its_amount_its_value_and_its_rate() -> None:
    (row,), found = read(PAID)
    assert found == []
    assert row.pledged is None
    assert row.paid is not None
    assert (row.paid.amount, row.paid.usd) == (
        Money(Decimal(1000), "SEK"),
        Money(Decimal(100), "USD"),
    )
    assert row.paid.on == date(2025, 5, 2)
    assert row.paid.rate is not None
    assert row.paid.rate.units_per_usd == 10
    assert (row.fund, row.donor, row.fiscal_year) == ("Sudan", "Sweden", 2025)


def test_a_pledge_is_no_payment() -> None:
    (row,), found = read(PLEDGED)
    assert row.paid is None
    assert row.pledged is not None
    assert row.pledged.on == date(2025, 1, 15)
    assert codes(found) == {("notice", "missing_date")}


def test_more_decimals_than_a_cent_are_rounded_to_even_and_said() -> None:
    for usd, booked, difference in (
        ("541757.0450", "541757.04", "0.0050"),
        ("541757.0550", "541757.06", "-0.0050"),
        ("541757.0499", "541757.05", "-0.0001"),
    ):
        (row,), found = read({**PLEDGED, "PledgeAmt": usd})
        assert row.pledged is not None
        assert row.pledged.usd.amount == Decimal(booked)
        assert row.rounding_usd == Decimal(difference)
        (said,) = [one for one in found if one.code == "rounding_usd"]
        assert f"a difference of {difference}" in said.message


def test_what_its_currency_cannot_hold_is_rounded_and_kept_as_stated() -> None:
    crowns = {**PAID, "PaidAmtLocalCurrency": "ISK", "PaidAmtLocal": "1000.29"}
    (row,), found = read(crowns)
    assert row.paid is not None
    assert (row.paid.amount, row.paid.stated_amount) == (Money(Decimal(1000), "ISK"), "1000.29")
    assert row.rounding_original == Decimal("0.29")
    assert ("notice", "rounding_original") in codes(found)


def test_what_rounds_to_nothing_is_kept_as_a_line_and_not_booked() -> None:
    (row,), found = read({**PAID, "PaidAmt": "0.004", "PaidAmtLocal": "0.004"})
    assert row.paid is None
    assert row.rounding_usd == Decimal("0.004")
    assert ("notice", "rounding_usd") in codes(found)


@pytest.mark.parametrize("currency", ["", "   ", "XQZ"])
def test_an_unknown_currency_is_booked_at_its_value_in_dollars(currency: str) -> None:
    (row,), found = read({**PAID, "PaidAmtLocalCurrency": currency})
    assert row.paid is not None
    assert (row.paid.amount, row.paid.is_currency_stated) == (Money(Decimal(100), "USD"), False)
    assert row.paid.stated_amount == "1000.0"
    (said,) = [one for one in found if one.code == "unknown_currency"]
    assert said.severity == "warning"
    assert "the other amount of the line is in SEK" in said.message


def test_an_unknown_currency_that_no_amount_needs_is_a_notice() -> None:
    _, found = read({**PAID, "PledgeAmtLocalCurrency": ""})
    assert codes(found) == {("notice", "unknown_currency")}


def test_blanks_around_a_code_are_taken_off_and_said() -> None:
    (row,), found = read({**PAID, "ContributionCode": " A-1 ", "PaidAmtLocalCurrency": "SEK "})
    assert row.key == "A-1"
    assert row.paid is not None
    assert row.paid.amount.currency == "SEK"
    assert codes(found) == {("notice", "padded_code")}
    assert "'SEK '" in found[0].message


def test_dollars_whose_value_differs_are_booked_at_their_value() -> None:
    dollars = {
        "PaidAmtLocalCurrency": "USD",
        "PaidAmtLocal": "100.03",
        "PaidAmtCurrencyExchangeRate": "1",
    }
    (row,), found = read({**PAID, **dollars})
    assert row.paid is not None
    assert (row.paid.amount.amount, row.paid.stated_amount) == (Decimal(100), "100.03")
    assert codes(found) == {("notice", "dollars_differ")}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ContributionCode": ""}, "no_key"),
        ({"PooledFundName": ""}, "no_fund"),
        ({"PaidAmt": "1.000,50"}, "bad_number"),
        ({"PaidAmtLocal": "one"}, "bad_number"),
        ({"PledgeAmt": "one"}, "bad_number"),
        ({"PaidAmt": "999999999999999999", "PaidAmtLocal": "1"}, "too_large"),
        ({"PaidAmt": "-5", "PaidAmtLocal": "-50"}, "negative_amount"),
        ({"PaidAmtLocal": "-1000"}, "bad_amount"),
        ({"FiscalYear": "20225"}, "bad_year"),
        ({"PaidDate": "", "PledgeDate": "", "ActivityDate": ""}, "missing_date"),
    ],
)
def test_what_cannot_be_booked_is_an_error_and_no_row(change: Line, code: str) -> None:
    row, found = _one({**PAID, **change})
    assert row is None
    assert ("error", code) in found


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"DonorName": ""}, "missing_donor"),
        ({"FiscalYear": ""}, "missing_year"),
        ({"PaidDate": "2026-05-01"}, "future_date"),
        ({"LatestDate": "31/12/2025"}, "bad_date"),
        ({"PaidAmtLocal": ""}, "missing_amount"),
        ({"PaidAmtCurrencyExchangeRate": "n/a"}, "bad_number"),
        ({"DonorName": "x" * 301}, "long_name"),
        ({"PledgeAmt": "-5", "PledgeAmtLocal": "-50"}, "negative_amount"),
    ],
)
def test_what_is_odd_is_a_warning_and_the_line_is_sound(change: Line, code: str) -> None:
    row, found = _one({**PAID, **change})
    assert row is not None
    assert ("warning", code) in found


@pytest.mark.parametrize("typed", ["", "0001-01-01T00:00:00", "soon"])
def test_a_payment_without_its_day_is_booked_on_its_pledges_day_and_said(typed: str) -> None:
    (row,), found = read({**PAID, "PaidDate": typed})
    assert row.paid is not None
    assert row.paid.on == date(2025, 1, 15)
    (said,) = [one for one in found if one.code == "missing_date"]
    assert said.severity == "warning"
    assert "15 January 2025, its PledgeDate, is used instead" in said.message


def test_sentinel_dates_are_found_with_their_columns() -> None:
    nothing = "0001-01-01T00:00:00"
    _, found = read({**PAID, "LatestDate": nothing, "ActivityDate": nothing})
    assert [(one.code, one.column) for one in found] == [
        ("sentinel_date", "LatestDate, ActivityDate")
    ]


def test_a_line_of_nothing_is_said() -> None:
    (row,), found = read({**PAID, "PaidAmt": "0.0"})
    assert (row.paid, row.pledged) == (None, None)
    assert ("notice", "zero_row") in codes(found)


def test_lines_under_one_code_are_instalments_and_the_same_line_twice_is_doubted() -> None:
    _, found = read(PAID, {**PAID, "PaidAmt": "50", "PaidAmtLocal": "500"}, PAID)
    assert [(one.row, one.code, one.severity) for one in found] == [
        (2, "shared_code", "notice"),
        (3, "shared_code", "notice"),
        (4, "repeated_line", "warning"),
    ]
    assert "the same as row 2" in found[2].message


def _reading(*lines: Line) -> Reading[Contribution]:
    return read_contributions(contributions(*lines), Findings(), today=TODAY)


def test_a_reading_knows_which_lines_it_could_not_take() -> None:
    reading = _reading(PAID, {**PAID, "ContributionCode": "bad", "PaidAmt": "x"})
    assert (len(reading.rows), reading.lines) == (1, 2)
    assert (reading.refused_keys, reading.is_complete) == (frozenset({"bad"}), True)
    assert not _reading(PAID, {**PAID, "ContributionCode": ""}).is_complete
