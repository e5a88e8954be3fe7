"""What a donor's money may pay for, what it is worth, and when it is late: pure functions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from grants.donors.rules.earmarks import EVERYTHING, Earmark
from grants.errors import Malformed, Refused
from grants.money import Money, Rate, share_minor

BASIS_POINTS: Final = 10_000


class NoRate(Refused):
    """No rate of exchange for {currency} is known on {day}. Record one, or give the rate."""

    status = 422


class NoAmount(Malformed):
    """Give an amount above zero."""


class CurrencyOfAgreementDiffers(Refused):
    """The agreement {reference} is in {agreed}, this money in {given}. Record it in {agreed}."""

    status = 422


class WiderThanEarmark(Refused):
    """The deposit may pay for more than the agreement {reference} allows. Narrow its conditions."""

    status = 422


class CoreWithEarmark(Refused):
    """A core contribution is not earmarked. Take the earmark away, or mark it as non-core."""

    status = 422


class InstalmentsDoNotSum(Refused):
    """The instalments make {instalments}; the agreement is over {agreed}. They must be equal."""

    status = 422


class NotOfThisDonor(Refused):
    """{thing} belongs to another fund or to another donor."""

    status = 422


class DepositIsSetAside(Refused):
    """{left} of this deposit is not set aside for programmes; {wanted} would have to be."""


class PledgeIsClosed(Refused):
    """This pledge is {state} already."""


class ReceiptIsIdentified(Refused):
    """This receipt is {state} already."""


class DepositIsReversed(Refused):
    """This deposit has been reversed."""


class NothingToConvert(Refused):
    """{left} of this deposit is still held in its own currency; {wanted} is to be converted."""


class DepositIsConverted(Refused):
    """Part of this deposit has been turned into US dollars already, so it cannot be undone."""


class InstalmentIsClosed(Refused):
    """Instalment {number} is {state} already."""


@dataclass(frozen=True, kw_only=True)
class NewPledge:
    """An intention to give. Its value in US dollars: `usd`, or at `rate`, or at the known rate."""

    fund_id: int
    donor_id: int
    amount: Money
    pledged_on: date
    fiscal_year: int
    reference: str = ""
    usd: Money | None = None
    rate: Rate | None = None
    #: When the money is hoped for; None: by the end of the fiscal year.
    expected_on: date | None = None
    #: False where the source names no currency: the amount is then its value in US dollars.
    is_currency_stated: bool = True
    #: The source's own amount, where the books cannot hold it as `amount` (decimals, no currency).
    stated_amount: str = ""


@dataclass(frozen=True, kw_only=True)
class NewInstalment:
    """A part of an agreement and the day on which it is due."""

    due_on: date
    amount: Money


@dataclass(frozen=True, kw_only=True)
class NewCondition:
    """What must be met before an instalment (or any: None) may be asked for. Its number, from 1."""

    words: str
    due_on: date | None = None
    instalment: int | None = None


@dataclass(frozen=True, kw_only=True)
class NewDuty:
    """A report that the donor wants by a day."""

    kind: str
    due_on: date
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class NewAgreement:
    """A contribution agreement as it is signed. Without instalments, all is due at signature."""

    fund_id: int
    donor_id: int
    reference: str
    amount: Money
    signed_on: date
    is_core: bool = True
    rate: Rate | None = None
    earmark: Earmark = EVERYTHING
    instalments: tuple[NewInstalment, ...] = ()
    provider_activity_id: str = ""
    pledge_id: int | None = None
    #: Spending of grantees counts from and until these days.
    eligible_from: date | None = None
    eligible_until: date | None = None
    conditions: tuple[NewCondition, ...] = ()
    duties: tuple[NewDuty, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NewDeposit:
    """Cash as it came in. Without a donor it is an unidentified receipt.

    Its value in US dollars: `usd`, or at `rate`, or at the rate known on the value date. Without
    conditions it takes the earmark of its agreement.
    """

    fund_id: int
    amount: Money
    value_on: date
    donor_id: int | None = None
    agreement_id: int | None = None
    instalment_id: int | None = None
    #: The membership contribution that it pays: core money, income of its own account.
    invoice_id: int | None = None
    usd: Money | None = None
    rate: Rate | None = None
    programming_year: int | None = None
    conditions: Earmark | None = None
    remitter: str = ""
    bank_reference: str = ""
    #: False where the source names no currency: the amount is then its value in US dollars.
    is_currency_stated: bool = True
    #: The source's own amount, where the books cannot hold it as `amount` (decimals, no currency).
    stated_amount: str = ""


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """How much of what was agreed a deposit settles, and what that was worth when agreed."""

    amount_minor: int
    usd_minor: int


NOTHING_SETTLED: Final = Settlement(amount_minor=0, usd_minor=0)


def fee_of(usd: Money, basis_points: int) -> Money:
    """The fund's fee on a deposit, in US dollars, rounded half to even."""
    return usd.times(Decimal(basis_points) / BASIS_POINTS)


def usd_of(amount: Money, usd: Money | None, rate: Rate | None) -> Money:
    """What an amount is worth: as stated, or at the rate. Refuses where neither says it."""
    if usd is not None:
        if usd.currency != "USD":
            raise Malformed(f"{usd} is not in US dollars.")
        return usd
    if amount.currency == "USD":
        return amount
    assert rate is not None, "the action looks up the rate first"
    return rate.to_usd(amount)


def settled_by(amount_minor: int, left: Settlement, *more: Settlement) -> Settlement:
    """The part of what is still open that an amount settles, at the value when it was agreed.

    `left` is what is open of the instalment (or of the agreement); `more` are wider limits. The
    last payment settles whatever is left of the value, so that nothing ever stays behind.
    """
    taken = max(min(amount_minor, left.amount_minor, *(limit.amount_minor for limit in more)), 0)
    if taken == 0:
        return NOTHING_SETTLED
    usd_minor = share_minor(left.usd_minor, [taken, left.amount_minor - taken])[0]
    for limit in more:
        whole = limit.amount_minor == taken
        usd_minor = limit.usd_minor if whole else min(usd_minor, limit.usd_minor)
    return Settlement(amount_minor=taken, usd_minor=usd_minor)


def exchange_difference(received: Money, agreed: Money) -> Money:
    """What a deposit brought more (or less, then below zero) than it was worth when agreed."""
    return received - agreed


def days_late(due_on: date, paid_on: date | None, today: date) -> int:
    """Days from the due date to the payment, or to today while it is outstanding; never below 0."""
    return max(((paid_on or today) - due_on).days, 0)


def check_instalments(agreed: Money, instalments: Collection[Money]) -> None:
    """Refuse instalments that do not make the agreed amount, unless there are none."""
    if not instalments:
        return
    total = sum((part.amount for part in instalments), Decimal(0))
    if any(part.currency != agreed.currency for part in instalments) or total != agreed.amount:
        raise InstalmentsDoNotSum(instalments=f"{agreed.currency} {total:,}", agreed=agreed)


def instalment_values(usd: Money, instalments: Collection[Money]) -> list[Money]:
    """The agreement's value in US dollars split over its instalments, to the cent."""
    weights = [part.minor for part in instalments]
    return [Money.of_minor(part, "USD") for part in share_minor(usd.minor, weights)]
