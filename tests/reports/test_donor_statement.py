"""The figures of a statement, on small books that can be reckoned by hand."""

from __future__ import annotations

from datetime import date

import pytest

from grants.db import transaction
from grants.donors import actions as donors
from grants.donors.actions import Earmark
from grants.errors import NotFound
from grants.funding import actions as funding
from grants.ledger import queries as ledger
from grants.reports.numbers import donor_statement as numbers
from grants.reports.shapes import DonorStatement, FlowLine
from tests.makes.donors import DAY, money
from tests.makes.reports import YEAR, a_cover
from tests.reports.conftest import ReportWorld

BEFORE = date(2025, 6, 1)


def test_two_donors_share_a_grant_to_the_cent(world: ReportWorld) -> None:
    """
    Sweden 60,000 and Norway 40,000, both core; a grant of 10,000.01, all of it paid, 9,000.01 spent
    """
    world.deposit("60,000.00")
    world.deposit("40,000.00", donor="Norway")
    world.allocation("50,000")
    grant_id = world.reserved_grant("10,000.01")
    (tranche,) = world.signed(grant_id, "10,000.01")
    world.paid(tranche)
    world.spent(grant_id, {4: "5,000.00", 5: "4,000.01"})

    sweden, norway = world.statement(), world.statement("Norway")
    assert [line.approved.minor for line in sweden.grants] == [600_001]
    assert [line.approved.minor for line in norway.grants] == [400_000]
    assert (sweden.grants[0].share_basis_points, sweden.grants[0].basis) == (6000, "notional")
    assert sweden.grants[0].net_funded == money("6,000.01")
    both = sweden.grants[0].expenditure + norway.grants[0].expenditure
    assert both == money("9,000.01")
    assert sweden.grants[0].delivery_basis_points == 9000
    spent = {line.number: line.expenditure for line in sweden.categories}
    other = {line.number: line.expenditure for line in norway.categories}
    assert spent[4] + other[4] == money("5,000.00")
    assert spent[5] + other[5] == money("4,000.01")
    assert _flow(sweden, "Balance with partners").cumulative == (
        sweden.grants[0].net_funded - sweden.grants[0].expenditure
    )
    assert [(place.country, place.grants) for place in sweden.places] == [("Uganda", 1)]
    assert sum(line.expenditure.minor for line in sweden.spending) == (
        sweden.grants[0].expenditure.minor
    )


def test_an_earmarked_deposit_is_tracked_and_a_core_one_notional(world: ReportWorld) -> None:
    world.programme_named()
    world.deposit("1,000.00", conditions=Earmark(countries=frozenset({"UG"})))
    world.deposit("1,000.00")
    world.allocation("2,000")
    world.active_grant("1,500.00")
    made = world.statement()
    received = _flow(made, "Contributions received")
    assert (received.tracked, received.notional) == (money("1,000.00"), money("1,000.00"))
    (grant,) = made.grants
    assert (grant.basis, grant.approved) == ("mixed", money("1,500.00"))
    committed = next(line for line in made.balance if line.label.startswith("Committed"))
    assert (committed.tracked, committed.notional) == (money("1,000.00"), money("500.00"))


def test_a_transfer_counts_on_the_day_it_is_paid(world: ReportWorld) -> None:
    world.deposit("1,000.00")
    world.allocation("1,000")
    grant_id = world.active_grant("800.00")
    world.advanced(grant_id, money("300.00"), is_paid=False)
    approved = world.statement()
    assert _flow(approved, "Transfers to partners").cumulative == money("0.00")
    unpaid = next(line for line in approved.balance if "not yet paid" in line.label)
    assert unpaid.total == money("300.00")
    assert approved.closing_balance == money("1,000.00")
    with transaction():
        funding.pay(world.treasurer(), grant_id, money("300.00"), on=DAY)
    paid = world.statement()
    assert _flow(paid, "Transfers to partners").cumulative == money("300.00")
    assert paid.closing_balance == money("700.00")


def test_a_refund_is_a_negative_use_and_returns_to_who_paid(world: ReportWorld) -> None:
    world.deposit("600.00")
    world.deposit("400.00", donor="Norway")
    world.allocation("1,000")
    grant_id = world.active_grant("100.00")
    world.advanced(grant_id, money("100.00"))
    world.refunded(grant_id, "50.00")
    sweden, norway = world.statement(), world.statement("Norway")
    assert _flow(sweden, "Transfers to partners").cumulative == money("60.00")
    assert _flow(sweden, "Refunds from partners").cumulative == -money("30.00")
    assert _flow(norway, "Refunds from partners").cumulative == -money("20.00")
    assert _flow(sweden, "Net funded amount").cumulative == money("30.00")
    fund = {row.label: row.cumulative for row in sweden.fund}
    assert fund["Refunds from partners"] == -money("50.00")


