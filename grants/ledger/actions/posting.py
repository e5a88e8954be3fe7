"""Entries: posted in order under one lock per fund, sealed into a chain, undone by reversal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import insert, select, text
from sqlalchemy.orm import aliased

from grants import clock
from grants.db import db, is_in_transaction
from grants.errors import NotFound
from grants.ledger import rules
from grants.ledger.actions.dating import (
    closing_period,
    dated,
    period_of,
    periods_in_order,
    today_of,
)
from grants.ledger.chart import AccountRef
from grants.ledger.models import (
    Account,
    Balance,
    Entry,
    JournalHead,
    Move,
)
from grants.ledger.queries.accounts import ref_of
from grants.ledger.rules import NewEntry, NewMove, SealedEntry, SealedMove
from grants.money import Money, Rate
from grants.people.permissions import Actor

_KEYS_AT_ONCE = 500
_ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Posted:
    """An entry as it stands in the journal."""

    id: int
    sequence: int
    hash: str


@dataclass
class _Held:
    """An account while entries are being posted, with what it holds so far."""

    id: int
    balance_minor: int
    floor_minor: int | None


@dataclass(frozen=True)
class _Reversal:
    entry_id: int


def post(actor: Actor, new: NewEntry) -> Posted:
    """Post one entry: see post_all."""
    return post_all(actor, [new])[0]


def post_all(actor: Actor, entries: Sequence[NewEntry]) -> list[Posted]:
    """Post entries of one fund, in order, sealed into its hash chain.

    Locks the journal of the fund until the transaction ends: lock everything else before.
    Refuses with BalanceTooLow what would take an account below its floor, with PeriodIsClosed a
    date in a closed period, and (a mistake of the caller) what does not balance.
    """
    return _post(actor, entries, None)


def reverse(
    actor: Actor,
    entry_id: int,
    *,
    reason: str,
    on: date | None = None,
    second_actor_id: int | None = None,
) -> Posted:
    """Post the mirror image of an entry. The first one stays; both say what they are to each other.

    Dated as the entry it undoes unless `on` is given or that day lies in a closed period (then
    today). Refuses to reverse twice, to reverse a reversal, and to do so without a reason.
    """
    entry = db.session.get(Entry, entry_id)
    if entry is None:
        raise NotFound
    lock_journal(entry.fund_id)
    if entry.reverses_id is not None:
        raise rules.ReversalNotReversible(sequence=entry.sequence)
    if db.session.scalar(select(Entry.id).where(Entry.reverses_id == entry_id)) is not None:
        raise rules.AlreadyReversed(sequence=entry.sequence)
    day = on or entry.value_on
    if on is None and closing_period(periods_in_order(entry.fund_id), day) is not None:
        day = today_of(entry.fund_id)
    mirrored = NewEntry(
        fund_id=entry.fund_id,
        event=f"{entry.event}.reversed",
        value_on=day,
        moves=[move.mirrored for move in reversed(_moves_of(entry_id))],
        reason=reason,
        source=(entry.source_type, entry.source_id) if entry.source_id is not None else None,
        second_actor_id=second_actor_id,
        relates_to_on=entry.value_on,
    )
    return _post(actor, [mirrored], _Reversal(entry_id))[0]


def lock_journal(fund_id: int) -> tuple[int, str]:
    """Wait until no one else writes into the fund's books; then sequence and hash of their end.

    What is read after this cannot change before the transaction ends: funds control reads here.
    """
    assert is_in_transaction(), "the books are written inside transaction()"
    query = (
        select(JournalHead.sequence, JournalHead.hash)
        .where(JournalHead.fund_id == fund_id)
        .with_for_update()
    )
    head = db.session.execute(query).one_or_none()
    if head is None:
        db.session.execute(
            text(
                "INSERT INTO journal_head (fund_id, sequence, hash) VALUES (:fund_id, 0, :hash)"
                " ON CONFLICT DO NOTHING"
            ),
            {"fund_id": fund_id, "hash": "0" * 64},
        )
        head = db.session.execute(query).one()
    return head.sequence, head.hash


def _post(actor: Actor, entries: Sequence[NewEntry], reversal: _Reversal | None) -> list[Posted]:
    if not entries:
        return []
    fund_id = entries[0].fund_id
    assert all(entry.fund_id == fund_id for entry in entries), "one fund at a time"
    for entry in entries:
        rules.check_balanced(entry)
    sequence, previous = lock_journal(fund_id)
    periods = periods_in_order(fund_id)
    accounts = _accounts(fund_id, entries)
    at = clock.now()
    entry_rows: list[dict[str, object]] = []
    move_rows: list[list[dict[str, object]]] = []
    for entry in (dated(one, periods) for one in entries):
        sequence += 1
        period_id = period_of(periods, entry.value_on, actor)
        moves = [_sealed_move(line, move) for line, move in enumerate(entry.moves, 1)]
        for move in entry.moves:
            _apply(accounts, move)
        sealed = SealedEntry(
            fund_id=fund_id,
            sequence=sequence,
            event=entry.event,
            value_on=entry.value_on,
            recorded_at=at,
            period_id=period_id,
            relates_to_on=entry.relates_to_on,
            actor_id=actor.user_id,
            second_actor_id=entry.second_actor_id,
            reason=entry.reason,
            source_type=entry.source[0] if entry.source else "",
            source_id=entry.source[1] if entry.source else None,
            reverses_id=reversal.entry_id if reversal else None,
            moves=tuple(moves),
        )
        digest = rules.seal(sealed, previous)
        entry_rows.append(_entry_row(sealed, previous, digest))
        move_rows.append([_move_row(sealed, move, accounts) for move in moves])
        previous = digest
    return _write(entry_rows, move_rows)


def _write(
    entry_rows: list[dict[str, object]], move_rows: list[list[dict[str, object]]]
) -> list[Posted]:
    posted: list[Posted] = []
    for start in range(0, len(entry_rows), _ROWS_AT_ONCE):
        rows = entry_rows[start : start + _ROWS_AT_ONCE]
        found = db.session.execute(
            insert(Entry).returning(
                Entry.id, Entry.sequence, Entry.hash, sort_by_parameter_order=True
            ),
            rows,
        )
        posted += [Posted(row.id, row.sequence, row.hash) for row in found]
    flat = [
        {**row, "entry_id": entry.id}
        for entry, rows in zip(posted, move_rows, strict=True)
        for row in rows
    ]
    for start in range(0, len(flat), _ROWS_AT_ONCE):
        db.session.execute(insert(Move), flat[start : start + _ROWS_AT_ONCE])
    return posted


def _apply(accounts: dict[str, _Held], move: NewMove) -> None:
    for ref, direction in ((move.debit, 1), (move.credit, -1)):
        held = accounts[ref.key]
        change = move.amount.minor * direction * ref.line.side
        left = held.balance_minor
        held.balance_minor += change
        if change < 0 and held.floor_minor is not None and held.balance_minor < held.floor_minor:
            raise rules.BalanceTooLow(
                account=f"{ref.line.name} ({ref.key})",
                left=Money.of_minor(left, ref.currency),
                wanted=Money.of_minor(-change, ref.currency),
            )


def _accounts(fund_id: int, entries: Sequence[NewEntry]) -> dict[str, _Held]:
    """All accounts of the entries by key, made where they are new."""
    refs: dict[str, AccountRef] = {}
    for entry in entries:
        for move in entry.moves:
            refs[move.debit.key] = move.debit
            refs[move.credit.key] = move.credit
    held = _known_accounts(fund_id, refs)
    missing = [ref for key, ref in refs.items() if key not in held]
    for start in range(0, len(missing), _ROWS_AT_ONCE):
        _make_accounts(fund_id, missing[start : start + _ROWS_AT_ONCE], held)
    return held


def _known_accounts(fund_id: int, keys: Iterable[str]) -> dict[str, _Held]:
    found: dict[str, _Held] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), _KEYS_AT_ONCE):
        rows = db.session.execute(
            select(Account.key, Account.id, Balance.balance_minor, Balance.floor_minor)
            .join(Balance, Balance.account_id == Account.id)
            .where(
                Account.fund_id == fund_id,
                Account.key.in_(wanted[start : start + _KEYS_AT_ONCE]),
            )
        )
        for row in rows:
            found[row.key] = _Held(row.id, row.balance_minor, row.floor_minor)
    return found


def _make_accounts(fund_id: int, refs: Sequence[AccountRef], held: dict[str, _Held]) -> None:
    ids = db.session.scalars(
        insert(Account).returning(Account.id, sort_by_parameter_order=True),
        [
            {
                "fund_id": fund_id,
                "key": ref.key,
                "book": ref.book,
                "number": ref.number,
                "currency": ref.currency,
                "normal_side": ref.line.side,
                "donor_id": ref.donor_id,
                "layer_id": ref.layer_id,
                "programme_id": ref.programme_id,
                "grant_id": ref.grant_id,
            }
            for ref in refs
        ],
    ).all()
    for ref, account_id in zip(refs, ids, strict=True):
        held[ref.key] = _Held(account_id, 0, ref.line.floor)
    db.session.execute(
        insert(Balance),
        [
            {
                "account_id": held[ref.key].id,
                "balance_minor": 0,
                "usd_minor": 0,
                "moves": 0,
                "floor_minor": ref.line.floor,
            }
            for ref in refs
        ],
    )


def _entry_row(sealed: SealedEntry, previous: str, digest: str) -> dict[str, object]:
    return {
        "fund_id": sealed.fund_id,
        "sequence": sealed.sequence,
        "event": sealed.event,
        "value_on": sealed.value_on,
        "recorded_at": sealed.recorded_at,
        "period_id": sealed.period_id,
        "relates_to_on": sealed.relates_to_on,
        "actor_id": sealed.actor_id,
        "second_actor_id": sealed.second_actor_id,
        "reason": sealed.reason,
        "source_type": sealed.source_type,
        "source_id": sealed.source_id,
        "reverses_id": sealed.reverses_id,
        "lines": len(sealed.moves),
        "previous_hash": previous,
        "hash": digest,
    }


def _sealed_move(line: int, move: NewMove) -> SealedMove:
    return SealedMove(
        line=line,
        debit_key=move.debit.key,
        credit_key=move.credit.key,
        currency=move.amount.currency,
        amount_minor=move.amount.minor,
        usd_minor=move.usd_value.minor,
        rate=str(move.rate.units_per_usd) if move.rate else "",
        rate_source=move.rate.source if move.rate else "",
        rate_on=move.rate.on if move.rate else None,
    )


def _move_row(
    entry: SealedEntry, move: SealedMove, accounts: dict[str, _Held]
) -> dict[str, object]:
    return {
        "fund_id": entry.fund_id,
        "line": move.line,
        "sequence": entry.sequence,
        "value_on": entry.value_on,
        "book": "B" if move.debit_key.startswith("9") else "A",
        "currency": move.currency,
        "debit_id": accounts[move.debit_key].id,
        "credit_id": accounts[move.credit_key].id,
        "amount_minor": move.amount_minor,
        "usd_minor": move.usd_minor,
        "rate": move.rate,
        "rate_source": move.rate_source,
        "rate_on": move.rate_on,
    }


def _moves_of(entry_id: int) -> list[NewMove]:
    debit, credit = aliased(Account), aliased(Account)
    rows = db.session.execute(
        select(Move, debit, credit)
        .join(debit, debit.id == Move.debit_id)
        .join(credit, credit.id == Move.credit_id)
        .where(Move.entry_id == entry_id)
        .order_by(Move.line)
    )
    return [
        NewMove(
            debit=ref_of(to_account),
            credit=ref_of(from_account),
            amount=Money.of_minor(move.amount_minor, move.currency),
            usd=Money.of_minor(move.usd_minor, "USD"),
            rate=_rate_of(move),
        )
        for move, to_account, from_account in rows
    ]


def _rate_of(move: Move) -> Rate | None:
    if not move.rate or move.rate_on is None:
        return None
    return Rate(
        currency=move.currency,
        units_per_usd=Decimal(move.rate),
        source=move.rate_source,
        on=move.rate_on,
    )
