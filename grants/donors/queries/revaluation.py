"""What foreign cash would be worth at the rate of a day, deposit by deposit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select

from grants.db import db
from grants.donors import rules
from grants.donors.models import Deposit, DepositState, Revaluation
from grants.ledger import queries as ledger
from grants.ledger.queries import Check, CheckState, Closing, closing_check
from grants.money import Money, Rate
from grants.people.models import Organisation


@dataclass(frozen=True, kw_only=True)
class Revalued:
    """A deposit's cash in its own currency: worth in the books, and at the rate of the day."""

    deposit_id: int
    donor: str
    left: Money
    book: Money
    rate: Rate
    worth: Money
    #: What was posted for that day before.
    posted: Money

    @property
    def difference(self) -> Money:
        """Above zero a gain, below zero a loss: what is still to be posted."""
        return self.worth - self.book - self.posted


@dataclass(frozen=True, kw_only=True)
class RevaluationDay:
    """A day on which foreign cash was valued."""

    on: date
    deposits: int
    difference: Money


def revaluation_preview(fund_id: int, on: date) -> list[Revalued]:
    """Every deposit with cash in its own currency on a day. Refuses with NoRate.

    What was converted since counts as converted: value a day before the next conversion.
    """
    posted = {
        deposit_id: int(minor)
        for deposit_id, minor in db.session.execute(
            select(Revaluation.deposit_id, func.sum(Revaluation.difference_minor))
            .where(Revaluation.fund_id == fund_id, Revaluation.on == on)
            .group_by(Revaluation.deposit_id)
        )
    }
    rows = db.session.execute(
        select(Deposit, Organisation.name)
        .join(Organisation, Organisation.id == Deposit.donor_id)
        .where(*_held(fund_id, on))
        .order_by(Deposit.id)
    ).all()
    rates: dict[str, Rate] = {}
    found = []
    for deposit, donor in rows:
        currency = deposit.currency
        if currency not in rates:
            rate = ledger.rate_for(fund_id, currency, on)
            if rate is None:
                raise rules.NoRate(currency=currency, day=on.isoformat())
            rates[currency] = rate
        left = Money.of_minor(deposit.amount_minor - deposit.converted_minor, currency)
        found.append(
            Revalued(
                deposit_id=deposit.id,
                donor=donor,
                left=left,
                book=Money.of_minor(deposit.usd_minor - deposit.converted_usd_minor, "USD"),
                rate=rates[currency],
                worth=rates[currency].to_usd(left),
                posted=Money.of_minor(posted.get(deposit.id, 0), "USD"),
            )
        )
    return found


def revaluations_of(fund_id: int, *, limit: int = 50) -> list[RevaluationDay]:
    """The days on which foreign cash was valued, the newest first."""
    rows = db.session.execute(
        select(
            Revaluation.on,
            func.count(Revaluation.deposit_id.distinct()),
            func.sum(Revaluation.difference_minor),
        )
        .where(Revaluation.fund_id == fund_id)
        .group_by(Revaluation.on)
        .order_by(Revaluation.on.desc())
        .limit(limit)
    )
    return [
        RevaluationDay(on=on, deposits=count, difference=Money.of_minor(int(minor), "USD"))
        for on, count, minor in rows
    ]


@closing_check
def foreign_cash_is_valued(closing: Closing) -> Iterable[Check]:
    """Cash in other currencies is valued at the end of the period before it is closed."""
    held = db.session.scalar(
        select(func.count()).select_from(Deposit).where(*_held(closing.fund_id, closing.ends_on))
    )
    done = db.session.scalar(
        select(func.count())
        .select_from(Revaluation)
        .where(Revaluation.fund_id == closing.fund_id, Revaluation.on == closing.ends_on)
    )
    is_open = bool(held) and not done
    yield Check(
        key="revaluation",
        title="Cash in other currencies is valued at the last day",
        state=CheckState.WARNING if is_open else CheckState.PASS,
        what=f"{held} deposits hold cash in their own currency." if is_open else "",
    )


def _held(fund_id: int, on: date) -> list[ColumnElement[bool]]:
    return [
        Deposit.fund_id == fund_id,
        Deposit.state == DepositState.MATCHED,
        Deposit.currency != "USD",
        Deposit.value_on <= on,
        Deposit.amount_minor > Deposit.converted_minor,
    ]
