"""Periods that the books are kept in: opened, soft-closed, reopened, and closed by two people."""

from __future__ import annotations

import json
from datetime import date, timedelta

from sqlalchemy import insert, select

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed, NotFound, Refused
from grants.ledger import rules
from grants.ledger.actions.posting import lock_journal
from grants.ledger.models import Period, PeriodState, PeriodStep, TrialBalanceLine
from grants.ledger.queries.closing import Check, CheckState, checklist
from grants.ledger.queries.frozen import last_step, reckoned, sealed_step
from grants.ledger.rules import SealedStep
from grants.people import queries as people
from grants.people.permissions import Actor, Verb, require

_DEEDS = {
    "soft_closed": "period.soft_closed",
    "reopened": "period.reopened",
    "closed": "period.closed",
}


def open_period(actor: Actor, fund_id: int, *, name: str, starts_on: date, ends_on: date) -> int:
    """Open a period of any length that follows the one before without a gap. Returns its id.

    Refuses days that another period has, a gap, and days before the end of a closed period.
    """
    require(actor, Verb.POST_ADJUSTMENT, fund_id)
    lock_journal(fund_id)
    if ends_on < starts_on:
        raise Malformed("A period ends on the day it starts, or later.")
    if not name.strip():
        raise Malformed("Give the period a name, such as 2026.")
    _check_neighbours(fund_id, name, starts_on, ends_on)
    period = Period(fund_id=fund_id, name=name.strip(), starts_on=starts_on, ends_on=ends_on)
    db.session.add(period)
    db.session.flush()
    _take(actor, period, "opened", "")
    audit.record(actor, "period.opened", "period", period.id, fund_id=fund_id, name=name)
    return period.id


def soft_close_period(actor: Actor, period_id: int, *, reason: str = "") -> None:
    """Close a period to all but finance, who may still post adjustments into it."""
    period = _locked(actor, period_id, Verb.POST_ADJUSTMENT)
    if period.state != PeriodState.OPEN:
        raise _is_not(period, "soft-closed")
    if period.ends_on >= clock.today(people.fund(period.fund_id).time_zone):
        raise Refused(f"{period.name} ends on {period.ends_on:%d %B %Y}; close it after that day.")
    _go(actor, period, PeriodState.SOFT_CLOSED, "soft_closed", reason)


def reopen_period(actor: Actor, period_id: int, *, reason: str) -> None:
    """Open a soft-closed period again, with the reason. A closed one stays closed for good."""
    period = _locked(actor, period_id, Verb.POST_ADJUSTMENT)
    if period.state != PeriodState.SOFT_CLOSED:
        raise _is_not(period, "reopened")
    if not reason.strip():
        raise Malformed("Give the reason.")
    _go(actor, period, PeriodState.OPEN, "reopened", reason)


def close_period(actor: Actor, period_id: int, *, reason: str = "") -> None:
    """Close a period for good: from now on nothing can be dated into it, nor before it.

    By another person than the one who soft-closed it. Runs the checklist: refuses what blocks,
    and what warns unless a reason is given. Freezes the trial balance as it stands.
    """
    period = _locked(actor, period_id, Verb.APPROVE_ADJUSTMENT)
    if period.state != PeriodState.SOFT_CLOSED:
        raise _is_not(period, "closed")
    first = last_step(period.id)
    assert first is not None
    if first.by_id == actor.user_id:
        raise rules.ClosedByTwoPeople(period=period.name)
    _check_order(period)
    checks = checklist(period.fund_id, period.id)
    _check_checks(period, checks, reason)
    sequence, _ = lock_journal(period.fund_id)
    lines = reckoned(period, through_sequence=sequence)
    step = _take(
        actor,
        period,
        "closed",
        reason,
        first_person_id=first.by_id,
        checklist=json.dumps([[one.key, one.title, one.state, one.what] for one in checks]),
        through_sequence=sequence,
        balance_sha256=rules.balance_sha256([line.frozen for line in lines]),
    )
    if lines:
        db.session.execute(
            insert(TrialBalanceLine),
            [{"period_id": period.id, **line.columns} for line in lines],
        )
    period.state = PeriodState.CLOSED
    db.session.flush()
    audit.record(
        actor,
        "period.closed",
        "period",
        period.id,
        fund_id=period.fund_id,
        reason=reason,
        through=sequence,
        balance=step.balance_sha256,
    )


