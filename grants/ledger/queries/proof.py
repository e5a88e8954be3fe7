"""The books prove themselves: everything that is kept is computed again from the entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import aliased

from grants.db import db
from grants.ledger.chart import EXPENDITURE, PAYABLES, SPENDABLE
from grants.ledger.models import Account, Balance, Entry, JournalHead, Move
from grants.ledger.rules import SealedEntry, SealedMove, seal
from grants.money import Money

_ROWS_AT_ONCE = 2000


_Line = tuple[Move, Account, Account]


@dataclass(frozen=True)
class Break:
    """The first place where something does not hold: which check, where, and what is wrong."""

    check: str
    where: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What was looked at, and every break found (the journal stops at its first)."""

    fund_id: int
    entries: int
    moves: int
    sequence: int
    hash: str
    breaks: tuple[Break, ...]

    @property
    def holds(self) -> bool:
        return not self.breaks


@dataclass
class _Reckoning:
    """What the journal says, as it is read from the first entry to the last."""

    entries: int = 0
    moves: int = 0
    sequence: int = 0
    hash: str = "0" * 64
    minor: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    usd: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    breaks: list[Break] = field(default_factory=list)


def verify(fund_id: int) -> Verification:
    """Recompute the chain, the kept balances and the invariants of a fund from its entries.

    The checks are (i) each entry balances in each book, through the trading account between
    currencies; (ii) no account stands below its floor; (iii) cash less payables is what funds
    control can still spend; (iv) what was disbursed is advances, claims, expenditure and
    write-offs (domain rules, section 7). Nothing is changed.
    """
    reckoning = _Reckoning()
    _read_journal(fund_id, reckoning)
    _check_head(fund_id, reckoning)
    usd_by_number = _check_balances(fund_id, reckoning)
    _check_invariants(usd_by_number, reckoning)
    return Verification(
        fund_id=fund_id,
        entries=reckoning.entries,
        moves=reckoning.moves,
        sequence=reckoning.sequence,
        hash=reckoning.hash,
        breaks=tuple(reckoning.breaks),
    )


def _read_journal(fund_id: int, reckoning: _Reckoning) -> None:
    with closing(_journal(fund_id)) as journal:
        _read_entries(journal, reckoning)


def _read_entries(journal: Iterable[tuple[Entry, list[_Line]]], reckoning: _Reckoning) -> None:
    """Follow the chain as far as it holds."""
    for entry, moves in journal:
        where = f"entry {entry.sequence}"
        if entry.sequence != reckoning.sequence + 1:
            what = f"entry {reckoning.sequence + 1} is missing"
            reckoning.breaks.append(Break("sequence", where, what))
            return
        if entry.previous_hash != reckoning.hash:
            reckoning.breaks.append(Break("chain", where, "it does not follow the one before"))
            return
        if _sealed_again(entry, moves) != entry.hash:
            reckoning.breaks.append(Break("seal", where, "its content is not what was sealed"))
            return
        trading = sum(
            move.usd_minor * ((debit.number == "1095") - (credit.number == "1095"))
            for move, debit, credit in moves
        )
        if trading:
            reckoning.breaks.append(Break("(i)", where, "the trading account does not net to zero"))
        reckoning.sequence, reckoning.hash = entry.sequence, entry.hash
        reckoning.entries += 1
        reckoning.moves += len(moves)
        for move, _, _ in moves:
            reckoning.minor[move.debit_id] += move.amount_minor
            reckoning.minor[move.credit_id] -= move.amount_minor
            reckoning.usd[move.debit_id] += move.usd_minor
            reckoning.usd[move.credit_id] -= move.usd_minor


