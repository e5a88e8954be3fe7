"""What may be posted, and how an entry is sealed: pure functions of values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from grants.errors import Refused
from grants.ledger.chart import AccountRef
from grants.money import Money, Rate


class BalanceTooLow(Refused):
    """{account} holds {left}; {wanted} was to be taken from it."""


class PeriodIsClosed(Refused):
    """The period {period} is closed, so nothing can be dated {day}. Use a day in an open period."""


class PeriodIsSoftClosed(Refused):
    """{period} is closed but for finance. Date it {until} or later, or ask finance to post it."""


class PeriodsCloseInOrder(Refused):
    """{earlier} comes before {period} and is still {state}. Close it first."""


class PeriodIsNot(Refused):
    """{period} is {state}, so it cannot be {wanted}."""


class ClosedByTwoPeople(Refused):
    """{period} was soft-closed by you. Another person must close it."""


class NotReadyToClose(Refused):
    """{period} cannot be closed yet: {what}"""


class WarningsWantAReason(Refused):
    """Say why {period} is closed in spite of this: {what}"""

    status = 422


class AlreadyReversed(Refused):
    """Entry {sequence} has been reversed already."""


class ReversalNotReversible(Refused):
    """Entry {sequence} is itself a reversal; post the event anew instead."""


class UnbalancedTrade(ValueError):
    """An entry between two currencies leaves something in the trading account."""


@dataclass(frozen=True, kw_only=True)
class NewMove:
    """An amount that goes from the credit account to the debit account.

    `usd` is its value in US dollars; left out, it is the amount itself (for dollars) or the
    amount at `rate`. A pure revaluation has an amount of zero and a value in dollars.
    """

    debit: AccountRef
    credit: AccountRef
    amount: Money
    usd: Money | None = None
    rate: Rate | None = None

    def __post_init__(self) -> None:
        currencies = {self.debit.currency, self.credit.currency, self.amount.currency}
        if len(currencies) > 1:
            raise ValueError(f"a move stays in one currency, not {sorted(currencies)}")
        if self.debit.book != self.credit.book:
            raise ValueError("a move stays in one book")

    @property
    def usd_value(self) -> Money:
        if self.usd is not None:
            return self.usd
        if self.amount.currency == "USD":
            return self.amount
        if self.rate is None:
            raise ValueError(f"{self.amount} needs its value in US dollars or a rate")
        return self.rate.to_usd(self.amount)

    @property
    def mirrored(self) -> NewMove:
        """The same amount the other way."""
        return NewMove(
            debit=self.credit, credit=self.debit, amount=self.amount, usd=self.usd, rate=self.rate
        )


@dataclass(frozen=True, kw_only=True)
class NewEntry:
    """One event to be posted: its moves are taken in the order given."""

    fund_id: int
    event: str
    value_on: date
    moves: Sequence[NewMove]
    reason: str = ""
    source: tuple[str, int] | None = None
    second_actor_id: int | None = None
    relates_to_on: date | None = None
    #: Whether it is dated today, and relates to its day, where that day is closed; else refused.
    may_be_late: bool = False


@dataclass(frozen=True, kw_only=True)
class SealedMove:
    """A move as it is hashed."""

    line: int
    debit_key: str
    credit_key: str
    currency: str
    amount_minor: int
    usd_minor: int
    rate: str = ""
    rate_source: str = ""
    rate_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class SealedEntry:
    """An entry as it is hashed: every column that means something."""

    fund_id: int
    sequence: int
    event: str
    value_on: date
    recorded_at: datetime
    period_id: int | None
    relates_to_on: date | None
    actor_id: int
    second_actor_id: int | None
    reason: str
    source_type: str
    source_id: int | None
    reverses_id: int | None
    moves: tuple[SealedMove, ...]


def check_balanced(entry: NewEntry) -> None:
    """Refuse an entry without moves, or one whose currencies do not meet in the trading account."""
    if not entry.moves:
        raise ValueError("an entry needs at least one move")
    held = 0
    for move in entry.moves:
        held += move.usd_value.minor if move.debit.number == "1095" else 0
        held -= move.usd_value.minor if move.credit.number == "1095" else 0
    if held:
        raise UnbalancedTrade(f"{Money.of_minor(held, 'USD')} would stay in the trading account")


def seal(entry: SealedEntry, previous_hash: str) -> str:
    """The SHA-256 of the entry in canonical JSON, chained to the hash of the one before."""
    content = [
        previous_hash,
        entry.fund_id,
        entry.sequence,
        entry.event,
        entry.value_on.isoformat(),
        entry.recorded_at.isoformat(timespec="microseconds"),
        entry.period_id,
        _day(entry.relates_to_on),
        entry.actor_id,
        entry.second_actor_id,
        entry.reason,
        entry.source_type,
        entry.source_id,
        entry.reverses_id,
        [
            [
                move.line,
                move.debit_key,
                move.credit_key,
                move.currency,
                move.amount_minor,
                move.usd_minor,
                move.rate,
                move.rate_source,
                _day(move.rate_on),
            ]
            for move in entry.moves
        ],
    ]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class SealedStep:
    """A step of a period as it is hashed, with the period itself."""

    fund_id: int
    period_id: int
    name: str
    starts_on: date
    ends_on: date
    step: str
    by_id: int
    first_person_id: int | None
    at: datetime
    reason: str
    checklist: str
    through_sequence: int | None
    balance_sha256: str


def seal_step(step: SealedStep, previous: str) -> str:
    """The SHA-256 of a step in canonical JSON, chained to the seal of the period's step before."""
    content = [
        previous,
        step.fund_id,
        step.period_id,
        step.name,
        step.starts_on.isoformat(),
        step.ends_on.isoformat(),
        step.step,
        step.by_id,
        step.first_person_id,
        step.at.isoformat(timespec="microseconds"),
        step.reason,
        step.checklist,
        step.through_sequence,
        step.balance_sha256,
    ]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


#: One account of a trial balance: its key, then opening, debit, credit and closing in minor units
#: of its currency, then the same in US cents.
FrozenLine = tuple[str, int, int, int, int, int, int, int, int]


def balance_sha256(lines: Sequence[FrozenLine]) -> str:
    """The SHA-256 of a trial balance, its accounts in the order of their keys."""
    text = json.dumps(sorted(lines), separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class RateIsKnown(Refused):
    """{source} has {known} {currency} per US dollar from {day} on. To revise it, say why."""


#: A rate this many times the one before, or this part of it, wants another look.
RATE_FACTOR = Decimal("1.5")
#: How near a rate is to one divided by the one before if it was turned round.
RATE_TURNED = Decimal("0.05")


def why_held(units: Decimal, before: Decimal | None) -> str:
    """Why a rate is not to be used unseen, against the last one in force; empty if it may be."""
    if before is None:
        return ""
    if RATE_FACTOR > units / before > 1 / RATE_FACTOR:
        return ""
    if abs(units * before - 1) < RATE_TURNED:
        return f"It looks turned round: {before:f} was in force before."
    times = units / before if units > before else before / units
    return (
        f"It is {times:,.1f} times {'more' if units > before else 'less'} than {before:f} before."
    )


def seal_rate(content: Sequence[object], previous: str) -> str:
    """The SHA-256 of a rate's columns in canonical JSON, chained to the rate before."""
    text = json.dumps([previous, *content], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