def _check_neighbours(fund_id: int, name: str, starts_on: date, ends_on: date) -> None:
    overlap = db.session.scalar(
        select(Period.name).where(
            Period.fund_id == fund_id, Period.starts_on <= ends_on, Period.ends_on >= starts_on
        )
    )
    if overlap is not None:
        raise Refused(f"The period {name} would overlap {overlap}. Choose other dates.")
    before = db.session.scalars(
        select(Period)
        .where(Period.fund_id == fund_id, Period.ends_on < starts_on)
        .order_by(Period.ends_on.desc())
        .limit(1)
    ).one_or_none()
    if before is not None and before.ends_on + timedelta(days=1) != starts_on:
        raise Refused(
            f"{before.name} ends on {before.ends_on:%d %B %Y}: the next starts the day after."
        )
    after = db.session.scalars(
        select(Period)
        .where(Period.fund_id == fund_id, Period.starts_on > ends_on)
        .order_by(Period.starts_on)
        .limit(1)
    ).one_or_none()
    if after is not None and after.state == PeriodState.CLOSED:
        raise Refused(f"{after.name} is closed, and with it all days before it.")
    if after is not None and ends_on + timedelta(days=1) != after.starts_on:
        raise Refused(
            f"{after.name} starts on {after.starts_on:%d %B %Y}: this period ends the day before."
        )


def _check_order(period: Period) -> None:
    earlier = db.session.scalars(
        select(Period)
        .where(
            Period.fund_id == period.fund_id,
            Period.ends_on < period.starts_on,
            Period.state != PeriodState.CLOSED,
        )
        .order_by(Period.starts_on)
        .limit(1)
    ).one_or_none()
    if earlier is not None:
        raise rules.PeriodsCloseInOrder(
            earlier=earlier.name, period=period.name, state=earlier.state.replace("_", "-")
        )


def _check_checks(period: Period, checks: list[Check], reason: str) -> None:
    blockers = [one.what for one in checks if one.state == CheckState.BLOCKER]
    if blockers:
        raise rules.NotReadyToClose(period=period.name, what=" ".join(blockers))
    warnings = [one.what for one in checks if one.state == CheckState.WARNING]
    if warnings and not reason.strip():
        raise rules.WarningsWantAReason(period=period.name, what=" ".join(warnings))


def _locked(actor: Actor, period_id: int, verb: Verb) -> Period:
    """The period, and before it the journal: whoever posts holds that, then wants the period."""
    found = db.session.get(Period, period_id)
    if found is None:
        raise NotFound
    lock_journal(found.fund_id)
    period = lock(Period, period_id)
    require(actor, verb, period.fund_id)
    return period


def _go(actor: Actor, period: Period, state: PeriodState, step: str, reason: str) -> None:
    _take(actor, period, step, reason)
    period.state = state
    db.session.flush()
    audit.record(actor, _DEEDS[step], "period", period.id, fund_id=period.fund_id, reason=reason)


def _take(
    actor: Actor,
    period: Period,
    step: str,
    reason: str,
    *,
    first_person_id: int | None = None,
    checklist: str = "[]",
    through_sequence: int | None = None,
    balance_sha256: str = "",
) -> SealedStep:
    """Write the next step of a period, sealed to the one before."""
    before = last_step(period.id)
    row = PeriodStep(
        period_id=period.id,
        step=step,
        by_id=actor.user_id,
        first_person_id=first_person_id,
        at=clock.now(),
        reason=reason.strip(),
        checklist=checklist,
        through_sequence=through_sequence,
        balance_sha256=balance_sha256,
    )
    sealed = sealed_step(period, row)
    row.seal = rules.seal_step(sealed, before.seal if before else "")
    db.session.add(row)
    db.session.flush()
    return sealed


def _is_not(period: Period, wanted: str) -> rules.PeriodIsNot:
    return rules.PeriodIsNot(
        period=period.name, state=period.state.replace("_", "-"), wanted=wanted
    )
