"""Money in: the postings of the domain rules, section 7, rows 1, 2, 4, 4c, 6 and 17."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from grants.db import db, transaction
from grants.donors import actions, queries, rules
from grants.donors.actions import Earmark, NewAgreement, NewDeposit, NewInstalment, NewPledge
from grants.donors.models import Deposit, DepositState, Instalment, Pledge
from grants.errors import Malformed, NotAllowed, NotFound, Refused
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger import queries as books
from grants.ledger.actions import NewEntry, NewMove
from grants.money import Money, Rate
from grants.people.models import Role
from tests.donors.conftest import DonorWorld
from tests.makes.donors import DAY, money

UGANDA = Earmark(countries=frozenset({"UG"}))


def sek(text: str) -> Money:
    return money(text, "SEK")


def held(world: DonorWorld, *numbers: str) -> Money:
    return books.sum_usd(books.balances(world.books(), numbers))


def lines_of(entry_id: int | None) -> list[tuple[str, str, str, str]]:
    assert entry_id is not None
    return [
        (line.debit.key, line.credit.key, str(line.amount), str(line.usd))
        for line in books.entry(entry_id).lines
    ]


def check(world: DonorWorld) -> None:
    found = books.verify(world.books())
    assert found.holds, found.breaks


def _agreed(world: DonorWorld) -> int:
    """SEK 20m in two instalments, agreed at 0.0960; from 10 March on the krona is at 0.0940."""
    world.rate("SEK", "0.0960", DAY - timedelta(days=30))
    agreement_id = world.agreement(
        sek("20,000,000"),
        on=DAY - timedelta(days=10),
        earmark=UGANDA,
        instalments=[
            (DAY - timedelta(days=3), sek("10,000,000")),
            (DAY + timedelta(days=365), sek("10,000,000")),
        ],
    )
    world.rate("SEK", "0.0940", DAY)
    return agreement_id


def test_pledge_stands_in_the_control_book_and_is_never_spendable(world: DonorWorld) -> None:
    """
    1   Dr 9010 / Cr 9011 1,900,000
    """
    world.rate("SEK", "0.0950")
    pledge_id = world.pledge(sek("20,000,000"))
    assert held(world, "9010") == held(world, "9011") == money("1,900,000")
    assert not held(world, "9110")
    with transaction():
        actions.withdraw_pledge(world.treasurer(), pledge_id, "The donor took it back")
    assert not held(world, "9010", "9011")
    with pytest.raises(rules.PledgeIsClosed, match="withdrawn already"), transaction():
        actions.withdraw_pledge(world.treasurer(), pledge_id, "Again")
    check(world)


def test_pledge_below_zero_takes_back_part_of_an_earlier_one(world: DonorWorld) -> None:
    """
    Dr 9010 / Cr 9011 100.00; Dr 9011 / Cr 9010 30.00
    """
    world.pledge(money("100"))
    world.pledge(money("-30"))
    assert held(world, "9011") == money("70")
    with pytest.raises(rules.NoAmount):
        world.pledge(money("0"))


def test_agreement_is_receivable_and_deferred_and_ends_the_pledge(world: DonorWorld) -> None:
    """
    2   Dr 1100 / Cr 2100 1,920,000; the pledge is reversed
    """
    world.rate("SEK", "0.0950", DAY - timedelta(days=60))
    pledge_id = world.pledge(sek("20,000,000"), on=DAY - timedelta(days=60))
    world.rate("SEK", "0.0960")
    world.agreement(sek("20,000,000"), pledge_id=pledge_id)
    assert held(world, "1100") == held(world, "2100") == money("1,920,000")
    assert not held(world, "9010", "9011")
    pledge = db.session.get(Pledge, pledge_id)
    assert pledge is not None
    assert pledge.state == "agreed"
    check(world)


def test_deposit_settles_the_instalment_and_makes_a_layer(world: DonorWorld) -> None:
    """
    4   Dr 2100 / Cr 1100 960,000; Dr 1010 SEK / Cr 4020 940,000; Dr 9100 / Cr 9110 940,000
    """
    agreement_id = _agreed(world)
    deposit_id = world.deposit(sek("10,000,000"), agreement_id=agreement_id)
    deposit = db.session.get(Deposit, deposit_id)
    assert deposit is not None
    donor = world.donor_named()
    assert lines_of(deposit.entry_id) == [
        (f"2100/SEK/D{donor}", f"1100/SEK/D{donor}", "SEK 10,000,000.00", "USD 960,000.00"),
        ("1010/SEK", f"4020/SEK/D{donor}", "SEK 10,000,000.00", "USD 940,000.00"),
        (f"9100/USD/L{deposit_id}", f"9110/USD/L{deposit_id}", "USD 940,000.00", "USD 940,000.00"),
    ]
    check(world)

    page = queries.agreement_page(agreement_id, DAY)
    first, second = page.instalments
    assert (first.state, first.days_late, first.difference) == ("paid", 3, money("-20,000"))
    assert first.payments[0].rate_source == "UNORE"
    assert (second.state, second.days_late, second.paid) == ("scheduled", 0, sek("0"))
    assert page.outstanding == sek("10,000,000")
    assert page.earmark == UGANDA


def test_fee_is_taken_at_deposit(world: DonorWorld) -> None:
    """
    6   Dr 5200 / Cr 2020 9,400; Dr 9110 / Cr 9100 9,400
    """
    world.books(fee_basis_points=100)
    world.deposit("940,000")
    assert held(world, "5200") == held(world, "2020") == money("9,400")
    assert held(world, "9110") == held(world, "9100") == money("930,600")
    check(world)


def test_unidentified_receipt_is_owed_until_it_has_a_donor(world: DonorWorld) -> None:
    """
    4c  Dr 1010 / Cr 2900; later Dr 2900 / Cr 4020, and the layer appears
    """
    world.books(fee_basis_points=100)
    deposit_id = world.deposit("500", donor=None, reference="UNKNOWN 17")
    assert held(world, "2900") == held(world, "1010") == money("500")
    assert not held(world, "9110")
    assert [line.bank_reference for line in queries.unidentified([world.books()])] == ["UNKNOWN 17"]
    check(world)

    norway = world.donor_named("Norway")
    with transaction():
        actions.match_receipt(world.treasurer(), deposit_id, norway, conditions=UGANDA)
    assert not held(world, "2900")
    assert held(world, "4020") == money("500")
    assert held(world, "9110") == money("495")
    assert queries.unidentified(None) == []
    check(world)
    with pytest.raises(rules.ReceiptIsIdentified), transaction():
        actions.match_receipt(world.treasurer(), deposit_id, norway)


def test_cancelled_instalment_never_was_spendable(world: DonorWorld) -> None:
    """
    17  Dr 2100 / Cr 1100 960,000
    """
    agreement_id = _agreed(world)
    world.deposit(sek("10,000,000"), agreement_id=agreement_id)
    second = queries.agreement_page(agreement_id, DAY).instalments[1]
    with transaction():
        actions.cancel_instalment(world.treasurer(), second.id, "The budget was cut")
    assert not held(world, "1100", "2100")
    assert held(world, "9110") == money("940,000")
    page = queries.agreement_page(agreement_id, DAY)
    assert (page.outstanding, page.instalments[1].state) == (sek("0"), "cancelled")
    with pytest.raises(rules.InstalmentIsClosed), transaction():
        actions.cancel_instalment(world.treasurer(), second.id, "Again")
    check(world)


def test_payments_in_odd_parts_leave_nothing_behind(world: DonorWorld) -> None:
    """
    SEK 10m agreed at 960,000.00 comes in three parts: 1100 and 2100 end at nothing
    """
    world.rate("SEK", "0.0960")
    agreement_id = world.agreement(sek("10,000,000"))
    for part in ("3,333,333.33", "3,333,333.33", "3,333,333.34"):
        world.deposit(sek(part), agreement_id=agreement_id)
    assert not held(world, "1100", "2100")
    assert queries.agreement_page(agreement_id, DAY).outstanding == sek("0")
    world.deposit(sek("5"), agreement_id=agreement_id)
    assert not held(world, "1100", "2100")
    assert held(world, "4010") == money("960,000.48")
    check(world)


def test_one_payment_may_cover_several_instalments(world: DonorWorld) -> None:
    agreement_id = world.agreement(
        money("100"), instalments=[(DAY, money("40")), (DAY, money("60"))]
    )
    world.deposit("100", agreement_id=agreement_id)
    assert not held(world, "1100", "2100")
    assert queries.open_instalments([world.books()], due_before=DAY) == []


def test_money_without_a_known_rate_is_refused(world: DonorWorld) -> None:
    with pytest.raises(rules.NoRate, match="No rate of exchange for SEK is known on 2026-03-10"):
        world.deposit(sek("100"))
    world.rate("SEK", "0.1", DAY + timedelta(days=1))
    with pytest.raises(rules.NoRate):
        world.deposit(sek("100"))


def test_rate_of_the_value_date_is_used_and_kept(world: DonorWorld) -> None:
    world.rate("SEK", "0.10", DAY - timedelta(days=20))
    world.rate("SEK", "0.08", DAY + timedelta(days=1))
    line = queries.deposit(world.deposit(sek("100")))
    assert (line.usd, line.rate, line.rate_on) == (money("10"), "10", DAY - timedelta(days=20))


def test_deposit_as_stated_by_its_source(world: DonorWorld) -> None:
    """
    GBP 100 said to be worth USD 130.01, at a rate that says 125.00: both are kept
    """
    rate = Rate(currency="GBP", units_per_usd=Decimal("0.8"), source="bank", on=DAY)
    new = NewDeposit(
        fund_id=world.books(),
        donor_id=world.donor_named(),
        amount=money("100", "GBP"),
        usd=money("130.01"),
        rate=rate,
        value_on=DAY,
    )
    with transaction():
        deposit_id = actions.record_deposit(world.treasurer(), new).id
    line = queries.deposit(deposit_id)
    assert (line.usd, line.rate, line.rate_source) == (money("130.01"), "0.8", "bank")
    assert (line.programming_year, line.is_core) == (2026, True)


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_deposit_of_nothing_is_refused(world: DonorWorld, amount: str) -> None:
    with pytest.raises(rules.NoAmount):
        world.deposit(amount)


def test_deposit_needs_an_agreement_of_its_own_donor_and_currency(world: DonorWorld) -> None:
    agreement_id = world.agreement(money("100"))
    with pytest.raises(rules.NotOfThisDonor, match="SWE-1"):
        world.deposit("100", donor="Norway", agreement_id=agreement_id)
    world.rate("EUR", "1.1")
    with pytest.raises(rules.CurrencyOfAgreementDiffers, match="in USD, this money in EUR"):
        world.deposit(money("100", "EUR"), agreement_id=agreement_id)


def test_deposit_may_be_narrower_than_its_agreement_and_never_wider(world: DonorWorld) -> None:
    agreement_id = world.agreement(money("100"), earmark=UGANDA)
    world.deposit(
        "40",
        agreement_id=agreement_id,
        conditions=Earmark(countries=frozenset({"UG"}), themes=frozenset({"water"})),
    )
    theme = world.deposit(
        "40", agreement_id=agreement_id, conditions=Earmark(themes=frozenset({"land"}))
    )
    assert queries.deposit(theme).conditions == Earmark(
        countries=frozenset({"UG"}), themes=frozenset({"land"})
    )
    with pytest.raises(rules.WiderThanEarmark, match="SWE-1"):
        world.deposit(
            "40", agreement_id=agreement_id, conditions=Earmark(countries=frozenset({"UG", "GH"}))
        )


def test_agreement_is_checked_before_it_is_kept(world: DonorWorld) -> None:
    with pytest.raises(rules.InstalmentsDoNotSum):
        world.agreement(money("100"), instalments=[(DAY, money("99"))])
    world.agreement(money("100"))
    with pytest.raises(Refused, match="SWE-1 is recorded already"):
        world.agreement(money("100"))
    new = NewAgreement(
        fund_id=world.books(),
        donor_id=world.donor_named(),
        reference="SWE-2",
        amount=money("1"),
        signed_on=DAY,
        is_core=True,
        earmark=UGANDA,
        instalments=(NewInstalment(due_on=DAY, amount=money("1")),),
    )
    with pytest.raises(rules.CoreWithEarmark), transaction():
        actions.sign_agreement(world.treasurer(), new)


def test_reversed_deposit_leaves_no_money_and_stays_in_the_journal(world: DonorWorld) -> None:
    world.books(fee_basis_points=100)
    agreement_id = world.agreement(money("100"))
    deposit_id = world.deposit("100", agreement_id=agreement_id)
    with transaction():
        actions.reverse_deposit(
            world.treasurer(), deposit_id, "It never came", second_actor_id=world.second().user_id
        )
    assert not held(world, "1010", "4010", "9100", "9110", "5200", "2020")
    assert held(world, "1100") == money("100")
    page = queries.agreement_page(agreement_id, DAY)
    assert (page.instalments[0].state, page.outstanding) == ("scheduled", money("100"))
    assert queries.deposits_of(world.books()) == ([], 0)
    assert books.head(world.books()).sequence == 3
    with pytest.raises(rules.DepositIsReversed), transaction():
        actions.reverse_deposit(
            world.treasurer(), deposit_id, "Again", second_actor_id=world.second().user_id
        )
    check(world)


def test_matched_receipt_is_reversed_with_both_its_entries(world: DonorWorld) -> None:
    deposit_id = world.deposit("500", donor=None)
    with transaction():
        actions.match_receipt(world.treasurer(), deposit_id, world.donor_named())
    with transaction():
        actions.reverse_deposit(
            world.treasurer(), deposit_id, "It never came", second_actor_id=world.second().user_id
        )
    assert not held(world, "1010", "2900", "4010", "9110")
    check(world)


def _set_aside(world: DonorWorld, deposit_id: int, amount: str) -> None:
    """As an allocation does."""
    move = NewMove(
        debit=chart.unallocated(deposit_id),
        credit=chart.allocated(deposit_id, 1),
        amount=money(amount),
    )
    entry = NewEntry(fund_id=world.books(), event="allocation", value_on=DAY, moves=[move])
    treasurer = world.treasurer()
    with transaction():
        ledger.post(treasurer, entry)


def test_deposit_that_is_set_aside_is_not_reversed(world: DonorWorld) -> None:
    deposit_id = world.deposit("100")
    _set_aside(world, deposit_id, "60")
    with pytest.raises(rules.DepositIsSetAside, match=r"USD 40\.00 .* USD 100\.00"), transaction():
        actions.reverse_deposit(
            world.treasurer(), deposit_id, "It never came", second_actor_id=world.second().user_id
        )
    check(world)


def test_replaced_deposit_keeps_its_layer_and_what_is_spent_of_it(world: DonorWorld) -> None:
    """
    USD 100, of which 60 are set aside; it was really EUR 70 worth USD 77: 17 are left
    """
    deposit_id = world.deposit("100")
    _set_aside(world, deposit_id, "60")
    new = NewDeposit(
        fund_id=world.books(),
        donor_id=world.donor_named("Norway"),
        amount=money("70", "EUR"),
        usd=money("77"),
        value_on=DAY,
    )
    with transaction():
        actions.replace_deposit(
            world.treasurer(),
            deposit_id,
            new,
            "Booked in dollars",
            second_actor_id=world.second().user_id,
        )
    assert held(world, "9110") == money("17")
    assert held(world, "4010") == held(world, "1010") == money("77")
    line = queries.deposit(deposit_id)
    assert (line.amount, line.donor) == (money("70", "EUR"), "Norway")
    check(world)

    less = NewDeposit(
        fund_id=world.books(), donor_id=world.donor_named(), amount=money("59"), value_on=DAY
    )
    with pytest.raises(rules.DepositIsSetAside, match=r"USD 17\.00 .* USD 18\.00"), transaction():
        actions.replace_deposit(
            world.treasurer(), deposit_id, less, "Less came", second_actor_id=world.second().user_id
        )
    assert queries.deposit(deposit_id).usd == money("77")


def test_replaced_deposit_settles_its_agreement_anew(world: DonorWorld) -> None:
    agreement_id = world.agreement(money("100"))
    deposit_id = world.deposit("100", agreement_id=agreement_id)
    new = NewDeposit(
        fund_id=world.books(),
        donor_id=world.donor_named(),
        agreement_id=agreement_id,
        amount=money("30"),
        value_on=DAY,
    )
    with transaction():
        actions.replace_deposit(
            world.treasurer(),
            deposit_id,
            new,
            "Only 30 came",
            second_actor_id=world.second().user_id,
        )
    assert held(world, "1100") == held(world, "2100") == money("70")
    assert queries.agreement_page(agreement_id, DAY).instalments[0].state == "scheduled"
    check(world)


def test_only_finance_records_contributions(world: DonorWorld) -> None:
    officer = world.acting(Role.GRANT_OFFICER)
    new = NewDeposit(
        fund_id=world.books(), donor_id=world.donor_named(), amount=money("1"), value_on=DAY
    )
    with pytest.raises(NotAllowed, match="finance officer"), transaction():
        actions.record_deposit(officer, new)
    elsewhere = world.acting(Role.FINANCE_OFFICER, world.books("Another Fund"))
    with pytest.raises(NotAllowed), transaction():
        actions.record_deposit(elsewhere, new)
    deposit_id = world.deposit("1")
    with pytest.raises(NotAllowed), transaction():
        actions.reverse_deposit(officer, deposit_id, "No", second_actor_id=world.second().user_id)


def test_unknown_donors_and_deposits_are_not_found(world: DonorWorld) -> None:
    new = NewDeposit(fund_id=world.books(), donor_id=999, amount=money("1"), value_on=DAY)
    with pytest.raises(NotFound), transaction():
        actions.record_deposit(world.treasurer(), new)
    for call in (queries.deposit, queries.pledge):
        with pytest.raises(NotFound):
            call(999)
    with pytest.raises(NotFound):
        queries.agreement_page(999, DAY)


def test_many_lines_of_many_funds_load_at_once(world: DonorWorld) -> None:
    funds = [world.books("The Fund"), world.books("Second Fund")]
    donors = [world.donor_named(f"Donor {number}") for number in range(5)]
    deposits = [
        NewDeposit(
            fund_id=funds[number % 2],
            donor_id=donors[number % 5],
            amount=money("10.01", "EUR"),
            usd=money("11.05"),
            value_on=DAY - timedelta(days=number),
        )
        for number in range(400)
    ]
    pledges = [
        NewPledge(
            fund_id=funds[number % 2],
            donor_id=donors[number % 5],
            amount=money("1"),
            pledged_on=DAY,
            fiscal_year=2026,
        )
        for number in range(50)
    ]
    treasurer = world.treasurer()
    with transaction():
        recorded = actions.record_deposits(treasurer, deposits)
        actions.record_pledges(treasurer, pledges)
        assert [one.value_on for one in recorded] == [one.value_on for one in deposits]
        assert all(one.state == DepositState.MATCHED and one.entry_id for one in recorded)
    totals = queries.contribution_totals()
    assert sum(one.paid_lines for one in totals) == 400
    assert sum((one.paid_usd for one in totals), money("0")) == money("4,420")
    assert sum((one.pledged_usd for one in totals), money("0")) == money("50")
    for fund_id in funds:
        assert books.verify(fund_id).holds


def test_totals_are_as_the_source_states_them(world: DonorWorld) -> None:
    """
    a currency that is not stated, more decimals than the currency has, a reversed line
    """
    common = {"fund_id": world.books(), "donor_id": world.donor_named(), "value_on": DAY}
    lines = [
        NewDeposit(amount=money("10"), is_currency_stated=False, stated_amount="8.5", **common),  # type: ignore[arg-type] # a row of a table
        NewDeposit(amount=money("8.12", "EUR"), usd=money("9"), stated_amount="8.1234", **common),  # type: ignore[arg-type] # a row of a table
        NewDeposit(amount=money("1", "EUR"), usd=money("1.1"), **common),  # type: ignore[arg-type] # a row of a table
        NewDeposit(amount=money("5", "EUR"), usd=money("5.5"), **common),  # type: ignore[arg-type] # a row of a table
    ]
    treasurer = world.treasurer()
    with transaction():
        recorded = actions.record_deposits(treasurer, lines)
        last = recorded[-1].id
    with transaction():
        actions.reverse_deposit(
            treasurer, last, "Withdrawn by the source", second_actor_id=world.second().user_id
        )
    world.pledge(money("7"))
    totals = {one.currency: one for one in queries.contribution_totals([world.books()])}
    assert (totals[""].paid, totals[""].paid_usd) == (Decimal("8.5"), money("10"))
    assert (totals["EUR"].paid, totals["EUR"].paid_usd) == (Decimal("9.1234"), money("10.10"))
    assert (totals["USD"].pledged, totals["USD"].paid_lines) == (Decimal(7), 0)
    by_donor = queries.summed(list(totals.values()), lambda one: one.donor)
    assert by_donor == {"Sweden": (money("20.10"), money("7"))}


def test_bank_turns_foreign_cash_into_dollars(world: DonorWorld) -> None:
    """
    5   Dr 1010 938,500, Dr 5500 1,500 / Cr 1010 SEK 940,000; Dr 9110 1,500 / Cr 9100 1,500
    """
    world.rate("SEK", "0.0940")
    deposit_id, treasurer = world.deposit(sek("10,000,000")), world.treasurer()
    convert = actions.record_conversion
    with transaction():
        convert(treasurer, deposit_id, sek("4,000,000"), money("376,500"), on=DAY)
    assert held(world, "5500") == money("-500")
    assert held(world, "9110") == money("940,500")
    with transaction():
        convert(treasurer, deposit_id, sek("6,000,000"), money("562,000"), on=DAY)
    assert books.balance(world.books(), chart.cash("USD")) == money("938,500")
    assert books.balance(world.books(), chart.cash("SEK")) == sek("0")
    assert (held(world, "5500"), held(world, "9110")) == (money("1,500"), money("938,500"))
    assert held(world, "1095") == money("0")
    check(world)
    with pytest.raises(rules.NothingToConvert, match=r"SEK 0\.00 of this deposit"), transaction():
        convert(treasurer, deposit_id, sek("1"), money("1"), on=DAY)
    with pytest.raises(rules.DepositIsConverted), transaction():
        actions.reverse_deposit(
            treasurer, deposit_id, "It never came", second_actor_id=world.second().user_id
        )


def test_conversion_that_would_lose_money_set_aside_is_refused(world: DonorWorld) -> None:
    world.rate("SEK", "0.1")
    deposit_id, treasurer = world.deposit(sek("1000")), world.treasurer()
    _set_aside(world, deposit_id, "99")
    with pytest.raises(rules.DepositIsSetAside), transaction():
        actions.record_conversion(treasurer, deposit_id, sek("1000"), money("98"), on=DAY)
    with pytest.raises(Malformed), transaction():
        actions.record_conversion(treasurer, deposit_id, money("10"), money("98"), on=DAY)
    with transaction():
        actions.record_conversion(treasurer, deposit_id, sek("1000"), money("99"), on=DAY)
    check(world)


def test_donor_list_shows_pledged_agreed_paid_and_outstanding(world: DonorWorld) -> None:
    world.pledge(money("500"), donor="Norway")
    agreement_id = world.agreement(money("100"), donor="Sweden")
    world.deposit("30", agreement_id=agreement_id)
    world.deposit("7", donor="Chile")
    world.deposit("9", donor="Chile", fund="Another Fund")
    fund_id = world.books()

    lines, sums = queries.donor_list(fund_id)
    assert [(one.name, one.pledged, one.agreed, one.paid, one.outstanding) for one in lines] == [
        ("Chile", money("0"), money("0"), money("7"), money("0")),
        ("Norway", money("500"), money("0"), money("0"), money("0")),
        ("Sweden", money("0"), money("100"), money("30"), money("70")),
    ]
    assert (sums.donors, sums.paid, sums.outstanding) == (3, money("37"), money("70"))
    by_paid, _ = queries.donor_list(fund_id, sort="paid", is_descending=True, limit=2)
    assert [one.name for one in by_paid] == ["Sweden", "Chile"]
    found, sums = queries.donor_list(fund_id, q="nor")
    assert ([one.name for one in found], sums.donors) == (["Norway"], 1)
    assert queries.donor_line(fund_id, world.donor_named("Chile")).last_paid_on == DAY


def test_deposits_are_found_by_what_is_known_of_them(world: DonorWorld) -> None:
    world.deposit("7", donor="Chile", reference="TF 30008")
    world.deposit("9", donor="Norway", on=date(2025, 12, 31))
    fund_id = world.books()
    assert [one.donor for one in queries.deposits_of(fund_id, q="30008")[0]] == ["Chile"]
    assert [one.donor for one in queries.deposits_of(fund_id, year=2025)[0]] == ["Norway"]
    assert queries.deposits_of(fund_id, limit=1)[1] == 2
    by_donor, _ = queries.deposits_of(fund_id, sort="donor", is_descending=False)
    assert [one.donor for one in by_donor] == ["Chile", "Norway"]
    assert [one.donor for one in queries.layers(fund_id)] == ["Chile", "Norway"]


def test_overdue_instalments_wait_for_someone(world: DonorWorld) -> None:
    agreement_id = world.agreement(
        money("100"), instalments=[(DAY, money("40")), (DAY + timedelta(days=9), money("60"))]
    )
    tomorrow = DAY + timedelta(days=1)
    overdue = queries.overdue_instalments([world.books()], tomorrow)
    assert [(one.number, one.left) for one in overdue] == [(1, money("40"))]
    world.asked(overdue[0].id)
    world.deposit("15", agreement_id=agreement_id)
    overdue = queries.overdue_instalments(None, tomorrow)
    assert [(one.left, one.state) for one in overdue] == [(money("25"), "requested")]
    world.deposit("25", agreement_id=agreement_id)
    assert queries.overdue_instalments(None, tomorrow) == []
    first = db.session.get(Instalment, overdue[0].id)
    assert first is not None
    assert first.state == "paid"
