"""Amounts of money, exact, and the only place where anything is rounded.

An amount is a whole number of minor units of its currency (ISO 4217: cents for USD, none for UGX,
thousandths for TND). Arithmetic between currencies is refused; converting is explicit and takes a
Rate, which knows where it comes from and of which day it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation, localcontext
from functools import lru_cache

import iso4217
from babel.numbers import get_currency_precision, list_currencies

MINOR_MAX = 2**63 - 1


class NotMoney(ValueError):
    """The value is not an amount that the currency can hold."""


class CurrencyMismatch(TypeError):
    """Two currencies cannot be added or compared."""


@lru_cache(maxsize=512)
def is_currency(code: str) -> bool:
    """Whether the code names a currency, of today or of the past, known to CLDR or ISO 4217."""
    return code in iso4217.raw_table or code in list_currencies()


@lru_cache(maxsize=512)
def decimals(currency: str) -> int:
    """Decimal places of a currency's minor unit by ISO 4217 (withdrawn currencies: by CLDR)."""
    if not is_currency(currency):
        raise NotMoney(f"{currency!r} is not a currency code of ISO 4217")
    try:
        exponent = iso4217.Currency(currency).exponent
    except ValueError:
        exponent = None
    return get_currency_precision(currency) if exponent is None else exponent


@dataclass(frozen=True, order=False)
class Money:
    """An exact amount in one currency. Refuses more decimals than the currency has."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        places = decimals(self.currency)
        if not isinstance(self.amount, Decimal) or not self.amount.is_finite():
            raise NotMoney(f"{self.amount!r} is not a finite Decimal")
        scaled = self.amount.scaleb(places)
        if scaled != scaled.to_integral_value():
            raise NotMoney(f"{self.amount} has more than {places} decimals of {self.currency}")
        if abs(scaled) > MINOR_MAX:
            raise NotMoney(f"{self.amount} {self.currency} is larger than the books can hold")
        object.__setattr__(self, "amount", self.amount.quantize(Decimal(1).scaleb(-places)))

    @classmethod
    def of_minor(cls, minor: int, currency: str) -> Money:
        """The amount of that many minor units."""
        return cls(Decimal(minor).scaleb(-decimals(currency)), currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(Decimal(0), currency)

    @classmethod
    def rounded(cls, amount: Decimal, currency: str) -> Money:
        """The nearest amount that the currency can hold, half to even."""
        unit = Decimal(1).scaleb(-decimals(currency))
        with localcontext() as context:
            context.prec = 50
            return cls(amount.quantize(unit, rounding=ROUND_HALF_EVEN), currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read what a person typed: spaces and thousands separators of any kind, a decimal mark."""
        return cls(_decimal_of(text, decimals(currency)), currency)

    @property
    def minor(self) -> int:
        """The amount in whole minor units."""
        return int(self.amount.scaleb(decimals(self.currency)))

    def __str__(self) -> str:
        return f"{self.currency} {self.amount:,}"

    def __add__(self, other: Money) -> Money:
        self._check_same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._check_same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._check_same(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._check_same(other)
        return self.amount <= other.amount

    def __gt__(self, other: Money) -> bool:
        return other < self

    def __ge__(self, other: Money) -> bool:
        return other <= self

    def __bool__(self) -> bool:
        return self.amount != 0

    def times(self, factor: Decimal) -> Money:
        """The amount times an exact factor, rounded half to even: a fee of 1 % is `times(0.01)`."""
        return Money.rounded(self.amount * factor, self.currency)

    def _check_same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be mixed")


@dataclass(frozen=True, kw_only=True)
class Rate:
    """What one US dollar was in a currency on a day, and who says so.

    `units_per_usd` is how the UN publishes its operational rates of exchange.
    """

    currency: str
    units_per_usd: Decimal
    source: str
    on: date

    def __post_init__(self) -> None:
        if not self.units_per_usd.is_finite() or self.units_per_usd <= 0:
            raise NotMoney(f"{self.units_per_usd} is not a rate")

    @classmethod
    def of_usd_value(cls, currency: str, usd_per_unit: Decimal, source: str, on: date) -> Rate:
        """From a quotation the other way round: what one unit of the currency is in US dollars."""
        if usd_per_unit <= 0:
            raise NotMoney(f"{usd_per_unit} is not a rate")
        return cls(currency=currency, units_per_usd=1 / usd_per_unit, source=source, on=on)

    def to_usd(self, amount: Money) -> Money:
        """The amount in US dollars at this rate, rounded half to even."""
        if amount.currency != self.currency:
            raise CurrencyMismatch(f"a rate of {self.currency} cannot convert {amount.currency}")
        with localcontext() as context:
            context.prec = 50
            return Money.rounded(amount.amount / self.units_per_usd, "USD")


def share_minor(total: int, weights: Sequence[int]) -> list[int]:
    """Split a whole number of minor units by weights; the parts always sum to the whole.

    Largest remainder; among equal remainders the earlier part gets the unit. Refuses a negative
    total, negative weights, and weights that are all zero unless there is nothing to split.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise NotMoney("only a sum of at least nothing can be shared, by weights of at least zero")
    whole = sum(weights)
    if whole == 0:
        if total:
            raise NotMoney("nothing says who gets a share")
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in order[: total - sum(parts)]:
        parts[index] += 1
    return parts


def share(total: Money, weights: Sequence[int]) -> list[Money]:
    """Split an amount by weights into amounts that sum to it exactly: see share_minor."""
    return [Money.of_minor(part, total.currency) for part in share_minor(total.minor, weights)]


def _decimal_of(text: str, places: int) -> Decimal:
    cleaned = "".join(text.split()).replace("\N{RIGHT SINGLE QUOTATION MARK}", "").replace("'", "")
    comma, point = cleaned.rfind(","), cleaned.rfind(".")
    if comma > point >= 0:
        cleaned = cleaned.replace(".", "").replace(",", ".")
    elif point > comma >= 0:
        cleaned = cleaned.replace(",", "")
    elif comma >= 0:
        tail = len(cleaned) - comma - 1
        is_decimal = cleaned.count(",") == 1 and tail <= places and tail != 3
        cleaned = cleaned.replace(",", "." if is_decimal else "")
    try:
        value = Decimal(cleaned)
    except InvalidOperation as error:
        raise NotMoney(f"{text!r} is not an amount of money") from error
    if not value.is_finite():
        raise NotMoney(f"{text!r} is not an amount of money")
    return value
