"""Agreements that change: versions are frozen, and the books follow by new entries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from grants.db import db, transaction
from grants.donors import actions, queries, rules
from grants.donors.actions import AmendedInstalment, Amendment, Earmark, NewCondition, NewDuty
from grants.donors.models import (
    AgreementCondition,
    AgreementState,
    AgreementVersion,
    ContributionAgreement,
    Instalment,
    InstalmentState,
    PaymentRequest,
    ReportingDuty,
)
from grants.donors.rules import Terms
from grants.errors import Malformed, NotAllowed, Refused
from grants.ledger import queries as books
from grants.money import Money
from grants.people.models import Role
from tests.donors.conftest import DonorWorld
from tests.makes.donors import DAY, money


def sek(text_: str) -> Money:
    return money(text_, "SEK")


def later(days: int = 1) -> Any:
    return DAY + timedelta(days=days)


def amend(world: DonorWorld, agreement_id: int, **changes: Any) -> AgreementVersion:
    new = Amendment(**{"signed_on": later(), "reason": "Both sides agreed", **changes})
    with transaction():
        return actions.amend_agreement(world.treasurer(), agreement_id, new)


def part(number: int | None, amount: Money, days: int = 30) -> AmendedInstalment:
    return AmendedInstalment(number=number, due_on=later(days), amount=amount)


def receivable(world: DonorWorld) -> tuple[int, int]:
    """1100 in the currency of the agreement and in US dollars."""
    lines = books.balances(world.books(), ["1100"])
    return sum(one.balance_minor for one in lines), sum(one.usd_minor for one in lines)


def rows(agreement_id: int) -> list[Instalment]:
    return list(
        db.session.scalars(
            select(Instalment)
            .where(Instalment.agreement_id == agreement_id)
            .order_by(Instalment.number)
        )
    )


def versions(agreement_id: int) -> list[AgreementVersion]:
    return list(
        db.session.scalars(
            select(AgreementVersion)
            .where(AgreementVersion.agreement_id == agreement_id)
            .order_by(AgreementVersion.number)
        )
    )


def holds(world: DonorWorld) -> None:
    found = books.verify(world.books())
    assert found.holds, found.breaks


def _agreed(world: DonorWorld) -> int:
    """SEK 20,000 at 0.0960 in two halves; from 11 March on the krona is at 0.1000."""
    world.rate("SEK", "0.0960")
    world.rate("SEK", "0.1000", later())
    return world.agreement(
        sek("20,000"), instalments=[(later(10), sek("10,000")), (later(200), sek("10,000"))]
    )


def test_an_increase_is_a_new_entry_at_the_rate_of_its_signature(world: DonorWorld) -> None:
    """
    signed     Dr 1100 / Cr 2100   SEK 20,000   1,920
    amended    Dr 1100 / Cr 2100   SEK  5,000     500
    """
    agreement_id = _agreed(world)
    version = amend(
        world,
        agreement_id,
        amount=sek("25,000"),
        instalments=(part(1, sek("10,000")), part(2, sek("10,000")), part(None, sek("5,000"))),
    )
    assert receivable(world) == (25_000_00, 2_420_00)
    assert version.entry_id is not None
    line = books.entry(version.entry_id).lines[0]
    assert (line.debit.number, line.credit.number) == ("1100", "2100")
    assert (line.amount, line.usd) == (sek("5,000"), money("500"))
    found = rows(agreement_id)
    assert [one.amount_minor for one in found] == [10_000_00, 10_000_00, 5_000_00]
    assert sum(one.usd_minor for one in found) == 2_420_00
    holds(world)


def test_an_agreement_that_says_something_else_than_the_books_is_named(
    world: DonorWorld,
) -> None:
    agreement_id = _agreed(world)
    amend(world, agreement_id, amount=sek("20,001"), instalments=_with(agreement_id, sek("1")))
    assert queries.document_breaks(world.books()) == []
    with transaction():
        db.session.execute(
            text("UPDATE contribution_agreement SET amount_minor = amount_minor + 1")
        )
    (found,) = queries.document_breaks(world.books())
    assert found.where == f"agreement {agreement_id}"
    assert "the books hold SEK 20,001.00" in found.what


def _with(agreement_id: int, more: Money) -> tuple[AmendedInstalment, ...]:
    return (*(_as_is(one) for one in rows(agreement_id)), part(None, more))


def test_a_decrease_takes_its_part_of_the_agreed_value(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    world.deposit(sek("10,000"), agreement_id=agreement_id, on=later(2))
    assert receivable(world) == (10_000_00, 960_00)
    amend(world, agreement_id, amount=sek("15,000"), instalments=(part(2, sek("5,000")),))
    assert receivable(world) == (5_000_00, 480_00)
    amend(world, agreement_id, amount=sek("10,000"), instalments=())
    assert receivable(world) == (0, 0)
    assert [one.state for one in rows(agreement_id)] == ["paid", "cancelled"]
    holds(world)


def test_each_version_is_frozen_and_tells_what_differs(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    amend(world, agreement_id, earmark=Earmark(usable_until=later(900)), provider_activity_id="X")
    amend(world, agreement_id, instalments=(part(1, sek("4,000"), 5), part(2, sek("16,000"), 300)))
    found = versions(agreement_id)
    assert [(one.number, one.kind) for one in found] == [
        (1, "signed"),
        (2, "amended"),
        (3, "amended"),
    ]
    first, second, third = (Terms.of_stored(one.terms) for one in found)
    assert [name for name, _was, _now in rules.differences(first, second)] == [
        "earmark",
        "provider_activity_id",
    ]
    assert rules.differences(second, third) == [
        ("instalment 1", (later(10), sek("10,000")), (later(5), sek("4,000"))),
        ("instalment 2", (later(200), sek("10,000")), (later(300), sek("16,000"))),
    ]
    assert [one.entry_id is None for one in found] == [False, True, True]
    for change in ("UPDATE agreement_version SET reason = 'x'", "DELETE FROM agreement_version"):
        with pytest.raises(DBAPIError, match="versions_are_never_changed"), transaction():
            db.session.execute(text(change))


def test_an_agreement_from_before_versions_gets_its_first_one(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    with transaction():
        for name in ("agreement_version_no_update", "agreement_version_no_delete"):
            if db.engine.dialect.name == "sqlite":
                db.session.execute(text(f"DROP TRIGGER {name}"))
        if db.engine.dialect.name != "sqlite":
            db.session.execute(
                text("DROP TRIGGER agreement_version_is_frozen ON agreement_version")
            )
        db.session.execute(text("DELETE FROM agreement_version"))
    amend(world, agreement_id, provider_activity_id="X")
    assert [one.kind for one in versions(agreement_id)] == ["signed", "amended"]


@pytest.mark.parametrize(
    ("changes", "refusal", "sentence"),
    [
        ({}, rules.NothingAmended, "Nothing would change"),
        ({"reason": " "}, Malformed, "what the amendment is about"),
        ({"signed_on": DAY - timedelta(days=1)}, rules.AmendedBeforeSigned, "2026-03-10"),
        ({"amount": money("25,000")}, rules.CurrencyOfAgreementDiffers, "in SEK"),
        ({"amount": sek("25,000")}, rules.InstalmentsDoNotSum, "25,000"),
        ({"amount": sek("9,999.99")}, rules.AmendedBelowPaid, "10,000.00 was paid"),
        ({"instalments": (part(1, sek("1")),)}, rules.InstalmentIsClosed, "paid already"),
        ({"instalments": (part(7, sek("1")),)}, rules.NotOfThisDonor, "Instalment 7"),
        ({"instalments": (part(2, money("10,000")),)}, rules.CurrencyOfAgreementDiffers, "SEK"),
        (
            {"earmark": Earmark(countries=frozenset({"UG"}))},
            rules.CoreWithEarmark,
            "core contribution",
        ),
        ({"eligible": (later(9), later(3))}, Malformed, "begins to count"),
    ],
)
def test_what_an_amendment_may_not_do(
    world: DonorWorld, changes: dict[str, Any], refusal: type[Refused], sentence: str
) -> None:
    agreement_id = _agreed(world)
    world.deposit(sek("10,000"), agreement_id=agreement_id, on=later(2))
    before = receivable(world)
    with pytest.raises(refusal, match=sentence):
        amend(world, agreement_id, **changes)
    assert receivable(world) == before
    assert len(versions(agreement_id)) == 1


def test_an_instalment_cannot_fall_below_what_was_paid_of_it(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    world.deposit(sek("3,000"), agreement_id=agreement_id, on=later(2))
    with pytest.raises(rules.AmendedBelowInstalment, match=r"SEK 3,000\.00 of instalment 1"):
        amend(world, agreement_id, instalments=(part(1, sek("2,000")), part(2, sek("18,000"))))
    amend(world, agreement_id, instalments=(part(1, sek("3,000")), part(2, sek("17,000"))))
    assert [one.state for one in rows(agreement_id)] == ["paid", "scheduled"]
    # The first was dropped altogether: what was paid of it stays.
    amend(world, agreement_id, instalments=(part(2, sek("17,000"), 99),))
    assert [one.amount_minor for one in rows(agreement_id)] == [3_000_00, 17_000_00]


def test_only_who_records_contributions_may_amend(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    approver = world.acting(Role.APPROVER)
    with pytest.raises(NotAllowed, match="finance officer"), transaction():
        actions.amend_agreement(
            approver,
            agreement_id,
            Amendment(signed_on=later(), reason="Mine", provider_activity_id="X"),
        )


def test_the_rest_is_withdrawn_in_one_entry(world: DonorWorld) -> None:
    """
    17   Dr 2100 / Cr 1100   SEK 17,000
    """
    agreement_id = _agreed(world)
    world.deposit(sek("3,000"), agreement_id=agreement_id, on=later(2))
    with transaction():
        actions.withdraw_agreement(
            world.treasurer(), agreement_id, "Parliament said no", on=later(9)
        )
    assert receivable(world) == (0, 0)
    agreement = db.session.get_one(ContributionAgreement, agreement_id)
    assert agreement.state == AgreementState.SIGNED
    last = versions(agreement_id)[-1]
    assert (last.kind, last.signed_on) == ("withdrawn", later(9))
    assert Terms.of_stored(last.terms).withdrawn == sek("17,000")
    with pytest.raises(rules.NothingLeft), transaction():
        actions.withdraw_agreement(world.treasurer(), agreement_id, "Again")
    holds(world)


def test_an_agreement_without_a_payment_is_withdrawn_altogether(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    with pytest.raises(Malformed, match="will not come"), transaction():
        actions.withdraw_agreement(world.treasurer(), agreement_id, "")
    with transaction():
        actions.withdraw_agreement(world.treasurer(), agreement_id, "Parliament said no")
    agreement = db.session.get_one(ContributionAgreement, agreement_id)
    assert agreement.state == AgreementState.WITHDRAWN
    with pytest.raises(rules.AgreementNotSigned, match="withdrawn"):
        amend(world, agreement_id, provider_activity_id="X")


def test_a_letter_is_withdrawn_with_the_instalment_that_it_asks_for(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    first, second = rows(agreement_id)
    request_id = world.asked(first.id, "SEK")
    world.asked(second.id, "SEK")
    amend(world, agreement_id, instalments=(part(1, sek("10,000"), 90), _as_is(second)))
    letter = db.session.get_one(PaymentRequest, request_id)
    assert letter.state == "cancelled"
    assert "Amendment 2 of SWE-1" in letter.reason
    assert [one.state for one in rows(agreement_id)] == [
        InstalmentState.SCHEDULED,
        InstalmentState.REQUESTED,
    ]


def test_conditions_hold_back_what_depends_on_them(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    first, second = rows(agreement_id)
    world.bank_details("SEK")
    treasurer = world.treasurer()
    with transaction():
        actions.add_condition(
            treasurer, agreement_id, NewCondition(words="The plan is approved", instalment=2)
        )
        everything = actions.add_condition(
            treasurer, agreement_id, NewCondition(words="The account is open", due_on=later(3))
        ).id
    with pytest.raises(rules.ConditionNotMet, match="The account is open"), transaction():
        actions.request_payment(treasurer, first.id)
    with pytest.raises(Malformed, match="what shows"), transaction():
        actions.meet_condition(treasurer, everything, met_on=DAY, evidence=" ")
    with transaction():
        actions.meet_condition(treasurer, everything, met_on=DAY, evidence="Letter of the bank")
        actions.request_payment(treasurer, first.id)
    with pytest.raises(rules.ConditionIsMet, match="2026-03-10"), transaction():
        actions.meet_condition(treasurer, everything, met_on=DAY, evidence="Once more")
    with pytest.raises(rules.ConditionNotMet, match="The plan is approved"), transaction():
        actions.request_payment(treasurer, second.id)
    with transaction():
        actions.reopen_condition(treasurer, everything, "The letter was forged")
    assert db.session.get_one(AgreementCondition, everything).met_on is None
    with pytest.raises(rules.ConditionIsOpen), transaction():
        actions.reopen_condition(treasurer, everything, "Again")


def test_a_condition_is_about_an_instalment_that_is_still_to_come(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    world.deposit(sek("10,000"), agreement_id=agreement_id, on=later(2))
    for number, refusal in ((1, rules.InstalmentIsClosed), (9, rules.NotOfThisDonor)):
        with pytest.raises(refusal), transaction():
            actions.add_condition(
                world.treasurer(), agreement_id, NewCondition(words="Late", instalment=number)
            )


def test_reports_that_a_donor_wants_are_noted_as_delivered_once(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    treasurer = world.treasurer()
    with transaction():
        duty_id = actions.add_duty(
            treasurer, agreement_id, NewDuty(kind="certified", due_on=later(90))
        ).id
        actions.note_report_delivered(treasurer, duty_id, done_on=DAY, note="Statement 7")
    duty = db.session.get_one(ReportingDuty, duty_id)
    assert (duty.done_on, duty.done_by_id, duty.note) == (DAY, treasurer.user_id, "Statement 7")
    with pytest.raises(rules.DutyIsDone, match="2026-03-10"), transaction():
        actions.note_report_delivered(treasurer, duty_id, done_on=DAY)
    with pytest.raises(Malformed, match="kind of report"), transaction():
        actions.add_duty(treasurer, agreement_id, NewDuty(kind="poem", due_on=later()))


STEPS = st.lists(
    st.tuples(st.sampled_from(["more", "less", "pay", "move", "cancel"]), st.integers(1, 90)),
    min_size=1,
    max_size=7,
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
@pytest.mark.once
def test_whatever_happens_the_receivable_is_what_is_still_open(
    world: DonorWorld, steps: list[tuple[str, int]]
) -> None:
    """1100 is the sum of what is open of the instalments, to the cent, in both currencies."""
    world.made["agreements"] = count = int(str(world.made.get("agreements", 0))) + 1
    if count == 1:
        world.rate("SEK", "0.0960")
        world.rate("SEK", "0.0937", later(2))
    before = receivable(world)
    agreement_id = world.agreement(
        sek("1,000.01"),
        reference=f"SWE-{count}",
        instalments=[(later(9), sek("333.34")), (later(99), sek("666.67"))],
    )
    for step, size in steps:
        try:
            _step(world, agreement_id, step, size)
        except Refused:
            db.session.rollback()
        open_minor, open_usd = _open(agreement_id)
        held = receivable(world)
        assert (held[0] - before[0], held[1] - before[1]) == (open_minor, open_usd)
    assert queries.document_breaks(world.books()) == []
    holds(world)


def _step(world: DonorWorld, agreement_id: int, step: str, size: int) -> None:
    still = [one for one in rows(agreement_id) if one.state in {"scheduled", "requested"}]
    change = Money.of_minor(size * 777, "SEK")
    total = Money.of_minor(sum(one.amount_minor for one in rows(agreement_id)), "SEK")
    kept = tuple(_as_is(one) for one in still)
    if step == "more":
        amend(
            world,
            agreement_id,
            signed_on=later(3),
            amount=total + change,
            instalments=(*kept, part(None, change)),
        )
    elif step == "less" and kept:
        smaller = AmendedInstalment(
            number=kept[-1].number, due_on=kept[-1].due_on, amount=kept[-1].amount - change
        )
        amend(
            world,
            agreement_id,
            signed_on=later(3),
            amount=total - change,
            instalments=(*kept[:-1], smaller),
        )
    elif step == "pay":
        world.deposit(change, agreement_id=agreement_id, on=later(3))
    elif step == "move" and len(kept) > 1:
        shifted = [
            part(kept[0].number, kept[0].amount - change, 4),
            part(kept[1].number, kept[1].amount + change, 5),
        ]
        amend(world, agreement_id, signed_on=later(3), instalments=(*shifted, *kept[2:]))
    elif step == "cancel" and still:
        with transaction():
            actions.cancel_instalment(world.treasurer(), still[0].id, "No more", on=later(3))


def _as_is(one: Instalment) -> AmendedInstalment:
    return AmendedInstalment(
        number=one.number, due_on=one.due_on, amount=Money.of_minor(one.amount_minor, "SEK")
    )


def _open(agreement_id: int) -> tuple[int, int]:
    """Agreed less paid and withdrawn, in the currency and at the agreed value."""
    agreement = db.session.get_one(ContributionAgreement, agreement_id)
    gone = sum(one.cancelled_minor for one in rows(agreement_id))
    gone_usd = sum(one.cancelled_usd_minor for one in rows(agreement_id))
    paid, paid_usd = db.session.execute(
        text(
            "SELECT COALESCE(SUM(settled_minor), 0), COALESCE(SUM(settled_usd_minor), 0)"
            " FROM deposit WHERE agreement_id = :id"
        ),
        {"id": agreement_id},
    ).one()
    return (
        agreement.amount_minor - gone - int(paid),
        agreement.usd_minor - gone_usd - int(paid_usd),
    )
