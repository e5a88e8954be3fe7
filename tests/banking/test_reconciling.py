"""The bank against the books, as of any day: the difference is explained to the last cent."""

from __future__ import annotations

from datetime import date, timedelta

from grants.banking import actions, queries
from grants.banking.queries import Reconciliation
from grants.db import transaction
from grants.ledger import actions as ledger
from grants.ledger import queries as books
from grants.money import Money
from grants.proof import queries as proof
from tests.banking import files
from tests.banking.conftest import BankWorld
from tests.banking.files import Booking
from tests.makes.donors import money

END = date(2026, 3, 31)


def _told(world: BankWorld, on: date = END) -> Reconciliation:
    found = queries.reconciliation(world.account(), on)
    assert found is not None
    assert found.unexplained == Money.zero("USD")
    return found


def test_without_a_statement_there_is_nothing_to_compare(world: BankWorld) -> None:
    assert queries.reconciliation(world.account(), END) is None


def test_what_only_one_side_has_is_listed_until_they_agree(world: BankWorld) -> None:
    """
    Bank: 250 in on 12 March. Books: 100 in on 20 March, 250 once it is settled
    """
    world.brought(files.camt(Booking(amount="250.00")))
    deposit_id = world.deposit("100", on=date(2026, 3, 20))
    told = _told(world)
    assert (told.by_bank, told.by_books, told.difference) == (
        money("250"),
        money("100"),
        money("150"),
    )
    assert [one.state for one in told.lines] == ["open"]
    assert [one.source_id for one in told.entries] == [deposit_id]
    assert not told.is_reconciled
    treasurer, line = world.treasurer(), world.only_line()
    with transaction():
        actions.record_receipt(treasurer, line.id, actions.Whose(donor_id=world.donor_named()))
    told = _told(world)
    assert (told.lines, told.not_at_bank, told.difference) == ((), money("100"), money("-100"))
    april = Booking(amount="100.00", on=date(2026, 4, 1), reference="late")
    world.brought(
        files.camt(
            april,
            opening="250",
            opened_on=date(2026, 4, 1),
            closed_on=date(2026, 4, 30),
            number="8",
        )
    )
    (late,) = [one for one in world.lines() if not one.is_settled]
    with transaction():
        actions.tick_off(treasurer, late.id, [told.entries[0].entry_id])
    assert _told(world, date(2026, 4, 30)).is_reconciled
    assert [one.source_id for one in _told(world).entries] == [deposit_id]


def test_what_was_before_the_first_statement_is_told_apart(world: BankWorld) -> None:
    world.deposit("100", on=date(2026, 2, 1))
    world.brought(files.camt(opening="130"))
    told = _told(world)
    assert (told.before, told.difference, told.entries) == (money("30"), money("30"), ())
    early = world.deposit("50", on=date(2026, 3, 11))
    (entry,) = [one for one in books.entries(world.books())[0] if one.source_id == early]
    booking = Booking(amount="50.00", on=date(2026, 4, 2))
    world.brought(
        files.camt(
            booking,
            opening="130",
            opened_on=date(2026, 4, 1),
            closed_on=date(2026, 4, 30),
            number="8",
        )
    )
    treasurer = world.treasurer()
    with transaction():
        actions.tick_off(treasurer, world.only_line().id, [entry.id])
    assert _told(world, date(2026, 4, 30)).before == money("30")
    assert _told(world).before == money("-20")


def test_a_reversed_entry_and_its_reversal_come_to_nothing(world: BankWorld) -> None:
    world.brought(files.camt(opening="0"))
    world.deposit("100", on=date(2026, 3, 20))
    (entry,) = books.entries(world.books())[0]
    boss, treasurer = world.second(), world.treasurer()
    with transaction():
        ledger.reverse(
            treasurer, entry.id, reason="Wrong", on=date(2026, 4, 5), second_actor_id=boss.user_id
        )
    assert _told(world, date(2026, 4, 30)).entries == ()
    assert _told(world).not_at_bank == money("100")


def test_left_out_and_missing_statements_keep_them_apart(world: BankWorld) -> None:
    world.brought(files.camt(Booking(amount="250.00")))
    treasurer, line = world.treasurer(), world.only_line()
    with transaction():
        actions.leave_out(treasurer, line.id, reason="Booked by the host")
    told = _told(world)
    assert ([one.state for one in told.lines], told.is_reconciled) == (["left_out"], False)
    later = files.camt(
        opening="900", opened_on=date(2026, 5, 1), closed_on=date(2026, 5, 31), number="9"
    )
    world.brought(later)
    assert _told(world, date(2026, 5, 31)).missing == money("650")


def test_closing_a_period_asks_the_bank(world: BankWorld) -> None:
    treasurer, fund_id = world.treasurer(), world.books()
    with transaction():
        period_id = ledger.open_period(
            treasurer, fund_id, name="March", starts_on=date(2026, 3, 1), ends_on=END
        )
    for content, state in (
        (None, "warning"),
        (files.camt(Booking(amount="250.00")), "warning"),
    ):
        if content:
            world.brought(content)
        (check,) = [
            one for one in books.checklist(fund_id, period_id) if one.key.startswith("bank.")
        ]
        assert check.state == state
    with transaction():
        actions.record_receipt(treasurer, world.only_line().id, actions.Whose())
    (check,) = [one for one in books.checklist(fund_id, period_id) if one.key.startswith("bank.")]
    assert check.state == "pass"


def test_every_difference_is_explained_on_every_day(world: BankWorld) -> None:
    """Movements and entries here and there, matched or not, some reversed: never a rest."""
    first = date(2026, 3, 1)
    amounts = [7, 11, 13, 17, 19, 23]
    bookings = [
        Booking(amount=f"{amount}.00", on=first + timedelta(days=3 * at), reference=f"R{at}")
        for at, amount in enumerate(amounts)
    ]
    world.deposit("40", on=date(2026, 2, 20))
    world.brought(files.camt(*bookings, opening="31", opened_on=first))
    treasurer = world.treasurer()
    for at, line in enumerate(world.lines()):
        if at % 3 == 0:
            with transaction():
                actions.record_receipt(treasurer, line.id, actions.Whose())
        elif at % 3 == 1:
            world.deposit(line.amount, on=line.booked_on + timedelta(days=4))
            entry = books.entries(world.books())[0][0]
            with transaction():
                actions.tick_off(treasurer, line.id, [entry.id])
    line = world.lines()[3]
    with transaction():
        correction = actions.undo(treasurer, line.id, reason="Wrong")
        assert correction is not None
        correction_id = correction.id
    world.approve_correction(correction_id)
    for days in range(0, 31, 2):
        _told(world, first + timedelta(days=days))
    assert proof.examine(world.books()).holds
