"""Files of banks: kept whole or not at all, each movement once, gaps and overlaps told."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from grants import clock
from grants.banking import actions, queries
from grants.banking.actions import NewAccount
from grants.banking.rules import AccountIsKnown, AccountIsUnclear, Layout
from grants.db import db, transaction
from grants.errors import Malformed, NotFound
from grants.files import queries as stored
from tests.banking import files
from tests.banking.conftest import BankWorld
from tests.banking.files import Booking
from tests.makes.banking import IBAN, SWEDISH
from tests.makes.donors import money

MARCH = Booking(amount="250.00", reference="A")


def test_a_file_is_kept_with_its_statement_and_movements(world: BankWorld) -> None:
    content = files.camt(MARCH, Booking(amount="-12.50", reference="B"), opening="100.00")
    done = world.brought(content)
    assert (done.state, done.format, done.lines_read, done.lines_new) == (
        "loaded",
        "camt.053",
        2,
        2,
    )
    assert stored.open_file(done.file_id).read() == content
    ((one,), total) = queries.statements_of(world.account())
    assert (total, one.lines, one.open_lines, one.gap) == (1, 2, 2, None)
    assert (one.opening, one.closing) == (money("100"), money("337.50"))
    assert [line.amount for line in world.lines()] == [money("250"), money("-12.50")]
    view = queries.account(world.account())
    assert (view.closing, view.until_on, view.open_lines) == (
        money("337.50"),
        date(2026, 3, 31),
        2,
    )


def test_a_trial_tells_the_same_and_keeps_nothing(world: BankWorld) -> None:
    content = files.camt(MARCH, closing="999.00")
    tried = world.brought(content, is_trial=True)
    done = world.brought(content)
    assert (tried.state, done.state) == ("refused", "refused")
    assert world.codes(tried) == world.codes(done) == [("error", "does_not_tie")]
    sound = world.brought(files.camt(MARCH), is_trial=True)
    assert (sound.state, sound.lines_new, sound.is_trial) == ("tried", 1, True)
    assert world.lines() == []
    assert queries.statements_of(world.account())[1] == 0
    found = queries.import_view(sound.id)
    assert queries.loaded_as(found) is None
    loaded = world.brought(files.camt(MARCH))
    assert queries.loaded_as(found) == loaded.id


def test_the_same_file_is_refused_and_says_when_it_was_loaded(world: BankWorld) -> None:
    content = files.camt(MARCH)
    world.brought(content)
    again = world.brought(content)
    assert again.state == "refused"
    ((found,), _) = queries.findings_of(again.id)
    assert found.code == "file_known"
    assert f"loaded on {clock.now():%d %B %Y}" in found.message
    assert "by Finance Officer 1" in found.message
    assert len(world.lines()) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (files.camt(MARCH, currency="EUR"), "currency_differs"),
        (files.camt(MARCH, iban=SWEDISH), "other_account"),
        (files.camt(MARCH, opening="1.00", closing="1.00"), "does_not_tie"),
        (files.camt(Booking(amount="1.00", on=date(2099, 1, 1))), "future_date"),
        (b"%PDF-1.4", "unreadable"),
        (b"<Document", "unreadable"),
    ],
)
def test_what_is_wrong_keeps_the_whole_file_out(
    world: BankWorld, content: bytes, code: str
) -> None:
    done = world.brought(content)
    assert (done.state, done.lines_new) == ("refused", 0)
    assert code in {found for severity, found in world.codes(done) if severity == "error"}
    assert world.lines() == []
    assert stored.open_file(done.file_id).read() == content


def test_one_wrong_line_of_many_keeps_all_of_them_out(world: BankWorld) -> None:
    content = files.camt(MARCH, Booking(amount="1.00", reference="B"))
    wrong = content.replace(
        b'">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>',
        b'">1.005</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>',
    )
    assert wrong != content
    done = world.brought(wrong)
    assert (done.state, world.lines()) == ("refused", [])
    ((found, *_), _) = queries.findings_of(done.id)
    assert "'1.005' is not an amount of USD" in found.message
    assert found.row_number == 4


def test_statements_that_overlap_bring_each_movement_once(world: BankWorld) -> None:
    """
    1 to 15 March: 250 (A); 10 to 31 March: 250 (A) and 40 (B)
    """
    world.brought(files.camt(MARCH, closed_on=date(2026, 3, 15), number="1"))
    later = Booking(amount="40.00", on=date(2026, 3, 20), reference="B")
    done = world.brought(files.camt(MARCH, later, opened_on=date(2026, 3, 10), number="2"))
    assert (done.state, done.lines_new, done.lines_known) == ("loaded", 1, 1)
    assert world.codes(done) == [("notice", "known")]
    assert [one.amount for one in world.lines()] == [money("250"), money("40")]
    whole = world.brought(files.camt(MARCH, later, number="3"))
    assert (whole.lines_new, whole.lines_known) == (0, 2)
    assert queries.statements_of(world.account())[1] == 2


def test_an_overlap_that_does_not_add_up_is_told(world: BankWorld) -> None:
    world.brought(files.camt(MARCH, closed_on=date(2026, 3, 15), number="1"))
    later = Booking(amount="40.00", on=date(2026, 3, 20), reference="B")
    done = world.brought(files.camt(MARCH, later, opening="5.00", number="2"))
    assert ("warning", "overlap") in world.codes(done)


def test_movements_that_look_alike_are_as_many_as_there_are(world: BankWorld) -> None:
    """Three charges of the same day without a reference; the next statement has a fourth."""
    charge = Booking(amount="-5.00", words="Fee", party="Bank")
    first = files.camt(charge, charge, charge, opening="100", closed_on=date(2026, 3, 12))
    assert world.brought(first).lines_new == 3
    again = files.camt(charge, charge, charge, opening="100.00", closed_on=date(2026, 3, 12))
    assert world.brought(again).lines_new == 0
    follows = files.camt(charge, opening="85", number="8", opened_on=date(2026, 3, 12))
    assert world.brought(follows).lines_new == 1
    assert len(world.lines()) == 4


def test_a_gap_before_and_after_is_told(world: BankWorld) -> None:
    world.brought(files.camt(MARCH, number="1"))
    may = Booking(amount="10.00", on=date(2026, 5, 5), reference="M")
    content = files.camt(
        may, opening="300.00", number="3", opened_on=date(2026, 5, 1), closed_on=date(2026, 5, 31)
    )
    done = world.brought(content)
    assert (done.state, world.codes(done)) == ("loaded", [("warning", "gap")])
    (latest, _), _ = queries.statements_of(world.account())
    assert latest.gap == money("50")
    april = Booking(amount="50.00", on=date(2026, 4, 5), reference="P")
    between = files.camt(
        april, opening="250", number="2", opened_on=date(2026, 4, 1), closed_on=date(2026, 4, 30)
    )
    filled = world.brought(between)
    assert (filled.lines_new, world.codes(filled)) == (1, [])
    assert all(one.gap is None for one in queries.statements_of(world.account())[0])


def test_of_several_statements_in_a_file_those_of_the_account_are_taken(world: BankWorld) -> None:
    april = Booking(amount="40.00", on=date(2026, 4, 5), reference="B")
    content = files.message(
        files.statement(
            april,
            opening="250",
            opened_on=date(2026, 4, 1),
            closed_on=date(2026, 4, 30),
            number="8",
        ),
        files.statement(MARCH),
        files.statement(MARCH, iban=SWEDISH, currency="SEK"),
    )
    done = world.brought(content)
    assert (done.state, done.lines_new) == ("loaded", 2)
    assert world.codes(done) == [("warning", "other_account")]
    assert all(one.gap is None for one in queries.statements_of(world.account())[0])


def test_a_csv_without_balances_goes_on_from_the_last_one(world: BankWorld) -> None:
    world.brought(files.camt(MARCH))
    content = b"Booking date,Amount,Reference\n2026-04-02,40.00,B\n2026-03-12,250.00,A\n"
    done = world.brought(content, name="april.csv")
    assert (done.format, done.lines_new, done.lines_known) == ("CSV", 1, 1)
    latest = queries.statements_of(world.account())[0][0]
    assert (latest.closing, latest.has_balances) == (money("290"), False)
    assert ("notice", "no_balances") in world.codes(done)


def test_the_same_movement_in_another_format_is_known_by_its_reference(world: BankWorld) -> None:
    world.brought(
        files.camt(Booking(amount="262.50", reference="BANK-1"), Booking(amount="-12.50"))
    )
    done = world.brought(files.mt940(*files.MT940_LINES).encode(), name="march.sta")
    assert (done.format, done.lines_known) == ("MT940", 1)


def test_a_layout_is_kept_for_a_bank_and_chosen_for_an_account(world: BankWorld) -> None:
    treasurer, fund_id = world.treasurer(), world.books()
    said = Layout(booked_on="Datum", amount="Betrag", decimal_mark=",")
    with transaction():
        layout_id = actions.keep_layout(treasurer, fund_id, " My  bank ", said).id
        assert actions.keep_layout(treasurer, fund_id, "My bank", said).id == layout_id
        actions.choose_layout(treasurer, world.account(), layout_id)
    assert queries.layout(layout_id).layout == said
    assert world.brought(b"Datum;Betrag\n31.03.2026;1.234\n", name="x.csv").state == "loaded"
    assert world.only_line().amount == money("1234")
    other_fund = world.books("Other")
    with transaction():
        elsewhere = actions.keep_layout(treasurer, other_fund, "Other", said).id
    with pytest.raises(NotFound), transaction():
        actions.choose_layout(treasurer, world.account(), elsewhere)


def test_an_account_is_one_funds_and_its_number_is_checked(world: BankWorld) -> None:
    treasurer, fund_id = world.treasurer(), world.books()

    def new(*, number: str = SWEDISH, currency: str = "SEK", bic: str = "") -> NewAccount:
        return NewAccount(
            fund_id=fund_id, number=number, currency=currency, bank="Bank Two", bic=bic
        )

    for wrong, refusal in (
        (new(number=IBAN, currency="USD"), AccountIsKnown),
        (new(number="DE88370400440532013000"), Malformed),
        (new(number="??"), AccountIsUnclear),
        (new(currency="XYZ"), Malformed),
        (new(bic="DEUT"), Malformed),
    ):
        with pytest.raises(refusal), transaction():
            actions.open_account(treasurer, wrong)
    with transaction():
        opened = actions.open_account(
            treasurer, new(number="SE45 5000 0000 0583 9825 7466", bic="deutdeff")
        )
        assert (opened.number, opened.bic, opened.tolerance_minor) == (SWEDISH, "DEUTDEFF", 5000)
    assert queries.account_by_number(" se45-5000 0000 0583 98257466").id == opened.id
    assert queries.account(opened.id).shown_number.startswith("SE45 5000")
    with pytest.raises(NotFound, match="No account X1"):
        queries.account_by_number("X1")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE bank_line SET amount_minor = 1",
        "DELETE FROM bank_line",
        "UPDATE bank_statement SET closing_minor = 1",
        "DELETE FROM bank_import",
        "DELETE FROM bank_finding",
        "DELETE FROM bank_match",
        "UPDATE bank_match SET kind = 'booked'",
        "UPDATE bank_match SET reason = 'better'",
    ],
)
def test_what_the_bank_said_is_never_changed(world: BankWorld, sql: str) -> None:
    world.brought(files.camt(MARCH, closing="1.00"))
    world.brought(files.camt(MARCH))
    treasurer, line = world.treasurer(), world.only_line()
    with transaction():
        actions.leave_out(treasurer, line.id, reason="Not ours")
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(text(sql))


def test_two_people_bring_in_the_same_file_at_once(app: Flask, world: BankWorld) -> None:
    content, account_id, treasurer = files.camt(MARCH), world.account(), world.treasurer()
    barrier, states = threading.Barrier(2), []

    def bring() -> None:
        with app.app_context():
            barrier.wait()
            with transaction():
                done = actions.import_file(
                    treasurer, account_id, content, file_name="x.xml", is_trial=False
                )
                state = done.state
            states.append(str(state))
            db.session.remove()

    threads = [threading.Thread(target=bring) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    db.session.rollback()
    assert sorted(states) == ["loaded", "refused"]
    assert len(world.lines()) == 1


def _statements_of_an_import(world: BankWorld, first: int, lines: int) -> int:
    rows = "".join(f"2026-03-12,1.00,R{first + number}\n" for number in range(lines))
    content = f"Booking date,Amount,Reference\n{rows}".encode()
    sent: list[str] = []

    def count(*arguments: object) -> None:
        sent.append(str(arguments[2]))

    world.account()
    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert world.brought(content, name="many.csv").lines_new == lines
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return sum(not one.startswith("INSERT INTO bank_line") for one in sent)


@pytest.mark.once
def test_ten_thousand_movements_take_as_few_statements_as_ten(world: BankWorld) -> None:
    few = _statements_of_an_import(world, 0, 10)
    many = _statements_of_an_import(world, 100, 10_000)
    assert many == few
    assert queries.lines_of(world.account(), limit=5)[1] == 10_010
