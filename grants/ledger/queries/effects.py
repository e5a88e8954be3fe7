"""What entries did to one account: the books' side of what a bank tells."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Subquery, exists, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, aliased

from grants.db import db
from grants.ledger.chart import AccountRef
from grants.ledger.models import Account, Entry, Move
from grants.ledger.queries.turnover import summed
from grants.money import Money

_IDS_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What an entry did to an account: above zero it was debited, below zero credited."""

    entry_id: int
    sequence: int
    event: str
    value_on: date
    reason: str
    source_type: str
    source_id: int | None
    amount: Money
    #: Whether it is half of a reversal: the two come to nothing.
    is_undone: bool


def is_reversed(entry_id: InstrumentedAttribute[Any] | ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the entry that a column names was reversed: a part of a query."""
    reversal = aliased(Entry)
    return exists(select(reversal.id).where(reversal.reverses_id == entry_id))


def effects_on(
    fund_id: int,
    account: AccountRef,
    *,
    from_on: date | None = None,
    until_on: date | None = None,
    entry_ids: Collection[int] | None = None,
) -> Subquery:
    """Entries with what each did to the account, those apart that did nothing: part of a query.

    Columns: entry_id, sequence, event, value_on, reason, source_type, source_id, amount_minor,
    is_undone (half of a reversal) and cancels_out (both halves lie within these days). With
    `entry_ids` (at most 500) only those.
    """
    assert entry_ids is None or len(entry_ids) <= _IDS_AT_ONCE
    moved = _moved(fund_id, account, from_on, until_on, entry_ids)
    total = summed(moved.c.amount)
    by_entry = (
        select(moved.c.entry_id, total.label("amount_minor"))
        .group_by(moved.c.entry_id)
        .having(total != 0)
        .subquery("by_entry")
    )
    return (
        select(
            Entry.id.label("entry_id"),
            Entry.sequence,
            Entry.event,
            Entry.value_on,
            Entry.reason,
            Entry.source_type,
            Entry.source_id,
            by_entry.c.amount_minor,
            (Entry.reverses_id.is_not(None) | is_reversed(Entry.id)).label("is_undone"),
            _has_other_half(from_on, until_on).label("cancels_out"),
        )
        .join(by_entry, by_entry.c.entry_id == Entry.id)
        .subquery("effects")
    )


def effects_of(fund_id: int, account: AccountRef, entry_ids: Collection[int]) -> list[Effect]:
    """What these entries (at most 500) did to an account, in the order of the journal."""
    found = effects_on(fund_id, account, entry_ids=entry_ids)
    rows = db.session.execute(select(found).order_by(found.c.sequence))
    return [effect_of(row, account.currency) for row in rows]


def effect_of(row: Any, currency: str) -> Effect:
    """A row of effects_on as a value."""
    return Effect(
        entry_id=row.entry_id,
        sequence=row.sequence,
        event=row.event,
        value_on=row.value_on,
        reason=row.reason,
        source_type=row.source_type,
        source_id=row.source_id,
        amount=Money.of_minor(int(row.amount_minor), currency),
        is_undone=bool(row.is_undone),
    )


def _has_other_half(from_on: date | None, until_on: date | None) -> ColumnElement[bool]:
    """Whether what an entry reverses, or what reverses it, is dated within these days."""
    half = aliased(Entry)
    query = select(half.id).where((half.reverses_id == Entry.id) | (half.id == Entry.reverses_id))
    if from_on is not None:
        query = query.where(half.value_on >= from_on)
    if until_on is not None:
        query = query.where(half.value_on <= until_on)
    return exists(query).correlate(Entry)


def _moved(
    fund_id: int,
    account: AccountRef,
    from_on: date | None,
    until_on: date | None,
    entry_ids: Collection[int] | None,
) -> Subquery:
    """What each move did to the account."""
    account_id = (
        select(Account.id)
        .where(Account.fund_id == fund_id, Account.key == account.key)
        .scalar_subquery()
    )
    sides = []
    for column, amount in (
        (Move.debit_id, Move.amount_minor),
        (Move.credit_id, -Move.amount_minor),
    ):
        side = select(Move.entry_id, amount.label("amount")).where(column == account_id)
        if from_on is not None:
            side = side.where(Move.value_on >= from_on)
        if until_on is not None:
            side = side.where(Move.value_on <= until_on)
        if entry_ids is not None:
            side = side.where(Move.entry_id.in_(list(entry_ids)))
        sides.append(side)
    return union_all(*sides).subquery("moved")
