"""Corrections: proposed by one, approved by another, posted in the name of both."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from grants.corrections import actions, queries
from grants.corrections.rules import (
    AlreadyDecided,
    DecidedByAnother,
    ReasonWanted,
    ReAttribution,
    ReturnPaid,
    ReturnToContributor,
    Reversal,
    UndoneWhereItWasMade,
    WriteOff,
)
from grants.db import db, transaction
from grants.donors.rules import Earmark
from grants.errors import NotAllowed, Refused
from grants.funding.rules import LayerMayNotPay, MoreThanHeld
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger import queries as books
from grants.people.permissions import Actor
from tests.corrections.conftest import World
from tests.makes.donors import DAY, money

#: With the trigger away, as somebody might who holds the database.
UNGUARDED = {
    "sqlite": ["DROP TRIGGER correction_stays_as_decided"],
    "postgresql": ["DROP TRIGGER correction_stays_as_decided ON correction"],
}


def test_a_deposit_is_reversed_by_two_people(world: World) -> None:
    deposit_id = world.deposit("100")
    (entry,), _ = books.entries(world.books())
    done = world.approved(Reversal(entry_id=entry.id))
    assert (done.state, done.amount) == ("approved", money("100"))
    assert done.entry_id is not None
    view = books.entry(done.entry_id)
    assert (view.reverses, view.source_id) == (entry.sequence, deposit_id)
    assert view.actor != view.second_actor != ""
    assert world.holds(chart.cash("USD")) == money("0")
    world.prove()


def test_nobody_decides_alone(world: World) -> None:
    world.deposit("100")
    (entry,), _ = books.entries(world.books())
    both = world.person_with_all_money_roles()
    with transaction():
        mine = actions.propose(
            both, world.books(), Reversal(entry_id=entry.id), reason="It was wrong"
        ).id
    with pytest.raises(DecidedByAnother), transaction():
        actions.approve(both, mine)
    with pytest.raises(DecidedByAnother), transaction():
        actions.refuse(both, mine, note="No")
    with pytest.raises(NotAllowed), transaction():
        actions.approve(world.treasurer(), mine)
    with pytest.raises(NotAllowed), transaction():
        actions.propose(
            world.boss(), world.books(), Reversal(entry_id=entry.id), reason="It was wrong"
        )
    with (
        pytest.raises(IntegrityError, match="correction_is_decided_by_another_person"),
        transaction() as session,
    ):
        session.execute(
            text("UPDATE correction SET state = 'refused', decided_by_id = proposed_by_id")
        )


def test_two_who_approve_at_once_post_it_once(app: Flask, world: World) -> None:
    world.deposit("100")
    (entry,), _ = books.entries(world.books())
    correction_id = world.proposed(Reversal(entry_id=entry.id))
    people = [world.boss(), world.certifier()]
    barrier = threading.Barrier(len(people))
    refused: list[BaseException] = []

    def approve(who: Actor) -> None:
        with app.app_context():
            barrier.wait()
            try:
                with transaction():
                    actions.approve(who, correction_id)
            except AlreadyDecided as refusal:
                refused.append(refusal)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=approve, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    db.session.rollback()
    assert len(refused) == 1
    assert books.head(world.books()).sequence == 2
    world.prove()


def test_what_is_decided_stays_so(world: World) -> None:
    world.deposit("100")
    (entry,), _ = books.entries(world.books())
    correction_id = world.proposed(Reversal(entry_id=entry.id))
    with pytest.raises(ReasonWanted), transaction():
        actions.refuse(world.boss(), correction_id, note="  ")
    with transaction():
        actions.refuse(world.boss(), correction_id, note="It did come, on the other account")
    with pytest.raises(AlreadyDecided, match="refused"), transaction():
        actions.approve(world.boss(), correction_id)
    for sql in ("UPDATE correction SET note = 'x'", "DELETE FROM correction"):
        with pytest.raises(IntegrityError, match="correction"), transaction() as session:
            session.execute(text(sql))
    again = world.proposed(Reversal(entry_id=entry.id))
    with transaction():
        actions.withdraw(world.treasurer(), again)
    assert queries.correction(again).state == "withdrawn"
    assert world.holds(chart.cash("USD")) == money("100")


def test_an_entry_of_a_record_is_undone_there(world: World) -> None:
    world.deposit("100")
    world.allocation("60")
    (entry, *_), _ = books.entries(world.books())
    with pytest.raises(UndoneWhereItWasMade, match="open the record behind it"):
        world.proposed(Reversal(entry_id=entry.id))


def test_a_debt_is_written_off_within_authority(world: World) -> None:
    """
    Advanced 100, 30 of it refused: owed 30. Written off 20: Dr 5400 / Cr 1250 20, owed 10
    """
    world.deposit("500")
    world.allocation("400")
    grant_id = world.active_grant("200")
    world.advanced(grant_id, money("100"))
    world.owed(grant_id, "30")
    with pytest.raises(MoreThanHeld, match=r"USD 30\.00 is owed by this grantee"):
        world.approved(WriteOff(grant_id=grant_id, usd_minor=3_001, on=DAY))
    small = world.director("10")
    waiting = world.proposed(WriteOff(grant_id=grant_id, usd_minor=2_000, on=DAY))
    with pytest.raises(NotAllowed, match="above your delegated authority"), transaction():
        actions.approve(small, waiting)
    with transaction():
        actions.approve(world.boss(), waiting)
    assert world.holds(chart.write_offs(grant_id)) == money("20")
    assert world.holds(chart.due_from_grantee(grant_id)) == money("10")
    world.prove()


def test_money_goes_back_to_its_contributor(world: World) -> None:
    """
    Row 18: Dr 4900 / Cr 2030 and Dr 9110 / Cr 9100; then Dr 2030 / Cr 1010
    """
    first = world.deposit("100")
    second = world.deposit("50")
    other = world.deposit("70", donor="Norway")
    sweden = world.donor_named()
    parts = {first: 3_000, second: 5_000}
    world.approved(ReturnToContributor(donor_id=sweden, parts=parts, on=DAY))
    assert world.holds(chart.contributors_payable(sweden)) == money("80")
    assert world.holds(chart.unallocated(first)) == money("70")
    with pytest.raises(Refused, match=r"USD 80\.00 is owed to this contributor"):
        world.approved(ReturnPaid(donor_id=sweden, usd_minor=8_001, on=DAY))
    world.approved(ReturnPaid(donor_id=sweden, usd_minor=8_000, on=DAY, bank_reference="B 1"))
    assert world.holds(chart.cash("USD")) == money("140")
    assert world.holds(chart.contributors_payable(sweden)) == money("0")
    with pytest.raises(Refused, match="belongs to another fund or to another donor"):
        world.approved(ReturnToContributor(donor_id=sweden, parts={other: 1}, on=DAY))
    with pytest.raises(Refused, match=r"USD 70\.00 of this deposit is not set aside"):
        world.approved(ReturnToContributor(donor_id=sweden, parts={first: 7_001}, on=DAY))
    world.prove()


def test_another_layer_pays(world: World) -> None:
    """
    Sweden and Norway 100 each, 150 allocated 75:75; a grant of 60 is paid 30:30. Norway takes over
    20 of Sweden's: 10:50, and Sweden has those 20 free in the programme again.
    """
    sweden = world.deposit("100", on=DAY - timedelta(days=2))
    norway = world.deposit("100", donor="Norway", on=DAY - timedelta(days=2))
    world.allocation("150")
    grant_id = world.active_grant("60")
    before = books.balances_as_of(world.books(), on=DAY)
    known = books.head(world.books()).sequence
    world.approved(
        ReAttribution(
            grant_id=grant_id,
            from_layer_id=sweden,
            to_layer_id=norway,
            usd_minor=2_000,
            on=DAY,
        )
    )
    programme_id = world.programme_named()
    assert world.holds(chart.committed(norway, programme_id, grant_id)) == money("50")
    assert world.holds(chart.committed(sweden, programme_id, grant_id)) == money("10")
    assert world.holds(chart.allocated(sweden, programme_id)) == money("65")
    assert world.holds(chart.allocated(norway, programme_id)) == money("25")
    assert books.balances_as_of(world.books(), on=DAY, known_at=known) == before
    with pytest.raises(MoreThanHeld, match="free of that deposit"):
        world.approved(
            ReAttribution(
                grant_id=grant_id,
                from_layer_id=sweden,
                to_layer_id=norway,
                usd_minor=2_501,
                on=DAY,
            )
        )
    world.prove()


def test_a_layer_does_not_take_over_from_itself(world: World) -> None:
    sweden = world.deposit("100", on=DAY - timedelta(days=2))
    world.allocation("100")
    grant_id = world.active_grant("60")
    with pytest.raises(LayerMayNotPay, match="the one that pays already"):
        world.approved(
            ReAttribution(
                grant_id=grant_id, from_layer_id=sweden, to_layer_id=sweden, usd_minor=1, on=DAY
            )
        )


def test_a_layer_that_may_not_pay_is_not_made_to(world: World) -> None:
    sweden = world.deposit("100", on=DAY - timedelta(days=2))
    kenya = Earmark(countries=frozenset({"KE"}))
    other = world.deposit("100", donor="Norway", on=DAY - timedelta(days=2), conditions=kenya)
    world.allocation("100")
    grant_id = world.active_grant("60")
    with pytest.raises(LayerMayNotPay, match="earmarked to another country"):
        world.approved(
            ReAttribution(
                grant_id=grant_id, from_layer_id=sweden, to_layer_id=other, usd_minor=1, on=DAY
            )
        )


def test_a_period_waits_for_what_is_not_decided(world: World) -> None:
    world.deposit("100")
    (entry,), _ = books.entries(world.books())
    world.proposed(Reversal(entry_id=entry.id))
    treasurer = world.treasurer()
    with transaction():
        period_id = ledger.open_period(
            treasurer,
            world.books(),
            name="2026",
            starts_on=date(2026, 1, 1),
            ends_on=date(2026, 6, 30),
        )
        ledger.soft_close_period(treasurer, period_id)
    with (
        pytest.raises(Refused, match="that wait to be decided: 1"),
        transaction(),
    ):
        ledger.close_period(world.second(), period_id, reason="Audited")


def test_an_entry_that_others_signed_is_found(world: World) -> None:
    world.deposit("100")
    (entry,), _ = books.entries(world.books())
    done = world.approved(Reversal(entry_id=entry.id))
    assert list(queries.signature_breaks(world.books())) == []
    assert done.entry_id is not None
    stranger = world.officer().user_id
    with transaction() as session:
        for sql in UNGUARDED[session.get_bind().dialect.name]:
            session.execute(text(sql))
        session.execute(text("UPDATE correction SET decided_by_id = :one"), {"one": stranger})
        (found,) = queries.signature_breaks(world.books())
    assert found.where == f"correction {done.id}"
