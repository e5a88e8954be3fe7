"""What the funding engine may answer instead."""

from __future__ import annotations

from collections.abc import Sequence

from grants.errors import NotAllowed, Refused
from grants.money import Money


class NotEnoughFunds(Refused):
    """The amount asked is more than may be spent for this.

    `reasons` say where the rest of the money lies, `ways` what would make it fit: the sentence in
    its parts.
    """

    def __init__(
        self,
        sentence: str,
        *,
        in_short: str = "",
        left: Money,
        asked: Money,
        reasons: Sequence[str] = (),
        ways: Sequence[str] = (),
    ) -> None:
        super().__init__(sentence)
        #: The first sentence: what is left, and what is asked.
        self.in_short = in_short or sentence
        self.left = left
        self.asked = asked
        self.reasons = tuple(reasons)
        self.ways = tuple(ways)

    @property
    def missing(self) -> Money:
        """How much is short."""
        return self.asked - self.left


class MoreThanHeld(Refused):
    """{held} is {what}; {asked} is asked."""


class NotEnoughCash(Refused):
    """{held} is in the account in US dollars; {asked} is to be paid. Convert other cash first."""


class NoAmount(Refused):
    """Give an amount in US dollars above zero."""

    status = 422


class ReferenceTaken(Refused):
    """A grant with the reference {reference} is recorded already."""


class WrongState(Refused):
    """Grant {reference} is {state}, so {deed}."""


class NotOfThisFund(Refused):
    """{thing} belongs to another fund."""

    status = 422


class NotYetThatDay(Refused):
    """{day} has not come yet. Give the day on which the bank booked it."""

    status = 422


class ApprovedByYou(NotAllowed):
    """You approved grant {reference}, so someone else must pay its costs."""


class NoSuchLayer(Refused):
    """No deposit of a known donor has this number in the fund. Choose one of its layers."""

    status = 422


class LayerMayNotPay(Refused):
    """That deposit may not pay for this grant: it is {why}."""
