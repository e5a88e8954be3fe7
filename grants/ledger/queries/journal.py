"""Reading entries: the end of the journal, one entry, and lists of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import aliased

from grants.db import db
from grants.errors import NotFound
from grants.ledger.chart import AccountRef
from grants.ledger.models import Account, Entry, JournalHead, Move, Period
from grants.ledger.queries.accounts import dimensioned, numbered, ref_of
from grants.money import Money
from grants.people.models import User


@dataclass(frozen=True)
class Head:
    """The end of a fund's journal."""

    sequence: int
    hash: str
    recorded_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class EntryLine:
    """One move of an entry, as debit and credit."""

    line: int
    debit: AccountRef
    credit: AccountRef
    amount: Money
    usd: Money
    rate: str
    rate_source: str
    rate_on: date | None


@dataclass(frozen=True, kw_only=True)
class EntryView:
    """An entry with its moves, for reading."""

    id: int
    fund_id: int
    sequence: int
    event: str
    value_on: date
    recorded_at: datetime
    period: str
    relates_to_on: date | None
    actor: str
    second_actor: str
    reason: str
    source_type: str
    source_id: int | None
    relates_to_period: str
    reverses: int | None
    reversed_by: int | None
    hash: str
    previous_hash: str
    lines: tuple[EntryLine, ...]


@dataclass(frozen=True, kw_only=True)
class EntrySummary:
    """An entry in a list: its largest move stands for its size."""

    id: int
    sequence: int
    event: str
    value_on: date
    recorded_at: datetime
    actor: str
    reason: str
    source_type: str
    source_id: int | None
    usd: Money


def head(fund_id: int) -> Head:
    """The last entry of the fund's journal (sequence 0 while it is empty)."""
    row = db.session.execute(
        select(JournalHead.sequence, JournalHead.hash, Entry.recorded_at)
        .outerjoin(
            Entry,
            (Entry.fund_id == JournalHead.fund_id) & (Entry.sequence == JournalHead.sequence),
        )
        .where(JournalHead.fund_id == fund_id)
    ).one_or_none()
    return Head(row.sequence, row.hash, row.recorded_at) if row else Head(0, "0" * 64, None)


def entry(entry_id: int) -> EntryView:
    """One entry with its moves. Refuses with NotFound."""
    actor, second, late = aliased(User), aliased(User), aliased(Period)
    original, reversal = aliased(Entry), aliased(Entry)
    row = db.session.execute(
        select(
            Entry,
            actor.name.label("actor"),
            second.name.label("second_actor"),
            Period.name.label("period"),
            late.name.label("relates_to_period"),
            original.sequence.label("reverses"),
            reversal.sequence.label("reversed_by"),
        )
        .join(actor, actor.id == Entry.actor_id)
        .outerjoin(second, second.id == Entry.second_actor_id)
        .outerjoin(Period, Period.id == Entry.period_id)
        .outerjoin(
            late,
            (late.fund_id == Entry.fund_id)
            & (late.starts_on <= Entry.relates_to_on)
            & (late.ends_on >= Entry.relates_to_on),
        )
        .outerjoin(original, original.id == Entry.reverses_id)
        .outerjoin(reversal, reversal.reverses_id == Entry.id)
        .where(Entry.id == entry_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    found: Entry = row[0]
    return EntryView(
        id=found.id,
        fund_id=found.fund_id,
        sequence=found.sequence,
        event=found.event,
        value_on=found.value_on,
        recorded_at=found.recorded_at,
        period=row.period or "",
        relates_to_on=found.relates_to_on,
        relates_to_period=row.relates_to_period or "",
        actor=row.actor,
        second_actor=row.second_actor or "",
        reason=found.reason,
        source_type=found.source_type,
        source_id=found.source_id,
        reverses=row.reverses,
        reversed_by=row.reversed_by,
        hash=found.hash,
        previous_hash=found.previous_hash,
        lines=tuple(_lines_of(entry_id)),
    )


def entries(
    fund_id: int,
    *,
    number: str = "",
    donor_id: int | None = None,
    layer_id: int | None = None,
    programme_id: int | None = None,
    grant_id: int | None = None,
    event: str = "",
    from_on: date | None = None,
    until_on: date | None = None,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[EntrySummary], int]:
    """Entries newest first that touch accounts of these dimensions, and how many there are."""
    chosen = select(Entry.id).where(Entry.fund_id == fund_id)
    dimensions = dimensioned(donor_id, layer_id, programme_id, grant_id)
    if number or dimensions:
        accounts = select(Account.id).where(
            Account.fund_id == fund_id, *numbered([number] if number else []), *dimensions
        )
        touching = union_all(
            select(Move.entry_id).where(Move.debit_id.in_(accounts)),
            select(Move.entry_id).where(Move.credit_id.in_(accounts)),
        ).subquery()
        chosen = chosen.where(Entry.id.in_(select(touching.c.entry_id)))
    if event:
        chosen = chosen.where(Entry.event == event)
    if from_on is not None:
        chosen = chosen.where(Entry.value_on >= from_on)
    if until_on is not None:
        chosen = chosen.where(Entry.value_on <= until_on)
    total = db.session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    largest = select(func.max(Move.usd_minor)).where(Move.entry_id == Entry.id).scalar_subquery()
    rows = db.session.execute(
        select(Entry, User.name, largest)
        .join(User, User.id == Entry.actor_id)
        .where(Entry.id.in_(chosen))
        .order_by(Entry.sequence.desc())
        .offset(offset)
        .limit(min(limit, 500))
    )
    return [_summary(found, actor, usd_minor) for found, actor, usd_minor in rows], total


def events(fund_id: int) -> list[str]:
    """The kinds of events in a fund's journal, for choosing one."""
    return list(
        db.session.scalars(
            select(Entry.event).where(Entry.fund_id == fund_id).distinct().order_by(Entry.event)
        )
    )


def _summary(found: Entry, actor: str, usd_minor: int) -> EntrySummary:
    return EntrySummary(
        id=found.id,
        sequence=found.sequence,
        event=found.event,
        value_on=found.value_on,
        recorded_at=found.recorded_at,
        actor=actor,
        reason=found.reason,
        source_type=found.source_type,
        source_id=found.source_id,
        usd=Money.of_minor(usd_minor or 0, "USD"),
    )


def _lines_of(entry_id: int) -> list[EntryLine]:
    debit, credit = aliased(Account), aliased(Account)
    rows = db.session.execute(
        select(Move, debit, credit)
        .join(debit, debit.id == Move.debit_id)
        .join(credit, credit.id == Move.credit_id)
        .where(Move.entry_id == entry_id)
        .order_by(Move.line)
    )
    return [
        EntryLine(
            line=move.line,
            debit=ref_of(to_account),
            credit=ref_of(from_account),
            amount=Money.of_minor(move.amount_minor, move.currency),
            usd=Money.of_minor(move.usd_minor, "USD"),
            rate=move.rate,
            rate_source=move.rate_source,
            rate_on=move.rate_on,
        )
        for move, to_account, from_account in rows
    ]
