"""What is looked at before a period is closed: each room adds its own checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import func, select

from grants.db import db
from grants.errors import NotFound
from grants.ledger.models import Entry, Period


class CheckState(StrEnum):
    PASS = "pass"  # noqa: S105 - no password
    WARNING = "warning"
    BLOCKER = "blocker"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at: what it is, how it stands, and what that means."""

    key: str
    title: str
    state: CheckState
    what: str = ""


@dataclass(frozen=True, kw_only=True)
class Closing:
    """The period that is to be closed."""

    fund_id: int
    period_id: int
    name: str
    starts_on: date
    ends_on: date
    #: The last entry that is dated on or before its end; 0 without any.
    last_sequence: int


Looker = Callable[[Closing], Iterable[Check]]

_LOOKERS: list[Looker] = []


def closing_check(looker: Looker) -> Looker:
    """Let a room say what stands in the way of closing a period: in few statements."""
    _LOOKERS.append(looker)
    return looker


def checklist(fund_id: int, period_id: int) -> list[Check]:
    """Everything that is looked at before the period is closed, blockers first."""
    period = db.session.get(Period, period_id)
    if period is None or period.fund_id != fund_id:
        raise NotFound
    closing = Closing(
        fund_id=fund_id,
        period_id=period_id,
        name=period.name,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        last_sequence=db.session.scalar(
            select(func.max(Entry.sequence)).where(
                Entry.fund_id == fund_id, Entry.value_on <= period.ends_on
            )
        )
        or 0,
    )
    order = [CheckState.BLOCKER, CheckState.WARNING, CheckState.PASS]
    found = [check for looker in _LOOKERS for check in looker(closing)]
    return sorted(found, key=lambda one: order.index(one.state))


@closing_check
def _nothing_before(closing: Closing) -> Iterable[Check]:
    """Days before the first period belong to none: closing it closes them too."""
    count = db.session.scalar(
        select(func.count())
        .select_from(Entry)
        .where(
            Entry.fund_id == closing.fund_id,
            Entry.period_id.is_(None),
            Entry.value_on <= closing.ends_on,
        )
    )
    yield Check(
        key="before",
        title="Every entry up to the end is in a period",
        state=CheckState.WARNING if count else CheckState.PASS,
        what=f"Entries up to its end in no period: {count}. Their days are closed with it."
        if count
        else "",
    )
