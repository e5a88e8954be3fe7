"""Receipts that nobody is found for go back, by two people."""

from __future__ import annotations

from datetime import date

import pytest

from grants.banking import actions, queries
from grants.banking.actions import Whose
from grants.banking.rules import TargetKind
from grants.corrections import actions as corrections
from grants.corrections import queries as corrected
from grants.corrections.rules import ReturnToSender, Reversal, UndoneWhereItWasMade
from grants.db import transaction
from grants.donors import actions as donors
from grants.donors import queries as donations
from grants.donors.rules import ReceiptIsIdentified
from grants.errors import NotFound, Refused
from grants.ledger import chart
from grants.ledger import queries as books
from tests.banking import files
from tests.banking.conftest import BankWorld
from tests.banking.files import Booking
from tests.makes.donors import money

BACK = date(2026, 3, 20)


def _waiting(world: BankWorld) -> int:
    world.brought(files.camt(Booking(amount="250.00", party="Nobody", words="?")))
    treasurer, line = world.treasurer(), world.only_line()
    with transaction():
        deposit_id = actions.record_receipt(treasurer, line.id, Whose()).deposit_id
    assert deposit_id is not None
    return deposit_id


def _proposed(world: BankWorld, deposit_id: int, on: date = BACK) -> int:
    treasurer, fund_id = world.treasurer(), world.books()
    with transaction():
        return corrections.propose(
            treasurer, fund_id, ReturnToSender(deposit_id=deposit_id, on=on), reason="Not for us"
        ).id


def test_a_receipt_goes_back_and_the_bank_tells_so(world: BankWorld) -> None:
    """
    Dr 2900 / Cr 1010 250
    """
    deposit_id = _waiting(world)
    correction_id = _proposed(world, deposit_id)
    assert corrected.correction(correction_id).amount == money("250")
    world.approve_correction(correction_id)
    assert donations.deposit(deposit_id).state == "returned"
    assert world.holds(chart.unidentified("USD")) == money("0")
    assert world.holds(chart.cash("USD")) == money("0")
    assert donations.unidentified([world.books()]) == []
    back = Booking(amount="-250.00", on=BACK, party="Nobody", words="Return")
    world.brought(files.camt(back, opening="250", number="8", opened_on=date(2026, 3, 31)))
    (line,) = [one for one in world.lines() if not one.came_in]
    best = queries.verdicts(line.account_id, [line])[line.id].best
    assert best is not None
    assert (best.target.kind, best.target.title) == (TargetKind.ENTRY, "receipt returned")
    world.prove()


def test_a_receipt_goes_back_once_and_from_the_day_it_came(world: BankWorld) -> None:
    deposit_id = _waiting(world)
    early = _proposed(world, deposit_id, date(2026, 3, 1))
    with pytest.raises(Refused, match="Give the day on which the bank sent it back"):
        world.approve_correction(early)
    again = _proposed(world, deposit_id)
    world.approve_correction(_proposed(world, deposit_id))
    with pytest.raises(ReceiptIsIdentified, match="returned"):
        world.approve_correction(again)
    treasurer, second = world.treasurer(), world.second()
    with pytest.raises(Refused, match="has been reversed"), transaction():
        donors.reverse_deposit(treasurer, deposit_id, "No", second_actor_id=second.user_id)
    found, _ = books.entries(world.books(), event="receipt.returned")
    with pytest.raises(UndoneWhereItWasMade), transaction():
        corrections.propose(
            treasurer, world.books(), Reversal(entry_id=found[0].id), reason="It came back"
        )


def test_a_known_deposit_and_that_of_another_fund_do_not_go_back(world: BankWorld) -> None:
    known = world.deposit("100")
    with pytest.raises(ReceiptIsIdentified):
        world.approve_correction(_proposed(world, known))
    elsewhere = world.deposit("100", donor=None, fund="Other Fund")
    with pytest.raises(NotFound):
        _proposed(world, elsewhere)
