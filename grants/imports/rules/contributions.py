"""Contributions as the pooled funds publish them: one line for each instalment."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal

from grants.imports.rules.findings import Findings
from grants.imports.rules.rates import look_at_rates
from grants.imports.rules.table import Row, day_in, is_sentinel, number_in, read_table
from grants.money import Money, NotMoney, Rate, is_currency

COLUMNS = (
    "ContributionCode",
    "DonorName",
    "FiscalYear",
    "PooledFundName",
    "PaidDate",
    "PaidAmtLocalCurrency",
    "PaidAmtCurrencyExchangeRate",
    "PaidAmtLocal",
    "PaidAmt",
    "PledgeDate",
    "PledgeAmtLocalCurrency",
    "PledgeAmtCurrencyExchangeRate",
    "PledgeAmtLocal",
    "PledgeAmt",
)
UNNAMED_DONOR = "Donor not named by the source"
RATE_SOURCE = "as stated by the source"


@dataclass(frozen=True, kw_only=True)
class Part:
    """What was paid, or pledged, in one line: as booked, and as the source has it."""

    amount: Money
    usd: Money
    is_negative: bool
    on: date
    rate: Rate | None
    is_currency_stated: bool
    #: The source's amount, where the books cannot hold it as it is.
    stated_amount: str
    rounding_usd: Decimal
    rounding_original: Decimal


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """One line of the file."""

    row: int
    key: str
    fund: str
    donor: str
    donor_type: str
    fiscal_year: int
    comment: str
    paid: Part | None
    pledged: Part | None

    @property
    def content(self) -> dict[str, object]:
        """What of the line matters, as plain JSON; `content_hash` is taken over it."""
        return {
            "fund": self.fund,
            "donor": self.donor,
            "fiscal_year": self.fiscal_year,
            "paid": _plain(self.paid),
            "pledged": _plain(self.pledged),
        }

    @property
    def content_hash(self) -> str:
        text = json.dumps(self.content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def read_contributions(content: bytes, findings: Findings) -> list[Contribution]:
    """The sound lines of a file of contributions; all else is in the findings.

    Rates are units of the currency for one US dollar. Amounts with more decimals than their
    currency has are rounded half to even, each one a finding.
    """
    rows = read_table(content, "contributions", COLUMNS, findings)
    for row in rows:
        _look_at_codes(row, findings)
    look_at_rates(rows, findings)
    found = [_contribution(row, findings) for row in rows]
    return [each for each in found if each is not None]


def _contribution(row: Row, findings: Findings) -> Contribution | None:
    key = row.text("ContributionCode")
    if not key:
        findings.error(row.number, "", "no_key", "ContributionCode", "The line has no code.")
        return None
    fund, donor = row.text("PooledFundName"), row.text("DonorName")
    if not fund:
        findings.error(row.number, key, "no_fund", "PooledFundName", "The line names no fund.")
        return None
    if not donor:
        findings.warning(
            row.number,
            key,
            "missing_donor",
            "DonorName",
            f"The line names no donor; it is kept under {UNNAMED_DONOR!r}. Give it its donor.",
        )
    year = number_in(row, "FiscalYear", key, findings)
    before = len(findings.found)
    paid = _part(row, key, "Paid", findings)
    pledged = _part(row, key, "Pledge", findings)
    if any(one.severity == "error" for one in findings.found[before:]):
        return None
    if paid is None and pledged is None:
        findings.notice(
            row.number, key, "zero_row", "PaidAmt", "Nothing is paid or pledged in this line."
        )
    if paid is not None and paid.is_negative:
        findings.error(
            row.number, key, "negative_amount", "PaidAmt", "A payment cannot be below nothing."
        )
        return None
    part = paid or pledged
    return Contribution(
        row=row.number,
        key=key,
        fund=fund,
        donor=" ".join(donor.split()) or UNNAMED_DONOR,
        donor_type=row.text("DonorType"),
        fiscal_year=int(year) if year else (part.on.year if part else 0),
        comment=row.text("ReceivedComments"),
        paid=paid,
        pledged=pledged,
    )


def _part(row: Row, key: str, side: str, findings: Findings) -> Part | None:
    usd = number_in(row, f"{side}Amt", key, findings)
    if not usd:
        return None
    on = day_in(row, f"{side}Date") or (day_in(row, "PledgeDate") if side == "Paid" else None)
    if on is None:
        findings.error(
            row.number,
            key,
            "missing_date",
            f"{side}Date",
            f"USD {usd:,f} has no date, so it cannot be booked. Give the line its date.",
        )
        return None
    if usd < 0:
        findings.warning(
            row.number,
            key,
            "negative_amount",
            f"{side}Amt",
            f"USD {usd:,f} is below nothing; it takes back part of an earlier pledge.",
        )
    return _booked(row, key, side, usd, on, findings)


def _booked(
    row: Row, key: str, side: str, usd: Decimal, on: date, findings: Findings
) -> Part | None:
    value = _rounded(row, key, f"{side}Amt", usd, "USD", findings)
    if value is None:
        return None
    local = number_in(row, f"{side}AmtLocal", key, findings)
    currency = row.text(f"{side}AmtLocalCurrency").upper()
    in_dollars = Part(
        amount=value,
        usd=value,
        is_negative=usd < 0,
        on=on,
        rate=None,
        is_currency_stated=False,
        stated_amount=row.text(f"{side}AmtLocal"),
        rounding_usd=usd - value.amount,
        rounding_original=Decimal(0),
    )
    if not is_known(currency) or not local:
        return in_dollars
    if currency == "USD":
        return _dollars(row, key, side, local, in_dollars, findings)
    amount = _rounded(row, key, f"{side}AmtLocal", local, currency, findings)
    if amount is None or (amount.minor > 0) != (value.minor > 0):
        sentence = f"{currency} {local:,f} cannot be USD {usd:,f}."
        findings.error(row.number, key, "bad_amount", f"{side}AmtLocal", sentence)
        return None
    rounding = local - amount.amount
    return replace(
        in_dollars,
        amount=amount,
        rate=_rate(row, f"{side}AmtCurrencyExchangeRate", currency, on),
        is_currency_stated=True,
        stated_amount=in_dollars.stated_amount if rounding else "",
        rounding_original=rounding,
    )


def _dollars(row: Row, key: str, side: str, local: Decimal, part: Part, findings: Findings) -> Part:
    """A contribution in US dollars; where its amount is not its value, the value is booked."""
    differs = local != part.usd.amount
    if differs:
        findings.notice(
            row.number,
            key,
            "dollars_differ",
            f"{side}AmtLocal",
            f"USD {local:,f} is given, and {part.usd} as its value; the value is booked.",
        )
    stated = part.stated_amount if differs else ""
    return replace(part, is_currency_stated=True, stated_amount=stated)


def is_known(currency: str) -> bool:
    """Whether this is a currency that the books can hold."""
    return bool(currency) and is_currency(currency)


def _rounded(
    row: Row, key: str, column: str, value: Decimal, currency: str, findings: Findings
) -> Money | None:
    try:
        amount = Money.rounded(value, currency)
    except NotMoney:
        findings.error(row.number, key, "too_large", column, f"{value:,f} cannot be booked.")
        return None
    difference = value - amount.amount
    if difference:
        code = "rounding_usd" if currency == "USD" else "rounding_original"
        findings.notice(
            row.number,
            key,
            code,
            column,
            f"{currency} {value:,f} has more decimals than {currency} has; {amount} is booked,"
            f" a difference of {difference:f}.",
        )
    return amount


def _rate(row: Row, column: str, currency: str, on: date) -> Rate | None:
    rate = number_in(row, column, "", Findings())
    if rate is None or rate <= 0:
        return None
    return Rate(currency=currency, units_per_usd=rate, source=RATE_SOURCE, on=on)


_CODE_COLUMNS = ("ContributionCode", "PaidAmtLocalCurrency", "PledgeAmtLocalCurrency")
_DATE_COLUMNS = ("LatestDate", "ActivityDate", "PaidDate", "PledgeDate")


def _look_at_codes(row: Row, findings: Findings) -> None:
    key = row.text("ContributionCode")
    padded = [column for column in _CODE_COLUMNS if row.raw(column) != row.text(column)]
    if padded:
        values = ", ".join(repr(row.raw(column)) for column in padded)
        findings.notice(
            row.number,
            key,
            "padded_code",
            ", ".join(padded),
            f"{values} carries blanks; they were taken off.",
        )
    for column, side in (
        ("PaidAmtLocalCurrency", "PaidAmt"),
        ("PledgeAmtLocalCurrency", "PledgeAmt"),
    ):
        currency = row.text(column).upper()
        is_used = row.text(side) not in {"", "0", "0.0", "0.00"}
        if currency and not is_known(currency):
            findings.warning(
                row.number,
                key,
                "unknown_currency",
                column,
                f"{currency!r} is no currency of ISO 4217; the value in US dollars is booked.",
            )
        elif not currency:
            tell = findings.warning if is_used else findings.notice
            tell(
                row.number,
                key,
                "unknown_currency",
                column,
                "No currency is given; the value in US dollars is booked."
                if is_used
                else "No currency is given; no amount needs one.",
            )
    _look_at_dates(row, key, findings)


def _look_at_dates(row: Row, key: str, findings: Findings) -> None:
    sentinels = [column for column in _DATE_COLUMNS if is_sentinel(row.raw(column))]
    if sentinels:
        findings.notice(
            row.number,
            key,
            "sentinel_date",
            ", ".join(sentinels),
            f"{row.text(sentinels[0])} stands for no date and was not used.",
        )
    if not row.text("PaidDate") and not row.text("PaidAmt").strip("0."):
        findings.notice(
            row.number, key, "missing_date", "PaidDate", "There is no date of payment: none came."
        )
    if not row.text("PledgeDate") and not row.text("PledgeAmt").strip("0."):
        findings.notice(row.number, key, "missing_date", "PledgeDate", "There is no pledge date.")


def _plain(part: Part | None) -> dict[str, str] | None:
    if part is None:
        return None
    return {
        name: str(value)
        for name, value in asdict(part).items()
        if name not in {"amount", "usd", "rate"}
    } | {
        "amount": str(part.amount),
        "usd": str(part.usd),
        "rate": str(part.rate.units_per_usd) if part.rate else "",
    }
