"""Random histories of deeds, sound and unsound, on the whole money room: the books bear them all.

No history unbalances a book, overdraws a layer, loses a cent or changes what was known before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from grants.db import transaction
from grants.donors import actions as donors
from grants.donors.rules import Earmark, NewDeposit
from grants.errors import Refused
from grants.funding import actions as funding
from grants.ledger import chart
from grants.ledger import queries as books
from grants.ledger.queries import AccountBalance
from grants.money import Money, Rate
from grants.people import actions as people
from grants.people import queries as who
from grants.proof import queries as proof
from tests.conftest import ON_SQLITE
from tests.makes.donors import DAY
from tests.reports.conftest import ReportWorld

pytestmark = pytest.mark.slow

#: Units for one US dollar: currencies with two, none and three decimals.
RATES = {"SEK": "10.6383", "JPY": "149.25", "TND": "3.104"}
FIRST = DAY - timedelta(days=120)

amounts = st.integers(1, 3_000_000)
smaller = st.integers(1, 200_000)
offsets = st.integers(0, 120)
picks = st.integers(0, 30)
parts = st.sampled_from([1, 2, 3, 10, 11])


class AnyHistory(RuleBasedStateMachine):
    """A fund to which anything may happen; what the fund refuses has left no trace."""

    world: ReportWorld
    count = 0

    def __init__(self) -> None:
        super().__init__()
        world = self.world
        AnyHistory.count += 1
        for key in [key for key in world.made if key.startswith(("books", "window", "programme"))]:
            del world.made[key]
        world.made.pop("director 1,000,000,000", None)
        with transaction():
            fund = people.open_fund(
                who.system_actor(), name=f"Fund {self.count}", fee_basis_points=100
            )
            world.made["books The Fund"] = self.fund_id = fund.id
        self.programme_id = world.programme_named()
        self.deposits: list[tuple[int, Money]] = []
        self.grants: list[int] = []
        #: What the bank holds, reckoned here: minor units by currency.
        self.cash: dict[str, int] = defaultdict(int)
        self.readings: list[tuple[int, date, list[AccountBalance]]] = []

    @initialize()
    def begin(self) -> None:
        """Money that is there from the start, so that deeds have something to move."""
        self.deposit(minor=20_000_000, currency="USD", donor=0, offset=0)
        self.deposit(minor=30_000_000, currency="SEK", donor=1, offset=3)
        self.deposit(minor=9_000_000, currency="JPY", donor=2, offset=5)
        self.allocate(minor=9_000_000, offset=30)
        self.grant(minor=1_000_001)

    def attempt(self, deed: Callable[[], object]) -> bool:
        """Do it in one transaction. A refusal changes nothing."""
        before = books.head(self.fund_id)
        try:
            with transaction():
                deed()
        except Refused:
            assert books.head(self.fund_id) == before
            return False
        return True

    @rule(minor=amounts, currency=st.sampled_from(["USD", *RATES]), donor=picks, offset=offsets)
    def deposit(self, minor: int, currency: str, donor: int, offset: int) -> None:
        name = ("Sweden", "Norway", "Denmark")[donor % 3]
        amount = Money.of_minor(minor, currency)
        on = FIRST + timedelta(days=offset)
        rate = None
        if currency != "USD":
            units = Decimal(RATES[currency])
            rate = Rate(currency=currency, units_per_usd=units, source="UNORE", on=on)
        new = NewDeposit(
            fund_id=self.fund_id,
            donor_id=self.world.donor_named(name),
            amount=amount,
            value_on=on,
            rate=rate,
            conditions=Earmark(countries=frozenset({"UG"})) if donor % 4 == 0 else None,
        )
        # Nobody moves money without the right to.
        is_wrong = offset == 120
        actor, made = self.world.officer() if is_wrong else self.world.treasurer(), []
        if self.attempt(lambda: made.append(donors.record_deposit(actor, new).id)):
            assert not is_wrong
            self.deposits.append((made[0], amount))
            self.cash[currency] += minor

    @precondition(lambda self: self.deposits)
    @rule(pick=picks)
    def reverse(self, pick: int) -> None:
        deposit_id, amount = self.deposits[pick % len(self.deposits)]
        actor = self.world.treasurer()
        if self.attempt(
            lambda: donors.reverse_deposit(
                actor, deposit_id, "it never came", second_actor_id=self.world.second().user_id
            )
        ):
            self.cash[amount.currency] -= amount.minor

    @precondition(lambda self: any(one.currency != "USD" for _, one in self.deposits))
    @rule(pick=picks, part=parts, thousandths=st.integers(950, 1050))
    def convert(self, pick: int, part: int, thousandths: int) -> None:
        foreign = [one for one in self.deposits if one[1].currency != "USD"]
        deposit_id, whole = foreign[pick % len(foreign)]
        taken = Money.of_minor(whole.minor * part // 10, whole.currency)
        worth = taken.amount / Decimal(RATES[whole.currency]) * thousandths / 10
        proceeds = Money.of_minor(int(worth), "USD")
        actor = self.world.treasurer()
        if self.attempt(
            lambda: donors.record_conversion(actor, deposit_id, taken, proceeds, on=DAY)
        ):
            self.cash[whole.currency] -= taken.minor
            self.cash["USD"] += proceeds.minor

    @rule(minor=amounts, offset=offsets)
    def allocate(self, minor: int, offset: int) -> None:
        self.attempt(
            lambda: funding.allocate(
                self.world.steward(),
                self.programme_id,
                Money.of_minor(minor, "USD"),
                decided_on=FIRST + timedelta(days=offset),
                decided_by="Board",
            )
        )

    @rule(minor=amounts)
    def take_back(self, minor: int) -> None:
        self.attempt(
            lambda: funding.return_allocation(
                self.world.steward(),
                self.programme_id,
                Money.of_minor(minor, "USD"),
                decided_on=DAY,
                decided_by="Board",
                reason="not needed",
            )
        )

    @rule(minor=amounts)
    def grant(self, minor: int) -> None:
        new = self.world.new_grant(f"{Money.of_minor(minor, 'USD').amount:,}", on=DAY)
        director, made = self.world.director(), []
        if self.attempt(lambda: made.append(funding.reserve(director, new).id)):
            self.grants.append(made[0])

    @precondition(lambda self: self.grants)
    @rule(pick=picks, minor=smaller)
    def advance_and_pay(self, pick: int, minor: int) -> None:
        self._live("commit", pick, 0)
        self._live("advance", pick, minor)
        self._live("pay", pick, minor - 1 if minor % 5 == 0 else minor)

    @precondition(lambda self: self.grants)
    @rule(pick=picks, minor=smaller, deed=st.sampled_from(["decommit", "refund", "release", "pay"]))
    def give_back(self, pick: int, minor: int, deed: str) -> None:
        self._live(deed, pick, minor)

    def _live(self, deed: str, pick: int, minor: int) -> None:
        grant_id = self.grants[pick % len(self.grants)]
        amount, nothing = Money.of_minor(minor, "USD"), Money.zero("USD")
        treasurer, steward, director = (
            self.world.treasurer(),
            self.world.steward(),
            self.world.director(),
        )
        deeds: dict[str, Callable[[], object]] = {
            "commit": lambda: funding.commit(steward, grant_id, on=DAY),
            "release": lambda: funding.release_reservation(director, grant_id, "given up"),
            "advance": lambda: funding.advance(treasurer, grant_id, amount, on=DAY),
            "pay": lambda: funding.pay(treasurer, grant_id, amount, on=DAY),
            "decommit": lambda: funding.decommit(steward, grant_id, amount, on=DAY, reason="less"),
            "refund": lambda: funding.take_refund(
                treasurer, grant_id, unspent=amount, refused=nothing, on=DAY
            ),
        }
        if self.attempt(deeds[deed]):
            self.cash["USD"] += {"pay": -minor, "refund": minor}.get(deed, 0)

    @rule(offset=offsets)
    def remember(self, offset: int) -> None:
        """Read the books as of a day, with what is known now."""
        on = FIRST + timedelta(days=offset)
        known_at = books.head(self.fund_id).sequence
        self.readings.append((known_at, on, books.balances_as_of(self.fund_id, on=on)))

    @invariant()
    def no_cent_is_lost(self) -> None:
        for currency in ("USD", *RATES):
            assert books.balance(self.fund_id, chart.cash(currency)).minor == self.cash[currency]

    def teardown(self) -> None:
        found = proof.examine(self.fund_id)
        assert found.holds, found.breaks
        for known_at, on, reading in self.readings:
            assert books.balances_as_of(self.fund_id, on=on, known_at=known_at) == reading


def test_any_history(app: Flask) -> None:
    world = ReportWorld(app)
    for name in ("Sweden", "Norway", "Denmark"):
        world.donor_named(name)
    for prepare in (world.treasurer, world.steward, world.officer, world.director):
        prepare()
    world.grantee_named()
    AnyHistory.world = world
    run_state_machine_as_test(
        AnyHistory,
        settings=settings(
            max_examples=20 if ON_SQLITE else 6,
            stateful_step_count=30,
            deadline=None,
            # A history takes too long to be shrunk; what fails is printed whole.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
