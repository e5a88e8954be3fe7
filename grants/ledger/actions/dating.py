"""Which day an entry bears, and which period that day is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select

from grants import clock
from grants.db import db
from grants.ledger import rules
from grants.ledger.models import Period, PeriodState
from grants.ledger.rules import NewEntry
from grants.people import queries as people
from grants.people.permissions import Actor, Verb, may


def periods_in_order(fund_id: int) -> list[Period]:
    """The periods of a fund, the oldest first."""
    return list(
        db.session.scalars(
            select(Period).where(Period.fund_id == fund_id).order_by(Period.starts_on)
        )
    )


def dated(entry: NewEntry, periods: Sequence[Period]) -> NewEntry:
    """A late entry whose day is closed is dated today, and says which day it relates to."""
    if not entry.may_be_late or closing_period(periods, entry.value_on) is None:
        return entry
    return replace(
        entry, value_on=today_of(entry.fund_id), relates_to_on=entry.relates_to_on or entry.value_on
    )


def today_of(fund_id: int) -> date:
    """The day that it is where the fund is."""
    return clock.today(people.fund(fund_id).time_zone)


def period_of(periods: Sequence[Period], day: date, actor: Actor) -> int | None:
    """The period of a day. Nothing is dated on or before the end of a closed one."""
    closed = closing_period(periods, day)
    if closed is not None:
        raise rules.PeriodIsClosed(period=closed.name, day=day.isoformat())
    for period in periods:
        if period.starts_on <= day <= period.ends_on:
            is_finance = may(actor, Verb.POST_ADJUSTMENT, period.fund_id)
            if period.state == PeriodState.SOFT_CLOSED and not is_finance:
                later = period.ends_on + timedelta(days=1)
                raise rules.PeriodIsSoftClosed(period=period.name, until=f"{later:%d %B %Y}")
            return period.id
    return None


def closing_period(periods: Sequence[Period], day: date) -> Period | None:
    """The closed period that a day is in or before."""
    return next(
        (one for one in periods if one.state == PeriodState.CLOSED and day <= one.ends_on), None
    )
