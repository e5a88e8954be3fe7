"""The kinds of corrections, as values that can be kept as text and read again: pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import ClassVar

from grants.errors import Malformed, Refused
from grants.money import Money


class DecidedByAnother(Refused):
    """You proposed this correction. Another person must decide it."""


class AlreadyDecided(Refused):
    """This correction is {state} already."""


class UndoneWhereItWasMade(Refused):
    """Entry {sequence} ({event}) is undone where it was made: {how}"""


class ReasonWanted(Malformed):
    """Give the reason: the next person decides by it."""


@dataclass(frozen=True, kw_only=True)
class Reversal:
    """An entry is mirrored: the document behind it was wrong or never was."""

    kind: ClassVar[str] = "reversal"
    entry_id: int


@dataclass(frozen=True, kw_only=True)
class WriteOff:
    """What a grantee owes and will not pay: Dr 5400 / Cr 1250 (domain rules 7, row 14)."""

    kind: ClassVar[str] = "write_off"
    grant_id: int
    usd_minor: int
    on: date


@dataclass(frozen=True, kw_only=True)
class ReturnToContributor:
    """Unspent money goes back to whoever gave it (domain rules 7, row 18)."""

    kind: ClassVar[str] = "return"
    donor_id: int
    #: From which layers (deposits), in US cents.
    parts: Mapping[int, int]
    on: date


@dataclass(frozen=True, kw_only=True)
class ReturnPaid:
    """What is owed to a contributor was paid: Dr 2030 / Cr 1010."""

    kind: ClassVar[str] = "return_paid"
    donor_id: int
    usd_minor: int
    on: date
    bank_reference: str = ""


@dataclass(frozen=True, kw_only=True)
class ReturnToSender:
    """A receipt that nobody was found for goes back: Dr 2900 / Cr 1010."""

    kind: ClassVar[str] = "return_to_sender"
    deposit_id: int
    on: date


@dataclass(frozen=True, kw_only=True)
class ReAttribution:
    """Another layer pays for part of a grant (domain rules 7, row 20)."""

    kind: ClassVar[str] = "re_attribution"
    grant_id: int
    from_layer_id: int
    to_layer_id: int
    usd_minor: int
    on: date


Change = Reversal | WriteOff | ReturnToContributor | ReturnPaid | ReturnToSender | ReAttribution

KINDS: dict[str, type[Change]] = {
    one.kind: one
    for one in (
        Reversal,
        WriteOff,
        ReturnToContributor,
        ReturnPaid,
        ReturnToSender,
        ReAttribution,
    )
}


def kept(change: Change) -> str:
    """A change as text: keys sorted, days as ISO 8601."""
    return json.dumps(asdict(change), sort_keys=True, default=date.isoformat)


def read(kind: str, payload: str) -> Change:
    """The change that was kept."""
    facts = json.loads(payload)
    if "on" in facts:
        facts["on"] = date.fromisoformat(facts["on"])
    if "parts" in facts:
        facts["parts"] = {int(layer): minor for layer, minor in facts["parts"].items()}
    return KINDS[kind](**facts)


def size_of(change: Change) -> Money | None:
    """How much it is about, in US dollars; None where the entry or the deposit itself says so."""
    if isinstance(change, Reversal | ReturnToSender):
        return None
    if isinstance(change, ReturnToContributor):
        return Money.of_minor(sum(change.parts.values()), "USD")
    return Money.of_minor(change.usd_minor, "USD")
