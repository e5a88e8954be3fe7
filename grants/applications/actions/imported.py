"""Rounds of the past, as another system kept them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from grants import clock
from grants.applications.models import Call, CallState
from grants.db import db, lock
from grants.errors import Refused
from grants.money import Money
from grants.people.permissions import Actor, Verb, require

_REFERENCES_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class ImportedCall:
    """An allocation round: what was planned, between which days."""

    fund_id: int
    reference: str
    title: str
    summary: str
    year: int
    envelope: Money | None
    opens_at: datetime | None
    closes_at: datetime | None


class RoundIsKnown(Refused):
    """Another call of this fund has the reference {reference}."""


def record_imported_calls(actor: Actor, rounds: Sequence[ImportedCall]) -> list[Call]:
    """Keep rounds that are over, in the order given. Nobody can apply to them.

    Refuses a reference that another call of the fund has.
    """
    for fund_id in {each.fund_id for each in rounds}:
        require(actor, Verb.IMPORT, fund_id)
        _check_free(fund_id, [each.reference for each in rounds if each.fund_id == fund_id])
    at = clock.now()
    calls = [
        Call(
            fund_id=each.fund_id,
            reference=each.reference,
            created_at=at,
            created_by_id=actor.user_id,
            state=CallState.CLOSED,
            is_imported=True,
            **_described(each),
        )
        for each in rounds
    ]
    db.session.add_all(calls)
    db.session.flush()
    return calls


def change_imported_call(actor: Actor, call_id: int, new: ImportedCall) -> Call:
    """Bring an imported round up to what its source says now."""
    call = lock(Call, call_id)
    require(actor, Verb.IMPORT, call.fund_id)
    assert call.is_imported
    for name, value in _described(new).items():
        setattr(call, name, value)
    db.session.flush()
    return call


def _check_free(fund_id: int, references: Sequence[str]) -> None:
    for start in range(0, len(references), _REFERENCES_AT_ONCE):
        taken = db.session.scalar(
            select(Call.reference)
            .where(
                Call.fund_id == fund_id,
                Call.reference.in_(references[start : start + _REFERENCES_AT_ONCE]),
            )
            .limit(1)
        )
        if taken is not None:
            raise RoundIsKnown(reference=taken)


def _described(new: ImportedCall) -> dict[str, object]:
    return {
        "title": new.title,
        "summary": new.summary,
        "year": new.year,
        "envelope_minor": new.envelope.minor if new.envelope else None,
        "opens_at": new.opens_at,
        "closes_at": new.closes_at,
    }
