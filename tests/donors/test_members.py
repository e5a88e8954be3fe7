"""Members: their terms, what the fund asks of them in a year, and how it is paid into 4030."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from grants.db import db, transaction
from grants.donors import actions, rules
from grants.donors.actions import Earmark, NewDeposit
from grants.donors.models import Deposit, MembershipInvoice, PaymentRequest
from grants.errors import Malformed, NotAllowed
from grants.ledger import queries as books
from grants.money import Money
from grants.people import actions as people
from grants.people import rules as members
from grants.people.models import (
    Constituency,
    IncomeGroup,
    MemberKind,
    Organisation,
    Role,
)
from tests.donors.conftest import DonorWorld
from tests.makes.donors import DAY, money

YEAR = DAY.year


def admitted(
    world: DonorWorld,
    name: str = "Ghana",
    *,
    group: IncomeGroup = IncomeGroup.LOWER_MIDDLE,
    joined_on: date = date(2020, 1, 1),
) -> int:
    donor_id, fund_id, treasurer = world.donor_named(name), world.books(), world.treasurer()
    with transaction():
        return people.admit_member(
            treasurer,
            fund_id,
            donor_id,
            kind=MemberKind.FULL,
            constituency=Constituency.GOVERNMENTS,
            income_group=group,
            joined_on=joined_on,
        ).id


def fee(
    world: DonorWorld, amount: Money, *, group: IncomeGroup = IncomeGroup.NONE, year: int = 2020
) -> None:
    treasurer, fund_id = world.treasurer(), world.books()
    with transaction():
        people.set_membership_fee(
            treasurer,
            fund_id,
            kind=MemberKind.FULL,
            constituency=Constituency.GOVERNMENTS,
            income_group=group,
            from_year=year,
            amount=amount,
        )


def invoiced(world: DonorWorld, amount: str = "5,000") -> int:
    membership_id = admitted(world)
    fee(world, money(amount))
    with transaction():
        return actions.issue_invoice(world.treasurer(), membership_id, YEAR).id


def held(world: DonorWorld, *numbers: str) -> Money:
    return books.sum_usd(books.balances(world.books(), numbers))


def test_a_membership_contribution_is_core_money_of_its_own_account(world: DonorWorld) -> None:
    """
    invoice    none
    paid       Dr 1010 / Cr 4030   5,000;  Dr 9100 / Cr 9110   5,000
    """
    invoice_id = invoiced(world)
    assert not held(world, "4030", "1010", "9110")
    deposit_id = world.deposit("5,000", donor="Ghana", invoice_id=invoice_id)
    assert held(world, "4030") == held(world, "1010") == held(world, "9110") == money("5,000")
    assert not held(world, "4010", "4020")
    deposit = db.session.get_one(Deposit, deposit_id)
    assert (deposit.is_core, deposit.conditions, deposit.agreement_id) == (True, {}, None)
    found = books.verify(world.books())
    assert found.holds, found.breaks


def test_the_fee_of_the_fund_is_taken_from_it_too(world: DonorWorld) -> None:
    world.books("The Fund", fee_basis_points=100)
    invoice_id = invoiced(world)
    world.deposit("5,000", donor="Ghana", invoice_id=invoice_id)
    assert held(world, "9110") == money("4,950")


def test_a_receipt_can_turn_out_to_be_a_membership_contribution(world: DonorWorld) -> None:
    invoice_id = invoiced(world)
    receipt = world.deposit("5,000", donor=None)
    ghana = world.donor_named("Ghana")
    with pytest.raises(rules.NotOfThisDonor, match="invoice"), transaction():
        actions.match_receipt(
            world.treasurer(), receipt, world.donor_named(), invoice_id=invoice_id
        )
    with transaction():
        actions.match_receipt(world.treasurer(), receipt, ghana, invoice_id=invoice_id)
    assert held(world, "4030") == money("5,000")
    assert not held(world, "2900")


def test_a_deposit_that_is_put_right_keeps_or_loses_its_invoice(world: DonorWorld) -> None:
    invoice_id = invoiced(world)
    deposit_id = world.deposit("5,000", donor="Ghana", invoice_id=invoice_id)
    new = NewDeposit(
        fund_id=world.books(),
        donor_id=world.donor_named("Ghana"),
        amount=money("5,000"),
        value_on=DAY,
    )
    with transaction():
        actions.replace_deposit(
            world.treasurer(),
            deposit_id,
            new,
            "It was a gift",
            second_actor_id=world.second().user_id,
        )
    assert not held(world, "4030")
    assert held(world, "4010") == money("5,000")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"donor_id": "Sweden"}, rules.NotOfThisDonor),
        ({"amount": money("5,000", "EUR")}, rules.CurrencyOfInvoiceDiffers),
        ({"conditions": Earmark(countries=frozenset({"UG"}))}, rules.CoreWithEarmark),
        ({"instalment_id": 1}, rules.InvoiceOrAgreement),
    ],
)
def test_what_does_not_pay_an_invoice(
    world: DonorWorld, changes: dict[str, object], refusal: type[Exception]
) -> None:
    world.rate("EUR", "1.1")
    invoice_id = invoiced(world)
    given: dict[str, object] = {
        "fund_id": world.books(),
        "donor_id": world.donor_named(str(changes.pop("donor_id", "Ghana"))),
        "amount": money("5,000"),
        "value_on": DAY,
        "invoice_id": invoice_id,
        **changes,
    }
    with pytest.raises(refusal), transaction():
        actions.record_deposit(world.treasurer(), NewDeposit(**given))  # type: ignore[arg-type] # given as words
    assert not held(world, "1010")


def test_every_member_of_a_year_is_invoiced_once(world: DonorWorld) -> None:
    fee(world, money("5,000"))
    fee(world, money("10,000"), group=IncomeGroup.HIGH)
    ghana = admitted(world, "Ghana")
    admitted(world, "Norway", group=IncomeGroup.HIGH)
    admitted(world, "Togo", joined_on=date(YEAR + 1, 1, 1))
    gone = admitted(world, "Chad")
    treasurer, fund_id = world.treasurer(), world.books()
    with transaction():
        people.end_membership(treasurer, gone, left_on=date(YEAR - 1, 12, 31), reason="Left")
        one = actions.issue_invoice(treasurer, ghana, YEAR)
        rest = actions.issue_invoices(treasurer, fund_id, YEAR)
        assert (one.amount_minor, [each.amount_minor for each in rest]) == (500_000, [1_000_000])
        assert actions.issue_invoices(treasurer, fund_id, YEAR) == []
    with pytest.raises(rules.InvoiceIsOut, match="Ghana has an invoice"), transaction():
        actions.issue_invoice(treasurer, ghana, YEAR)
    with pytest.raises(rules.NotAMemberThen, match="Chad was not"), transaction():
        actions.issue_invoice(treasurer, gone, YEAR)


def test_a_group_without_a_contribution_is_not_invoiced(world: DonorWorld) -> None:
    membership_id = admitted(world)
    treasurer, fund_id = world.treasurer(), world.books()
    with pytest.raises(rules.NoFeeIsSet, match="for Ghana in"), transaction():
        actions.issue_invoice(treasurer, membership_id, YEAR)
    fee(world, money("0"))
    with transaction():
        assert actions.issue_invoices(treasurer, fund_id, YEAR) == []


def test_an_invoice_is_asked_for_by_letter_and_taken_back(world: DonorWorld) -> None:
    invoice_id = invoiced(world)
    world.bank_details()
    treasurer = world.treasurer()
    with transaction():
        request_id = actions.request_membership(treasurer, invoice_id).id
    request = db.session.get_one(PaymentRequest, request_id)
    assert request.letter["remittance"] == f"{request.number} / membership {YEAR}"
    with pytest.raises(rules.RequestIsOut), transaction():
        actions.request_membership(treasurer, invoice_id)
    with transaction():
        new_id = actions.reissue_request(treasurer, request_id, "Wrong address").id
        actions.cancel_invoice(treasurer, invoice_id, "Set by mistake")
    assert db.session.get_one(PaymentRequest, new_id).state == "cancelled"
    with pytest.raises(rules.InvoiceIsClosed), transaction():
        actions.cancel_invoice(treasurer, invoice_id, "Again")


def test_an_invoice_that_is_paid_stays(world: DonorWorld) -> None:
    invoice_id = invoiced(world)
    world.bank_details()
    world.deposit("1,000", donor="Ghana", invoice_id=invoice_id)
    treasurer = world.treasurer()
    with pytest.raises(rules.InvoiceIsPaid, match=r"1,000\.00 was paid"), transaction():
        actions.cancel_invoice(treasurer, invoice_id, "No")
    world.deposit("4,000", donor="Ghana", invoice_id=invoice_id)
    with pytest.raises(rules.NothingToAsk), transaction():
        actions.request_membership(treasurer, invoice_id)
    assert db.session.get_one(MembershipInvoice, invoice_id).state == "issued"


def test_one_is_a_member_once_at_a_time(world: DonorWorld) -> None:
    membership_id = admitted(world)
    treasurer, ghana = world.treasurer(), world.donor_named("Ghana")
    with pytest.raises(members.IsAMember, match="since 2020-01-01"):
        admitted(world)
    with pytest.raises(members.LeftBeforeJoining, match="2020-01-01"), transaction():
        people.end_membership(treasurer, membership_id, left_on=date(2019, 1, 1), reason="x")
    with pytest.raises(Malformed, match="Say why"), transaction():
        people.end_membership(treasurer, membership_id, left_on=DAY, reason="")
    with transaction():
        people.end_membership(treasurer, membership_id, left_on=DAY, reason="Became associate")
    with pytest.raises(members.MembershipIsOver), transaction():
        people.end_membership(treasurer, membership_id, left_on=DAY, reason="Again")
    with pytest.raises(members.IsAMember):
        admitted(world, joined_on=DAY)
    with transaction():
        people.admit_member(
            treasurer,
            world.books(),
            ghana,
            kind=MemberKind.ASSOCIATE,
            constituency=Constituency.GOVERNMENTS,
            joined_on=date(YEAR, 4, 1),
        )
    organisation = db.session.get_one(Organisation, ghana)
    assert (organisation.membership, organisation.constituency) == (
        "associate",
        "National governments",
    )
    with pytest.raises(DBAPIError), transaction():
        db.session.execute(text("UPDATE membership SET left_on = NULL"))


def test_only_finance_may_admit_and_a_contribution_is_set_once_a_year(world: DonorWorld) -> None:
    fee(world, money("5,000"))
    with pytest.raises(members.FeeIsSet, match="from 2020"):
        fee(world, money("6,000"))
    with pytest.raises(Malformed, match="below nothing"):
        fee(world, money("-1"), year=2021)
    officer, fund_id, ghana = (
        world.acting(Role.GRANT_OFFICER),
        world.books(),
        world.donor_named("Ghana"),
    )
    with pytest.raises(NotAllowed), transaction():
        people.admit_member(
            officer,
            fund_id,
            ghana,
            kind=MemberKind.FULL,
            constituency=Constituency.PRIVATE,
            joined_on=DAY,
        )


@given(
    set_in=st.sets(st.integers(2000, 2030), max_size=4),
    own_in=st.sets(st.integers(2000, 2030), max_size=4),
    year=st.integers(2000, 2030),
)
@pytest.mark.once
def test_the_latest_contribution_of_the_own_group_counts(
    set_in: set[int], own_in: set[int], year: int
) -> None:
    fees = [
        members.Fee(
            kind="full",
            constituency="governments",
            income_group=group,
            from_year=each,
            amount=money(str(each)),
        )
        for group, years in (("", set_in), ("low", own_in))
        for each in years
    ]
    own, every = ({each for each in years if each <= year} for years in (own_in, set_in))
    expected = money(str(max(own or every))) if own or every else None
    found = members.fee_for(
        fees, kind="full", constituency="governments", income_group="low", year=year
    )
    assert found == expected