def _journal(fund_id: int) -> Generator[tuple[Entry, list[_Line]], None, None]:
    debit, credit = aliased(Account), aliased(Account)
    rows = db.session.execute(
        select(Entry, Move, debit, credit)
        .outerjoin(Move, Move.entry_id == Entry.id)
        .outerjoin(debit, debit.id == Move.debit_id)
        .outerjoin(credit, credit.id == Move.credit_id)
        .where(Entry.fund_id == fund_id)
        .order_by(Entry.sequence, Move.line)
        .execution_options(yield_per=_ROWS_AT_ONCE, populate_existing=True)
    )
    # Whoever stops reading at a break closes this, and with it the cursor of the database.
    with closing(rows):
        for _, group in groupby(rows, key=lambda row: row[0].id):
            lines = list(group)
            entry: Entry = lines[0][0]
            yield entry, [(row[1], row[2], row[3]) for row in lines if row[1] is not None]
            for row in lines:
                if row[1] is not None:
                    db.session.expunge(row[1])
            db.session.expunge(entry)


def _sealed_again(entry: Entry, moves: Iterable[_Line]) -> str:
    sealed = SealedEntry(
        fund_id=entry.fund_id,
        sequence=entry.sequence,
        event=entry.event,
        value_on=entry.value_on,
        recorded_at=entry.recorded_at,
        relates_to_on=entry.relates_to_on,
        actor_id=entry.actor_id,
        second_actor_id=entry.second_actor_id,
        reason=entry.reason,
        source_type=entry.source_type,
        source_id=entry.source_id,
        reverses_id=entry.reverses_id,
        moves=tuple(
            SealedMove(
                line=move.line,
                debit_key=debit.key,
                credit_key=credit.key,
                currency=move.currency,
                amount_minor=move.amount_minor,
                usd_minor=move.usd_minor,
                rate=move.rate,
                rate_source=move.rate_source,
                rate_on=move.rate_on,
            )
            for move, debit, credit in moves
        ),
    )
    return seal(sealed, entry.previous_hash)


def _check_head(fund_id: int, reckoning: _Reckoning) -> None:
    if reckoning.breaks:
        return
    head = db.session.execute(
        select(JournalHead.sequence, JournalHead.hash).where(JournalHead.fund_id == fund_id)
    ).one_or_none()
    known = (head.sequence, head.hash) if head else (0, "0" * 64)
    if known != (reckoning.sequence, reckoning.hash):
        what = f"the journal should end with entry {known[0]}"
        reckoning.breaks.append(Break("head", f"entry {reckoning.sequence}", what))


def _check_balances(fund_id: int, reckoning: _Reckoning) -> dict[str, int]:
    usd_by_number: dict[str, int] = defaultdict(int)
    rows = db.session.execute(
        select(Account, Balance)
        .outerjoin(Balance, Balance.account_id == Account.id)
        .where(Account.fund_id == fund_id)
        .order_by(Account.id)
        .execution_options(populate_existing=True)
    )
    for account, kept in rows:
        minor = reckoning.minor[account.id] * account.normal_side
        usd = reckoning.usd[account.id] * account.normal_side
        usd_by_number[account.number] += usd
        if kept is None or (kept.balance_minor, kept.usd_minor) != (minor, usd):
            shown = (
                "nothing" if kept is None else Money.of_minor(kept.balance_minor, account.currency)
            )
            what = (
                f"it is kept as {shown}; its moves make {Money.of_minor(minor, account.currency)}"
            )
            reckoning.breaks.append(Break("balance", account.key, what))
        if kept is not None and kept.floor_minor is not None and minor < kept.floor_minor:
            what = f"it holds {Money.of_minor(minor, account.currency)}, below its floor"
            reckoning.breaks.append(Break("(ii)", account.key, what))
    return usd_by_number


def _check_invariants(usd: dict[str, int], reckoning: _Reckoning) -> None:
    def total(*numbers: str) -> int:
        return sum(usd.get(number, 0) for number in numbers)

    held = total("1010") - total(*PAYABLES)
    spendable = total(*SPENDABLE)
    if held != spendable:
        what = f"cash less payables is {_usd(held)}, funds control can spend {_usd(spendable)}"
        reckoning.breaks.append(Break("(iii)", "fund", what))
    disbursed = total("9150")
    covered = total("1200", "1250", *EXPENDITURE, "5100", "5400")
    if disbursed != covered:
        what = f"disbursed is {_usd(disbursed)}; advances, claims and costs are {_usd(covered)}"
        reckoning.breaks.append(Break("(iv)", "fund", what))


def _usd(minor: int) -> Money:
    return Money.of_minor(minor, "USD")
