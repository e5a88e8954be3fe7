"""Whatever happens to a fund, its statements tie to its ledger, and to each other, to the cent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from grants.db import transaction
from grants.donors import actions as donors
from grants.donors.actions import Earmark
from grants.errors import Refused
from grants.funding import actions as funding
from grants.ledger import queries as ledger
from grants.ledger.chart import EXPENDITURE, SPENDABLE
from grants.money import Money
from grants.people import actions as people
from grants.people import queries as who
from grants.reports.shapes import DonorStatement
from tests.makes.donors import DAY
from tests.reports.conftest import ReportWorld

pytestmark = pytest.mark.slow

GIVERS = ("Sweden", "Norway", "Denmark")
UGANDA = Earmark(countries=frozenset({"UG"}))

cents = st.integers(min_value=1, max_value=5_000_000)
days = st.integers(min_value=0, max_value=900)
givers = st.sampled_from(GIVERS)
picks = st.integers(min_value=0, max_value=50)

deeds = st.one_of(
    st.tuples(st.just("deposit"), cents, givers, days, st.booleans()),
    st.tuples(st.just("allocate"), cents, days),
    st.tuples(st.just("grant"), cents, days),
    st.tuples(st.just("advance"), cents, picks, days, st.booleans()),
    st.tuples(st.just("refund"), cents, picks, days),
    st.tuples(st.just("spend"), cents, picks, st.integers(1, 8)),
    st.tuples(st.just("reverse"), picks),
)


class History:
    """Does whatever is possible in a fund of its own; what the fund refuses has not happened."""

    def __init__(self, world: ReportWorld, name: str) -> None:
        self.world = world
        for key in [key for key in world.made if key.startswith(("books", "window", "programme"))]:
            del world.made[key]
        with transaction():
            world.made["books The Fund"] = people.open_fund(
                who.system_actor(), name=name, fee_basis_points=100
            ).id
        world.made.pop("director 1,000,000,000", None)
        world.made.pop("person of the grantee", None)
        self.deposits: list[int] = []
        self.grants: list[int] = []
        self.programme_id = world.programme_named()

    def do(self, deed: tuple[object, ...]) -> None:
        act: Callable[..., None] = getattr(self, f"_{deed[0]}")
        try:
            act(*deed[1:])
        except Refused:
            return

    def _deposit(self, minor: int, donor: str, day: int, is_earmarked: bool) -> None:  # noqa: FBT001 - drawn
        on = DAY - timedelta(days=day)
        conditions = UGANDA if is_earmarked else None
        self.deposits.append(
            self.world.deposit(
                Money.of_minor(minor, "USD"), donor=donor, on=on, conditions=conditions
            )
        )

    def _allocate(self, minor: int, day: int) -> None:
        with transaction():
            funding.allocate(
                self.world.steward(),
                self.programme_id,
                Money.of_minor(minor, "USD"),
                decided_on=DAY - timedelta(days=day),
                decided_by="Board",
            )

    def _grant(self, minor: int, day: int) -> None:
        on = DAY - timedelta(days=day)
        amount = f"{Money.of_minor(minor, 'USD').amount:,}"
        grant_id = self.world.reserved_grant(amount, on=on)
        with transaction():
            funding.commit(self.world.steward(), grant_id, on=on)
        self.grants.append(grant_id)

    def _advance(self, minor: int, pick: int, day: int, is_paid: bool) -> None:  # noqa: FBT001 - drawn
        grant_id, amount = self._one(self.grants, pick), Money.of_minor(minor, "USD")
        on = DAY - timedelta(days=day)
        with transaction():
            funding.advance(self.world.treasurer(), grant_id, amount, on=on)
            if is_paid:
                funding.pay(self.world.treasurer(), grant_id, amount, on=on)

    def _refund(self, minor: int, pick: int, day: int) -> None:
        with transaction():
            funding.take_refund(
                self.world.treasurer(),
                self._one(self.grants, pick),
                unspent=Money.of_minor(minor, "USD"),
                refused=Money.zero("USD"),
                on=DAY - timedelta(days=day),
            )

    def _spend(self, minor: int, pick: int, category: int) -> None:
        from grants.ledger import actions as books
        from grants.ledger import chart
        from grants.ledger.actions import NewEntry, NewMove

        grant_id = self._one(self.grants, pick)
        move = NewMove(
            debit=chart.expenditure(grant_id, category),
            credit=chart.advances(grant_id),
            amount=Money.of_minor(minor, "USD"),
        )
        with transaction():
            books.post(
                self.world.treasurer(),
                NewEntry(
                    fund_id=self.world.books(), event="report.accepted", value_on=DAY, moves=[move]
                ),
            )

    def _reverse(self, pick: int) -> None:
        with transaction():
            donors.reverse_deposit(
                self.world.treasurer(),
                self._one(self.deposits, pick),
                "it never came",
                second_actor_id=self.world.second().user_id,
            )

    @staticmethod
    def _one(known: list[int], pick: int) -> int:
        if not known:
            raise Refused
        return known[pick % len(known)]


#: A tranche is dated before the approval of its grant, and the statement ends between the two.
PAID_BEFORE_APPROVED: list[tuple[object, ...]] = [
    ("allocate", 99999, 149),
    ("grant", 19994, 71),
    ("advance", 544, 0, 662, True),
]


@settings(
    max_examples=12,
    # Books take too long to be shrunk; what fails is printed whole.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(deeds, min_size=4, max_size=25), st.integers(0, 900))
@example(PAID_BEFORE_APPROVED, 514)
def test_every_statement_ties_to_the_ledger(
    world: ReportWorld, deeds: list[tuple[object, ...]], cut: int
) -> None:
    number = len(world.made.setdefault("histories", []))  # type: ignore[arg-type] # a list
    world.made["histories"].append(number)  # type: ignore[attr-defined] # the same
    history = History(world, f"Fund {number}")
    for donor in GIVERS:
        history.do(("deposit", 100_000, donor, 900, False))
    for deed in deeds:
        history.do(deed)
    middle = DAY - timedelta(days=cut)
    for until_on in (middle, DAY):
        made = [
            world.statement(donor, from_on=middle + timedelta(days=1), until_on=DAY)
            if until_on == DAY
            else world.statement(donor, from_on=date(2020, 1, 1), until_on=middle)
            for donor in GIVERS
        ]
        for one in made:
            _ties_in_itself(one)
        _ties_to_the_ledger(world.books(), made, until_on)
    _ties_over_time(world, middle)


def _ties_in_itself(made: DonorStatement) -> None:
    flows = {row.label: row for row in made.flows}
    for kind in ("period_tracked", "period_notional", "tracked", "notional"):

        def of(label: str, kind: str = kind) -> int:
            amount: Money = getattr(flows[label], kind)
            return amount.minor

        assert of("Total sources") == of("Contributions received") + of("Exchange and bank results")
        assert of("Net funded amount") == of("Transfers to partners") + of("Refunds from partners")
        assert of("Total uses") == of("Net funded amount") + of("Administrative agent's fee")
        assert of("Balance with partners") == of("Net funded amount") - of("Partners' expenditure")
    opening, closing = (
        flows["Opening balance with the fund"],
        flows["Closing balance with the fund"],
    )
    change = flows["Total sources"].period - flows["Total uses"].period
    assert opening.period + change == closing.period
    assert closing.period == made.closing_balance
    parts = [line for line in made.balance if line.kind == "line"]
    whole = next(line for line in made.balance if line.kind == "total")
    assert sum(line.tracked.minor for line in parts) == whole.tracked.minor
    assert sum(line.notional.minor for line in parts) == whole.notional.minor
    for amounts in (made.places, made.grants):
        spent = sum(line.expenditure.minor for line in amounts)
        assert spent == sum(line.expenditure.minor for line in made.categories)
        assert sum(line.net_funded.minor for line in amounts) == (
            flows["Net funded amount"].cumulative.minor
        )
    received = flows["Contributions received"]
    assert made.contribution.received == received.cumulative
    assert sum(line.usd.minor for line in made.instalments if line.usd) == received.cumulative.minor


def _ties_to_the_ledger(fund_id: int, made: list[DonorStatement], until_on: date) -> None:
    def held(*numbers: str) -> int:
        return sum(one.usd_minor for one in ledger.balances_as_of(fund_id, numbers, on=until_on))

    def every(label: str) -> int:
        return sum(
            row.cumulative.minor for one in made for row in one.flows if row.label.startswith(label)
        )

    assert every("Contributions received") == held("4010", "4020")
    assert every("Administrative agent's fee") == held("5200")
    assert every("Closing balance") == held(*SPENDABLE) + held("2010")
    assert every("Net funded amount") == held("9150") - held("2010")
    assert sum(line.expenditure.minor for one in made for line in one.categories) == held(
        *EXPENDITURE
    )
    fund = {row.label: row for row in made[0].fund}
    assert fund["Contributions from donors"].cumulative.minor == held("4010", "4020")
    owed = held("2020", "2030", "2050", "2900")
    assert fund["Closing balance with the fund"].period.minor == held("1010") - owed


def _ties_over_time(world: ReportWorld, middle: date) -> None:
    for donor in GIVERS:
        first = world.statement(donor, from_on=date(2020, 1, 1), until_on=middle)
        second = world.statement(donor, from_on=middle + timedelta(days=1), until_on=DAY)
        for early, late in zip(first.flows, second.flows, strict=True):
            if early.kind != "balance":
                assert early.cumulative + late.period == late.cumulative
