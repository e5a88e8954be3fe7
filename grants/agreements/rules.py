"""What may happen to an agreement, a tranche, a report: pure functions of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from grants.errors import Malformed, NotAllowed, Refused
from grants.money import Money

#: UNSDG harmonised budget categories (domain rules 2.2).
CATEGORIES: Final[dict[int, str]] = {
    1: "Staff and other personnel",
    2: "Supplies, commodities, materials",
    3: "Equipment, vehicles, furniture",
    4: "Contractual services",
    5: "Travel",
    6: "Transfers and grants to counterparts",
    7: "General operating and other direct costs",
    8: "Indirect support costs",
}


class WrongMoment(Refused):
    """{what} is {state}, so it cannot be {done}."""


class TranchesDoNotSum(Malformed):
    """The tranches come to {planned}; the grant is {amount}. Make them equal."""


class OwnRequest(NotAllowed):
    """You requested this tranche, so someone else must certify it."""


class NotAThirdPerson(NotAllowed):
    """You requested or certified this tranche, so a third person must release it."""


class OwnReport(NotAllowed):
    """You submitted this report, so someone else must accept it."""


class EarlierTrancheOpen(Refused):
    """Tranche {number} comes first: it is not released yet."""


class LaterTrancheGoesOn(Refused):
    """Tranche {number} comes after it and goes on already: take that one back first."""


class NotEnoughSpent(Refused):
    """Of {advanced} advanced, {spent} is accepted as spent; {wanted} ({share} %) is needed."""


class MoreThanAdvanced(Refused):
    """The report claims {claimed}, but only {advanced} of the advance is left to account for."""


class CannotClose(Refused):
    """The grant cannot be closed: {why}."""


@dataclass(frozen=True, kw_only=True)
class NewTranche:
    """A part of a grant, when it is due and on which condition."""

    amount: Money
    due_on: date
    condition: str = ""


@dataclass(frozen=True, kw_only=True)
class NewAgreement:
    """What is agreed with a grantee."""

    starts_on: date
    ends_on: date
    tranches: Sequence[NewTranche]
    terms_of_reference: str = ""


@dataclass(frozen=True, kw_only=True)
class ClaimedLine:
    """Spending of one category as the grantee claims it."""

    category: int
    claimed: Money


@dataclass(frozen=True, kw_only=True)
class RefusedCost:
    """What of a category is not accepted, and why."""

    category: int
    amount: Money
    reason: str


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The numbers of the agreement's template: parameters of the fund, not facts."""

    version: str
    #: Of the advance before, in per cent, to be spent before the next tranche.
    spent_share: int = 75
    #: By how much a budget line may move without an amendment, in per cent.
    budget_flexibility: int = 10
    refund_days: int = 30
    records_years: int = 7
    notice_days: int = 30
    report_days: int = 60
    indirect_share_max: int = 7


TERMS: Final = Terms(version="GSA 2026-1")


def check_plan(new: NewAgreement, amount: Money) -> None:
    """Refuse a period turned round, no tranches, or tranches that do not sum to the grant."""
    if new.ends_on < new.starts_on:
        raise Malformed("The agreement ends before it starts.")
    if not new.tranches or any(tranche.amount.minor <= 0 for tranche in new.tranches):
        raise Malformed("An agreement needs at least one tranche, each above nothing.")
    planned = Money.zero("USD")
    for tranche in new.tranches:
        planned += tranche.amount
    if planned != amount:
        raise TranchesDoNotSum(planned=planned, amount=amount)


def check_spent(advanced: Money, spent: Money, terms: Terms) -> None:
    """Refuse the next tranche until enough of the earlier ones is accepted as spent."""
    wanted = advanced.times(Decimal(terms.spent_share) / 100)
    if spent < wanted:
        raise NotEnoughSpent(advanced=advanced, spent=spent, wanted=wanted, share=terms.spent_share)


def check_lines(lines: Sequence[ClaimedLine]) -> Money:
    """The sum that a report claims. Refuses unknown, repeated or negative categories."""
    total, seen = Money.zero("USD"), set()
    for line in lines:
        if line.category not in CATEGORIES or line.category in seen:
            raise Malformed("Report each category 1 to 8 once.")
        if line.claimed.minor < 0:
            raise Malformed("Spending cannot be below nothing.")
        seen.add(line.category)
        total += line.claimed
    return total


def check_refused(claimed: Mapping[int, Money], refused: Sequence[RefusedCost]) -> None:
    """Refuse to refuse more than was claimed, or without the reason."""
    for cost in refused:
        if cost.amount > claimed.get(cost.category, Money.zero("USD")):
            raise Malformed(
                f"More would be refused in {CATEGORIES[cost.category]} than was claimed."
            )
        if cost.amount and not cost.reason.strip():
            raise Malformed("Give the reason for each cost that is refused: the grantee reads it.")


def check_certifier(certifier_id: int, requested_by_id: int | None) -> None:
    """Refuse whoever requested the tranche."""
    if certifier_id == requested_by_id:
        raise OwnRequest


def check_releaser(
    releaser_id: int, requested_by_id: int | None, certified_by_id: int | None
) -> None:
    """Refuse anybody but a third person."""
    if releaser_id in {requested_by_id, certified_by_id}:
        raise NotAThirdPerson
