"""Two decisions at once: what does not both fit is given to exactly one, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask

from grants.db import db, transaction
from grants.donors.rules import Earmark
from grants.funding import actions, queries
from grants.funding.rules import NotEnoughFunds
from tests.funding.conftest import FundingWorld
from tests.makes.donors import DAY, money


def _together(app: Flask, works: list[Callable[[], None]]) -> list[BaseException]:
    """Run all at once, each in a thread with a session and a connection of its own."""
    barrier = threading.Barrier(len(works))
    failures: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - handed to the test
                failures.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    db.session.rollback()
    return failures


def test_two_approvals_at_once_that_do_not_both_fit(app: Flask, world: FundingWorld) -> None:
    """
    9120 Uganda 100.00, of two layers; two grants of 60.00: one gets it, the other its sentence
    """
    world.deposit("60", donor="Sweden")
    world.deposit("40", donor="Norway")
    world.allocation("100")
    director, new = world.director(), world.new_grant("60")

    def approve() -> None:
        with transaction():
            actions.reserve(director, new)

    failures = _together(app, [approve, approve])
    assert [type(failure) for failure in failures] == [NotEnoughFunds]
    assert str(failures[0]).startswith(
        "USD 40.00 is left for Uganda Country Programme; USD 60.00 is asked."
    )
    assert queries.programme_money(world.programme_named()).left == money("40")
    assert queries.grants_of(world.books())[1] == 1
    world.prove()


def test_two_allocations_to_different_programmes_share_no_cent(
    app: Flask, world: FundingWorld
) -> None:
    """
    9110 100.00; Uganda and Ghana ask 60.00 each: different rows are locked, one journal
    """
    world.deposit("100")
    steward = world.steward()
    places = [world.programme_named("Uganda"), world.programme_named("Ghana", country="GH")]

    def allocate(programme_id: int) -> None:
        with transaction():
            actions.allocate(steward, programme_id, money("60"), decided_on=DAY, decided_by="Board")

    failures = _together(app, [lambda: allocate(places[0]), lambda: allocate(places[1])])
    assert [type(failure) for failure in failures] == [NotEnoughFunds]
    world.prove()


def test_many_decisions_at_once_never_promise_more_than_there_is(
    app: Flask, world: FundingWorld
) -> None:
    """
    9120 100.00; twelve grants of 17.00: five fit
    """
    world.deposit("33.34", donor="Sweden")
    world.deposit("33.33", donor="Norway")
    world.deposit("33.33", donor="Chile")
    world.allocation("100")
    director, new = world.director(), world.new_grant("17")

    def approve() -> None:
        with transaction():
            actions.reserve(director, new)

    failures = _together(app, [approve] * 12)
    assert {type(failure) for failure in failures} == {NotEnoughFunds}
    assert len(failures) == 7
    assert queries.programme_money(world.programme_named()).left == money("15")
    world.prove()


def test_forty_approvals_by_eight_workers_against_money_for_twenty_five(
    app: Flask, world: FundingWorld
) -> None:
    """
    9120 430.00 of three donors, one earmarked; forty grants of 17.00 by eight workers: 25 fit
    """
    world.deposit("100", donor="Sweden", conditions=Earmark(countries=frozenset({"UG"})))
    world.deposit("199.99", donor="Norway")
    world.deposit("130.01", donor="Chile")
    world.allocation("430")
    director, new = world.director(), world.new_grant("17")
    refusals: list[str] = []

    def approve_five() -> None:
        for _ in range(5):
            try:
                with transaction():
                    actions.reserve(director, new)
            except NotEnoughFunds as refusal:
                refusals.append(str(refusal))

    assert _together(app, [approve_five] * 8) == []
    assert len(refusals) == 15
    assert all(one.startswith("USD 5.00 is left for Uganda") for one in refusals)
    assert queries.grants_of(world.books())[1] == 25
    assert queries.programme_money(world.programme_named()).reserved == money("425")
    world.prove()


def test_a_tranche_and_a_decommitment_at_once(app: Flask, world: FundingWorld) -> None:
    """
    9140 100.00; an advance of 70.00 and a decommitment of 70.00: one is refused
    """
    world.deposit("100")
    world.allocation("100")
    grant_id = world.active_grant("100")
    treasurer, steward = world.treasurer(), world.steward()

    def advance() -> None:
        with transaction():
            actions.advance(treasurer, grant_id, money("70"), on=DAY)

    def decommit() -> None:
        with transaction():
            actions.decommit(steward, grant_id, money("70"), on=DAY, reason="Ended early")

    failures = _together(app, [advance, decommit])
    assert len(failures) == 1
    assert "USD 30.00 is committed" in str(failures[0])
    world.prove()
