"""Whatever happens to a fund, every total equals its parts, the bridge closes, the books tie."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from grants.db import transaction
from grants.funding import actions as funding
from grants.funding.actions import NewHappening
from grants.ledger import chart
from grants.ledger import queries as ledger
from grants.money import Money
from grants.reports.numbers import funding_status
from grants.reports.numbers.funding_status import overview, reading
from grants.reports.numbers.funding_status.reading import Reading, read
from grants.reports.shapes.funding_status import Column, Definition, FundingStatus
from tests.conftest import ON_SQLITE
from tests.makes.donors import DAY
from tests.reports.funding_status.test_golden import check_ties
from tests.reports.funding_status.world import StatusWorld
from tests.reports.test_books_tie import History, _ties_in_itself, cents, days, deeds, picks

pytestmark = pytest.mark.slow

BEGIN = date(2020, 1, 1)

more_deeds = st.one_of(
    deeds,
    st.tuples(st.just("income"), cents, st.integers(0, 2), picks, days),
    st.tuples(st.just("charge"), cents, picks, days),
    st.tuples(st.just("direct"), cents, picks, days),
    st.tuples(st.just("to_fund"), cents, picks, days),
    st.tuples(st.just("fund_spent"), cents, picks),
    st.tuples(st.just("back"), cents, picks, st.booleans()),
)


class FullHistory(History):
    """Deposits, grants and reports, and everything else that the bank books."""

    def _income(self, minor: int, kind: int, pick: int, day: int) -> None:
        record = (
            funding.record_interest,
            funding.record_partner_interest,
            funding.record_other_income,
        )[kind]
        new = self._new(minor, pick, day)
        with transaction():
            record(self.world.treasurer(), new)

    def _charge(self, minor: int, pick: int, day: int) -> None:
        new = self._new(minor, pick, day)
        with transaction():
            funding.record_bank_charge(self.world.treasurer(), new)

    def _direct(self, minor: int, pick: int, day: int) -> None:
        self._pay(funding.record_direct_cost, minor, pick, day)

    def _to_fund(self, minor: int, pick: int, day: int) -> None:
        self._pay(funding.record_transfer_to_fund, minor, pick, day)

    def _fund_spent(self, minor: int, pick: int) -> None:
        spent = {6: Money.of_minor(minor, "USD")}
        grant_id = self._one(self.grants, pick)
        with transaction():
            funding.record_spending_of_fund(
                self.world.treasurer(), grant_id, spent, on=DAY, reason="Annual report"
            )

    def _back(self, minor: int, pick: int, is_direct: bool) -> None:  # noqa: FBT001 - drawn
        back = funding.refund_direct_cost if is_direct else funding.refund_from_fund
        self._pay(back, minor, pick, 0)

    def _pay(self, act: Callable[..., object], minor: int, pick: int, day: int) -> None:
        grant_id, on = self._one(self.grants, pick), DAY - timedelta(days=day)
        with transaction():
            act(
                self.world.treasurer(),
                grant_id,
                Money.of_minor(minor, "USD"),
                on=on,
                reason="Drawn",
            )

    def _new(self, minor: int, pick: int, day: int) -> NewHappening:
        """Every third belongs to no deposit."""
        layer_id = self._one(self.deposits, pick) if pick % 3 else None
        return NewHappening(
            fund_id=self.world.books(),
            amount=Money.of_minor(minor, "USD"),
            on=DAY - timedelta(days=day),
            reason="Drawn",
            layer_id=layer_id,
        )


@settings(
    max_examples=12 if ON_SQLITE else 4,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(more_deeds, min_size=6, max_size=30), st.integers(0, 900))
def test_every_total_equals_its_parts_and_the_bridge_closes(
    world: StatusWorld, deeds: list[tuple[object, ...]], cut: int
) -> None:
    number = len(world.made.setdefault("histories", []))  # type: ignore[arg-type] # a list
    world.made["histories"].append(number)  # type: ignore[attr-defined] # the same
    history = FullHistory(world, f"Fund {number}")
    opening: list[tuple[object, ...]] = [
        ("deposit", 9_000_000, "Sweden", 900, False),
        ("deposit", 3_000_000, "Norway", 400, True),
        ("allocate", 6_000_000, 390),
        ("grant", 4_000_000, 380),
    ]
    for deed in opening:
        history.do(deed)
    for deed in deeds[: len(deeds) // 2]:
        history.do(deed)
    fund_id, known = world.books(), ledger.head(world.books()).sequence
    early = _status(fund_id, DAY)
    for deed in deeds[len(deeds) // 2 :]:
        history.do(deed)
    assert _status(fund_id, DAY, known_at=known) == early
    middle = DAY - timedelta(days=cut)
    for on in (middle, DAY):
        for definition in Definition:
            _adds_up(_status(fund_id, on, definition=definition))
    _ties_to_the_journal(fund_id, _status(fund_id, DAY))
    _columns_follow_one_another(fund_id, middle)
    made = world.statement("Sweden", from_on=middle + timedelta(days=1), until_on=DAY)
    _ties_in_itself(made)
    assert ledger.verify(fund_id).holds


def test_every_account_of_the_actual_book_has_one_place() -> None:
    """So that no posting can make a balance of the report differ from the books."""
    placed = [
        *reading.CONTRIBUTIONS,
        *reading.FUND_INTEREST,
        *reading.PARTNER_INTEREST,
        *reading.OTHER_INCOME,
        *reading.BROUGHT_FORWARD,
        *reading.RETURNED,
        *reading.FEE,
        *reading.MANAGEMENT_FEE,
        *reading.DIRECT_COST,
        *reading.BANK_CHARGES,
        *reading.EXCHANGE,
        *reading.WRITTEN_OFF,
        *reading.ADVANCED,
        *reading.WITH_OTHER_FUNDS,
        *reading.UNPAID,
        *reading.HELD,
        *chart.EXPENDITURE,
    ]
    assert len(placed) == len(set(placed))
    assert set(placed) == {number for number in chart.CHART if not number.startswith("9")}


def _status(
    fund_id: int,
    on: date,
    *,
    known_at: int | None = None,
    definition: Definition = Definition.WHOLE,
) -> FundingStatus:
    return funding_status.build(fund_id, on, known_at=known_at, definition=definition, read_on=DAY)


def _adds_up(status: FundingStatus) -> None:
    """Each total is the sum of the rows over it; both balances make the last one."""
    held = 0
    for line in status.agent:
        if line.key == "sources":
            assert line.amount.minor == held
            held = 0
        elif line.key in {"subtotal", "uses"}:
            assert line.amount.minor == held
        elif line.key != "agent":
            held += line.amount.minor

    def of(key: str) -> int:
        return status.line(key).amount.minor

    assert of("agent") == of("sources") - of("uses")
    assert of("resources") == of("transfers")
    assert of("expenses") == of("expenditure") + of("organisation_refunds")
    assert of("organisations") == of("resources") - of("expenses")
    assert of("total") == of("agent") + of("organisations")
    check_ties(status)
    deposits = status.contributors[-1]
    assert deposits.deposits.minor == of("contributions")
    assert sum(one.deposits.minor for one in status.contributors[:-1]) == deposits.deposits.minor
    table = {line.label: line.amounts[-1].minor for line in status.overview}
    assert table["Contributions from donors"] == of("contributions")
    assert table["Closing Fund balance"] == of("agent")
    assert table["Total Sources"] - table["Total Uses"] == of("agent")


def _ties_to_the_journal(fund_id: int, status: FundingStatus) -> None:
    """The same figures from other readings: kept balances, and the events one by one."""
    kept = {line.number: line.usd_minor for line in ledger.balance_sums(fund_id)}
    assert status.line("agent").amount.minor == sum(
        kept.get(number, 0) for number in ("1010",)
    ) - sum(kept.get(number, 0) for number in ("2020", "2030", "2050", "2900"))
    paid = sum(
        (one.debit_minor - one.credit_minor)
        for one in ledger.happenings(
            fund_id, ["2010"], until_on=DAY, known_at=ledger.head(fund_id).sequence
        )
        if one.event.startswith("tranche.paid")
    )
    assert status.line("transferred").amount.minor == paid


def _columns_follow_one_another(fund_id: int, middle: date) -> None:
    """Three stretches of any length, eighteen months among them, sum to the cumulative column."""
    known = ledger.head(fund_id).sequence

    def at(day: date) -> Reading:
        return read(fund_id, day, known)

    first_end = min(middle, DAY - timedelta(days=548))
    columns = [
        Column(label="First", from_on=BEGIN, until_on=first_end),
        Column(
            label="18 months",
            from_on=first_end + timedelta(days=1),
            until_on=DAY - timedelta(days=1),
        ),
        Column(label="A day", from_on=DAY, until_on=DAY),
        Column(label="Cumulative", from_on=None, until_on=DAY),
    ]
    lines = overview.overview_lines(columns, at)
    for line in lines:
        *stretches, cumulative = (amount.minor for amount in line.amounts)
        if line.label not in {overview.OPENING, overview.CLOSING}:
            assert sum(stretches) == cumulative, line.label
    table = {line.label: [amount.minor for amount in line.amounts] for line in lines}
    opening, closing = table[overview.OPENING], table[overview.CLOSING]
    assert opening[1:3] == closing[:2]
    change = table["Change in Fund cash balance with Administrative Agent"]
    assert [start + more for start, more in zip(opening, change, strict=True)] == closing
