"""Interest, charges, direct cost and transfers to other funds: domain rules, rows 15, 15b, 19."""

from __future__ import annotations

from datetime import timedelta

import pytest

from grants import clock
from grants.db import transaction
from grants.errors import NotAllowed, NotFound
from grants.funding import actions, queries, rules
from grants.funding.actions import NewHappening
from grants.ledger import queries as books
from grants.ledger.actions import Posted
from grants.money import Money
from grants.people.models import Role
from tests.funding.conftest import FundingWorld
from tests.makes.donors import DAY, money


def held(world: FundingWorld, *numbers: str) -> dict[str, str]:
    return {
        number: f"{books.sum_usd(books.balances(world.books(), [number])).amount:,}"
        for number in numbers
    }


def happening(world: FundingWorld, amount: str, layer_id: int | None = None) -> NewHappening:
    return NewHappening(
        fund_id=world.books(),
        amount=money(amount),
        on=DAY,
        reason="Statement 3",
        layer_id=layer_id,
    )


def lines_of(posted: Posted) -> list[tuple[str, str, str]]:
    return [
        (line.debit.key, line.credit.key, str(line.amount.amount))
        for line in books.entry(posted.id).lines
    ]


def test_interest_belongs_to_no_deposit_or_to_the_layer_that_is_chosen(world: FundingWorld) -> None:
    """
    15   Dr 1010 / Cr 4100 1,200;  Dr 9100 / Cr 9110 1,200
    """
    layer_id, treasurer = world.deposit("100"), world.treasurer()
    free, of_layer = happening(world, "1,200"), happening(world, "30", layer_id)
    with transaction():
        first = actions.record_interest(treasurer, free)
        second = actions.record_interest(treasurer, of_layer)
    assert lines_of(first) == [
        ("1010/USD", "4100/USD", "1200.00"),
        ("9100/USD", "9110/USD", "1200.00"),
    ]
    assert lines_of(second)[1] == (f"9100/USD/L{layer_id}", f"9110/USD/L{layer_id}", "30.00")
    line = queries.layer_line(world.books(), layer_id)
    assert line is not None
    assert line.unallocated == money("130")
    world.prove()


def test_interest_of_partners_and_other_income_have_accounts_of_their_own(
    world: FundingWorld,
) -> None:
    world.deposit("100")
    world.allocation("100")
    grant_id, treasurer = world.active_grant("100"), world.treasurer()
    new = happening(world, "7")
    with transaction():
        posted = actions.record_partner_interest(treasurer, new, grant_id=grant_id)
        actions.record_other_income(treasurer, new)
    assert lines_of(posted)[0] == ("1010/USD", f"4110/USD/G{grant_id}", "7.00")
    assert held(world, "4110", "4200") == {"4110": "7.00", "4200": "7.00"}
    with pytest.raises(NotFound), transaction():
        actions.record_partner_interest(treasurer, new, grant_id=grant_id + 1)
    world.prove()


def test_a_bank_charge_takes_from_the_layer_that_bears_it(world: FundingWorld) -> None:
    """
    15b  Dr 5300 / Cr 1010 50;  Dr 9110 / Cr 9100 50
    """
    layer_id, treasurer = world.deposit("100"), world.treasurer()
    charge, nobodys = happening(world, "50", layer_id), happening(world, "1")
    with transaction():
        posted = actions.record_bank_charge(treasurer, charge)
    assert lines_of(posted) == [
        ("5300/USD", "1010/USD", "50.00"),
        (f"9110/USD/L{layer_id}", f"9100/USD/L{layer_id}", "50.00"),
    ]
    with pytest.raises(rules.MoreThanHeld) as refused, transaction():
        actions.record_bank_charge(treasurer, happening(world, "50.01", layer_id))
    assert str(refused.value) == "USD 50.00 is unallocated in this layer; USD 50.01 is asked."
    with pytest.raises(rules.MoreThanHeld, match="left of money without a deposit"), transaction():
        actions.record_bank_charge(treasurer, nobodys)
    world.prove()


def test_what_is_not_the_funds_is_refused(world: FundingWorld) -> None:
    layer_id = world.deposit("100", fund="Another fund")
    unknown = world.deposit("100", donor=None)
    treasurer, officer = world.treasurer(), world.acting(Role.GRANT_OFFICER)
    for other in (layer_id, unknown, 10_000):
        with pytest.raises(rules.NoSuchLayer), transaction():
            actions.record_interest(treasurer, happening(world, "1", other))
    with pytest.raises(NotAllowed), transaction():
        actions.record_interest(officer, happening(world, "1"))
    with pytest.raises(NotAllowed), transaction():
        actions.record_bank_charge(officer, happening(world, "1"))
    tomorrow = NewHappening(
        fund_id=world.books(),
        amount=money("1"),
        on=clock.today() + timedelta(days=1),
        reason="Too early",
    )
    with pytest.raises(rules.NotYetThatDay), transaction():
        actions.record_interest(treasurer, tomorrow)
    for nothing in (Money.zero("USD"), money("1", "EUR")):
        new = NewHappening(fund_id=world.books(), amount=nothing, on=DAY, reason="Nothing")
        with pytest.raises(rules.NoAmount), transaction():
            actions.record_interest(treasurer, new)


