"""Where the money of a programme and of the whole fund stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from grants.db import db
from grants.donors import queries as donors
from grants.funding import rules
from grants.funding.models import Grant, GrantState
from grants.funding.queries.layers import (
    ALLOCATED,
    COMMITTED,
    DISBURSED,
    RESERVE,
    RESERVED,
    UNALLOCATED,
    usd,
    window_names,
)
from grants.ledger import queries as ledger
from grants.ledger.chart import PAYABLES, SPENT
from grants.money import Money
from grants.people import queries as people
from grants.programmes import queries as programmes
from grants.programmes.queries import AllocationLine, ProgrammeView

_SET_ASIDE = (ALLOCATED, RESERVED, COMMITTED, DISBURSED)


@dataclass(frozen=True, kw_only=True)
class ProgrammeMoney:
    """What was set aside for a programme, and where it stands; `left` can still be reserved."""

    allocated: Money
    left: Money
    reserved: Money
    committed: Money
    disbursed: Money


@dataclass(frozen=True, kw_only=True)
class ProgrammeLine:
    """A programme in a list."""

    programme: ProgrammeView
    money: ProgrammeMoney
    grants: int


@dataclass(frozen=True, kw_only=True)
class ProgrammeLayer:
    """A layer that pays for a programme: what it gave, and what of that is still free."""

    layer_id: int
    donor_id: int
    donor: str
    value_on: date
    given: Money
    left: Money
    is_tracked: bool
    conditions_words: str
    usable_until: date | None


@dataclass(frozen=True, kw_only=True)
class ProgrammePage:
    """Everything about the money of one programme."""

    programme: ProgrammeView
    fund: str
    money: ProgrammeMoney
    expenditure: Money
    allocations: tuple[AllocationLine, ...]
    layers: tuple[ProgrammeLayer, ...]


@dataclass(frozen=True, kw_only=True)
class FundingStatus:
    """Can we commit? What the fund has, what is set aside, and what is still to come.

    `free` is what can be allocated or reserved today: neither pledges nor signed agreements are
    in it. `held` is cash less what is owed, and always equals the spendable side (invariant iii).
    """

    fund_id: int
    fund: str
    cash: Money
    payables: Money
    unallocated: Money
    without_layer: Money
    exchange_reserve: Money
    allocated: Money
    reserved: Money
    committed: Money
    disbursed: Money
    expenditure: Money
    pledged: Money
    receivable: Money

    @property
    def held(self) -> Money:
        return self.cash - self.payables

    @property
    def free(self) -> Money:
        return self.unallocated + self.allocated - self.without_layer


def programme_lines(fund_id: int) -> list[ProgrammeLine]:
    """The programmes of a fund by name, with their money. Three statements."""
    held: dict[int, dict[str, int]] = defaultdict(dict)
    for line in ledger.balance_sums(fund_id, _SET_ASIDE, by="programme_id"):
        if isinstance(line.key, int):
            held[line.key][line.number] = line.usd_minor
    counted = {
        programme_id: count
        for programme_id, count in db.session.execute(
            select(Grant.programme_id, func.count())
            .where(Grant.fund_id == fund_id, Grant.state != GrantState.CANCELLED)
            .group_by(Grant.programme_id)
        )
    }
    return [
        ProgrammeLine(
            programme=one, money=_money(held.get(one.id, {})), grants=counted.get(one.id, 0)
        )
        for one in programmes.programmes_of(fund_id)
    ]


def programme_page(programme_id: int) -> ProgrammePage:
    """The money of a programme: decisions, layers, and where it stands. Refuses with NotFound."""
    programme = programmes.programme(programme_id)
    by_layer: dict[int, dict[str, int]] = defaultdict(dict)
    total: dict[str, int] = defaultdict(int)
    for line in ledger.balance_sums(
        programme.fund_id, _SET_ASIDE, by="layer_id", programme_id=programme_id
    ):
        total[line.number] += line.usd_minor
        if isinstance(line.key, int):
            by_layer[line.key][line.number] = line.usd_minor
    return ProgrammePage(
        programme=programme,
        fund=people.fund(programme.fund_id).name,
        money=_money(total),
        expenditure=_expenditure(programme),
        allocations=tuple(programmes.allocations_of(programme_id)),
        layers=tuple(_layers(programme.fund_id, by_layer)),
    )


def programme_money(programme_id: int) -> ProgrammeMoney:
    """Where the money of a programme stands. Two statements."""
    programme = programmes.programme(programme_id)
    return _money(
        {
            line.number: line.usd_minor
            for line in ledger.balance_sums(
                programme.fund_id, _SET_ASIDE, programme_id=programme_id
            )
        }
    )


def funding_status(fund_id: int) -> FundingStatus:
    """Can we commit? Three statements, however large the fund."""
    held = {line.number: line.usd_minor for line in ledger.balance_sums(fund_id)}
    layered = sum(
        line.usd_minor
        for line in ledger.balance_sums(fund_id, [UNALLOCATED], by="layer_id")
        if line.key is not None
    )

    def sum_of(*numbers: str) -> Money:
        return usd(sum(held.get(number, 0) for number in numbers))

    return FundingStatus(
        fund_id=fund_id,
        fund=people.fund(fund_id).name,
        cash=sum_of("1010"),
        payables=sum_of(*PAYABLES),
        unallocated=sum_of(UNALLOCATED),
        without_layer=sum_of(UNALLOCATED) - usd(layered),
        exchange_reserve=sum_of(RESERVE),
        allocated=sum_of(ALLOCATED),
        reserved=sum_of(RESERVED),
        committed=sum_of(COMMITTED),
        disbursed=sum_of(DISBURSED),
        expenditure=sum_of(*SPENT),
        pledged=sum_of("9011"),
        receivable=sum_of("1100"),
    )


def _money(held: Mapping[str, int]) -> ProgrammeMoney:
    return ProgrammeMoney(
        allocated=usd(sum(held.get(number, 0) for number in _SET_ASIDE)),
        left=usd(held.get(ALLOCATED, 0)),
        reserved=usd(held.get(RESERVED, 0)),
        committed=usd(held.get(COMMITTED, 0)),
        disbursed=usd(held.get(DISBURSED, 0)),
    )


def _expenditure(programme: ProgrammeView) -> Money:
    mine = set(db.session.scalars(select(Grant.id).where(Grant.programme_id == programme.id)))
    return usd(
        sum(
            line.usd_minor
            for line in ledger.balance_sums(programme.fund_id, SPENT, by="grant_id")
            if line.key in mine
        )
    )


def _layers(fund_id: int, held: Mapping[int, Mapping[str, int]]) -> list[ProgrammeLayer]:
    names = window_names(fund_id)
    found = [
        ProgrammeLayer(
            layer_id=layer.layer_id,
            donor_id=layer.donor_id,
            donor=layer.donor,
            value_on=layer.value_on,
            given=usd(sum(held[layer.layer_id].values())),
            left=usd(held[layer.layer_id].get(ALLOCATED, 0)),
            is_tracked=layer.conditions.is_earmarked,
            conditions_words=rules.words_of(layer.conditions, names),
            usable_until=layer.conditions.usable_until,
        )
        for layer in donors.layers(fund_id, list(held))
    ]
    return sorted(found, key=lambda one: (-one.given.minor, one.layer_id))
