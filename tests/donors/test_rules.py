"""Earmarks, values and lateness."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.donors.rules import (
    CoreWithEarmark,
    Earmark,
    InstalmentsDoNotSum,
    Settlement,
    check_instalments,
    days_late,
    fee_of,
    instalment_values,
    settled_by,
    usd_of,
)
from grants.errors import Malformed
from grants.money import Money, Rate

DAY = date(2026, 5, 3)
UGANDA = frozenset({"UG"})


def usd(text: str) -> Money:
    return Money(Decimal(text), "USD")


def test_an_earmark_survives_being_stored() -> None:
    earmark = Earmark(
        windows=frozenset({2, 1}), countries=UGANDA, themes=frozenset({"water"}), usable_until=DAY
    )
    assert Earmark.of_stored(earmark.stored(), None, DAY) == earmark
    assert Earmark.of_stored(earmark.stored_with_dates()) == earmark
    assert Earmark().stored() == {}
    assert not Earmark(usable_until=DAY).is_earmarked


@pytest.mark.parametrize(
    ("narrow", "wide", "fits"),
    [
        (Earmark(countries=UGANDA), Earmark(), True),
        (Earmark(), Earmark(countries=UGANDA), False),
        (Earmark(countries=UGANDA), Earmark(countries=UGANDA | {"GH"}), True),
        (Earmark(countries=UGANDA | {"GH"}), Earmark(countries=UGANDA), False),
        (Earmark(usable_until=DAY), Earmark(usable_until=DAY + timedelta(days=1)), True),
        (Earmark(), Earmark(usable_until=DAY), False),
        (Earmark(usable_from=DAY), Earmark(usable_from=DAY + timedelta(days=1)), False),
    ],
)
def test_a_deposit_may_be_narrower_than_its_agreement(
    narrow: Earmark, wide: Earmark, *, fits: bool
) -> None:
    assert narrow.is_within(wide) is fits


def test_money_must_be_usable_before_it_ends() -> None:
    with pytest.raises(Malformed):
        Earmark(usable_from=DAY, usable_until=DAY - timedelta(days=1))


def test_fee_is_one_per_cent_of_the_deposit() -> None:
    assert fee_of(usd("940000.00"), 100) == usd("9400.00")
    assert fee_of(usd("0.50"), 100) == usd("0.00")
    assert fee_of(usd("1.50"), 100) == usd("0.02")


def test_value_is_as_stated_or_at_the_rate() -> None:
    kronor = Money(Decimal(10000000), "SEK")
    rate = Rate.of_usd_value("SEK", Decimal("0.0940"), "UNORE", DAY)
    assert usd_of(kronor, None, rate) == usd("940000.00")
    assert usd_of(kronor, usd("1.00"), rate) == usd("1.00")
    assert usd_of(usd("3.00"), None, None) == usd("3.00")
    with pytest.raises(Malformed):
        usd_of(kronor, kronor, rate)


def test_the_last_part_settles_what_is_left_of_the_value() -> None:
    """
    SEK 10m agreed at 960,000.00; thirds are paid: 320,000 each, and nothing stays behind
    """
    left = Settlement(amount_minor=1_000_000_001, usd_minor=96_000_000)
    taken = []
    for amount in (333_333_333, 333_333_333, 333_333_335):
        part = settled_by(amount, left)
        taken.append(part.usd_minor)
        left = Settlement(
            amount_minor=left.amount_minor - part.amount_minor,
            usd_minor=left.usd_minor - part.usd_minor,
        )
    assert sum(taken) == 96_000_000
    assert left == Settlement(amount_minor=0, usd_minor=0)


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=9), st.integers(1, 10**10))
def test_payments_never_settle_more_than_was_agreed(payments: list[int], worth: int) -> None:
    whole = Settlement(amount_minor=sum(payments) // 2 + 1, usd_minor=worth)
    left = whole
    for amount in payments:
        part = settled_by(amount, left, left)
        assert 0 <= part.amount_minor <= min(amount, left.amount_minor)
        assert 0 <= part.usd_minor <= left.usd_minor
        left = Settlement(
            amount_minor=left.amount_minor - part.amount_minor,
            usd_minor=left.usd_minor - part.usd_minor,
        )
    assert left == Settlement(amount_minor=0, usd_minor=0)


@pytest.mark.parametrize(
    ("paid_on", "today", "late"),
    [
        (None, DAY, 0),
        (None, DAY - timedelta(days=5), 0),
        (None, DAY + timedelta(days=5), 5),
        (DAY + timedelta(days=3), DAY + timedelta(days=90), 3),
        (DAY - timedelta(days=3), DAY, 0),
    ],
)
def test_lateness_counts_from_the_due_date(paid_on: date | None, today: date, late: int) -> None:
    assert days_late(DAY, paid_on, today) == late


def test_instalments_make_the_agreement() -> None:
    check_instalments(usd("10.00"), [usd("4.00"), usd("6.00")])
    check_instalments(usd("10.00"), [])
    with pytest.raises(InstalmentsDoNotSum, match=r"USD 9\.00"):
        check_instalments(usd("10.00"), [usd("4.00"), usd("5.00")])
    values = instalment_values(usd("0.10"), [usd("1.00"), usd("1.00"), usd("1.00")])
    assert values == [usd("0.04"), usd("0.03"), usd("0.03")]


def test_refusals_are_sentences() -> None:
    assert str(CoreWithEarmark()).startswith("A core contribution is not earmarked.")