def test_the_fee_leaves_the_layer_and_stands_in_its_own_row(world: ReportWorld) -> None:
    world.books(fee_basis_points=100)
    world.deposit("1,000.00")
    made = world.statement()
    assert _flow(made, "Administrative agent's fee").cumulative == money("10.00")
    assert made.closing_balance == money("990.00")
    assert [(line.deposit, line.fee) for line in made.fees] == [(money("1,000.00"), money("10.00"))]


def test_an_agreement_in_another_currency_shows_rate_difference_and_lateness(
    world: ReportWorld,
) -> None:
    """
    SEK 10,000 signed at 0.0960, paid at 0.0940 twelve days late: 960 agreed, 940 received
    """
    world.rate("SEK", "0.0960", BEFORE)
    agreement_id = world.agreement(
        money("20,000", "SEK"),
        on=BEFORE,
        instalments=[
            (date(2026, 3, 1), money("10,000", "SEK")),
            (date(2027, 3, 1), money("10,000", "SEK")),
        ],
    )
    world.rate("SEK", "0.0940", date(2026, 3, 13))
    world.deposit(money("10,000", "SEK"), on=date(2026, 3, 13), agreement_id=agreement_id)
    made = world.statement()
    paid, open_ = made.instalments
    assert (paid.days_late, paid.usd, paid.difference) == (12, money("940.00"), -money("20.00"))
    assert paid.rate.startswith("10.638")
    assert (open_.paid_on, open_.agreed) == (None, money("10,000", "SEK"))
    assert made.contribution.agreed == money("1,920.00")
    assert made.contribution.outstanding == money("960.00")
    assert made.agreements[0].outstanding == money("10,000", "SEK")
    assert made.contribution.share_basis_points == 10_000


def test_annual_and_cumulative_tie_from_one_year_to_the_next(world: ReportWorld) -> None:
    world.deposit("500.00", on=BEFORE)
    world.deposit("300.00")
    first = world.statement(from_on=date(2025, 1, 1), until_on=date(2025, 12, 31))
    second = world.statement()
    assert _flow(first, "Closing balance").period == _flow(second, "Opening balance").period
    received = "Contributions received"
    assert _flow(second, received).cumulative == (
        _flow(first, received).cumulative + _flow(second, received).period
    )
    odd = world.statement(from_on=date(2025, 7, 1), until_on=date(2026, 12, 31))
    assert _flow(odd, received).period == money("300.00")
    assert _flow(odd, received).cumulative == money("800.00")


def test_what_was_booked_later_is_not_known_to_an_earlier_reading(world: ReportWorld) -> None:
    world.deposit("500.00")
    sequence = ledger.head(world.books()).sequence
    world.deposit("300.00")
    made = numbers.build(
        world.books(),
        world.donor_named(),
        from_on=YEAR[0],
        until_on=YEAR[1],
        known_at=sequence,
        cover=a_cover(),
    )
    assert made.contribution.received == money("500.00")
    assert len(made.instalments) == 1


def test_a_reversed_deposit_leaves_nothing_behind(world: ReportWorld) -> None:
    deposit_id = world.deposit("500.00")
    with transaction():
        donors.reverse_deposit(
            world.treasurer(), deposit_id, "it never came", second_actor_id=world.second().user_id
        )
    made = world.statement()
    assert made.contribution.received == money("0.00")
    assert made.instalments == ()
    assert made.closing_balance == money("0.00")


def test_a_receipt_counts_from_the_day_it_is_identified(world: ReportWorld) -> None:
    deposit_id, sweden = world.deposit("500.00", donor=None, on=BEFORE), world.donor_named()
    with transaction():
        donors.match_receipt(world.treasurer(), deposit_id, sweden, on=DAY)
    then = world.statement(from_on=date(2025, 1, 1), until_on=date(2025, 12, 31))
    now = world.statement()
    assert then.contribution.received == money("0.00")
    assert now.contribution.received_in_period == money("500.00")
    assert _flow(now, "Exchange and bank results").cumulative == money("0.00")


def test_another_fund_is_not_in_it(world: ReportWorld) -> None:
    world.deposit("500.00")
    world.deposit("300.00", fund="Another Fund")
    assert world.statement().contribution.received == money("500.00")


def test_a_donor_that_nobody_knows_is_not_found(world: ReportWorld) -> None:
    with pytest.raises(NotFound):
        numbers.build(
            world.books(), 999, from_on=YEAR[0], until_on=YEAR[1], known_at=0, cover=a_cover()
        )


def test_the_page_of_a_donor_agrees_with_its_statement(world: ReportWorld) -> None:
    world.books(fee_basis_points=100)
    world.deposit("600.00")
    world.deposit("400.00", donor="Norway")
    world.allocation("900")
    grant_id = world.reserved_grant("100.00")
    (tranche,) = world.signed(grant_id, "100.00")
    world.paid(tranche)
    world.spent(grant_id, {1: "70.00"})
    standing = numbers.standing(world.books(), world.donor_named())
    made = world.statement()
    assert standing.balance == made.balance
    assert standing.places == made.places
    assert standing.grants == made.grants


def _flow(made: DonorStatement, label: str) -> FlowLine:
    return next(row for row in made.flows if row.label.startswith(label))
