"""Entries of records: reversed together with the step that the record took."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from grants import clock
from grants.agreements import actions as agreements
from grants.agreements.actions import RefusedCost
from grants.agreements.models import PartnerReport, Tranche
from grants.agreements.rules import LaterTrancheGoesOn, WrongMoment
from grants.corrections.rules import Reversal
from grants.db import db, transaction
from grants.funding import actions as funding
from grants.funding.actions import NewHappening
from grants.ledger import chart
from grants.ledger import queries as books
from grants.ledger.rules import BalanceTooLow
from grants.people.models import Fund
from tests.corrections.conftest import World
from tests.makes.donors import DAY, money


def _newest(world: World, event: str) -> int:
    found, _ = books.entries(world.books())
    return next(one.id for one in found if one.event == event)


def _tranche(tranche_id: int) -> Tranche:
    db.session.expire_all()
    return db.session.get_one(Tranche, tranche_id)


def _granted(world: World) -> int:
    world.deposit("500")
    world.allocation("400")
    return world.reserved_grant("200")


def test_a_payment_that_came_back_is_paid_again(world: World) -> None:
    """
    Tranche 1 of 120, paid, the bank sends it back: owed again (2010), cash as before; then its
    certificate is taken back too: what was stuck is committed again, and can be given back.
    """
    grant_id = _granted(world)
    first, _ = world.signed(grant_id, "120", "80")
    world.paid(first)
    certified = _newest(world, "tranche.approved")
    with pytest.raises(WrongMoment, match="Tranche 1 is released"):
        world.approved(Reversal(entry_id=certified))
    done = world.approved(
        Reversal(entry_id=_newest(world, "tranche.paid")), "The bank sent it back"
    )
    assert done.amount == money("120")
    assert (_tranche(first).state, _tranche(first).paid_on) == ("certified", None)
    assert world.holds(chart.payable_to_grantee(grant_id)) == money("120")
    assert world.holds(chart.cash("USD")) == money("500")
    world.prove()
    treasurer = world.treasurer()
    with transaction():
        agreements.release_tranche(treasurer, first, paid_on=DAY, bank_reference="BANK-2")
    world.approved(Reversal(entry_id=_newest(world, "tranche.paid")))
    world.approved(Reversal(entry_id=certified))
    assert (_tranche(first).state, _tranche(first).certified_by_id) == ("planned", None)
    assert world.holds(chart.advances(grant_id)) == money("0")
    steward = world.steward()
    with transaction():
        funding.decommit(steward, grant_id, money("200"), on=DAY, reason="It will not be built")
    world.prove()


def test_a_tranche_is_taken_back_after_those_that_follow_it(world: World) -> None:
    grant_id = _granted(world)
    first, second = world.signed(grant_id, "120", "80")
    world.paid(first)
    paid = _newest(world, "tranche.paid")
    world.accepted(world.reported(grant_id, {4: "100"}))
    officer = world.officer()
    with transaction():
        agreements.request_tranche(officer, second)
    with pytest.raises(LaterTrancheGoesOn, match="Tranche 2"):
        world.approved(Reversal(entry_id=paid))


def test_money_that_was_spent_cannot_be_made_unadvanced(world: World) -> None:
    grant_id = _granted(world)
    (only,) = world.signed(grant_id, "200")
    world.paid(only)
    world.accepted(world.reported(grant_id, {4: "100"}))
    world.approved(Reversal(entry_id=_newest(world, "tranche.paid")))
    with pytest.raises(BalanceTooLow):
        world.approved(Reversal(entry_id=_newest(world, "tranche.approved")))


def test_an_acceptance_is_taken_back_and_decided_anew(world: World) -> None:
    """
    Claimed 100, 30 refused: expenditure 70, owed 30. Taken back: advance 200, nothing owed.
    """
    grant_id = _granted(world)
    (only,) = world.signed(grant_id, "200")
    world.paid(only)
    report_id = world.reported(grant_id, {4: "100"})
    world.accepted(report_id, RefusedCost(category=4, amount=money("30"), reason="No receipts"))
    entry_id = _newest(world, "report.accepted")
    world.approved(Reversal(entry_id=entry_id), "The receipts were found")
    assert db.session.get_one(PartnerReport, report_id).state == "submitted"
    assert world.holds(chart.advances(grant_id)) == money("200")
    assert world.holds(chart.due_from_grantee(grant_id)) == money("0")
    world.prove()
    world.accepted(report_id)
    assert world.holds(chart.expenditure(grant_id, 4)) == money("100")
    world.prove()


def test_interest_of_a_layer_is_reversed_and_its_deposit_stays(world: World) -> None:
    deposit_id = world.deposit("100")
    treasurer = world.treasurer()
    with transaction():
        funding.record_interest(
            treasurer,
            NewHappening(
                fund_id=world.books(), amount=money("3"), on=DAY, layer_id=deposit_id, reason="June"
            ),
        )
    assert world.holds(chart.unallocated(deposit_id)) == money("103")
    world.approved(Reversal(entry_id=_newest(world, "interest")))
    assert world.holds(chart.unallocated(deposit_id)) == money("100")
    world.prove()


def test_what_happened_in_a_closed_year_is_dated_today_and_says_so(world: World) -> None:
    """The payment of a tranche comes to light after its period was closed."""
    grant_id = _granted(world)
    (only,) = world.signed(grant_id, "200")
    officer, certifier, treasurer = world.officer(), world.certifier(), world.treasurer()
    with transaction():
        agreements.request_tranche(officer, only)
    with transaction():
        agreements.certify_tranche(certifier, only, on=DAY)
    world.closed("Spring 2026", until=DAY)
    with transaction():
        agreements.release_tranche(treasurer, only, paid_on=DAY, bank_reference="BANK-1")
    entry = books.entry(_newest(world, "tranche.paid"))
    assert entry.value_on == clock.today() > DAY
    assert (entry.relates_to_on, entry.relates_to_period) == (DAY, "Spring 2026")
    assert _tranche(only).paid_on == DAY
    world.approved(Reversal(entry_id=entry.id))
    world.prove()


def test_today_is_the_day_where_the_fund_is(world: World) -> None:
    """
    At 11:00 UTC on 31 December it is 1 January in Kiritimati: its year can be closed, and what is
    late is dated on 1 January.
    """
    deposit_id = world.deposit("100", on=DAY)
    with transaction() as session:
        session.execute(update(Fund).values(time_zone="Pacific/Kiritimati"))
    with clock.stopped_at(datetime(2025, 12, 31, 11, tzinfo=UTC)):
        world.closed("2025", until=date(2025, 12, 31))
        assert world.deposit("7", on=date(2025, 12, 30)) > deposit_id
        assert books.entry(_newest(world, "deposit")).value_on == date(2026, 1, 1)
