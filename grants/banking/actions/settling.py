"""Saying what a movement of the bank is, and taking that back: for the actions of this room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from grants import clock
from grants.audit import actions as audit
from grants.banking import rules
from grants.banking.models import BankAccount, BankLine, BankMatch, MatchKind
from grants.banking.rules import Proposal
from grants.db import db, lock
from grants.ledger import chart
from grants.ledger import queries as ledger
from grants.money import Money
from grants.people.permissions import Actor, Verb, require


@dataclass(frozen=True)
class OpenLine:
    """A movement that is locked and open, with its account."""

    line: BankLine
    account: BankAccount

    @property
    def amount(self) -> Money:
        return Money.of_minor(self.line.amount_minor, self.line.currency)

    @property
    def size(self) -> Money:
        return Money.of_minor(abs(self.line.amount_minor), self.line.currency)

    @property
    def reference(self) -> str:
        return self.line.reference or self.line.end_to_end

    @property
    def told(self) -> str:
        """What the bank says of it, as a reason of an entry."""
        return " ".join(
            part for part in (self.line.words or self.line.other_party, self.reference) if part
        )[:500]


def open_line(actor: Actor, line_id: int, verb: Verb) -> OpenLine:
    """The movement, locked. Refuses one that is settled; what was reversed is ended first."""
    line = lock(BankLine, line_id)
    account = db.session.get_one(BankAccount, line.account_id)
    require(actor, verb, account.fund_id)
    matches = present_matches(line_id)
    if matches and not any(reversed_now(matches)):
        raise rules.LineIsSettled
    for one in matches:
        end(actor, one, "Its entry was reversed")
    return OpenLine(line, account)


def present_matches(line_id: int) -> list[BankMatch]:
    """What a locked movement is said to be at present."""
    return list(
        db.session.scalars(
            select(BankMatch)
            .where(BankMatch.line_id == line_id, BankMatch.ended_at.is_(None))
            .order_by(BankMatch.id)
        )
    )


def reversed_now(matches: Sequence[BankMatch]) -> list[bool]:
    """Of each match whether its entry was reversed meanwhile."""
    ids = [one.id for one in matches]
    undone = set(
        db.session.scalars(
            select(BankMatch.id).where(
                BankMatch.id.in_(ids),
                BankMatch.entry_id.is_not(None),
                ledger.is_reversed(BankMatch.entry_id),
            )
        )
    )
    return [one in undone for one in ids]


def end(actor: Actor, match: BankMatch, reason: str) -> None:
    """Take a match back: the movement is open again."""
    match.ended_at = clock.now()
    match.ended_by_id = actor.user_id
    match.ended_reason = reason[:500]
    db.session.flush()


def settle(
    actor: Actor,
    found: OpenLine,
    kind: MatchKind,
    entry_ids: Sequence[int] = (),
    *,
    deposit_id: int | None = None,
    reason: str = "",
    proposal: Proposal | None = None,
) -> list[BankMatch]:
    """Say what a movement is. Refuses entries that together moved another amount than it did."""
    check_amount(found, entry_ids)
    made = [
        BankMatch(
            line_id=found.line.id,
            kind=kind,
            currency=found.line.currency,
            entry_id=entry_id,
            deposit_id=deposit_id,
            reason=reason,
            grounds=list(proposal.reasons) if proposal else [],
            score=proposal.score if proposal else None,
            made_at=clock.now(),
            made_by_id=actor.user_id,
        )
        for entry_id in entry_ids or (None,)
    ]
    db.session.add_all(made)
    db.session.flush()
    audit.record(
        actor,
        f"bank_line.{kind}",
        "bank_line",
        found.line.id,
        fund_id=found.account.fund_id,
        reason=reason,
        amount=found.amount,
        entries=list(entry_ids),
        deposit=deposit_id,
    )
    return made


def check_amount(found: OpenLine, entry_ids: Sequence[int]) -> None:
    """Refuse entries that are gone, taken, or do not come to the amount of the movement."""
    if not entry_ids:
        return
    currency, fund_id = found.line.currency, found.account.fund_id
    effects = ledger.effects_of(fund_id, chart.cash(currency), entry_ids)
    taken = set(
        db.session.scalars(
            select(BankMatch.entry_id).where(
                BankMatch.entry_id.in_(list(entry_ids)),
                BankMatch.currency == currency,
                BankMatch.ended_at.is_(None),
            )
        )
    )
    for one in effects:
        if one.is_undone or one.entry_id in taken:
            raise rules.EntryIsTaken(sequence=one.sequence)
    if len(effects) != len(set(entry_ids)):
        raise rules.NotOfThisAccount
    moved = sum((one.amount for one in effects), Money.zero(currency))
    if moved != found.amount:
        raise rules.AmountsDiffer(movement=found.amount, chosen=moved)


def check_way(found: OpenLine, *, came_in: bool, what: str) -> None:
    """Refuse money that went the other way."""
    if (found.line.amount_minor > 0) is not came_in:
        raise rules.WrongWay(way="went out" if came_in else "came in", what=what)
