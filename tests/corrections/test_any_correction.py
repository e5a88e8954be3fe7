"""Any corrections in any order, sound and unsound: the books hold, and so does what was known."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from grants.corrections import actions, queries
from grants.corrections.rules import (
    Change,
    ReAttribution,
    ReturnPaid,
    ReturnToContributor,
    Reversal,
    WriteOff,
)
from grants.db import transaction
from grants.errors import Refused
from grants.funding import queries as funding
from grants.ledger import chart
from grants.ledger import queries as books
from grants.ledger.queries import AccountBalance
from grants.people import actions as people
from grants.people import queries as who
from grants.proof import queries as proof
from tests.conftest import ON_SQLITE
from tests.corrections.conftest import World
from tests.makes.donors import DAY, money

pytestmark = pytest.mark.slow

FIRST = DAY - timedelta(days=3)
DONORS = ("Sweden", "Norway", "Denmark")

amounts = st.integers(1, 12_000)
picks = st.integers(0, 30)


class AnyCorrection(RuleBasedStateMachine):
    """Three donors' deposits pay two grants; then finance changes its mind about everything."""

    world: World
    count = 0

    def __init__(self) -> None:
        super().__init__()
        AnyCorrection.count += 1
        for key in [
            key for key in self.world.made if key.startswith(("books", "window", "programme"))
        ]:
            del self.world.made[key]
        self.world.made.pop("director 1,000,000,000", None)
        with transaction():
            fund = people.open_fund(who.system_actor(), name=f"Corrected {self.count}")
            self.world.made["books The Fund"] = self.fund_id = fund.id
        self.readings: list[tuple[int, date, list[AccountBalance]]] = []

    @initialize()
    def begin(self) -> None:
        world = self.world
        self.layers = [world.deposit("100", donor=name, on=FIRST) for name in DONORS]
        world.allocation("270")
        self.grants = [world.active_grant("100"), world.reserved_grant("60")]
        world.advanced(self.grants[0], money("40"))
        world.owed(self.grants[0], "15")
        self.approved = {grant_id: funding.grant(grant_id).approved for grant_id in self.grants}

    def attempt(self, change: Change, *, is_agreed: bool = True) -> bool:
        """Propose, and have it approved. What is refused has left no trace in the books."""
        before, treasurer, boss = (
            books.head(self.fund_id),
            self.world.treasurer(),
            self.world.boss(),
        )
        try:
            with transaction():
                made = actions.propose(treasurer, self.fund_id, change, reason="It was wrong").id
        except Refused:
            return False
        try:
            with transaction():
                if is_agreed:
                    actions.approve(boss, made)
                else:
                    actions.refuse(boss, made, note="It is right")
        except Refused:
            assert queries.correction(made).state == "proposed"
            with transaction():
                actions.withdraw(treasurer, made)
        if queries.correction(made).state == "approved":
            return True
        assert books.head(self.fund_id) == before
        return False

    @rule(pick=picks)
    def reverse(self, pick: int) -> None:
        found, _ = books.entries(self.fund_id, limit=100)
        entry = found[pick % len(found)]
        if self.attempt(Reversal(entry_id=entry.id)):
            assert books.entry(entry.id).reversed_by is not None

    @rule(minor=amounts)
    def write_off(self, minor: int) -> None:
        owed = books.balance(self.fund_id, chart.due_from_grantee(self.grants[0])).minor
        change = WriteOff(grant_id=self.grants[0], usd_minor=minor % 1_600 + 1, on=DAY)
        assert self.attempt(change) == (change.usd_minor <= owed)

    @rule(minor=amounts, first=picks, second=picks)
    def return_money(self, minor: int, first: int, second: int) -> None:
        donor = first % 3
        parts = {self.layers[donor]: minor}
        if second % 5 == 0:
            parts[self.layers[second % 3]] = minor
        donor_id = self.world.donor_named(DONORS[donor])
        self.attempt(ReturnToContributor(donor_id=donor_id, parts=parts, on=DAY))

    @rule(minor=amounts, pick=picks)
    def pay_back(self, minor: int, pick: int) -> None:
        donor_id = self.world.donor_named(DONORS[pick % 3])
        owed = books.balance(self.fund_id, chart.contributors_payable(donor_id)).minor
        change = ReturnPaid(donor_id=donor_id, usd_minor=minor, on=DAY)
        assert self.attempt(change) == (minor <= owed)

    @rule(minor=amounts, grant=picks, one=picks, other=picks)
    def another_payer(self, minor: int, grant: int, one: int, other: int) -> None:
        self.attempt(
            ReAttribution(
                grant_id=self.grants[grant % 2],
                from_layer_id=self.layers[one % 3],
                to_layer_id=self.layers[other % 3],
                usd_minor=minor % 4_000 + 1,
                on=DAY,
            ),
            is_agreed=minor % 4 > 0,
        )

    @rule(days=st.integers(0, 4))
    def remember(self, days: int) -> None:
        """Read the books as of a day, with what is known now."""
        on = FIRST + timedelta(days=days)
        known_at = books.head(self.fund_id).sequence
        self.readings.append((known_at, on, books.balances_as_of(self.fund_id, on=on)))

    @invariant()
    def attribution_sums_to_the_grant(self) -> None:
        for grant_id, amount in getattr(self, "approved", {}).items():
            shares = funding.attribution_of(grant_id)
            assert sum(share.amount.minor for share in shares) == amount.minor
            assert all(share.amount.minor >= 0 for share in shares)

    def teardown(self) -> None:
        found = proof.examine(self.fund_id)
        assert found.holds, found.breaks
        for known_at, on, reading in self.readings:
            assert books.balances_as_of(self.fund_id, on=on, known_at=known_at) == reading


def test_any_correction(world: World, app: Flask) -> None:
    for name in DONORS:
        world.donor_named(name)
    world.steward()
    world.grantee_named()
    AnyCorrection.world = world
    run_state_machine_as_test(
        AnyCorrection,
        settings=settings(
            max_examples=12 if ON_SQLITE else 4,
            stateful_step_count=25,
            deadline=None,
            # A history takes too long to be shrunk; what fails is printed whole.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
