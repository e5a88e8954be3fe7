"""Foreign cash at the end of a period: gains kept in reserve, losses at once, and back again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grants.db import transaction
from grants.donors import actions, queries
from grants.donors.rules import DepositIsSetAside, NewDeposit, NoRate
from grants.errors import NotAllowed
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger import queries as books
from grants.ledger.actions import Bearer
from grants.money import Money, Rate
from grants.people import actions as people
from grants.people import queries as who
from grants.people.models import Role
from tests.donors.conftest import DonorWorld
from tests.makes.donors import DAY, money

END = date(2026, 3, 31)


def _revalue(world: DonorWorld, on: date = END) -> int:
    treasurer, fund_id = world.treasurer(), world.books()
    with transaction():
        return actions.revalue(treasurer, fund_id, on=on)


def _held(world: DonorWorld, account: chart.AccountRef, on: date) -> Money:
    found = books.balances_as_of(world.books(), [account.number], on=on)
    minor = sum(one.usd_minor for one in found if one.ref == account)
    return Money.of_minor(minor, "USD")


def _deposit(world: DonorWorld, minor: int) -> None:
    """Swedish money at ten kronor for a dollar."""
    treasurer, donor_id, fund_id = world.treasurer(), world.donor_named(), world.books()
    with transaction():
        actions.record_deposit(
            treasurer,
            NewDeposit(
                fund_id=fund_id,
                donor_id=donor_id,
                amount=Money.of_minor(minor, "SEK"),
                usd=Money.of_minor(max(minor // 10, 1), "USD"),
                value_on=DAY,
            ),
        )


def _policy(world: DonorWorld, bearer: Bearer) -> None:
    treasurer, second, fund_id = world.treasurer(), world.second(), world.books()
    with transaction():
        policy_id = ledger.propose_policy(
            treasurer,
            fund_id,
            from_on=date(2020, 1, 1),
            bearer=bearer,
            allows_fallback=False,
            rate_days_max=3_660,
        )
    with transaction():
        ledger.approve_policy(second, policy_id)


def test_a_gain_waits_in_reserve_and_goes_back_the_day_after(world: DonorWorld) -> None:
    """
    SEK 10,000 at 0.0940 is 940.00; at 0.0960 on 31 March 960.00: Dr 1010 / Cr 5510 20.00,
    Dr 9100 / Cr 9115 20.00; and both back on 1 April
    """
    world.rate("SEK", "0.0940")
    deposit_id = world.deposit(money("10,000", "SEK"))
    world.rate("SEK", "0.0960", END)
    (seen,) = queries.revaluation_preview(world.books(), END)
    assert (seen.book, seen.worth, seen.difference) == (money("940"), money("960"), money("20"))
    assert _revalue(world) == 1
    assert _held(world, chart.cash("SEK"), END) == money("960")
    assert _held(world, chart.fx_reserve(deposit_id), END) == money("20")
    assert _held(world, chart.unallocated(deposit_id), END) == money("940")
    after = END + timedelta(days=1)
    assert _held(world, chart.cash("SEK"), after) == money("940")
    assert _held(world, chart.fx_reserve(deposit_id), after) == money("0")
    assert books.balance(world.books(), chart.cash("SEK")) == money("10,000", "SEK")
    assert books.verify(world.books()).holds


def test_a_loss_counts_at_once(world: DonorWorld) -> None:
    world.rate("SEK", "0.0940")
    deposit_id = world.deposit(money("10,000", "SEK"))
    world.rate("SEK", "0.0900", END)
    assert _revalue(world) == 1
    assert _held(world, chart.unallocated(deposit_id), END) == money("900")
    assert _held(world, chart.exchange_unrealised("SEK"), END) == money("40")
    assert books.verify(world.books()).holds


def test_done_again_it_posts_only_what_a_revised_rate_changes(world: DonorWorld) -> None:
    world.rate("SEK", "0.0940")
    world.deposit(money("10,000", "SEK"))
    world.rate("SEK", "0.0960", END)
    assert _revalue(world) == 1
    before = books.head(world.books()).sequence
    assert _revalue(world) == 0
    assert books.head(world.books()).sequence == before
    treasurer, fund_id = world.treasurer(), world.books()
    revised = Rate.of_usd_value("SEK", Decimal("0.0970"), "UNORE", END)
    with transaction():
        ledger.record_rate(treasurer, fund_id, revised, reason="Corrected")
    assert _revalue(world) == 1
    assert _held(world, chart.cash("SEK"), END) == money("970")
    (day,) = queries.revaluations_of(fund_id)
    assert (day.on, day.deposits, day.difference) == (END, 1, money("30"))


def test_who_bears_it_is_the_policy_of_the_fund(world: DonorWorld) -> None:
    world.rate("SEK", "0.1")
    world.deposit(money("3,000", "SEK"))
    world.deposit("100", donor="Norway")
    _policy(world, Bearer.SHARED)
    world.rate("SEK", "0.11", END)
    assert _revalue(world) == 1
    assert _held(world, chart.fx_reserve(1), END) == money("22.50")
    assert _held(world, chart.fx_reserve(2), END) == money("7.50")
    _policy(world, Bearer.FUND)
    later = END + timedelta(days=30)
    assert _revalue(world, later) == 1
    assert _held(world, chart.fx_reserve(None), later) == money("30")
    assert books.verify(world.books()).holds


def test_a_loss_that_programmes_stand_on_is_refused(world: DonorWorld) -> None:
    world.rate("SEK", "0.1")
    world.deposit(money("1,000", "SEK"))
    _policy(world, Bearer.FUND)
    world.rate("SEK", "0.09", END)
    with pytest.raises(DepositIsSetAside):
        _revalue(world)


def test_only_finance_and_only_with_a_rate(world: DonorWorld) -> None:
    world.rate("SEK", "0.1")
    world.deposit(money("1,000", "SEK"))
    officer, fund_id = world.acting(Role.GRANT_OFFICER), world.books()
    with pytest.raises(NotAllowed), transaction():
        actions.revalue(officer, fund_id, on=END)
    rated = Rate(currency="TND", units_per_usd=Decimal("3.1"), source="UNORE", on=DAY)
    treasurer = world.treasurer()
    with transaction():
        actions.record_deposit(
            treasurer,
            NewDeposit(
                fund_id=fund_id,
                donor_id=world.made["donor Sweden"],  # type: ignore[arg-type] # a number
                amount=money("1.005", "TND"),
                value_on=DAY,
                rate=rated,
            ),
        )
    with pytest.raises(NoRate, match="TND"):
        _revalue(world)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    amounts=st.lists(st.integers(1, 5_000_000), min_size=1, max_size=4),
    promille=st.lists(st.integers(900, 1_100), min_size=1, max_size=3),
    bearer=st.sampled_from([Bearer.CONTRIBUTOR, Bearer.SHARED]),
)
def test_no_revaluation_unbalances_or_stays(
    world: DonorWorld, amounts: list[int], promille: list[int], bearer: Bearer
) -> None:
    number = len(world.made)
    world.made.pop("books The Fund", None)
    world.made[f"history {number}"] = number
    with transaction():
        fund = people.open_fund(who.system_actor(), name=f"Fund {number}")
        world.made["books The Fund"] = fund.id
    _policy(world, bearer)
    for minor in amounts:
        _deposit(world, minor)
    before = books.balances_as_of(world.books(), on=date(2100, 1, 1))
    for index, part in enumerate(promille):
        on = END + timedelta(days=number * 40 + index)
        treasurer, fund_id = world.treasurer(), world.books()
        units = Decimal(10) * part / 1000
        rate = Rate(currency="SEK", units_per_usd=units, source=f"Source {number}", on=on)
        with transaction():
            ledger.record_rate(treasurer, fund_id, rate)
        _revalue(world, on)
        assert books.verify(world.books()).holds
    after = books.balances_as_of(world.books(), on=date(2100, 1, 1))
    assert [(one.ref.key, one.usd_minor) for one in after] == [
        (one.ref.key, one.usd_minor) for one in before
    ]
