"""What movements are proposed to be, accepted as, and how that is taken back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from grants.banking import actions, queries
from grants.banking.actions import Whose
from grants.banking.rules import (
    AmountsDiffer,
    EntryIsTaken,
    LineIsOpen,
    LineIsSettled,
    NotOfThisAccount,
    ProposalChanged,
    ReasonWanted,
    TargetKind,
    WrongWay,
)
from grants.db import db, transaction
from grants.donors import queries as donors
from grants.donors.rules import NoRate
from grants.errors import NotAllowed, Refused
from grants.ledger import chart
from grants.ledger import queries as books
from grants.people.models import Role
from tests.banking import files
from tests.banking.conftest import BankWorld
from tests.banking.files import Booking
from tests.makes.banking import SWEDISH
from tests.makes.donors import DAY, money


def _entry_of(deposit_id: int) -> int:
    found = donors.deposit(deposit_id).entry_id
    assert found is not None
    return found


def _accepted(world: BankWorld) -> str:
    """The best proposal for the only movement is taken; its key."""
    best = world.best()
    line, treasurer = world.only_line(), world.treasurer()
    with transaction():
        actions.accept(treasurer, line.id, best.target.key)
    return best.target.key


def test_a_payment_that_says_everything_is_certain_and_its_reasons_are_told(
    world: BankWorld,
) -> None:
    world.instalments("250", "250")
    world.brought(files.camt(Booking(amount="250.00", party="Sweden, Ministry of Finance")))
    assert world.verdict().is_certain
    best = world.best()
    assert best.target.title == "SWE-2026-1, instalment 1"
    assert best.reasons == (
        "The text names agreement SWE-2026-1.",
        "The remitter is called much like Sweden.",
        "The amount is what is open.",
        "It came 2 days after it was due.",
    )


def test_an_accepted_proposal_is_a_deposit_with_what_the_bank_said(world: BankWorld) -> None:
    """
    Dr 1010 / Cr 4010 250, Dr 9100 / Cr 9110 250
    """
    world.instalments("250", "250")
    world.brought(
        files.camt(Booking(amount="250.00", reference="BANK-1", value_on=date(2026, 3, 13)))
    )
    reasons = world.best().reasons
    key = _accepted(world)
    settled, treasurer = world.only_line(), world.treasurer()
    (match,) = settled.standing
    assert match.grounds == reasons
    assert match.deposit_id is not None
    deposit = donors.deposit(match.deposit_id)
    assert (deposit.value_on, deposit.bank_reference, deposit.remitter, deposit.instalment) == (
        date(2026, 3, 13),
        "BANK-1",
        "Kingdom of Sweden",
        1,
    )
    assert world.holds(chart.cash("USD")) == money("250")
    with pytest.raises(LineIsSettled), transaction():
        actions.accept(treasurer, settled.id, key)
    with pytest.raises(LineIsSettled), transaction():
        actions.leave_out(treasurer, settled.id, reason="Twice")
    world.prove()


def test_what_the_books_have_already_is_proposed_before_anything_new(world: BankWorld) -> None:
    agreement_id = world.instalments("250", "250")
    deposit_id = world.deposit(
        "250", agreement_id=agreement_id, on=date(2026, 3, 11), reference="BANK-1"
    )
    world.brought(files.camt(Booking(amount="250.00", reference="BANK-1")))
    best = world.best()
    assert (best.target.kind, best.target.title) == (TargetKind.ENTRY, f"deposit {deposit_id}")
    assert "One day apart." in best.reasons
    _accepted(world)
    assert world.holds(chart.cash("USD")) == money("250")
    found = queries.line_of_entry(_entry_of(deposit_id))
    assert found is not None
    assert found.id == world.only_line().id
    world.prove()


def test_two_that_are_equally_likely_are_not_certain(world: BankWorld) -> None:
    for donor, reference in (("Sweden", "SWE-2026-1"), ("Norway", "NOR-2026-1")):
        world.agreement(
            money("250"), donor=donor, reference=reference, instalments=[(DAY, money("250"))]
        )
    world.brought(files.camt(Booking(amount="250.00", party="Treasury", words="Contribution")))
    verdict = world.verdict()
    assert [one.target.donor for one in verdict.proposals] == ["Sweden", "Norway"]
    assert (verdict.is_ambiguous, verdict.is_certain) == (True, False)


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("235.00", "The amount is USD 15.00 less than what is open: a bank's charge?"),
        ("100.00", "USD 150.00 of what is open would stay open."),
        ("260.00", "It is USD 10.00 more than what is open."),
    ],
)
def test_another_amount_is_told(world: BankWorld, amount: str, said: str) -> None:
    world.instalments("250")
    world.brought(files.camt(Booking(amount=amount)))
    assert said in world.best().reasons


def test_the_number_of_a_letter_names_one_instalment(world: BankWorld) -> None:
    agreement_id = world.instalments("250", "250", due=date(2026, 1, 1))
    for one in donors.agreement_page(agreement_id, DAY).instalments:
        world.asked(one.id)
    letter = donors.letters_of(agreement_id=agreement_id)[0]
    words = f"your letter {letter.number.lower()}"
    world.brought(files.camt(Booking(amount="250.00", words=words, party="X")))
    best = world.best()
    assert best.target.title == f"SWE-2026-1, instalment {letter.instalment}"
    assert best.reasons[0] == f"The text names payment request {letter.number}."


def test_a_receipt_that_nobody_knows_waits_and_is_proposed_again(world: BankWorld) -> None:
    """
    Dr 1010 / Cr 2900 250
    """
    world.brought(files.camt(Booking(amount="250.00", reference="BANK-1")))
    treasurer, line = world.treasurer(), world.only_line()
    with transaction():
        deposit_id = actions.record_receipt(treasurer, line.id, Whose()).deposit_id
    assert deposit_id is not None
    assert world.holds(chart.unidentified("USD")) == money("250")
    before = queries.verdict_of_receipt(donors.deposit(deposit_id)).best
    assert before is not None
    assert before.target.kind is TargetKind.DONOR
    world.instalments("250")
    best = queries.verdict_of_receipt(donors.deposit(deposit_id)).best
    assert best is not None
    assert best.reasons[0] == "The text names agreement SWE-2026-1."
    world.prove()


def test_a_charge_is_borne_by_a_deposit_or_by_none(world: BankWorld) -> None:
    """
    Dr 5300 / Cr 1010 12.50, Dr 9110 / Cr 9100 12.50
    """
    layer_id = world.deposit("100")
    words = "Account charges"
    world.brought(files.camt(Booking(amount="-12.50", words=words, party="Bank", code="NCHG")))
    best = world.best()
    assert best.target.kind is TargetKind.CHARGE
    treasurer, line = world.treasurer(), world.only_line()
    with pytest.raises(Refused, match="left of money without a deposit"), transaction():
        actions.accept(treasurer, line.id, best.target.key)
    with pytest.raises(WrongWay, match="went out"), transaction():
        actions.record_receipt(treasurer, line.id, Whose())
    with transaction():
        actions.record_charge(treasurer, line.id, layer_id=layer_id)
    assert world.holds(chart.cash("USD")) == money("87.50")
    assert world.holds(chart.unallocated(layer_id)) == money("87.50")
    world.prove()


def test_charges_and_interest_of_a_foreign_account_are_worth_what_the_rate_says(
    world: BankWorld,
) -> None:
    """
    SEK 100 at 0.1: Dr 5300 10 / Cr 1095, Dr 1095/SEK 100 / Cr 1010/SEK; interest the other way
    """
    swedish, treasurer = world.account("SEK", number=SWEDISH), world.treasurer()
    content = files.camt(
        Booking(amount="-100.00", reference="A"),
        Booking(amount="50.00", reference="B"),
        currency="SEK",
        iban=SWEDISH,
        opening="1000",
    )
    with transaction():
        actions.import_file(treasurer, swedish, content, file_name="x", is_trial=False)
    (charge, interest), _ = queries.lines_of(swedish, is_descending=False)
    with pytest.raises(NoRate), transaction():
        actions.record_charge(treasurer, charge.id, layer_id=None)
    world.rate("SEK", "0.1")
    layer_id = world.deposit(money("1000", "SEK"))
    with transaction():
        actions.record_charge(treasurer, charge.id, layer_id=layer_id)
        actions.record_interest(treasurer, interest.id, layer_id=layer_id)
    assert world.holds(chart.cash("SEK")) == money("950", "SEK")
    assert world.holds(chart.bank_charges()) == money("10")
    assert world.holds(chart.interest()) == money("5")
    assert world.holds(chart.unallocated(layer_id)) == money("95")
    told = queries.reconciliation(swedish, date(2026, 3, 31))
    assert told is not None
    assert (told.not_in_books, told.unexplained) == (money("0", "SEK"), money("0", "SEK"))
    world.prove()


def test_interest_is_income_of_the_fund(world: BankWorld) -> None:
    world.brought(files.camt(Booking(amount="3.20", words="Interest Q1", party="", code="INT")))
    line = world.only_line()
    with pytest.raises(WrongWay, match="came in"), transaction():
        actions.record_charge(world.treasurer(), line.id, layer_id=None)
    _accepted(world)
    assert world.holds(chart.interest()) == money("3.20")
    world.prove()


def test_a_tranche_that_was_paid_is_ticked_off_alone_or_with_others(world: BankWorld) -> None:
    world.deposit("1000")
    world.allocation("1000")
    grant_id = world.active_grant("500")
    world.advanced(grant_id, money("100"))
    world.advanced(grant_id, money("50"))
    found, _ = books.entries(world.books(), number="1010")
    paid = [one.id for one in found if one.source_type != "deposit"]
    assert len(paid) == 2
    world.brought(files.camt(Booking(amount="-150.00", words="Batch of payments"), opening="1000"))
    treasurer, line = world.treasurer(), world.only_line()
    with pytest.raises(AmountsDiffer, match="comes to USD -"), transaction():
        actions.tick_off(treasurer, line.id, paid[:1])
    with transaction():
        assert len(actions.tick_off(treasurer, line.id, paid)) == 2
    assert world.only_line().is_settled
    world.prove()


def test_an_entry_is_one_movement_only(world: BankWorld) -> None:
    entry_id = _entry_of(world.deposit("250"))
    world.brought(
        files.camt(Booking(amount="250.00", reference="A"), Booking(amount="250.00", reference="B"))
    )
    treasurer = world.treasurer()
    one, two = world.lines()
    with transaction():
        actions.tick_off(treasurer, one.id, [entry_id])
    with pytest.raises(EntryIsTaken), transaction():
        actions.tick_off(treasurer, two.id, [entry_id])
    other = world.deposit("250", fund="Other Fund")
    with pytest.raises(NotOfThisAccount), transaction():
        actions.tick_off(treasurer, two.id, [_entry_of(other)])


def test_what_was_left_out_has_its_reason_and_is_opened_again(world: BankWorld) -> None:
    world.brought(files.camt(Booking(amount="250.00")))
    treasurer, line = world.treasurer(), world.only_line()
    with pytest.raises(ReasonWanted), transaction():
        actions.leave_out(treasurer, line.id, reason=" ")
    with pytest.raises(LineIsOpen), transaction():
        actions.undo(treasurer, line.id, reason="Wrong")
    with transaction():
        actions.leave_out(treasurer, line.id, reason="Between own accounts")
    assert world.only_line().standing[0].reason == "Between own accounts"
    with pytest.raises(ReasonWanted), transaction():
        actions.undo(treasurer, line.id, reason="")
    with transaction():
        assert actions.undo(treasurer, line.id, reason="It is a gift") is None
    opened = world.only_line()
    assert (opened.is_settled, opened.matches[0].ended_reason) == (False, "It is a gift")


def test_what_was_posted_is_undone_by_two_people_and_then_open(world: BankWorld) -> None:
    world.instalments("250")
    world.brought(files.camt(Booking(amount="250.00")))
    treasurer, line = world.treasurer(), world.only_line()
    _accepted(world)
    with transaction():
        correction = actions.undo(treasurer, line.id, reason="Another donor's")
        assert correction is not None
        correction_id = correction.id
    assert world.only_line().is_settled
    world.approve_correction(correction_id)
    assert not world.only_line().is_settled
    assert world.holds(chart.cash("USD")) == money("0")
    with pytest.raises(LineIsOpen), transaction():
        actions.undo(treasurer, line.id, reason="Again")
    _accepted(world)
    assert [one.holds for one in world.only_line().matches] == [False, True]
    world.prove()


def test_a_charge_of_a_deposit_is_undone_and_the_deposit_stays(world: BankWorld) -> None:
    layer_id = world.deposit("100")
    world.brought(files.camt(Booking(amount="-12.50"), opening="100"))
    treasurer, line = world.treasurer(), world.only_line()
    with transaction():
        actions.record_charge(treasurer, line.id, layer_id=layer_id)
    with transaction():
        correction = actions.undo(treasurer, line.id, reason="A tranche's")
        assert correction is not None
        correction_id = correction.id
    world.approve_correction(correction_id)
    assert donors.deposit(layer_id).state == "matched"
    assert world.holds(chart.unallocated(layer_id)) == money("100")
    world.prove()


def test_the_certain_ones_are_taken_together_each_looked_at_again(world: BankWorld) -> None:
    world.instalments("250", "300")
    world.brought(
        files.camt(
            Booking(amount="250.00", reference="A"),
            Booking(amount="300.00", reference="B"),
            Booking(amount="77.00", reference="C", words="Gift", party="Somebody"),
        )
    )
    treasurer, account_id = world.treasurer(), world.account()
    told = queries.verdicts(account_id, world.lines())
    keys = [
        (line, one.best.target.key) for line, one in told.items() if one.is_certain and one.best
    ]
    assert len(keys) == 2
    with transaction():
        done = actions.accept_certain(treasurer, account_id, [*keys, *keys])
    assert len(done) == 2
    assert [one.is_settled for one in world.lines()] == [True, True, False]
    with pytest.raises(ProposalChanged), transaction():
        actions.accept(treasurer, world.lines()[2].id, keys[0][1])
    world.prove()


def test_two_people_settle_the_same_movement_at_once(app: Flask, world: BankWorld) -> None:
    world.instalments("250", "250")
    world.brought(files.camt(Booking(amount="250.00")))
    line, key, treasurer = world.only_line(), world.best().target.key, world.treasurer()
    barrier, answers = threading.Barrier(2), []

    def settle() -> None:
        with app.app_context():
            barrier.wait()
            try:
                with transaction():
                    actions.accept(treasurer, line.id, key)
                answers.append("settled")
            except LineIsSettled:
                answers.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=settle) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    db.session.rollback()
    assert sorted(answers) == ["refused", "settled"]
    assert world.holds(chart.cash("USD")) == money("250")
    world.prove()


def test_the_bank_turns_a_deposit_into_dollars(world: BankWorld) -> None:
    """
    Dr 1010/USD 95, Dr 5500 5 / Cr 1010/SEK at 100
    """
    world.rate("SEK", "0.1")
    deposit_id = world.deposit(money("1000", "SEK"))
    swedish, treasurer = world.account("SEK", number=SWEDISH), world.treasurer()
    sale = Booking(amount="-1000.00", words="Sale of SEK")
    content = files.camt(sale, currency="SEK", iban=SWEDISH)
    with transaction():
        actions.import_file(treasurer, swedish, content, file_name="sek.xml", is_trial=False)
    world.brought(files.camt(Booking(amount="95.00", words="Purchase of USD")))
    (out,), _ = queries.lines_of(swedish)
    back = world.only_line()
    with pytest.raises(WrongWay), transaction():
        actions.record_conversion(treasurer, back.id, deposit_id, out.id)
    with transaction():
        actions.record_conversion(treasurer, out.id, deposit_id, back.id)
    assert world.holds(chart.cash("USD")) == money("95")
    assert world.holds(chart.cash("SEK")) == money("0", "SEK")
    with pytest.raises(Refused, match="Correct the deposit"), transaction():
        actions.undo(treasurer, out.id, reason="No")
    world.prove()


def test_only_finance_settles_movements(world: BankWorld) -> None:
    world.brought(files.camt(Booking(amount="250.00")))
    line, officer = world.only_line(), world.acting(Role.GRANT_OFFICER)
    account_id = world.account()
    acts: list[Callable[[], object]] = [
        lambda: actions.leave_out(officer, line.id, reason="No"),
        lambda: actions.record_receipt(officer, line.id, Whose()),
        lambda: actions.tick_off(officer, line.id, [1]),
        lambda: actions.undo(officer, line.id, reason="No"),
        lambda: actions.import_file(officer, account_id, b"x", file_name="x", is_trial=True),
    ]
    for act in acts:
        with pytest.raises(NotAllowed), transaction():
            act()


def test_another_currency_is_never_proposed(world: BankWorld) -> None:
    world.rate("EUR", "1.1")
    world.agreement(
        money("250", "EUR"), reference="SWE-2026-1", instalments=[(DAY, money("250", "EUR"))]
    )
    world.brought(files.camt(Booking(amount="250.00")))
    assert all(one.target.agreement_id is None for one in world.verdict().proposals)
