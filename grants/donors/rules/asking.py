"""Asking for money: letters, how late something is, when to remind, what a member owes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from grants.errors import Malformed, Refused
from grants.money import Money

#: Buckets of an ageing report by days past the due date, each with the most days it holds.
BUCKETS: Final[tuple[tuple[str, int | None], ...]] = (
    ("not_due", 0),
    ("d1_30", 30),
    ("d31_60", 60),
    ("d61_90", 90),
    ("d91_180", 180),
    ("over_180", None),
)
#: What waits for a condition is not due, however long its day is past.
HELD: Final = "held"
BUCKET_NAMES: Final = (HELD, *(name for name, _most in BUCKETS))

#: Days before (below zero) and after the due date on which somebody is reminded.
STAGES: Final = (-30, -7, 1, 30, 60, 90, 180)
#: Who was not reminded for so long after the last stage is not reminded any more.
STAGE_ENDS: Final = 365


class NoPaymentInstruction(Refused):
    """No bank details in {currency} are confirmed. Write them and have a second person confirm."""

    status = 422


class RequestIsOut(Refused):
    """{number} asks for it already. Cancel that letter first, or issue it anew."""


class RequestIsClosed(Refused):
    """{number} is cancelled already."""


class InstructionIsDecided(Refused):
    """These bank details are {state} already."""


class OwnInstruction(Refused):
    """You wrote these bank details, so somebody else must confirm them."""

    status = 403


class NothingToAsk(Refused):
    """{thing} is paid already."""


class NoFeeIsSet(Refused):
    """No contribution is set for {member} in {year}. Set it for its constituency first."""

    status = 422


class NotAMemberThen(Refused):
    """{member} was not a member in {year}."""

    status = 422


class InvoiceIsOut(Refused):
    """{member} has an invoice for {year} already."""


class InvoiceIsClosed(Refused):
    """This invoice is cancelled already."""


class InvoiceIsPaid(Refused):
    """{paid} was paid on this invoice, so it cannot be cancelled."""


class CurrencyOfInvoiceDiffers(Refused):
    """The invoice is in {agreed}, this money in {given}. Record it in {agreed}."""

    status = 422


class InvoiceOrAgreement(Malformed):
    """Money is paid under an agreement or as a membership contribution: choose one of them."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """All that stands on a payment request, as it was frozen."""

    number: str
    fund: str
    host: str
    donor: str
    #: What is asked for: `instalment` or `membership`.
    kind: str
    #: Reference of the agreement, or the year of the membership.
    about: str
    instalment: int | None
    instalments: int | None
    amount: Money
    #: The whole instalment or contribution, where part of it was paid.
    whole: Money
    requested_on: date
    due_on: date
    remittance: str
    bank_lines: tuple[str, ...]
    signed_on: date | None
    asked_by: str
    replaces: str

    def stored(self) -> dict[str, Any]:
        """As a JSON column keeps it."""
        return {
            **vars(self),
            "amount": [self.amount.minor, self.amount.currency],
            "whole": [self.whole.minor, self.whole.currency],
            "requested_on": self.requested_on.isoformat(),
            "due_on": self.due_on.isoformat(),
            "bank_lines": list(self.bank_lines),
            "signed_on": self.signed_on.isoformat() if self.signed_on else None,
        }

    @classmethod
    def of_stored(cls, stored: Mapping[str, Any]) -> Letter:
        """Read a JSON column."""
        signed_on = stored["signed_on"]
        return cls(
            **{
                **stored,
                "amount": Money.of_minor(*stored["amount"]),
                "whole": Money.of_minor(*stored["whole"]),
                "requested_on": date.fromisoformat(stored["requested_on"]),
                "due_on": date.fromisoformat(stored["due_on"]),
                "bank_lines": tuple(stored["bank_lines"]),
                "signed_on": date.fromisoformat(signed_on) if signed_on else None,
            }
        )


def expected_by(expected_on: date | None, fiscal_year: int) -> date:
    """When the money of a pledge is hoped for: the last day of its year unless a day was said."""
    return expected_on or date(fiscal_year, 12, 31)


def bucket_of(due_on: date, as_of: date, *, is_held: bool = False) -> str:
    """The bucket of an ageing report: on its due date a thing is not yet late."""
    if is_held:
        return HELD
    days = (as_of - due_on).days
    for name, most in BUCKETS:
        if most is None or days <= most:
            return name
    raise AssertionError("the last bucket has no end")


def stage_of(due_on: date, on: date) -> int | None:
    """The latest stage of reminding that a day has reached; None before the first and long after.

    A worker that slept over a stage so reminds once, of the stage it wakes up in.
    """
    days = (on - due_on).days
    if days > STAGE_ENDS:
        return None
    return max((stage for stage in STAGES if stage <= days), default=None)


def clean_lines(text: str) -> str:
    """Bank details as lines without blanks around them. Refuses none at all."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    kept = "\n".join(line for line in lines if line)
    if not kept:
        raise Malformed("Give the bank details as they are to stand on the letter.")
    return kept
