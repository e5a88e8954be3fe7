"""What a movement of the bank may be in the books: proposals with a score and reasons. Pure.

Nothing in another currency is ever proposed. The order in which candidates come does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final

from grants.banking.rules.naming import ALIKE, VERY_ALIKE, likeness
from grants.money import Money

#: What speaks for a proposal, in points.
REFERENCE, LETTER, EXACT, NEARLY, NAMED, ALIKE_NAMED, DUE, NEAR_DUE = 45, 55, 30, 20, 25, 15, 10, 5
#: What the books have already comes before anything that would be recorded anew.
BOOKED: Final = 100
#: A proposal is certain from here on, if the next one is CLEARLY behind.
CERTAIN: Final = 80
CLEARLY: Final = 15
#: Below this nothing is proposed.
LEAST: Final = 15
PROPOSALS_MAX: Final = 5
DUE_DAYS, NEAR_DUE_DAYS = 31, 92
#: A movement and its entry in the books are at most so many days apart.
BOOKED_DAYS: Final = 10


class TargetKind(StrEnum):
    INSTALMENT = "instalment"
    INVOICE = "invoice"
    DONOR = "donor"
    ENTRY = "entry"
    CHARGE = "charge"
    INTEREST = "interest"


@dataclass(frozen=True, kw_only=True)
class Movement:
    """What is known of a movement that is to be matched. Money that went out is below zero."""

    amount: Money
    value_on: date
    other_party: str = ""
    words: str = ""
    reference: str = ""
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Something that a movement may be: `id` is that of the instalment, invoice, donor or entry."""

    kind: TargetKind
    id: int
    title: str = ""
    donor_id: int | None = None
    donor: str = ""
    #: Every name that the donor bears or bore.
    names: tuple[str, ...] = ()
    agreement_id: int | None = None
    #: What a remitter may write: the number of the agreement, and those of payment requests.
    reference: str = ""
    letters: tuple[str, ...] = ()
    #: What is still open, or what the entry moved (below zero: out). None: no amount is expected.
    amount: Money | None = None
    due_on: date | None = None
    sequence: int | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A target with its score, and in words what speaks for it and against it."""

    target: Target
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The proposals for a movement, the likeliest first, and how sure the first one is."""

    proposals: tuple[Proposal, ...]

    @property
    def best(self) -> Proposal | None:
        return self.proposals[0] if self.proposals else None

    @property
    def is_ambiguous(self) -> bool:
        """Whether another is nearly as likely as the first.

        Later instalments of the same agreement are none: they are paid in their order.
        """
        first, *others = self.proposals or (None,)
        if first is None:
            return False
        agreement_id = first.target.agreement_id
        rivals = [
            one for one in others if not agreement_id or one.target.agreement_id != agreement_id
        ]
        return bool(rivals) and first.score - rivals[0].score < CLEARLY

    @property
    def is_certain(self) -> bool:
        """Whether the first may be taken without another look: it is likely, and alone."""
        return bool(self.best and self.best.score >= CERTAIN and not self.is_ambiguous)


def verdict(movement: Movement, targets: Iterable[Target], *, tolerance: Money) -> Verdict:
    """What the movement may be. `tolerance`: what banks on the way may keep back of an amount."""
    found = [
        proposal
        for target in targets
        if (proposal := _proposal(movement, target, tolerance)) is not None
    ]
    found += _by_its_words(movement)
    found.sort(key=_order)
    return Verdict(proposals=tuple(found[:PROPOSALS_MAX]))


def _order(one: Proposal) -> tuple[object, ...]:
    due_on = one.target.due_on or date.max
    return -one.score, due_on, one.target.kind, one.target.id


def _proposal(movement: Movement, target: Target, tolerance: Money) -> Proposal | None:
    if target.amount is not None and target.amount.currency != movement.amount.currency:
        return None
    if target.kind is TargetKind.ENTRY:
        points = _as_entry(movement, target)
    elif movement.amount.minor > 0:
        points = _as_payment(movement, target, tolerance)
    else:
        return None
    score = sum(point for point, _ in points)
    if score < LEAST:
        return None
    return Proposal(target=target, score=score, reasons=tuple(words for _, words in points))


def _as_payment(movement: Movement, target: Target, tolerance: Money) -> list[tuple[int, str]]:
    """What speaks for a payment of a donor. Amount and day alone are not enough."""
    who = [*_by_reference(movement, target), *_by_name(movement, target)]
    amount = _by_amount(movement, target, tolerance)
    is_exact = any(point == EXACT for point, _ in amount)
    if not who and not is_exact:
        return []
    return [*who, *amount, *_by_day(movement, target)]


def _as_entry(movement: Movement, target: Target) -> list[tuple[int, str]]:
    """The books have it already: the same amount, the same way, about the same day."""
    if target.amount != movement.amount or target.due_on is None:
        return []
    days = abs((target.due_on - movement.value_on).days)
    if days > BOOKED_DAYS:
        return []
    points = [(BOOKED, f"The books have {movement.amount} already, in entry {target.sequence}.")]
    if days == 0:
        points.append((30, "It is dated the same day."))
    else:
        words = "One day" if days == 1 else f"{days} days"
        points.append((25 - 2 * days, f"{words} apart."))
    if target.reference and _says(movement, target.reference):
        points.append((10, f"Both say {target.reference}."))
    points += _by_name(movement, target)[:1]
    return points


