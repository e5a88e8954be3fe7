"""Changes of what deposits may pay for: those of a deposit, and those that wait."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from grants.db import db
from grants.donors.models import ChangeState, ConditionChange, Deposit
from grants.donors.rules import Earmark
from grants.errors import NotFound
from grants.people.models import Organisation, User


@dataclass(frozen=True, kw_only=True)
class ChangeLine:
    """One change: what the deposit could pay for, what it may, and who says so."""

    id: int
    fund_id: int
    deposit_id: int
    donor: str
    was: Earmark
    becomes: Earmark
    reason: str
    state: str
    proposed_by_id: int
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None


def condition_changes(deposit_id: int, *, limit: int = 100) -> list[ChangeLine]:
    """The changes of a deposit, the newest first."""
    rows = db.session.execute(
        _lines()
        .where(ConditionChange.deposit_id == deposit_id)
        .order_by(ConditionChange.id.desc())
        .limit(limit)
    )
    return [_line(row) for row in rows]


def condition_change(change_id: int) -> ChangeLine:
    """One change. Refuses with NotFound."""
    row = db.session.execute(_lines().where(ConditionChange.id == change_id)).one_or_none()
    if row is None:
        raise NotFound
    return _line(row)


def conditions_waiting(fund_ids: Collection[int] | None, *, limit: int = 50) -> list[ChangeLine]:
    """Changes that wait for a second person, the oldest first. None means in every fund."""
    query = _lines().where(ConditionChange.state == ChangeState.PROPOSED)
    if fund_ids is not None:
        query = query.where(ConditionChange.fund_id.in_(list(fund_ids)))
    rows = db.session.execute(query.order_by(ConditionChange.id).limit(limit))
    return [_line(row) for row in rows]


def _lines() -> Select[ConditionChange, str, str, str]:
    proposer, decider = aliased(User), aliased(User)
    return (
        select(
            ConditionChange,
            func.coalesce(Organisation.name, "").label("donor"),
            proposer.name.label("proposed_by"),
            func.coalesce(decider.name, "").label("decided_by"),
        )
        .join(Deposit, Deposit.id == ConditionChange.deposit_id)
        .outerjoin(Organisation, Organisation.id == Deposit.donor_id)
        .join(proposer, proposer.id == ConditionChange.proposed_by_id)
        .outerjoin(decider, decider.id == ConditionChange.decided_by_id)
    )


def _line(row: Any) -> ChangeLine:
    change: ConditionChange = row[0]
    return ChangeLine(
        id=change.id,
        fund_id=change.fund_id,
        deposit_id=change.deposit_id,
        donor=row.donor,
        was=Earmark.of_stored(change.was),
        becomes=Earmark.of_stored(change.becomes),
        reason=change.reason,
        state=change.state,
        proposed_by_id=change.proposed_by_id,
        proposed_by=row.proposed_by,
        proposed_at=change.proposed_at,
        decided_by=row.decided_by,
        decided_at=change.decided_at,
    )
