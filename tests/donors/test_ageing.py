"""How late is what was promised, as of any day; and reminders, once at each stage."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from grants.db import db, transaction
from grants.donors import actions, queries
from grants.donors.actions import AmendedInstalment, Amendment, NewCondition, NewDuty
from grants.donors.models import Instalment, Reminder
from grants.donors.queries import AgeingLine
from grants.ledger import queries as books
from grants.money import Money
from grants.outbox.models import Message
from grants.people.models import Role
from tests.donors.conftest import DonorWorld
from tests.donors.test_members import invoiced
from tests.makes.donors import DAY, money


def sek(text: str) -> Money:
    return money(text, "SEK")


def later(days: int) -> date:
    return DAY + timedelta(days=days)


def _agreed(world: DonorWorld) -> int:
    world.rate("SEK", "0.1000")
    return world.agreement(
        sek("20,000"), instalments=[(later(10), sek("10,000")), (later(200), sek("10,000"))]
    )


def lines(world: DonorWorld, days: int, **options: object) -> list[AgeingLine]:
    return queries.ageing_lines(world.books(), later(days), **options)  # type: ignore[arg-type] # passed on


def said(found: list[AgeingLine]) -> list[tuple[str, int | None, str, str]]:
    return [(one.kind, one.number, one.bucket, str(one.left)) for one in found]


def test_a_day_of_the_past_is_read_as_it_stood_then(world: DonorWorld) -> None:
    """
    day     0   signed, 2 x SEK 10,000, due on day 10 and 200
    day    30   SEK 4,000 come
    day    50   amended: the rest of the first is due on day 300
    day    60   the second will not come
    """
    agreement_id = _agreed(world)
    world.deposit(sek("4,000"), agreement_id=agreement_id, on=later(30))
    treasurer = world.treasurer()
    with transaction():
        actions.amend_agreement(
            treasurer,
            agreement_id,
            Amendment(
                signed_on=later(50),
                reason="Later",
                instalments=(
                    AmendedInstalment(number=1, due_on=later(300), amount=sek("10,000")),
                    AmendedInstalment(number=2, due_on=later(200), amount=sek("10,000")),
                ),
            ),
        )
    second = db.session.scalars(select(Instalment.id).order_by(Instalment.number.desc())).first()
    assert second is not None
    with transaction():
        actions.cancel_instalment(treasurer, second, "No more", on=later(60))
    assert lines(world, -1) == []
    assert said(lines(world, 10)) == [
        ("instalment", 1, "not_due", "SEK 10,000.00"),
        ("instalment", 2, "not_due", "SEK 10,000.00"),
    ]
    assert said(lines(world, 20))[0] == ("instalment", 1, "d1_30", "SEK 10,000.00")
    assert said(lines(world, 45))[0] == ("instalment", 1, "d31_60", "SEK 6,000.00")
    assert said(lines(world, 55)) == [
        ("instalment", 2, "not_due", "SEK 10,000.00"),
        ("instalment", 1, "not_due", "SEK 6,000.00"),
    ]
    assert said(lines(world, 490)) == [("instalment", 1, "over_180", "SEK 6,000.00")]
    for days in (5, 40, 55, 60, 400):
        owed = books.sum_usd(books.balances_as_of(world.books(), ["1100"], on=later(days)))
        total = sum(one.usd.minor for one in lines(world, days))
        assert Money.of_minor(total, "USD") == owed


def test_what_waits_for_a_condition_is_not_due_until_it_is_met(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    treasurer = world.treasurer()
    with transaction():
        condition_id = actions.add_condition(
            treasurer, agreement_id, NewCondition(words="The plan is approved", instalment=1)
        ).id
    assert [one.bucket for one in lines(world, 100)] == ["held", "not_due"]
    assert queries.overdue_instalments(None, later(100)) == []
    assert [one.is_held for one in queries.open_instalments(None)] == [True, False]
    page = queries.agreement_page(agreement_id, later(100))
    assert [(one.is_held, one.days_late) for one in page.instalments] == [(True, 0), (False, 0)]
    with transaction():
        actions.meet_condition(treasurer, condition_id, met_on=later(30), evidence="Minutes")
    assert [one.bucket for one in lines(world, 29)] == ["held", "not_due"]
    assert [one.bucket for one in lines(world, 100)] == ["d61_90", "not_due"]
    assert len(queries.overdue_instalments(None, later(100))) == 1


def test_more_than_an_instalment_settles_the_next(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    world.deposit(sek("13,000"), agreement_id=agreement_id)
    assert said(lines(world, 20)) == [("instalment", 2, "not_due", "SEK 7,000.00")]
    total = sum(one.usd.minor for one in lines(world, 20))
    owed = books.sum_usd(books.balances(world.books(), ["1100"]))
    assert Money.of_minor(total, "USD") == owed == money("700")


def test_a_pledge_ages_from_the_day_that_is_hoped_for(world: DonorWorld) -> None:
    pledge_id = world.pledge(money("500"))
    assert [(one.due_on, one.bucket) for one in lines(world, 5)] == [
        (date(DAY.year, 12, 31), "not_due")
    ]
    with transaction():
        actions.withdraw_pledge(world.treasurer(), pledge_id, "Changed its mind", on=later(40))
    assert len(lines(world, 39)) == 1
    assert lines(world, 40) == []
    assert queries.pledge(pledge_id).closed_on == later(40)


def test_an_agreement_takes_the_place_of_its_pledge(world: DonorWorld) -> None:
    pledge_id = world.pledge(money("500"))
    world.agreement(money("500"), on=later(20), pledge_id=pledge_id)
    assert [one.kind for one in lines(world, 19)] == ["pledge"]
    assert [one.kind for one in lines(world, 20)] == ["instalment"]
    found = queries.pledge(pledge_id)
    assert (found.state, found.agreement) == ("agreed", "SWE-1")


def test_membership_invoices_age_too_and_the_rows_sum_up(world: DonorWorld) -> None:
    invoice_id = invoiced(world)
    _agreed(world)
    today = queries.invoice(invoice_id).issued_on
    days = (today - DAY).days + 400
    found = lines(world, days)
    assert {one.kind for one in found} == {"instalment", "membership"}
    rows = queries.ageing_rows(found)
    assert [(row.donor, row.currency, str(row.usd)) for row in rows] == [
        ("Ghana", "USD", "USD 5,000.00"),
        ("Sweden", "SEK", "USD 2,000.00"),
    ]
    assert all(
        sum(amount.minor for amount in row.by_bucket.values()) == row.usd.minor for row in rows
    )
    world.deposit("2,000", donor="Ghana", invoice_id=invoice_id, on=today)
    assert [str(one.usd) for one in lines(world, days, kind="membership")] == ["USD 3,000.00"]
    assert lines(world, days, currency="EUR") == []
    assert [one.donor for one in lines(world, days, donor_id=world.donor_named())] == [
        "Sweden",
        "Sweden",
    ]


def told(template: str) -> list[str]:
    rows = db.session.scalars(
        select(Message).where(Message.template == template).order_by(Message.id)
    )
    return [one.body for one in rows]


def remind(world: DonorWorld, days: int) -> int:
    with transaction():
        return actions.send_reminders(world.treasurer(), later(days))


def test_each_thing_is_reminded_of_once_at_each_stage(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    with transaction():
        duty = NewDuty(kind="financial", due_on=later(60))
        actions.add_duty(world.treasurer(), agreement_id, duty)
    assert remind(world, -25) == 0
    assert (remind(world, -20), remind(world, -19)) == (1, 0)
    assert (remind(world, 4), remind(world, 11), remind(world, 12)) == (1, 1, 0)
    assert [body.splitlines()[-1] for body in told("reminders")] == [
        "- due 20 March 2026: SEK 10,000.00 of Sweden, instalment 1 of SWE-1",
        "- due 20 March 2026: SEK 10,000.00 of Sweden, instalment 1 of SWE-1",
        "- 1 days late (20 March 2026): SEK 10,000.00 of Sweden, instalment 1 of SWE-1",
    ]
    # Nobody was asked by letter, so the donor hears nothing; the report comes up in its turn.
    assert told("payment_reminder") == []
    assert remind(world, 40) == 2
    assert "financial report to Sweden under SWE-1" in told("reminders")[-1]


def test_the_donor_is_reminded_of_what_it_was_asked_for(world: DonorWorld) -> None:
    agreement_id = _agreed(world)
    world.person(Role.DONOR, organisation_id=world.donor_named())
    first = queries.open_instalments(None)[0]
    world.asked(first.id, "SEK")
    assert remind(world, 12) == 1
    (body,) = told("payment_reminder")
    assert "2 days late" in body
    assert "/ SWE-1" in body
    world.deposit(sek("10,000"), agreement_id=agreement_id, on=later(13))
    assert remind(world, 45) == 0


def test_a_day_that_moves_is_reminded_of_anew_and_a_sleeper_does_not_flood(
    world: DonorWorld,
) -> None:
    agreement_id = _agreed(world)
    assert remind(world, 12) == 1
    with transaction():
        actions.amend_agreement(
            world.treasurer(),
            agreement_id,
            Amendment(
                signed_on=later(13),
                reason="Later",
                instalments=(
                    AmendedInstalment(number=1, due_on=later(14), amount=sek("10,000")),
                    AmendedInstalment(number=2, due_on=later(200), amount=sek("10,000")),
                ),
            ),
        )
    assert remind(world, 15) == 1
    # The worker slept over the stages of 30, 60 and 90 days: it tells once.
    assert remind(world, 120) == 1
    stages = db.session.scalars(select(Reminder.stage).order_by(Reminder.id)).all()
    assert list(stages) == [1, 1, 90]


@pytest.mark.parametrize("condition_is_met", [False, True])
def test_a_condition_is_reminded_of_in_the_place_of_what_it_holds(
    world: DonorWorld, *, condition_is_met: bool
) -> None:
    agreement_id = _agreed(world)
    treasurer = world.treasurer()
    with transaction():
        condition_id = actions.add_condition(
            treasurer,
            agreement_id,
            NewCondition(words="The plan is approved", instalment=1, due_on=later(5)),
        ).id
        if condition_is_met:
            actions.meet_condition(treasurer, condition_id, met_on=DAY, evidence="Minutes")
    assert remind(world, 12) == 1
    expected = "instalment 1" if condition_is_met else "condition of Sweden, SWE-1: The plan"
    assert expected in told("reminders")[-1]
