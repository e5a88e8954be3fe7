"""Contributions as the pooled funds publish them: one line for each instalment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from grants.imports.rules.cells import day_in, number_in, year_in
from grants.imports.rules.contribution_checks import (
    look_at_dates,
    look_at_line,
    look_at_shared_codes,
)
from grants.imports.rules.findings import Findings
from grants.imports.rules.layouts import CONTRIBUTIONS, LAYOUTS
from grants.imports.rules.rates import SIDES, look_at_rates
from grants.imports.rules.reading import Reading, hash_of, reading_of
from grants.imports.rules.table import Row, key_in, name_in, read_table
from grants.money import Money, NotMoney, Rate, is_currency

UNNAMED_DONOR = "Donor not named by the source"
RATE_SOURCE = "as stated by the source"
FUND_MAX, DONOR_MAX = 200, 300
#: Where the day is taken from when the line has none of its own.
_INSTEAD = {"Paid": ("PledgeDate", "ActivityDate"), "Pledge": ("ActivityDate", "PaidDate")}

Numbers = Mapping[str, Decimal | None]


@dataclass(frozen=True, kw_only=True)
class Part:
    """What was paid, or pledged, in one line: as booked, and as the source has it."""

    amount: Money
    usd: Money
    on: date
    rate: Rate | None
    is_currency_stated: bool
    #: The source's amount, where the books cannot hold it as it is.
    stated_amount: str
    rounding_usd: Decimal
    rounding_original: Decimal

    @property
    def content(self) -> dict[str, str]:
        """As plain JSON."""
        return {
            "amount": str(self.amount),
            "usd": str(self.usd),
            "on": self.on.isoformat(),
            "rate": str(self.rate.units_per_usd) if self.rate else "",
            "is_currency_stated": "yes" if self.is_currency_stated else "no",
            "stated_amount": self.stated_amount,
            "rounding_usd": str(self.rounding_usd),
            "rounding_original": str(self.rounding_original),
        }


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """One line of the file."""

    row: int
    key: str
    fund: str
    donor: str
    donor_type: str
    fiscal_year: int
    paid: Part | None
    pledged: Part | None
    rounding_usd: Decimal
    rounding_original: Decimal

    @property
    def content(self) -> dict[str, object]:
        """What of the line matters, as plain JSON; `content_hash` is taken over it."""
        return {
            "fund": self.fund,
            "donor": self.donor,
            "fiscal_year": self.fiscal_year,
            "paid": self.paid.content if self.paid else None,
            "pledged": self.pledged.content if self.pledged else None,
            "rounding": [str(self.rounding_usd), str(self.rounding_original)],
        }

    @property
    def content_hash(self) -> str:
        return hash_of(self.content)


def read_contributions(content: bytes, findings: Findings, *, today: date) -> Reading[Contribution]:
    """The sound lines of a file of contributions; all else is in the findings.

    Rates are units of the currency for one US dollar. Amounts with more decimals than their
    currency has are rounded half to even, each one a finding.
    """
    table = read_table(content, CONTRIBUTIONS, findings, LAYOUTS)
    found = []
    for row in table.rows:
        look_at_line(row, findings)
        look_at_dates(row, findings, today=today)
        line = _contribution(row, findings)
        if line is not None:
            found.append(line)
    look_at_shared_codes([(one.row, one.key, one.content_hash) for one in found], findings)
    look_at_rates(table.rows, findings)
    return reading_of(table, found, findings)


def _contribution(row: Row, findings: Findings) -> Contribution | None:
    key = key_in(row, "ContributionCode", findings)
    if not key:
        return None
    before = findings.errors
    fund = name_in(row, "PooledFundName", key, findings, length=FUND_MAX)
    if not fund:
        findings.error(row.number, key, "no_fund", "PooledFundName", "The line names no fund.")
    donor = name_in(row, "DonorName", key, findings, length=DONOR_MAX)
    if not donor:
        sentence = f"The line names no donor; it is kept under {UNNAMED_DONOR!r}. Say whose it is."
        findings.warning(row.number, key, "missing_donor", "DonorName", sentence)
    numbers = _numbers(row, key, findings)
    sides = {side: _part(row, key, side, numbers, findings) for side in SIDES}
    paid, pledged = sides["Paid"], sides["Pledge"]
    if paid is not None and paid.usd.minor < 0:
        sentence = "A payment cannot be below nothing. Was it given back? Record it as such."
        findings.error(row.number, key, "negative_amount", "PaidAmt", sentence)
    year = _fiscal_year(row, key, paid or pledged, findings)
    if findings.errors > before or year is None:
        return None
    parts = [part for part in (paid, pledged) if part]
    return Contribution(
        row=row.number,
        key=key,
        fund=fund,
        donor=donor or UNNAMED_DONOR,
        donor_type=row.text("DonorType"),
        fiscal_year=year,
        paid=_booked(paid),
        pledged=_booked(pledged),
        rounding_usd=sum((part.rounding_usd for part in parts), Decimal(0)),
        rounding_original=sum((part.rounding_original for part in parts), Decimal(0)),
    )


def _numbers(row: Row, key: str, findings: Findings) -> Numbers:
    found = {}
    for side in SIDES:
        for name in (f"{side}Amt", f"{side}AmtLocal"):
            found[name] = number_in(row, name, key, findings)
        rate = f"{side}AmtCurrencyExchangeRate"
        found[rate] = number_in(row, rate, key, findings, is_needed=False)
    return found


def _fiscal_year(row: Row, key: str, part: Part | None, findings: Findings) -> int | None:
    if row.text("FiscalYear") or part is None:
        return year_in(row, "FiscalYear", key, findings)
    year = part.on.year
    sentence = f"The line has no fiscal year; {year} is taken, the year of its date."
    findings.warning(row.number, key, "missing_year", "FiscalYear", sentence)
    return year


def _part(row: Row, key: str, side: str, numbers: Numbers, findings: Findings) -> Part | None:
    usd = numbers[f"{side}Amt"]
    if not usd:
        return None
    on = _day(row, key, side, usd, findings)
    if usd < 0 and side == "Pledge":
        sentence = f"USD {usd:,f} is below nothing; it takes back part of an earlier pledge."
        findings.warning(row.number, key, "negative_amount", f"{side}Amt", sentence)
    return _valued(row, key, side, numbers, on, findings) if on else None


def _day(row: Row, key: str, side: str, usd: Decimal, findings: Findings) -> date | None:
    column = f"{side}Date"
    own = day_in(row, column)
    if own is not None:
        return own
    for other in _INSTEAD[side]:
        instead = day_in(row, other)
        if instead is not None:
            sentence = (
                f"USD {usd:,f} has no {column}; {instead:%d %B %Y}, its {other}, is used instead."
            )
            findings.warning(row.number, key, "missing_date", column, sentence)
            return instead
    sentence = f"USD {usd:,f} has no date, so it cannot be booked. Give the line its date."
    findings.error(row.number, key, "missing_date", column, sentence)
    return None


def _valued(
    row: Row, key: str, side: str, numbers: Numbers, on: date, findings: Findings
) -> Part | None:
    usd, local = numbers[f"{side}Amt"], numbers[f"{side}AmtLocal"]
    assert usd is not None
    value = _rounded(row, key, f"{side}Amt", usd, "USD", findings)
    if value is None:
        return None
    currency = row.text(f"{side}AmtLocalCurrency").upper()
    in_dollars = Part(
        amount=value,
        usd=value,
        on=on,
        rate=None,
        is_currency_stated=False,
        stated_amount="" if local is None else f"{local:f}",
        rounding_usd=usd - value.amount,
        rounding_original=Decimal(0),
    )
    if not currency or not is_currency(currency):
        return in_dollars
    if not local:
        sentence = f"No amount in {currency} is given; {value} is booked."
        findings.warning(row.number, key, "missing_amount", f"{side}AmtLocal", sentence)
        return in_dollars
    if currency == "USD":
        return _dollars(row, key, side, local, in_dollars, findings)
    return _foreign(row, key, side, numbers, in_dollars, findings)


def _foreign(
    row: Row, key: str, side: str, numbers: Numbers, part: Part, findings: Findings
) -> Part | None:
    """A contribution in another currency, at the value that the line gives it."""
    local, currency = numbers[f"{side}AmtLocal"], row.text(f"{side}AmtLocalCurrency").upper()
    assert local is not None
    amount = _rounded(row, key, f"{side}AmtLocal", local, currency, findings)
    if amount is None:
        return None
    if _sign(amount) != _sign(part.usd):
        sentence = f"{currency} {local:,f} cannot be worth {part.usd}."
        findings.error(row.number, key, "bad_amount", f"{side}AmtLocal", sentence)
        return None
    rounding = local - amount.amount
    return replace(
        part,
        amount=amount,
        rate=_rate(numbers[f"{side}AmtCurrencyExchangeRate"], currency, part.on),
        is_currency_stated=True,
        stated_amount=part.stated_amount if rounding else "",
        rounding_original=rounding,
    )


def _dollars(row: Row, key: str, side: str, local: Decimal, part: Part, findings: Findings) -> Part:
    """A contribution in US dollars; where its amount is not its value, the value is booked."""
    differs = local != part.usd.amount
    if differs:
        sentence = f"USD {local:,f} is given, and {part.usd} as its value; the value is booked."
        findings.notice(row.number, key, "dollars_differ", f"{side}AmtLocal", sentence)
    stated = part.stated_amount if differs else ""
    return replace(part, is_currency_stated=True, stated_amount=stated)


def _rounded(
    row: Row, key: str, column: str, value: Decimal, currency: str, findings: Findings
) -> Money | None:
    try:
        amount = Money.rounded(value, currency)
    except NotMoney:
        sentence = f"{currency} {value:,f} is more than the books can hold."
        findings.error(row.number, key, "too_large", column, sentence)
        return None
    difference = value - amount.amount
    if difference:
        code = "rounding_usd" if currency == "USD" else "rounding_original"
        sentence = (
            f"{currency} {value:,f} has more decimals than {currency} has; {amount} is booked,"
            f" a difference of {difference:f}."
        )
        findings.notice(row.number, key, code, column, sentence)
    return amount


def _sign(amount: Money) -> int:
    return (amount.minor > 0) - (amount.minor < 0)


def _rate(stated: Decimal | None, currency: str, on: date) -> Rate | None:
    if stated is None or stated <= 0:
        return None
    return Rate(currency=currency, units_per_usd=stated, source=RATE_SOURCE, on=on)


def _booked(part: Part | None) -> Part | None:
    """The part, unless rounding leaves nothing of it."""
    return part if part and part.usd.minor else None
