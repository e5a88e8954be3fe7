"""What an agreement says, how it may be amended, and what differs between two versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from grants.donors.rules.contributions import Settlement
from grants.donors.rules.earmarks import Earmark
from grants.errors import Malformed, Refused
from grants.money import Money, Rate, share_minor


class AmendedBelowPaid(Refused):
    """{paid} was paid or withdrawn under {reference} already. The amount cannot be less."""

    status = 422


class AmendedBelowInstalment(Refused):
    """{paid} of instalment {number} was paid already. It cannot be less."""

    status = 422


class NothingAmended(Refused):
    """Nothing would change. Say what the amendment changes."""

    status = 422


class AmendedBeforeSigned(Refused):
    """The version before was signed on {before}. Give that day or a later one."""

    status = 422


class NothingLeft(Refused):
    """Nothing is left to come of the agreement {reference}."""


class AgreementNotSigned(Refused):
    """The agreement {reference} is {state}, so it cannot be changed."""


class ConditionNotMet(Refused):
    """Instalment {number} depends on a condition: {words}. Note first that it is met."""


class ConditionIsMet(Refused):
    """This condition was met on {met_on} already."""


class ConditionIsOpen(Refused):
    """This condition is not noted as met."""


class DutyIsDone(Refused):
    """This report was delivered on {done_on} already."""


@dataclass(frozen=True, kw_only=True)
class AmendedInstalment:
    """An instalment as it shall be. `number` None: a new one; an open one left out is dropped."""

    number: int | None
    due_on: date
    amount: Money


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """What two sides signed to change. What is None stays as it is.

    `amount` is the whole of the agreement; `instalments` are those still open, in full.
    """

    signed_on: date
    reason: str
    amount: Money | None = None
    #: Of an increase; None: the rate known on the day of the signature.
    rate: Rate | None = None
    instalments: tuple[AmendedInstalment, ...] | None = None
    earmark: Earmark | None = None
    #: Both days together; (None, None) takes them away.
    eligible: tuple[date | None, date | None] | None = None
    provider_activity_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class InstalmentTerms:
    """An instalment as a version has it; what is withdrawn of it does not come."""

    id: int
    number: int
    due_on: date
    amount_minor: int
    usd_minor: int
    cancelled_minor: int
    cancelled_usd_minor: int


@dataclass(frozen=True, kw_only=True)
class Terms:
    """An agreement as a version freezes it."""

    currency: str
    amount_minor: int
    usd_minor: int
    is_core: bool
    earmark: Earmark
    eligible_from: date | None
    eligible_until: date | None
    provider_activity_id: str
    instalments: tuple[InstalmentTerms, ...]

    @property
    def amount(self) -> Money:
        return Money.of_minor(self.amount_minor, self.currency)

    @property
    def withdrawn(self) -> Money:
        gone = sum(one.cancelled_minor for one in self.instalments)
        return Money.of_minor(gone, self.currency)

    def stored(self) -> dict[str, Any]:
        """As a JSON column keeps it."""
        return {
            "currency": self.currency,
            "amount_minor": self.amount_minor,
            "usd_minor": self.usd_minor,
            "is_core": self.is_core,
            "earmark": dict(self.earmark.stored_with_dates()),
            "eligible_from": _text(self.eligible_from),
            "eligible_until": _text(self.eligible_until),
            "provider_activity_id": self.provider_activity_id,
            "instalments": [
                {
                    "id": one.id,
                    "number": one.number,
                    "due_on": one.due_on.isoformat(),
                    "amount_minor": one.amount_minor,
                    "usd_minor": one.usd_minor,
                    "cancelled_minor": one.cancelled_minor,
                    "cancelled_usd_minor": one.cancelled_usd_minor,
                }
                for one in self.instalments
            ],
        }

    @classmethod
    def of_stored(cls, stored: Mapping[str, Any]) -> Terms:
        """Read a JSON column."""
        return cls(
            currency=stored["currency"],
            amount_minor=stored["amount_minor"],
            usd_minor=stored["usd_minor"],
            is_core=stored["is_core"],
            earmark=Earmark.of_stored(stored["earmark"]),
            eligible_from=_day(stored["eligible_from"]),
            eligible_until=_day(stored["eligible_until"]),
            provider_activity_id=stored["provider_activity_id"],
            instalments=tuple(
                InstalmentTerms(**{**one, "due_on": date.fromisoformat(one["due_on"])})
                for one in stored["instalments"]
            ),
        )


@dataclass(frozen=True, kw_only=True)
class OpenPart:
    """An open instalment while an agreement is amended: what of it is settled or withdrawn."""

    number: int | None
    amount_minor: int
    taken: Settlement


def check_eligible(eligible_from: date | None, eligible_until: date | None) -> None:
    """Refuse days of eligible spending that are turned round."""
    if eligible_from and eligible_until and eligible_until < eligible_from:
        raise Malformed("Spending would have to end before it begins to count.")


def reduced_value(open_usd_minor: int, open_minor: int, by_minor: int) -> int:
    """What a decrease takes off the agreed value: its part of what is still open.

    The last of it takes all that is left, so that nothing stays behind in the books.
    """
    assert 0 <= by_minor <= open_minor
    return share_minor(open_usd_minor, [by_minor, open_minor - by_minor])[0] if open_minor else 0


def open_values(open_usd_minor: int, parts: Sequence[OpenPart]) -> list[int]:
    """The value of each open instalment: what was settled of it, and its share of what is open."""
    weights = [max(one.amount_minor - one.taken.amount_minor, 0) for one in parts]
    if not any(weights):
        return [one.taken.usd_minor for one in parts]
    shares = share_minor(open_usd_minor, weights)
    return [one.taken.usd_minor + part for one, part in zip(parts, shares, strict=True)]


def differences(before: Terms, after: Terms) -> list[tuple[str, object, object]]:
    """What changed from one version to the next: which thing, as it was, as it is.

    The things: amount, earmark, eligible_from, eligible_until, provider_activity_id, and for each
    instalment `instalment n` (day and amount, None where there is none) or `withdrawn n`.
    """
    found: list[tuple[str, object, object]] = []
    for name in ("amount", "earmark", "eligible_from", "eligible_until", "provider_activity_id"):
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            found.append((name, was, now))
    old = {one.number: one for one in before.instalments}
    new = {one.number: one for one in after.instalments}
    for number in sorted({*old, *new}):
        was, now = _due(old.get(number), before), _due(new.get(number), after)
        if was != now:
            found.append((f"instalment {number}", was, now))
        gone = _withdrawn(new.get(number), after)
        if gone != _withdrawn(old.get(number), before):
            found.append((f"withdrawn {number}", _withdrawn(old.get(number), before), gone))
    return found


def _due(one: InstalmentTerms | None, terms: Terms) -> tuple[date, Money] | None:
    if one is None or not one.amount_minor:
        return None
    return one.due_on, Money.of_minor(one.amount_minor, terms.currency)


def _withdrawn(one: InstalmentTerms | None, terms: Terms) -> Money:
    return Money.of_minor(one.cancelled_minor if one else 0, terms.currency)


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(stored: object) -> date | None:
    return date.fromisoformat(str(stored)) if stored else None
