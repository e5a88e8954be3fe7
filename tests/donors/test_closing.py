"""What of the incoming side stands in the way of closing a period."""

from __future__ import annotations

from datetime import date, timedelta

from grants.db import transaction
from grants.ledger import actions as ledger
from grants.ledger import queries as books
from grants.people.models import Role
from tests.donors.conftest import DonorWorld
from tests.makes.donors import DAY, money


def test_receipts_and_instalments_are_looked_at(world: DonorWorld) -> None:
    treasurer, fund_id = world.treasurer(), world.books()
    with transaction():
        period_id = ledger.open_period(
            treasurer,
            fund_id,
            name="2026",
            starts_on=date(2026, 1, 1),
            ends_on=DAY + timedelta(days=1),
        )

    def states() -> dict[str, str]:
        return {one.key: one.state for one in books.checklist(fund_id, period_id)}

    assert (states()["unidentified"], states()["instalments"]) == ("pass", "pass")
    world.deposit("5", donor=None)
    world.agreement(money("100"))
    assert (states()["unidentified"], states()["instalments"]) == ("warning", "warning")


def test_a_late_deposit_is_dated_today_at_the_rate_of_its_day(world: DonorWorld) -> None:
    treasurer, fund_id = world.treasurer(), world.books()
    second = world.acting(Role.CERTIFYING_OFFICER)
    with transaction():
        period_id = ledger.open_period(
            treasurer, fund_id, name="old", starts_on=date(2025, 1, 1), ends_on=DAY
        )
        ledger.soft_close_period(treasurer, period_id)
    with transaction():
        ledger.close_period(second, period_id, reason="Audited")
    deposit_id = world.deposit("5")
    (entry,), _ = books.entries(fund_id)
    assert (entry.source_id, entry.value_on > DAY) == (deposit_id, True)
    assert books.entry(entry.id).relates_to_period == "old"