def _by_reference(movement: Movement, target: Target) -> list[tuple[int, str]]:
    """The number of a letter names one instalment; that of an agreement all of its."""
    for number in target.letters:
        if _says(movement, number):
            return [(LETTER, f"The text names payment request {number}.")]
    if target.reference and _says(movement, target.reference):
        return [(REFERENCE, f"The text names agreement {target.reference}.")]
    return []


def _by_name(movement: Movement, target: Target) -> list[tuple[int, str]]:
    names = [name for name in (target.donor, *target.names) if name]
    if not movement.other_party or not names:
        return []
    alike = max(likeness(movement.other_party, name) for name in names)
    if alike >= VERY_ALIKE:
        return [(NAMED, f"The remitter is {target.donor}.")]
    if alike >= ALIKE:
        return [(ALIKE_NAMED, f"The remitter is called much like {target.donor}.")]
    return []


def _by_amount(movement: Movement, target: Target, tolerance: Money) -> list[tuple[int, str]]:
    if target.amount is None:
        return []
    difference = target.amount - movement.amount
    if not difference:
        return [(EXACT, "The amount is what is open.")]
    if Money.zero(difference.currency) < difference <= tolerance:
        return [(NEARLY, f"The amount is {difference} less than what is open: a bank's charge?")]
    if difference.minor > 0:
        return [(0, f"{difference} of what is open would stay open.")]
    return [(0, f"It is {-difference} more than what is open.")]


def _by_day(movement: Movement, target: Target) -> list[tuple[int, str]]:
    if target.due_on is None:
        return []
    days = (movement.value_on - target.due_on).days
    if abs(days) > NEAR_DUE_DAYS:
        return []
    points = DUE if abs(days) <= DUE_DAYS else NEAR_DUE
    if days == 0:
        return [(points, "It came on the day it was due.")]
    side = "after" if days > 0 else "before"
    words = "a day" if abs(days) == 1 else f"{abs(days)} days"
    return [(points, f"It came {words} {side} it was due.")]


_CHARGE: Final = re.compile(
    r"\b(charges?|commission|fees?|spesen|frais|gebühr\w*)\b", re.IGNORECASE
)
_INTEREST: Final = re.compile(r"\b(interests?|zinsen|intérêts)\b", re.IGNORECASE)


def _by_its_words(movement: Movement) -> list[Proposal]:
    """What the bank itself did: its own charge, or interest."""
    is_in = movement.amount.minor > 0
    words = f"{movement.words} {movement.other_party}"
    kind, pattern, codes, what = (
        (TargetKind.INTEREST, _INTEREST, ("INT", "NINT"), "interest")
        if is_in
        else (TargetKind.CHARGE, _CHARGE, ("CHRG", "NCHG", "COMM"), "a charge")
    )
    points = []
    parts = set(movement.code.upper().split("/"))
    if parts & {*codes, "INTR"} and (is_in or not parts & {"INTR"}):
        points.append((50, f"The bank's code, {movement.code}, says that it is {what}."))
    if pattern.search(words):
        points.append((35, f"Its text speaks of {what}."))
    if not points:
        return []
    target = Target(kind=kind, id=0, title=what)
    score = sum(point for point, _ in points)
    return [Proposal(target=target, score=score, reasons=tuple(said for _, said in points))]


def _says(movement: Movement, number: str) -> bool:
    """Whether a text names a number, whatever stands between its letters and digits.

    `SWE-1` is not in `SWE-12`. A long one may be broken by the lines of the bank.
    """
    text = f"{movement.words} {movement.reference}".upper()
    pattern = _pattern(number)
    if pattern is None:
        return False
    if pattern.search(text):
        return True
    plain = _letters(number)
    return len(plain) >= 6 and _stands_in(plain, _letters(text))


@lru_cache(maxsize=4096)
def _pattern(number: str) -> re.Pattern[str] | None:
    """Its groups of letters and of digits, with anything but those between; None: too short."""
    groups = re.findall(r"[^\W\d_]+|\d+", number.upper())
    if len("".join(groups)) < 4 or not any(group.isdigit() for group in groups):
        return None
    first = r"(?<!\d)" if groups[0].isdigit() else r"(?<![^\W\d_])"
    last = r"(?!\d)" if groups[-1].isdigit() else r"(?![^\W\d_])"
    return re.compile(first + r"[\W_]*".join(map(re.escape, groups)) + last)


def _stands_in(plain: str, text: str) -> bool:
    """Whether it stands there, and not as a part of a longer number."""
    place = text.find(plain)
    while place >= 0:
        before, after = text[max(place - 1, 0) : place], text[place + len(plain) :][:1]
        goes_on = (plain[0].isdigit() and before.isdigit()) or (
            plain[-1].isdigit() and after.isdigit()
        )
        if not goes_on:
            return True
        place = text.find(plain, place + 1)
    return False


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.upper())


def certain_ones(verdicts: Sequence[tuple[int, Verdict]]) -> dict[int, Proposal]:
    """Of several movements, those whose match is certain, and no other's at the same time."""
    sure = {line: one.best for line, one in verdicts if one.is_certain and one.best is not None}
    counts: dict[str, int] = {}
    for proposal in sure.values():
        counts[proposal.target.key] = counts.get(proposal.target.key, 0) + 1
    alone = (TargetKind.INSTALMENT, TargetKind.INVOICE, TargetKind.ENTRY)
    return {
        line: proposal
        for line, proposal in sure.items()
        if proposal.target.kind in alone and counts[proposal.target.key] == 1
    }
