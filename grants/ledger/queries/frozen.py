"""Periods as they stand, their frozen trial balances, and the proof of both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import aliased

from grants.db import db, is_misspelt
from grants.errors import NotFound
from grants.ledger.chart import CHART, AccountRef
from grants.ledger.models import Account, Period, PeriodState, PeriodStep, TrialBalanceLine
from grants.ledger.queries.accounts import ref_of
from grants.ledger.queries.closing import Check, CheckState
from grants.ledger.queries.kept import Break
from grants.ledger.queries.turnover import accounts_of, summed, turnover
from grants.ledger.rules import FrozenLine, SealedStep, balance_sha256, seal_step
from grants.people.models import User

_LEADS_TO = {
    "opened": PeriodState.OPEN,
    "reopened": PeriodState.OPEN,
    "soft_closed": PeriodState.SOFT_CLOSED,
    "closed": PeriodState.CLOSED,
}


@dataclass(frozen=True, kw_only=True)
class BalanceLine:
    """An account in a trial balance, on its normal side: minor units, and US cents."""

    account_id: int
    ref: AccountRef
    opening_minor: int
    debit_minor: int
    credit_minor: int
    closing_minor: int
    opening_usd_minor: int
    debit_usd_minor: int
    credit_usd_minor: int
    closing_usd_minor: int

    @property
    def frozen(self) -> FrozenLine:
        """As it is hashed."""
        return (
            self.ref.key,
            self.opening_minor,
            self.debit_minor,
            self.credit_minor,
            self.closing_minor,
            self.opening_usd_minor,
            self.debit_usd_minor,
            self.credit_usd_minor,
            self.closing_usd_minor,
        )

    @property
    def columns(self) -> dict[str, int]:
        """As it is kept."""
        names = TrialBalanceLine.__table__.columns.keys()
        return {name: getattr(self, name) for name in names if name != "period_id"}


@dataclass(frozen=True, kw_only=True)
class PeriodView:
    """A period and where it is in its life."""

    id: int
    fund_id: int
    name: str
    starts_on: date
    ends_on: date
    state: str
    through_sequence: int | None
    balance_sha256: str


@dataclass(frozen=True, kw_only=True)
class StepView:
    """A step of a period, with the names of its people."""

    step: str
    at: datetime
    by: str
    first_person: str
    reason: str
    checklist: tuple[Check, ...]


def periods_of(fund_id: int) -> list[PeriodView]:
    """The periods of a fund, the newest first. Two statements."""
    periods = db.session.scalars(
        select(Period).where(Period.fund_id == fund_id).order_by(Period.starts_on.desc())
    ).all()
    closings = {
        step.period_id: step
        for step in db.session.scalars(
            select(PeriodStep)
            .join(Period, Period.id == PeriodStep.period_id)
            .where(Period.fund_id == fund_id, PeriodStep.step == "closed")
        )
    }
    return [_view(period, closings.get(period.id)) for period in periods]


def period(period_id: int) -> PeriodView:
    """A period. Refuses with NotFound."""
    found = db.session.get(Period, period_id)
    if found is None:
        raise NotFound
    closing = db.session.scalar(
        select(PeriodStep).where(PeriodStep.period_id == period_id, PeriodStep.step == "closed")
    )
    return _view(found, closing)


def period_on(fund_id: int, day: date) -> PeriodView | None:
    """The period that a day lies in, if any."""
    found = db.session.scalar(
        select(Period).where(
            Period.fund_id == fund_id, Period.starts_on <= day, Period.ends_on >= day
        )
    )
    return _view(found, None) if found else None


def closed_until(fund_id: int) -> date | None:
    """The last day that nothing can be dated on or before, if a period was ever closed."""
    return db.session.scalar(
        select(Period.ends_on)
        .where(Period.fund_id == fund_id, Period.state == PeriodState.CLOSED)
        .order_by(Period.ends_on.desc())
        .limit(1)
    )


def steps_of(period_id: int) -> list[StepView]:
    """The life of a period, oldest step first."""
    by, first = aliased(User), aliased(User)
    rows = db.session.execute(
        select(PeriodStep, by.name, first.name)
        .join(by, by.id == PeriodStep.by_id)
        .outerjoin(first, first.id == PeriodStep.first_person_id)
        .where(PeriodStep.period_id == period_id)
        .order_by(PeriodStep.id)
    )
    return [
        StepView(
            step=step.step,
            at=step.at,
            by=by_name,
            first_person=first_name or "",
            reason=step.reason,
            checklist=tuple(_checked(step.checklist)),
        )
        for step, by_name, first_name in rows
    ]


def frozen_lines(period_id: int) -> list[BalanceLine]:
    """The trial balance that was frozen when the period was closed; empty until then."""
    rows = db.session.execute(
        select(TrialBalanceLine, Account)
        .join(Account, Account.id == TrialBalanceLine.account_id)
        .where(TrialBalanceLine.period_id == period_id)
        .order_by(Account.number, Account.id)
        .execution_options(populate_existing=True)
    )
    names = [
        name
        for name in TrialBalanceLine.__table__.columns.keys()  # noqa: SIM118 - not a dictionary
        if name not in {"period_id", "account_id"}
    ]
    return [
        BalanceLine(
            account_id=account.id,
            ref=ref_of(account),
            **{name: getattr(line, name) for name in names},
        )
        for line, account in rows
    ]


def trial_balance(
    fund_id: int, *, from_on: date | None, until_on: date, known_at: int | None = None
) -> list[BalanceLine]:
    """Opening, debits, credits and closing of every account between two days, both included.

    With `known_at`, as the journal up to that entry has it. Accounts that never held anything by
    then are left out. Without a first day nothing is opening.
    """
    opening: dict[int, tuple[int, int, int, int]] = {}
    if from_on is not None:
        opening = _turned(fund_id, None, from_on - timedelta(days=1), known_at)
    within = _turned(fund_id, from_on, until_on, known_at)
    wanted = sorted({*opening, *within})
    accounts = {
        account.id: account
        for start in range(0, len(wanted), 500)
        for account in db.session.scalars(
            select(Account).where(Account.id.in_(wanted[start : start + 500]))
        )
    }
    lines = [
        _line(accounts[one], opening.get(one, (0, 0, 0, 0)), within.get(one, (0, 0, 0, 0)))
        for one in wanted
    ]
    return sorted(lines, key=lambda line: (line.ref.number, line.account_id))


def reckoned(found: Period, *, through_sequence: int) -> list[BalanceLine]:
    """The trial balance of a period as the journal up to an entry has it."""
    return trial_balance(
        found.fund_id,
        from_on=found.starts_on,
        until_on=found.ends_on,
        known_at=through_sequence,
    )


def last_step(period_id: int) -> PeriodStep | None:
    """The newest step of a period."""
    return db.session.scalars(
        select(PeriodStep)
        .where(PeriodStep.period_id == period_id)
        .order_by(PeriodStep.id.desc())
        .limit(1)
    ).one_or_none()


def sealed_step(found: Period, step: PeriodStep) -> SealedStep:
    """A step as it is hashed."""
    return SealedStep(
        fund_id=found.fund_id,
        period_id=found.id,
        name=found.name,
        starts_on=found.starts_on,
        ends_on=found.ends_on,
        step=step.step,
        by_id=step.by_id,
        first_person_id=step.first_person_id,
        at=step.at,
        reason=step.reason,
        checklist=step.checklist,
        through_sequence=step.through_sequence,
        balance_sha256=step.balance_sha256,
    )


def frozen_breaks(fund_id: int) -> Iterator[Break]:
    """Periods whose steps, state or frozen trial balance are not what was sealed."""
    misspelt = set(db.session.scalars(select(PeriodStep.id).where(is_misspelt(PeriodStep.at))))
    periods = db.session.scalars(
        select(Period)
        .where(Period.fund_id == fund_id)
        .order_by(Period.id)
        .execution_options(populate_existing=True)
    ).all()
    for found in periods:
        where = f"period {found.name}"
        steps = db.session.scalars(
            select(PeriodStep)
            .where(PeriodStep.period_id == found.id)
            .order_by(PeriodStep.id)
            .execution_options(populate_existing=True)
        ).all()
        previous = ""
        for step in steps:
            if seal_step(sealed_step(found, step), previous) != step.seal or step.id in misspelt:
                yield Break("period", where, f"its step {step.step} is not what was sealed")
                break
            previous = step.seal
        if not steps or _LEADS_TO.get(steps[-1].step) != found.state:
            yield Break("period", where, f"it is {found.state}, but not by its steps")
        yield from _balance_breaks(found, [step for step in steps if step.step == "closed"])


def _balance_breaks(found: Period, closings: list[PeriodStep]) -> Iterator[Break]:
    where = f"period {found.name}"
    kept = frozen_lines(found.id)
    if not closings:
        if kept:
            yield Break("trial balance", where, "it is frozen, but the period is not closed")
        return
    closing = closings[-1]
    if balance_sha256([line.frozen for line in kept]) != closing.balance_sha256:
        yield Break("trial balance", where, "it is not the one that was frozen")
    made = reckoned(found, through_sequence=closing.through_sequence or 0)
    if sorted(line.frozen for line in made) != sorted(line.frozen for line in kept):
        yield Break("trial balance", where, "the entries make another one")


def _turned(
    fund_id: int, from_on: date | None, until_on: date, known_at: int | None
) -> dict[int, tuple[int, int, int, int]]:
    sides = turnover(
        fund_id, accounts_of(fund_id), from_on=from_on, until_on=until_on, known_at=known_at
    )
    columns = [
        summed(column)
        for column in (sides.c.debit, sides.c.credit, sides.c.debit_usd, sides.c.credit_usd)
    ]
    rows = db.session.execute(select(sides.c.account_id, *columns).group_by(sides.c.account_id))
    turned = {row[0]: (int(row[1]), int(row[2]), int(row[3]), int(row[4])) for row in rows}
    return {account_id: sums for account_id, sums in turned.items() if any(sums)}


def _line(
    account: Account, before: tuple[int, int, int, int], within: tuple[int, int, int, int]
) -> BalanceLine:
    side = CHART[account.number].side
    opening, opening_usd = (before[0] - before[1]) * side, (before[2] - before[3]) * side
    return BalanceLine(
        account_id=account.id,
        ref=ref_of(account),
        opening_minor=opening,
        debit_minor=within[0],
        credit_minor=within[1],
        closing_minor=opening + (within[0] - within[1]) * side,
        opening_usd_minor=opening_usd,
        debit_usd_minor=within[2],
        credit_usd_minor=within[3],
        closing_usd_minor=opening_usd + (within[2] - within[3]) * side,
    )


def _checked(kept: str) -> Iterator[Check]:
    for key, title, state, what in json.loads(kept):
        yield Check(key=key, title=title, state=CheckState(state), what=what)


def _view(found: Period, closing: PeriodStep | None) -> PeriodView:
    return PeriodView(
        id=found.id,
        fund_id=found.fund_id,
        name=found.name,
        starts_on=found.starts_on,
        ends_on=found.ends_on,
        state=found.state,
        through_sequence=closing.through_sequence if closing else None,
        balance_sha256=closing.balance_sha256 if closing else "",
    )
