"""Payment requests: numbered, frozen, cancelled and issued anew; bank details seen by two."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from grants import clock
from grants.db import db, transaction
from grants.donors import actions, rules
from grants.donors.models import Instalment, PaymentInstruction, PaymentRequest
from grants.donors.rules import Letter
from grants.errors import Malformed, NotAllowed
from grants.files import queries as files
from grants.outbox.models import Job, Message
from grants.people.models import Role
from tests.donors.conftest import DonorWorld
from tests.makes.donors import DAY, money


def _first(agreement_id: int) -> int:
    return (
        db.session.execute(
            select(Instalment.id)
            .where(Instalment.agreement_id == agreement_id)
            .order_by(Instalment.number)
        )
        .scalars()
        .all()[0]
    )


def _agreed(world: DonorWorld, **options: object) -> int:
    return world.agreement(
        money("100"),
        instalments=[(date(2099, 1, 1), money("40")), (date(2099, 6, 1), money("60"))],
        **options,  # type: ignore[arg-type] # passed on as given
    )


def letter_of(request_id: int) -> Letter:
    return Letter.of_stored(db.session.get_one(PaymentRequest, request_id).letter)


def test_a_letter_freezes_what_it_asks_for(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    world.deposit("15", agreement_id=agreement_id)
    request_id = world.asked(_first(agreement_id))
    request = db.session.get_one(PaymentRequest, request_id)
    letter = letter_of(request_id)
    assert request.number == letter.number == f"PR-{clock.today().year}-0001"
    assert (letter.amount, letter.whole) == (money("25"), money("40"))
    assert (letter.instalment, letter.instalments, letter.due_on) == (1, 2, date(2099, 1, 1))
    assert letter.remittance == f"{letter.number} / SWE-1"
    assert letter.bank_lines == ("Bank of Tests", "IBAN TE00 0000 0000 0001")
    assert db.session.get_one(Instalment, _first(agreement_id)).state == "requested"
    job = db.session.scalars(select(Job).where(Job.kind == "payment_request.render")).one()
    assert job.unique_key == f"payment_request/{request_id}"
    # New bank details change no letter that was sent.
    with transaction():
        proposed = actions.propose_instruction(world.treasurer(), world.books(), "USD", "Other")
        actions.confirm_instruction(world.acting(Role.APPROVER), proposed.id)
    assert letter_of(request_id).bank_lines[0] == "Bank of Tests"


def test_an_instalment_is_asked_for_by_one_letter_at_a_time(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    request_id = world.asked(_first(agreement_id))
    treasurer = world.treasurer()
    with pytest.raises(rules.RequestIsOut, match=r"PR-\d+-0001"), transaction():
        actions.request_payment(treasurer, _first(agreement_id))
    with transaction():
        second = actions.reissue_request(treasurer, request_id, "The bank moved").id
    first, new = (db.session.get_one(PaymentRequest, key) for key in (request_id, second))
    assert (first.state, first.reason, new.state) == ("cancelled", "The bank moved", "issued")
    assert new.number.endswith("0002")
    assert new.replaces_id == first.id
    assert letter_of(second).replaces == first.number
    with pytest.raises(rules.RequestIsClosed), transaction():
        actions.cancel_request(treasurer, request_id, "Again")
    with pytest.raises(Malformed, match="Say why"), transaction():
        actions.cancel_request(treasurer, second, " ")
    with transaction():
        actions.cancel_request(treasurer, second, "Not now")
    assert db.session.get_one(Instalment, _first(agreement_id)).state == "scheduled"


def test_what_is_past_its_day_is_due_at_once(world: DonorWorld) -> None:
    agreement_id = world.agreement(money("100"))
    request_id = world.asked(_first(agreement_id))
    assert letter_of(request_id).due_on == clock.today()


def test_nothing_is_asked_for_without_bank_details_that_two_have_seen(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    treasurer, approver = world.treasurer(), world.acting(Role.APPROVER)
    with pytest.raises(rules.NoPaymentInstruction, match="in USD"), transaction():
        actions.request_payment(treasurer, _first(agreement_id))
    with transaction():
        proposed = actions.propose_instruction(
            treasurer, world.books(), "USD", " Bank \n\n  IBAN  TE1 "
        ).id
    assert db.session.get_one(PaymentInstruction, proposed).lines == "Bank\nIBAN TE1"
    with pytest.raises(rules.NoPaymentInstruction), transaction():
        actions.request_payment(treasurer, _first(agreement_id))
    with pytest.raises(NotAllowed), transaction():
        actions.confirm_instruction(treasurer, proposed)
    with transaction():
        actions.confirm_instruction(approver, proposed)
        actions.request_payment(treasurer, _first(agreement_id))
    with pytest.raises(rules.InstructionIsDecided, match="confirmed"), transaction():
        actions.confirm_instruction(approver, proposed)
    with pytest.raises(Malformed, match="bank details"), transaction():
        actions.propose_instruction(treasurer, world.books(), "USD", " \n ")
    with pytest.raises(Malformed, match="ABC"), transaction():
        actions.propose_instruction(treasurer, world.books(), "ABC", "Bank")


def test_the_writer_of_bank_details_cannot_confirm_them_with_any_role(world: DonorWorld) -> None:
    both = world.person(Role.FINANCE_OFFICER, Role.APPROVER)
    fund_id = world.books()
    with transaction():
        proposed = actions.propose_instruction(both, fund_id, "USD", "Bank").id
    with pytest.raises(rules.OwnInstruction), transaction():
        actions.confirm_instruction(both, proposed)
    with pytest.raises(DBAPIError, match="bank_details_are_seen_by_two"), transaction():
        db.session.execute(
            text(
                "UPDATE payment_instruction SET state = 'confirmed', confirmed_at = proposed_at,"
                " confirmed_by_id = proposed_by_id"
            )
        )


def test_the_donors_people_are_told_once_the_letter_is_there(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    donor_id = world.donor_named()
    person = world.person(Role.DONOR, organisation_id=donor_id)
    world.person(Role.DONOR, organisation_id=world.donor_named("Norway"))
    request_id = world.asked(_first(agreement_id))
    treasurer = world.treasurer()
    with transaction():
        actions.keep_letter(treasurer, request_id, b"%PDF-1.7 letter")
        actions.keep_letter(treasurer, request_id, b"%PDF-1.7 another")
    told = db.session.scalars(select(Message).where(Message.template == "payment_request")).all()
    assert [one.recipient_id for one in told] == [person.user_id]
    assert "USD 40.00" in told[0].body
    assert "IBAN" not in told[0].body
    (kept,) = files.files_of("payment_request", request_id)
    assert kept.read() == b"%PDF-1.7 letter"


def test_letters_number_on_after_a_cancelled_one_and_in_each_fund(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    treasurer = world.treasurer()
    request_id = world.asked(_first(agreement_id))
    with transaction():
        actions.cancel_request(treasurer, request_id, "Too early")
    again = world.asked(_first(agreement_id))
    assert db.session.get_one(PaymentRequest, again).number.endswith("0002")


def test_the_database_keeps_one_letter_for_an_instalment(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    request_id = world.asked(_first(agreement_id))
    with transaction():
        actions.reissue_request(world.treasurer(), request_id, "Anew")
    with pytest.raises(DBAPIError), transaction():
        db.session.execute(
            text("UPDATE payment_request SET state = 'issued' WHERE id = :id"), {"id": request_id}
        )


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-400, "not_due"),
        (0, "not_due"),
        (1, "d1_30"),
        (30, "d1_30"),
        (31, "d31_60"),
        (60, "d31_60"),
        (61, "d61_90"),
        (91, "d91_180"),
        (180, "d91_180"),
        (181, "over_180"),
    ],
)
def test_buckets_of_an_ageing_report(days: int, bucket: str) -> None:
    assert rules.bucket_of(DAY, DAY + timedelta(days=days)) == bucket
    assert rules.bucket_of(DAY, DAY + timedelta(days=days), is_held=True) == "held"


@pytest.mark.parametrize(
    ("days", "stage"),
    [(-31, None), (-30, -30), (-8, -30), (-7, -7), (0, -7), (1, 1), (29, 1), (30, 30), (200, 180)],
)
def test_stages_of_reminding(days: int, stage: int | None) -> None:
    assert rules.stage_of(DAY, DAY + timedelta(days=days)) == stage
    assert rules.stage_of(DAY, DAY + timedelta(days=366)) is None
