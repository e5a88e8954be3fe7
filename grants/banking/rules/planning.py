"""What of a file is new to an account, and whether its balances tie: pure.

Statements may overlap, come late or come twice: a movement is known by the bank's reference,
amount and value date, or by its words where there is no reference, and by how many alike there are.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from grants.banking.rules.reading import Findings, ReadFile, ReadLine, ReadStatement
from grants.money import Money

#: A value date so far from its booking date is worth a look.
_DAYS_APART: Final = timedelta(days=60)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A statement that the account has already."""

    number: str
    from_on: date
    to_on: date
    opening: Money
    closing: Money


@dataclass(frozen=True, kw_only=True)
class NewLine:
    """A movement to be kept, by its fingerprint and which of several alike it is."""

    line: ReadLine
    fingerprint: str
    occurrence: int


@dataclass(frozen=True, kw_only=True)
class NewStatement:
    """A statement to be kept, with what of it is new, and how many movements were known."""

    read: ReadStatement
    opening: Money
    closing: Money
    lines: tuple[NewLine, ...]
    known: int

    @property
    def is_worth_keeping(self) -> bool:
        """A statement without movements says a balance; one of known movements says nothing."""
        return bool(self.lines) or not self.known


def plain_number(number: str) -> str:
    """An account number as it is compared: letters and digits alone, in capitals."""
    return re.sub(r"[^0-9A-Z]", "", number.upper())


def is_account(said: str, number: str) -> bool:
    """Whether what a statement calls its account is this one; a national number is in its IBAN."""
    if not said:
        return True
    plain, wanted = plain_number(said), plain_number(number)
    # Some banks write the currency behind the number.
    if wanted in {plain, re.sub(r"[A-Z]{3}$", "", plain)}:
        return True
    parts = [plain_number(part) for part in said.split("/")]
    return len(plain) >= 8 and all(part and part in wanted for part in parts)


def fingerprint(line: ReadLine) -> str:
    """What makes two movements of an account the same one, in whatever file they stand."""
    told = [line.reference]
    if not line.reference:
        texts = (line.end_to_end, line.other_party, line.words)
        told = [re.sub(r"\W+", "", text.casefold()) for text in texts]
    facts = [line.amount.minor, line.amount.currency, line.value_on.isoformat(), *told]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def plan(
    read: ReadFile,
    number: str,
    currency: str,
    *,
    keys: Mapping[str, int],
    kept: Sequence[Kept],
    today: date,
    findings: Findings,
) -> list[NewStatement]:
    """The statements of a file that are new to the account, in order of their days.

    An error among the findings means that nothing of the file may be kept: another currency, sums
    that do not tie, days to come. A gap to the statement before, or one that overlaps and does not
    add up, is a warning. `keys`: how many of each fingerprint the account has.
    """
    mine = [one for one in read.statements if is_account(one.account, number)]
    _tell_of_others(read, mine, number, findings)
    seen: Counter[str] = Counter(keys)
    there = list(kept)
    planned = []
    for statement in sorted(mine, key=lambda one: (one.from_on, one.to_on, one.row)):
        if not _is_sound(statement, currency, today, findings):
            continue
        before = _before(statement, there)
        new = _new_of(statement, before, seen)
        _tell_of_gaps(new, before, there, findings)
        _tell_of_known(new, findings)
        if new.is_worth_keeping:
            planned.append(new)
            there.append(_kept(new))
    return planned


def _tell_of_others(
    read: ReadFile, mine: Sequence[ReadStatement], number: str, findings: Findings
) -> None:
    for other in read.statements:
        if other not in mine:
            what = f"This statement is of the account {other.account}, not of {number}."
            tell = findings.warning if mine else findings.error
            tell(other.row, "other_account", f"{what} It was left out.")


