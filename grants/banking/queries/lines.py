"""Movements, and what each is in the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from grants.banking.models import BankAccount, BankLine, BankMatch
from grants.db import db
from grants.errors import NotFound
from grants.ledger import queries as ledger
from grants.money import Money
from grants.people.models import User

ROWS_MAX: Final = 1000


@dataclass(frozen=True, kw_only=True)
class MatchView:
    """What a movement was said to be. `holds`: it was not taken back, nor its entry reversed."""

    id: int
    kind: str
    entry_id: int | None
    deposit_id: int | None
    reason: str
    grounds: tuple[str, ...]
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_reason: str
    is_reversed: bool

    @property
    def holds(self) -> bool:
        return self.ended_at is None and not self.is_reversed


@dataclass(frozen=True, kw_only=True)
class LineView:
    """A movement with what it is."""

    id: int
    fund_id: int
    account_id: int
    statement_id: int
    row_number: int
    booked_on: date
    value_on: date
    amount: Money
    reference: str
    end_to_end: str
    other_party: str
    other_account: str
    words: str
    code: str
    is_reversal: bool
    charges: str
    sent: str
    is_settled: bool
    #: What it was said to be, the latest last.
    matches: tuple[MatchView, ...]

    @property
    def came_in(self) -> bool:
        return self.amount.minor > 0

    @property
    def standing(self) -> tuple[MatchView, ...]:
        return tuple(one for one in self.matches if one.holds) if self.is_settled else ()


def is_settled() -> ColumnElement[bool]:
    """Whether a movement is something in the books, or left out: a part of a query of lines.

    A match whose entry was reversed opens it again.
    """
    mine = (BankMatch.line_id == BankLine.id) & BankMatch.ended_at.is_(None)
    undone = BankMatch.entry_id.is_not(None) & ledger.is_reversed(BankMatch.entry_id)
    return exists(select(BankMatch.id).where(mine)).correlate(BankLine) & ~exists(
        select(BankMatch.id).where(mine, undone)
    ).correlate(BankLine)


def lines_of(
    account_id: int,
    *,
    statement_id: int | None = None,
    state: str = "",
    q: str = "",
    from_on: date | None = None,
    until_on: date | None = None,
    sort: str = "booked_on",
    is_descending: bool = True,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[LineView], int]:
    """Movements of an account that match, and how many there are. Three statements.

    `state`: open, settled, in or out. Sorts by booked_on, amount or other_party.
    """
    query = _lines().where(BankLine.account_id == account_id)
    if statement_id is not None:
        query = query.where(BankLine.statement_id == statement_id)
    if from_on is not None:
        query = query.where(BankLine.booked_on >= from_on)
    if until_on is not None:
        query = query.where(BankLine.booked_on <= until_on)
    if state:
        query = query.where(_in_state(state))
    if q:
        query = query.where(
            or_(
                BankLine.other_party.icontains(q, autoescape=True),
                BankLine.words.icontains(q, autoescape=True),
                BankLine.reference.icontains(q, autoescape=True),
                BankLine.end_to_end.icontains(q, autoescape=True),
            )
        )
    count = db.session.scalar(
        select(func.count()).select_from(query.with_only_columns(BankLine.id).subquery())
    )
    key = {"amount": BankLine.amount_minor, "other_party": BankLine.other_party}.get(
        sort, BankLine.booked_on
    )
    order = (key.desc(), BankLine.id.desc()) if is_descending else (key.asc(), BankLine.id.asc())
    return _read(query.order_by(*order).offset(offset).limit(min(limit, ROWS_MAX))), count or 0


def line(line_id: int) -> LineView:
    """One movement. Refuses with NotFound."""
    found = lines([line_id])
    if not found:
        raise NotFound
    return found[0]


def lines(line_ids: Collection[int]) -> list[LineView]:
    """These movements (at most 1,000), by their day."""
    some = sorted(line_ids)[:ROWS_MAX]
    return _read(_lines().where(BankLine.id.in_(some)).order_by(BankLine.booked_on, BankLine.id))


def line_of_entry(entry_id: int) -> LineView | None:
    """The movement that an entry is, if the bank has told it."""
    line_id = db.session.scalar(
        select(BankMatch.line_id)
        .where(BankMatch.entry_id == entry_id, BankMatch.ended_at.is_(None))
        .order_by(BankMatch.id)
        .limit(1)
    )
    return line(line_id) if line_id is not None else None


def _in_state(state: str) -> ColumnElement[bool]:
    if state == "open":
        return ~is_settled()
    if state == "settled":
        return is_settled()
    return BankLine.amount_minor > 0 if state == "in" else BankLine.amount_minor < 0


def _lines() -> Select[BankLine, int, bool]:
    return select(BankLine, BankAccount.fund_id, is_settled().label("is_settled")).join(
        BankAccount, BankAccount.id == BankLine.account_id
    )


def _read(query: Select[BankLine, int, bool]) -> list[LineView]:
    rows = db.session.execute(query).all()
    matches = _matches_of([found.id for found, _, _ in rows])
    return [
        LineView(
            id=found.id,
            fund_id=fund_id,
            account_id=found.account_id,
            statement_id=found.statement_id,
            row_number=found.row_number,
            booked_on=found.booked_on,
            value_on=found.value_on,
            amount=Money.of_minor(found.amount_minor, found.currency),
            reference=found.reference,
            end_to_end=found.end_to_end,
            other_party=found.other_party,
            other_account=found.other_account,
            words=found.words,
            code=found.code,
            is_reversal=found.is_reversal,
            charges=found.charges,
            sent=found.sent,
            is_settled=bool(settled),
            matches=tuple(matches.get(found.id, ())),
        )
        for found, fund_id, settled in rows
    ]


def _matches_of(line_ids: Collection[int]) -> dict[int, list[MatchView]]:
    found: dict[int, list[MatchView]] = defaultdict(list)
    if not line_ids:
        return found
    rows = db.session.execute(
        select(BankMatch, User.name, ledger.is_reversed(BankMatch.entry_id))
        .join(User, User.id == BankMatch.made_by_id)
        .where(BankMatch.line_id.in_(list(line_ids)))
        .order_by(BankMatch.id)
    )
    for one, name, is_reversed in rows:
        found[one.line_id].append(
            MatchView(
                id=one.id,
                kind=one.kind,
                entry_id=one.entry_id,
                deposit_id=one.deposit_id,
                reason=one.reason,
                grounds=tuple(one.grounds),
                made_at=one.made_at,
                made_by=name,
                ended_at=one.ended_at,
                ended_reason=one.ended_reason,
                is_reversed=bool(is_reversed),
            )
        )
    return found
