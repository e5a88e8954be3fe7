"""Amounts are exact, and shares of them always sum to the whole."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.money import CurrencyMismatch, Money, NotMoney, Rate, decimals, share, share_minor

DAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("currency", "places"),
    [("USD", 2), ("UGX", 0), ("VND", 0), ("TND", 3), ("KWD", 3), ("ISK", 0), ("EEK", 2)],
)
def test_minor_units_are_those_of_the_standard(currency: str, places: int) -> None:
    assert decimals(currency) == places
    assert Money.of_minor(1, currency).amount == Decimal(1).scaleb(-places)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("1 234 567,50", "EUR", "1234567.50"),
        ("1,234,567.50", "USD", "1234567.50"),
        ("1.234.567,5", "EUR", "1234567.5"),
        ("1,234", "USD", "1234"),
        ("12,5", "USD", "12.5"),
        ("1'000.00", "CHF", "1000"),
        ("250000", "UGX", "250000"),
        ("-3.10", "USD", "-3.10"),
    ],
)
def test_reads_amounts_as_people_type_them(text: str, currency: str, amount: str) -> None:
    assert Money.parse(text, currency) == Money(Decimal(amount), currency)


@pytest.mark.parametrize("text", ["", "ten", "1.2.3,4,5", "NaN", "Infinity", "1e400"])
def test_refuses_what_is_no_amount(text: str) -> None:
    with pytest.raises(NotMoney):
        Money.parse(text, "USD")


def test_refuses_more_decimals_than_the_currency_has() -> None:
    with pytest.raises(NotMoney, match="more than 2 decimals"):
        Money(Decimal("1.005"), "USD")
    with pytest.raises(NotMoney, match="more than 0 decimals"):
        Money(Decimal("1.5"), "UGX")
    with pytest.raises(NotMoney, match="not a currency"):
        Money(Decimal(1), "EUX")


def test_rounds_half_to_even() -> None:
    amounts = ["0.125", "0.135", "2.5"]
    assert [str(Money.rounded(Decimal(text), "USD").amount) for text in amounts] == [
        "0.12",
        "0.14",
        "2.50",
    ]


def test_refuses_to_mix_currencies() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(Decimal(1), "USD") + Money(Decimal(1), "EUR")
    with pytest.raises(CurrencyMismatch):
        assert Money(Decimal(1), "USD") < Money(Decimal(2), "EUR")


def test_the_examples_of_the_split_rule() -> None:
    """100.00 in thirds is 33.34, 33.33, 33.33; and the weights of the domain rules."""
    hundred = Money(Decimal(100), "USD")
    assert [str(part.amount) for part in share(hundred, [1, 1, 1])] == ["33.34", "33.33", "33.33"]
    thousands = Money(Decimal(100_000), "USD")
    parts = share(thousands, [333_333, 333_333, 333_334])
    assert [str(part.amount) for part in parts] == ["33333.30", "33333.30", "33333.40"]


@given(
    total=st.integers(0, 10**15),
    weights=st.lists(st.integers(0, 10**12), min_size=1, max_size=40).filter(any),
)
def test_shares_sum_to_the_whole_and_are_fair(total: int, weights: list[int]) -> None:
    parts = share_minor(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    assert all(
        abs(part * whole - total * weight) < whole
        for part, weight in zip(parts, weights, strict=True)
    )
    assert parts == share_minor(total, weights)


def test_refuses_shares_that_nobody_gets() -> None:
    with pytest.raises(NotMoney):
        share_minor(1, [0, 0])
    with pytest.raises(NotMoney):
        share_minor(-1, [1])
    assert share_minor(0, [0, 0]) == [0, 0]


def test_a_rate_converts_its_own_currency_only() -> None:
    rate = Rate(currency="EUR", units_per_usd=Decimal("0.79"), source="UNORE", on=DAY)
    assert rate.to_usd(Money(Decimal(20000), "EUR")) == Money(Decimal("25316.46"), "USD")
    with pytest.raises(CurrencyMismatch):
        rate.to_usd(Money(Decimal(1), "SEK"))
    with pytest.raises(NotMoney):
        Rate(currency="EUR", units_per_usd=Decimal(0), source="UNORE", on=DAY)


def test_a_rate_may_be_quoted_the_other_way_round() -> None:
    rate = Rate.of_usd_value("SEK", Decimal("0.0940"), "UNORE", DAY)
    assert rate.to_usd(Money(Decimal(10_000_000), "SEK")) == Money(Decimal(940_000), "USD")


@given(st.integers(-(2**63) + 1, 2**63 - 1), st.sampled_from(["USD", "UGX", "TND"]))
def test_minor_units_round_trip(minor: int, currency: str) -> None:
    assert Money.of_minor(minor, currency).minor == minor


def test_refuses_what_the_books_cannot_hold() -> None:
    with pytest.raises(NotMoney, match="larger than the books"):
        Money.of_minor(2**63, "USD")
