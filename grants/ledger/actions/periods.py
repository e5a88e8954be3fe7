"""Periods that the books are kept in, and rates of exchange."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Refused
from grants.ledger.actions.posting import lock_journal
from grants.ledger.models import ExchangeRate, Period, PeriodState
from grants.money import Rate
from grants.people.permissions import Actor, Verb, require


def record_rate(actor: Actor, fund_id: int, rate: Rate) -> None:
    """Keep a rate of exchange from its source. The same source, day and currency is kept once."""
    require(actor, Verb.RECORD_CONTRIBUTION, fund_id)
    known = db.session.scalar(
        select(ExchangeRate.units_per_usd).where(
            ExchangeRate.currency == rate.currency,
            ExchangeRate.source == rate.source,
            ExchangeRate.effective_on == rate.on,
        )
    )
    if known == str(rate.units_per_usd):
        return
    if known is not None:
        raise Refused(
            f"{rate.source} already has {known} {rate.currency} per US dollar from {rate.on} on."
        )
    db.session.add(
        ExchangeRate(
            currency=rate.currency,
            units_per_usd=str(rate.units_per_usd),
            source=rate.source,
            effective_on=rate.on,
            recorded_at=clock.now(),
            actor_id=actor.user_id,
        )
    )
    db.session.flush()


def open_period(actor: Actor, fund_id: int, *, name: str, starts_on: date, ends_on: date) -> int:
    """Open a period of any length that overlaps no other. Returns its id."""
    require(actor, Verb.POST_ADJUSTMENT, fund_id)
    lock_journal(fund_id)
    overlap = db.session.scalar(
        select(Period.name).where(
            Period.fund_id == fund_id, Period.starts_on <= ends_on, Period.ends_on >= starts_on
        )
    )
    if overlap is not None:
        raise Refused(f"The period {name} would overlap {overlap}. Choose other dates.")
    period = Period(fund_id=fund_id, name=name, starts_on=starts_on, ends_on=ends_on)
    db.session.add(period)
    db.session.flush()
    audit.record(actor, "period.opened", "period", period.id, fund_id=fund_id, name=name)
    return period.id


def close_period(actor: Actor, period_id: int, *, reason: str) -> None:
    """Close a period: from now on nothing can be dated into it."""
    period = lock(Period, period_id)
    require(actor, Verb.POST_ADJUSTMENT, period.fund_id)
    lock_journal(period.fund_id)
    period.state = PeriodState.CLOSED
    db.session.flush()
    audit.record(actor, "period.closed", "period", period.id, fund_id=period.fund_id, reason=reason)
