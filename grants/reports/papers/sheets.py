"""The tables of a statement, as spreadsheets and CSV print them: one definition for both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from grants.money import Money
from grants.reports.shapes import (
    AgreementLine,
    BalanceLine,
    CategoryLine,
    Change,
    DonorStatement,
    EntryBehind,
    FeeLine,
    FlowLine,
    FundLine,
    GrantLine,
    InstalmentLine,
    PlaceLine,
    PledgeLine,
    SpendingLine,
)

Cell = Money | date | int | str | None


@dataclass(frozen=True)
class Sheet:
    """A table: its name, its heading, its rows."""

    name: str
    heading: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


#: Name of the table, the attribute of the statement, and a heading for each field of its lines. An
#: amount in the currency of the contribution has two cells; where the heading says USD it has one.
_TABLES: Sequence[tuple[str, str, type, dict[str, str]]] = (
    (
        "Pledges",
        "pledges",
        PledgeLine,
        {
            "reference": "Reference",
            "pledged_on": "Pledged on",
            "amount": "Pledged",
            "usd": "Value, USD",
        },
    ),
    (
        "Agreements",
        "agreements",
        AgreementLine,
        {
            "reference": "Agreement",
            "signed_on": "Signed on",
            "earmark": "Earmark",
            "amount": "Agreed",
            "usd": "Value at signature, USD",
            "paid": "Paid",
            "outstanding": "Outstanding",
        },
    ),
    (
        "Instalments",
        "instalments",
        InstalmentLine,
        {
            "agreement": "Agreement",
            "number": "Instalment",
            "due_on": "Due on",
            "agreed": "Agreed",
            "agreed_usd": "Agreed, USD",
            "paid_on": "Paid on",
            "paid": "Paid",
            "rate": "Units per USD",
            "rate_source": "Source of the rate",
            "usd": "Value, USD",
            "difference": "Exchange difference, USD",
            "days_late": "Days late",
        },
    ),
    (
        "Sources and uses",
        "flows",
        FlowLine,
        {
            "label": "Row",
            "kind": "Kind",
            "period_tracked": "Period, tracked, USD",
            "period_notional": "Period, notional, USD",
            "period": "Period, USD",
            "tracked": "Cumulative, tracked, USD",
            "notional": "Cumulative, notional, USD",
            "cumulative": "Cumulative, USD",
        },
    ),
    (
        "The whole fund",
        "fund",
        FundLine,
        {
            "label": "Row",
            "kind": "Kind",
            "period": "Period, USD",
            "cumulative": "Cumulative, USD",
        },
    ),
    (
        "Where it went",
        "places",
        PlaceLine,
        {
            "country": "Country",
            "window": "Window",
            "programme": "Programme",
            "grants": "Grants",
            "approved": "Approved, USD",
            "net_funded": "Net funded, USD",
            "expenditure": "Expenditure, USD",
        },
    ),
    (
        "Categories",
        "categories",
        CategoryLine,
        {
            "number": "No.",
            "name": "UNSDG category",
            "before": "Prior, USD",
            "in_period": "Period, USD",
            "expenditure": "Cumulative, USD",
        },
    ),
    (
        "Spending",
        "spending",
        SpendingLine,
        {
            "country": "Country",
            "window": "Window",
            "number": "No.",
            "category": "UNSDG category",
            "expenditure": "Expenditure, USD",
        },
    ),
    (
        "Grants",
        "grants",
        GrantLine,
        {
            "reference": "Grant",
            "title": "Title",
            "partner": "Partner",
            "country": "Country",
            "window": "Window",
            "state": "Status",
            "grant_approved": "Whole grant, USD",
            "share_basis_points": "Share, basis points",
            "basis": "Basis",
            "approved": "Approved, USD",
            "net_funded": "Net funded, USD",
            "expenditure": "Expenditure, USD",
            "delivery_basis_points": "Delivery, basis points",
        },
    ),
    (
        "Fees and exchange",
        "fees",
        FeeLine,
        {
            "value_on": "Value date",
            "reference": "Reference",
            "deposit": "Deposit, USD",
            "fee": "Fee, USD",
            "other": "Exchange and bank, USD",
            "difference": "Difference to agreement, USD",
        },
    ),
    (
        "Balance",
        "balance",
        BalanceLine,
        {
            "label": "Part",
            "kind": "Kind",
            "tracked": "Tracked, USD",
            "notional": "Notional, USD",
            "total": "Total, USD",
        },
    ),
    (
        "Changes",
        "changes",
        Change,
        {"label": "Figure", "before": "Before, USD", "after": "Now, USD"},
    ),
    (
        "Entries behind",
        "entries_behind",
        EntryBehind,
        {
            "sequence": "Ledger entry",
            "event": "Event",
            "value_on": "Value date",
            "reason": "Reason",
        },
    ),
)


def sheets_of(statement: DonorStatement) -> list[Sheet]:
    """Every table of the statement, in its order; an empty one is left out."""
    tables = [
        _table(name, getattr(statement, attribute), headings)
        for name, attribute, _, headings in _TABLES
    ]
    return [_cover(statement), *(table for table in tables if table.rows), _notes(statement)]


def unprinted() -> list[str]:
    """Fields of lines that no table prints. There are none."""
    return [
        f"{shape.__name__}.{field.name}"
        for _, _, shape, headings in _TABLES
        for field in fields(shape)
        if field.name not in headings
    ]


def _cover(statement: DonorStatement) -> Sheet:
    cover, figures = statement.cover, statement.contribution
    rows: list[tuple[Cell, ...]] = [
        ("Fund", cover.fund),
        ("Fund administrator", cover.host),
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
        ("Pledged, USD", figures.pledged),
        ("Agreed, USD", figures.agreed),
        ("Outstanding, USD", figures.outstanding),
        ("Received in the period, USD", figures.received_in_period),
        ("Received, USD", figures.received),
        ("Share of all contributions, basis points", figures.share_basis_points),
        ("Closing balance, USD", statement.closing_balance),
    ]
    return Sheet("Statement", ("Item", "Value"), tuple(rows))


def _notes(statement: DonorStatement) -> Sheet:
    rows = tuple((number, note) for number, note in enumerate(statement.notes, 1))
    return Sheet("Notes", ("No.", "Note"), rows)


def _table(name: str, lines: Iterable[object], headings: dict[str, str]) -> Sheet:
    columns = [_column(field, title) for field, title in headings.items()]
    heading = tuple(title for titles, _ in columns for title in titles)
    rows = tuple(tuple(cell for _, read in columns for cell in read(line)) for line in lines)
    return Sheet(name, heading, rows)


def _column(field: str, title: str) -> tuple[tuple[str, ...], Callable[[object], tuple[Cell, ...]]]:
    """An amount in the contribution's own currency has its currency in a cell of its own."""

    def one(line: object) -> tuple[Cell, ...]:
        return (_cell(getattr(line, field)),)

    def two(line: object) -> tuple[Cell, ...]:
        amount = getattr(line, field)
        return (None, None) if amount is None else (amount.currency, amount)

    if field in {"amount", "agreed", "paid", "outstanding"}:
        return (f"{title}, currency", title), two
    return (title,), one


def _cell(value: Any) -> Cell:
    assert value is None or isinstance(value, (Money, date, int, str))
    return value
