"""Rates of exchange in a file: which of them cannot be right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from grants.imports.rules.findings import Findings
from grants.imports.rules.table import Row, day_in, number_in

#: A rate this many times its neighbours, or this part of them, is off by a factor.
FACTOR = Decimal("1.5")
MISMATCH = Decimal("0.02")
NEIGHBOURS_MIN = 3


@dataclass(frozen=True)
class _Quote:
    row: Row
    key: str
    column: str
    currency: str
    year: int
    stated: Decimal
    implied: Decimal | None
    is_used: bool


def look_at_rates(rows: Sequence[Row], findings: Findings) -> None:
    """Find each rate that is missing, far from its neighbours, or not what the amounts make.

    Neighbours are the rates of the same currency and year in the file; a rate more than one and a
    half times their median, or less than two thirds of it, is off by a factor.
    """
    for row in rows:
        _look_for_missing(row, findings)
    quotes = [quote for row in rows for quote in _quotes(row)]
    stated: dict[tuple[str, int], list[Decimal]] = defaultdict(list)
    for quote in quotes:
        stated[quote.currency, quote.year].append(quote.stated)
    usual = {at: median(rates) for at, rates in stated.items() if len(rates) >= NEIGHBOURS_MIN}
    for quote in quotes:
        near = usual.get((quote.currency, quote.year))
        if quote.currency != "USD" and near and _is_off(quote.stated, near):
            _tell_rate(
                findings,
                quote,
                f"1 US dollar for {quote.stated:f} {quote.currency} is far from {near:f}, the usual"
                f" rate of {quote.year}.",
            )
        elif quote.implied and _is_off(quote.stated, quote.implied):
            _tell_rate(
                findings,
                quote,
                f"The rate says {quote.stated:f} {quote.currency} for a US dollar, the amounts say"
                f" {quote.implied:.4f}.",
            )
        elif quote.implied and abs(quote.stated / quote.implied - 1) > MISMATCH:
            findings.notice(
                quote.row.number,
                quote.key,
                "rate_mismatch",
                quote.column,
                f"The amounts make a rate of {quote.implied:.4f}, not {quote.stated:f}; the value"
                " in US dollars is booked as given.",
            )


def _look_for_missing(row: Row, findings: Findings) -> None:
    quiet = Findings()
    for side in ("Paid", "Pledge"):
        currency = row.text(f"{side}AmtLocalCurrency").upper()
        column = f"{side}AmtCurrencyExchangeRate"
        if not currency or currency == "USD" or number_in(row, column, "", quiet):
            continue
        is_used = bool(number_in(row, f"{side}Amt", "", quiet))
        tell = findings.warning if is_used else findings.notice
        words = "the value in US dollars is booked as given" if is_used else "no amount needs one"
        tell(
            row.number,
            row.text("ContributionCode"),
            "missing_rate",
            column,
            f"There is no rate of {currency}; {words}.",
        )


def _quotes(row: Row) -> list[_Quote]:
    quiet = Findings()
    found = []
    for side in ("Paid", "Pledge"):
        column = f"{side}AmtCurrencyExchangeRate"
        currency = row.text(f"{side}AmtLocalCurrency").upper()
        stated = number_in(row, column, "", quiet)
        day = day_in(row, f"{side}Date")
        if not stated or stated <= 0 or not currency or day is None:
            continue
        usd = number_in(row, f"{side}Amt", "", quiet)
        local = number_in(row, f"{side}AmtLocal", "", quiet)
        implied = local / usd if usd and local and usd > 0 and local > 0 else None
        found.append(
            _Quote(
                row,
                row.text("ContributionCode"),
                column,
                currency,
                day.year,
                stated,
                implied,
                bool(usd),
            )
        )
    return found


def _is_off(rate: Decimal, usual: Decimal) -> bool:
    return rate > usual * FACTOR or rate * FACTOR < usual


def _tell_rate(findings: Findings, quote: _Quote, sentence: str) -> None:
    tell = findings.warning if quote.is_used else findings.notice
    use = "" if quote.is_used else " No amount of the line uses it."
    tell(
        quote.row.number,
        quote.key,
        "rate_factor",
        quote.column,
        f"{sentence} It looks like a slip by a factor; the value in US dollars is booked as given."
        + use,
    )
