"""Two people at once: one letter for an instalment, numbers without gaps, one invoice a year."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import date

from flask import Flask
from sqlalchemy import select

from grants.db import db, transaction
from grants.donors import actions, queries, rules
from grants.donors.actions import AmendedInstalment, Amendment, NewDeposit
from grants.donors.models import AgreementVersion, PaymentRequest
from grants.errors import Refused
from grants.ledger import queries as books
from tests.donors.conftest import DonorWorld
from tests.donors.test_members import admitted, fee
from tests.makes.donors import DAY, money


def together(app: Flask, works: Sequence[Callable[[], object]]) -> list[BaseException]:
    """Run all at once, each in a transaction, a session and a thread of its own."""
    barrier = threading.Barrier(len(works))
    failures: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                with transaction():
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


def test_letters_of_a_fund_are_numbered_without_gaps(app: Flask, world: DonorWorld) -> None:
    world.bank_details()
    treasurer = world.treasurer()
    for number in range(4):
        world.agreement(money("10"), reference=f"A-{number}", donor=f"Donor {number}")
    wanted = [one.id for one in queries.open_instalments(None)]
    works = [lambda key=key: actions.request_payment(treasurer, key) for key in [*wanted, *wanted]]
    failures = together(app, works)
    assert {type(one) for one in failures} == {rules.RequestIsOut}
    assert len(failures) == len(wanted)
    numbers = db.session.scalars(select(PaymentRequest.number).order_by(PaymentRequest.number))
    assert [int(number[-4:]) for number in numbers] == [1, 2, 3, 4]


def test_members_are_invoiced_once_by_two_who_do_it(app: Flask, world: DonorWorld) -> None:
    for name in ("Ghana", "Togo", "Chad"):
        admitted(world, name)
    fee(world, money("5"))
    treasurer, fund_id = world.treasurer(), world.books()
    works = [lambda: actions.issue_invoices(treasurer, fund_id, DAY.year)] * 3
    assert together(app, works) == []
    assert len(queries.open_invoices(fund_id)) == 3


def test_an_amendment_and_a_payment_at_once_leave_the_receivable_right(
    app: Flask, world: DonorWorld
) -> None:
    """
    2 x 50 agreed; twice 50 come while 7 and 11 are added
    """
    treasurer, fund_id, donor_id = world.treasurer(), world.books(), world.donor_named()
    agreement_id = world.agreement(
        money("100"),
        instalments=[(date(2026, 4, 1), money("50")), (date(2026, 9, 1), money("50"))],
    )

    def pay() -> None:
        actions.record_deposit(
            treasurer,
            NewDeposit(
                fund_id=fund_id,
                donor_id=donor_id,
                agreement_id=agreement_id,
                amount=money("50"),
                value_on=DAY,
            ),
        )

    def add(amount: str) -> None:
        page = queries.agreement_page(agreement_id, DAY)
        kept = [one for one in page.instalments if one.state == "scheduled"]
        actions.amend_agreement(
            treasurer,
            agreement_id,
            Amendment(
                signed_on=DAY,
                reason="More",
                amount=page.amount + money(amount),
                instalments=(
                    *(
                        AmendedInstalment(number=one.number, due_on=one.due_on, amount=one.amount)
                        for one in kept
                    ),
                    AmendedInstalment(number=None, due_on=DAY, amount=money(amount)),
                ),
            ),
        )

    failures = together(app, [pay, lambda: add("7"), pay, lambda: add("11")])
    # An amendment that was read before another was signed may be refused, never half done.
    assert all(isinstance(one, Refused) for one in failures), failures
    page = queries.agreement_page(agreement_id, DAY)
    owed = books.sum_usd(books.balances(fund_id, ["1100"]))
    assert page.outstanding == owed
    instalments = [one.amount.minor for one in page.instalments]
    assert sum(instalments) == page.amount.minor
    assert page.paid == money("100")
    numbers = db.session.scalars(
        select(AgreementVersion.number).order_by(AgreementVersion.number)
    ).all()
    assert list(numbers) == list(range(1, len(numbers) + 1))
    found = books.verify(fund_id)
    assert found.holds, found.breaks
