"""The tables of a statement, as spreadsheets and CSV print them: one definition for both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from grants.money import Money
from grants.reports.shapes import DonorStatement

Cell = Money | date | int | str | None


@dataclass(frozen=True)
class Sheet:
    """A table: its name, its heading, its rows."""

    name: str
    heading: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def sheets_of(statement: DonorStatement) -> list[Sheet]:
    """Every table of the statement, in its order."""
    return [make(statement) for make in _SHEETS]


def _cover(statement: DonorStatement) -> Sheet:
    cover = statement.cover
    rows: list[tuple[Cell, ...]] = [
        ("Fund", cover.fund),
        ("Contributor", cover.donor),
        ("From", cover.from_on),
        ("Until", cover.until_on),
        ("Statement", cover.number),
        ("Version", cover.version),
        ("State", cover.state),
        ("Verification code", cover.verification_code),
        ("Verify at", cover.verification_url),
        ("Ledger entry", cover.ledger_sequence),
        ("Ledger hash", cover.ledger_hash),
        ("Pledged, open (USD)", statement.pledged),
        ("Agreed (USD)", statement.agreed),
        ("Received, cumulative (USD)", statement.received),
        ("Received in the period (USD)", statement.received_in_period),
        ("Closing balance (USD)", statement.closing_balance),
    ]
    return Sheet("Statement", ("Item", "Value"), tuple(rows))


def _instalments(statement: DonorStatement) -> Sheet:
    return Sheet(
        "Contribution",
        (
            "Agreement",
            "Instalment",
            "Due",
            "Agreed, currency",
            "Agreed",
            "Agreed, USD",
            "Paid on",
            "Paid, currency",
            "Paid",
            "Units per USD",
            "Source of the rate",
            "Value, USD",
            "Exchange difference, USD",
            "Days late",
        ),
        tuple(
            (
                line.agreement,
                line.number,
                line.due_on,
                line.agreed.currency if line.agreed else None,
                line.agreed,
                line.agreed_usd,
                line.paid_on,
                line.paid.currency if line.paid else None,
                line.paid,
                line.rate,
                line.rate_source,
                line.usd,
                line.difference,
                line.days_late,
            )
            for line in statement.instalments
        ),
    )


def _sources(statement: DonorStatement) -> Sheet:
    return Sheet(
        "Sources and uses",
        (
            "Row",
            "Period, tracked (USD)",
            "Period, notional (USD)",
            "Period (USD)",
            "Cumulative, tracked (USD)",
            "Cumulative, notional (USD)",
            "Cumulative (USD)",
        ),
        tuple(
            (
                row.label,
                row.tracked,
                row.notional,
                row.total,
                row.cumulative_tracked,
                row.cumulative_notional,
                row.cumulative,
            )
            for row in statement.sources_and_uses
        ),
    )


def _places(statement: DonorStatement) -> Sheet:
    return Sheet(
        "Where it went",
        (
            "Country",
            "Window",
            "Programme",
            "Grants",
            "Approved (USD)",
            "Net funded (USD)",
            "Expenditure (USD)",
        ),
        tuple(
            (
                line.country,
                line.window,
                line.programme,
                line.grants,
                line.approved,
                line.net_funded,
                line.expenditure,
            )
            for line in statement.places
        ),
    )


def _categories(statement: DonorStatement) -> Sheet:
    return Sheet(
        "Categories",
        ("No.", "UNSDG category", "Expenditure (USD)"),
        tuple((line.number, line.name, line.expenditure) for line in statement.categories),
    )


def _grants(statement: DonorStatement) -> Sheet:
    return Sheet(
        "Grants",
        (
            "Grant",
            "Title",
            "Partner",
            "Country",
            "State",
            "Share (basis points)",
            "Basis",
            "Approved (USD)",
            "Net funded (USD)",
            "Expenditure (USD)",
        ),
        tuple(
            (
                line.reference,
                line.title,
                line.partner,
                line.country,
                line.state,
                line.share_basis_points,
                line.basis,
                line.approved,
                line.net_funded,
                line.expenditure,
            )
            for line in statement.grants
        ),
    )


def _fees(statement: DonorStatement) -> Sheet:
    return Sheet(
        "Fees and exchange",
        (
            "Value date",
            "Reference",
            "Deposit (USD)",
            "Fee (USD)",
            "Exchange and bank (USD)",
            "Difference to agreement (USD)",
        ),
        tuple(
            (line.value_on, line.reference, line.deposit, line.fee, line.other, line.difference)
            for line in statement.fees
        ),
    )


def _balance(statement: DonorStatement) -> Sheet:
    return Sheet(
        "Balance",
        ("Part", "Tracked (USD)", "Notional (USD)", "Total (USD)"),
        tuple((line.label, line.tracked, line.notional, line.total) for line in statement.balance),
    )


_SHEETS: Sequence[Callable[[DonorStatement], Sheet]] = (
    _cover,
    _instalments,
    _sources,
    _places,
    _categories,
    _grants,
    _fees,
    _balance,
)
