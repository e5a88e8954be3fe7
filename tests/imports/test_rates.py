"""A rate is held against those around it, and against what the amounts make of it."""

from __future__ import annotations

import pytest

from grants.imports.rules.findings import Found
from tests.imports.files import PAID, Line, read

pytestmark = pytest.mark.once


def _euros(rate: str, month: int, *, local: str = "", usd: str = "100", **more: str) -> Line:
    return {
        **PAID,
        "ContributionCode": f"25-{month}-{rate}-{usd}",
        "PaidDate": f"2025-{month:02}-15",
        "PaidAmtLocalCurrency": "EUR",
        "PaidAmtCurrencyExchangeRate": rate,
        "PaidAmtLocal": local or "85",
        "PaidAmt": usd,
        "PledgeAmtLocalCurrency": "USD",
        "PledgeAmtCurrencyExchangeRate": "1.0",
        **more,
    }


#: From 0.81 in January to 0.88 in August.
AROUND = [_euros(f"0.8{month}", month, local=f"8{month}") for month in range(1, 9)]


def _found(*lines: Line) -> list[Found]:
    _, found = read(*AROUND, *lines)
    return [one for one in found if one.code.startswith("rate") or one.code == "missing_rate"]


def test_rates_near_to_each_other_are_sound() -> None:
    assert _found(_euros("0.83", 3, local="83")) == []


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        ("0.0009", "is far from 0.845, usual at that time: 938.9 times less"),
        ("0.085", "is far from 0.845, usual at that time: 9.9 times less"),
        ("8.5", "is far from 0.845, usual at that time: 10.1 times more"),
        ("1.18", "looks turned round, as 0.845 is usual at that time"),
    ],
)
def test_a_rate_off_by_a_factor_is_found(rate: str, words: str) -> None:
    found = _found(_euros(rate, 5))
    assert [(one.row, one.code, one.severity) for one in found] == [(10, "rate_factor", "warning")]
    assert words in found[0].message
    assert "booked as given" in found[0].message


def test_amounts_that_deny_their_rate_by_a_factor_are_found() -> None:
    (found,) = _found(_euros("0.83", 3, local="83", usd="10"))
    assert found.code == "rate_factor"
    assert "the amounts say 8.3" in found.message


def test_amounts_that_deny_it_by_two_per_cent_are_a_notice() -> None:
    (found,) = _found(_euros("0.83", 3, local="86"))
    assert (found.code, found.severity) == ("rate_mismatch", "notice")


def test_a_rate_that_no_amount_uses_is_a_notice() -> None:
    idle = {
        "PledgeAmtLocalCurrency": "EUR",
        "PledgeAmtCurrencyExchangeRate": "8.4",
        "PledgeDate": "2025-05-15",
    }
    (found,) = _found(_euros("0.83", 3, local="83", **idle))
    assert (found.code, found.severity) == ("rate_factor", "notice")
    assert "No amount of the line uses it" in found.message


def test_a_slip_that_was_copied_does_not_become_usual() -> None:
    slips = [
        _euros("0.09", 5, ContributionCode=f"copy {number}", usd="1000") for number in range(20)
    ]
    assert {one.row for one in _found(*slips) if one.code == "rate_factor"} == set(range(10, 30))


def test_a_us_dollar_is_a_us_dollar() -> None:
    dollars = {
        **PAID,
        "PaidAmtLocalCurrency": "USD ",
        "PaidAmtLocal": "100",
        "PledgeAmtLocalCurrency": "USD",
    }
    _, found = read({**dollars, "PaidAmtCurrencyExchangeRate": "66.67"})
    assert ("rate_factor", "PaidAmtCurrencyExchangeRate") in {(x.code, x.column) for x in found}
    _, found = read({**dollars, "PaidAmtCurrencyExchangeRate": "0.99"})
    assert "rate_mismatch" in {one.code for one in found}


def test_without_neighbours_only_the_amounts_speak() -> None:
    _, found = read(_euros("0.0009", 5, local="0.09"))
    assert not [one for one in found if one.code == "rate_factor"]
    _, found = read(_euros("0.0009", 5))
    assert [one for one in found if one.code == "rate_factor"]


@pytest.mark.parametrize("rate", ["", "0", "0.0", "-1"])
def test_a_rate_that_is_not_there_is_found(rate: str) -> None:
    (found,) = _found(_euros(rate, 5))
    assert (found.code, found.severity) == ("missing_rate", "warning")
