"""What happened to layers and grants, by event: where a report's figures come from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from grants.db import db
from grants.ledger.models import Account, Entry, Move
from grants.ledger.queries.accounts import numbered
from grants.ledger.queries.turnover import accounts_of, summed, turnover


@dataclass(frozen=True, kw_only=True)
class Happening:
    """What one kind of event moved, in US dollars, on the accounts of a layer and a grant."""

    number: str
    donor_id: int | None
    layer_id: int | None
    grant_id: int | None
    event: str
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True, kw_only=True)
class EntryBehind:
    """An entry that touched some layers."""

    sequence: int
    event: str
    value_on: date
    reason: str


def happenings(
    fund_id: int, numbers: Sequence[str], *, until_on: date, known_at: int | None
) -> list[Happening]:
    """Debits and credits up to the end of a day, as the journal up to entry `known_at` has them.

    Summed by account number, donor, layer, grant and event: a reversal is an event of its own,
    named after the one that it undoes with `.reversed`. Three statements at most.
    """
    sides = turnover(
        fund_id,
        accounts_of(fund_id, *numbered(numbers)),
        from_on=None,
        until_on=until_on,
        known_at=known_at,
        by_event=True,
    )
    keys = (Account.number, Account.donor_id, Account.layer_id, Account.grant_id, sides.c.event)
    rows = db.session.execute(
        select(
            *keys,
            summed(sides.c.debit_usd).label("debit_minor"),
            summed(sides.c.credit_usd).label("credit_minor"),
        )
        .join(Account, Account.id == sides.c.account_id)
        .group_by(*keys)
        .having((summed(sides.c.debit_usd) != 0) | (summed(sides.c.credit_usd) != 0))
        .order_by(*keys)
    )
    return [Happening(**row._mapping) for row in rows]


def entries_behind(
    fund_id: int, layer_ids: Collection[int], *, after: int, until: int, limit: int = 100
) -> list[EntryBehind]:
    """The entries after one and up to another that touched these layers, in their order."""
    wanted = sorted(layer_ids)
    found: dict[int, EntryBehind] = {}
    for start in range(0, len(wanted), 500):
        mine = select(Account.id).where(
            Account.fund_id == fund_id, Account.layer_id.in_(wanted[start : start + 500])
        )
        rows = db.session.execute(
            select(Entry.sequence, Entry.event, Entry.value_on, Entry.reason)
            .join(Move, Move.entry_id == Entry.id)
            .where(Entry.fund_id == fund_id, Entry.sequence > after, Entry.sequence <= until)
            .where(Move.debit_id.in_(mine) | Move.credit_id.in_(mine))
            .distinct()
            .order_by(Entry.sequence)
            .limit(limit)
        )
        found.update({row.sequence: EntryBehind(**row._mapping) for row in rows})
    return [found[sequence] for sequence in sorted(found)][:limit]