def test_direct_cost_is_paid_out_of_its_own_grant_by_its_layers(world: FundingWorld) -> None:
    """
    19   Dr 5100 / Cr 1010 30;  Dr 9140 / Cr 9150 30 by layer: 60 to 40
    back: Dr 1010 / Cr 5100 5;  Dr 9150 / Cr 9120 5 in the same proportion
    """
    world.deposit("60", donor="Sweden")
    world.deposit("40", donor="Norway")
    world.allocation("100")
    grant_id, treasurer = world.active_grant("50"), world.treasurer()
    with transaction():
        posted = actions.record_direct_cost(
            treasurer, grant_id, money("30"), on=DAY, reason="Evaluation"
        )
    assert [amount for *_, amount in lines_of(posted)] == ["30.00", "18.00", "12.00"]
    assert lines_of(posted)[0] == (f"5100/USD/G{grant_id}", "1010/USD", "30.00")
    assert queries.grant_money(grant_id).expenditure == money("30")
    world.prove()
    with transaction():
        actions.refund_direct_cost(treasurer, grant_id, money("5"), on=DAY, reason="Unspent")
    assert held(world, "5100", "9120", "9150") == {
        "5100": "25.00",
        "9120": "55.00",
        "9150": "25.00",
    }
    world.prove()
    with pytest.raises(rules.MoreThanHeld, match=r"USD 20\.00 is committed"), transaction():
        actions.record_direct_cost(treasurer, grant_id, money("21"), on=DAY, reason="Too much")
    with pytest.raises(rules.MoreThanHeld, match=r"USD 25\.00 is spent so"), transaction():
        actions.refund_direct_cost(treasurer, grant_id, money("26"), on=DAY, reason="Too much")


def test_whoever_approved_a_grant_does_not_pay_its_costs(world: FundingWorld) -> None:
    world.deposit("100")
    world.allocation("100")
    grant_id, director, officer = (
        world.active_grant("50"),
        world.director(),
        world.acting(Role.GRANT_OFFICER),
    )
    for pay in (actions.record_direct_cost, actions.record_transfer_to_fund):
        with pytest.raises(rules.ApprovedByYou, match="someone else must pay"), transaction():
            pay(director, grant_id, money("1"), on=DAY, reason="Mine")
        with pytest.raises(NotAllowed), transaction():
            pay(officer, grant_id, money("1"), on=DAY, reason="Not allowed")
    reserved, treasurer = world.reserved_grant("10"), world.treasurer()
    with pytest.raises(rules.WrongState, match="nothing can be paid on it"), transaction():
        actions.record_direct_cost(treasurer, reserved, money("1"), on=DAY, reason="Early")


def test_a_transfer_to_another_fund_stays_until_that_fund_reports(world: FundingWorld) -> None:
    """
    Dr 1210 / Cr 1010 40;  spent: Dr 5040 / Cr 1210 25;  back: Dr 1010 / Cr 1210 10
    """
    world.deposit("100")
    world.allocation("100")
    grant_id, treasurer = world.active_grant("50"), world.treasurer()
    with transaction():
        actions.record_transfer_to_fund(
            treasurer, grant_id, money("40"), on=DAY, reason="To the peace fund"
        )
    assert queries.grant_money(grant_id).with_other_funds == money("40")
    world.prove()
    with transaction():
        actions.record_spending_of_fund(
            treasurer, grant_id, {4: money("20"), 8: money("5")}, on=DAY, reason="Annual report"
        )
        actions.refund_from_fund(treasurer, grant_id, money("10"), on=DAY, reason="Unspent")
    found = queries.grant_money(grant_id)
    assert (found.with_other_funds, found.expenditure) == (money("5"), money("25"))
    assert held(world, "1210", "9150", "9120") == {"1210": "5.00", "9150": "30.00", "9120": "60.00"}
    world.prove()
    with pytest.raises(rules.MoreThanHeld, match="not yet reported"), transaction():
        actions.record_spending_of_fund(
            treasurer, grant_id, {4: money("6")}, on=DAY, reason="Too much"
        )
    with pytest.raises(rules.MoreThanHeld), transaction():
        actions.refund_from_fund(treasurer, grant_id, money("6"), on=DAY, reason="Too much")


def test_what_is_not_in_the_account_is_not_paid(world: FundingWorld) -> None:
    world.rate("SEK", "0.1")
    world.deposit(money("1,000", "SEK"))
    world.allocation("100")
    grant_id, treasurer = world.active_grant("50"), world.treasurer()
    with pytest.raises(rules.NotEnoughCash, match="Convert other cash first"), transaction():
        actions.record_direct_cost(treasurer, grant_id, money("1"), on=DAY, reason="Evaluation")