def _is_sound(statement: ReadStatement, currency: str, today: date, findings: Findings) -> bool:
    errors = len(findings.errors)
    balances = (statement.opening, statement.closing)
    for said in {statement.currency, *(one.currency for one in balances if one is not None)}:
        if said != currency:
            what = f"The statement is in {said}; the account is kept in {currency}."
            findings.error(statement.row, "currency_differs", what)
            return False
    if statement.opening is not None and statement.closing is not None:
        made = statement.opening + statement.movement
        if made != statement.closing:
            what = (
                f"It opens with {statement.opening} and moves {statement.movement}, which makes"
                f" {made}; it closes with {statement.closing}."
            )
            findings.error(statement.row, "does_not_tie", what)
    for line in statement.lines:
        if line.booked_on > today:
            what = f"It is booked on {line.booked_on:%d %B %Y}, which has not come yet."
            findings.error(line.row, "future_date", what)
        elif abs(line.value_on - line.booked_on) > _DAYS_APART:
            what = f"Booked on {line.booked_on:%d %B %Y}, of value on {line.value_on:%d %B %Y}."
            findings.warning(line.row, "days_apart", what)
    return len(findings.errors) == errors


def _before(statement: ReadStatement, there: Sequence[Kept]) -> Kept | None:
    """The latest statement that ends no later than this one and begins no later either."""
    earlier = [
        one for one in there if one.to_on <= statement.to_on and one.from_on <= statement.from_on
    ]
    return max(enumerate(earlier), key=lambda one: (one[1].to_on, one[0]), default=(0, None))[1]


def _new_of(statement: ReadStatement, before: Kept | None, seen: Counter[str]) -> NewStatement:
    """Tell new movements from known ones.

    Movements without a reference that look alike are counted: in a statement that begins where
    the last one ended they are further ones, in one that overlaps they are the same.
    """
    follows = (
        before is not None
        and statement.opening == before.closing
        and statement.from_on >= before.to_on
        # One that begins on the same day with the same balance is that statement again.
        and (statement.from_on, statement.opening) != (before.from_on, before.opening)
    )
    base = dict(seen) if follows else {}
    lines: list[NewLine] = []
    mine: Counter[str] = Counter()
    known = 0
    for line in statement.lines:
        if not line.amount:
            continue
        key = fingerprint(line)
        mine[key] += 1
        occurrence = mine[key] + (0 if line.reference else base.get(key, 0))
        if occurrence <= seen[key]:
            known += 1
            continue
        seen[key] = occurrence
        lines.append(NewLine(line=line, fingerprint=key, occurrence=occurrence))
    zero = Money.zero(statement.currency)
    moved = sum((one.line.amount for one in lines), zero)
    opening, closing = statement.opening, statement.closing
    if opening is None:
        opening = before.closing if before else zero
    if closing is None:
        closing = opening + moved
    return NewStatement(
        read=statement, opening=opening, closing=closing, lines=tuple(lines), known=known
    )


def _tell_of_gaps(
    new: NewStatement, before: Kept | None, there: Sequence[Kept], findings: Findings
) -> None:
    read = new.read
    if read.opening is None:
        what = "The file has no balances, so gaps between statements cannot be seen."
        findings.notice(read.row, "no_balances", what)
        return
    if before is not None and not new.known and read.opening != before.closing:
        what = (
            f"It opens with {read.opening}; the statement until {before.to_on:%d %B %Y} closed with"
            f" {before.closing}. A statement between the two may be missing."
        )
        findings.warning(read.row, "gap", what)
    if before is not None and new.known and new.lines:
        moved = sum((one.line.amount for one in new.lines), Money.zero(read.currency))
        if before.closing + moved != read.closing:
            what = (
                f"It overlaps with earlier ones. What is new of it makes {before.closing + moved}"
                f" of their {before.closing}; it closes with {read.closing}."
            )
            findings.warning(read.row, "overlap", what)
    after = min(
        (one for one in there if one.from_on > read.to_on),
        key=lambda one: one.from_on,
        default=None,
    )
    if after is not None and read.closing != after.opening:
        what = (
            f"It closes with {read.closing}; the statement from {after.from_on:%d %B %Y} opened"
            f" with {after.opening}. A statement between the two may be missing."
        )
        findings.warning(read.row, "gap", what)


def _tell_of_known(new: NewStatement, findings: Findings) -> None:
    if not new.known:
        return
    which = "All its" if not new.lines else f"{new.known} of its"
    what = f"{which} movements stood in an earlier statement; they are not kept twice."
    findings.notice(new.read.row, "known", what)


def _kept(new: NewStatement) -> Kept:
    return Kept(
        number=new.read.number,
        from_on=new.read.from_on,
        to_on=new.read.to_on,
        opening=new.opening,
        closing=new.closing,
    )
