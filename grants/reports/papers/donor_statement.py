"""The donor's statement on paper: what fits is printed, everything is attached as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import segno

from grants.money import Money
from grants.reports.papers import charts
from grants.reports.papers.pdf import Attachment, page_of, render
from grants.reports.papers.plain import figures_of, render_json
from grants.reports.papers.spreadsheets import render_csv, render_xlsx
from grants.reports.shapes import DonorStatement

#: A longer list is summed up on paper; the attached files hold it whole.
LINES_MAX = 500
LINES_OF_A_LONG_LIST = 60
BARS_MAX = 8

Line = TypeVar("Line")


@dataclass(frozen=True)
class Printed(Generic[Line]):
    """The lines of a list that are printed, and what the others come to."""

    rows: Sequence[Line]
    total: int
    left: int
    left_usd: Money


@dataclass(frozen=True)
class _Totals:
    approved: Money
    net_funded: Money
    expenditure: Money
    tracked: Money
    notional: Money
    whole: Money


def render_pdf(statement: DonorStatement) -> bytes:
    """Tagged PDF (PDF/UA-1) with the same figures attached as JSON, CSV and a workbook."""
    stem = f"{statement.cover.number}-v{statement.cover.version}"
    attachments = (
        Attachment(f"{stem}.json", render_json(figures_of(statement)), "All figures", "json"),
        Attachment(f"{stem}.csv", render_csv(statement), "All tables as CSV", "csv"),
        Attachment(f"{stem}.xlsx", render_xlsx(statement), "All tables as a workbook", "xlsx"),
    )
    return render(html_of(statement), created_on=statement.cover.until_on, attachments=attachments)


def html_of(statement: DonorStatement, *, lines_max: int = LINES_MAX) -> str:
    """The page that the paper is made from."""
    zero = Money.zero("USD")
    totals = _Totals(
        approved=_sum([line.approved for line in statement.grants]),
        net_funded=_sum([line.net_funded for line in statement.grants]),
        expenditure=_sum([line.expenditure for line in statement.grants]),
        tracked=_sum([line.tracked for line in statement.balance]),
        notional=_sum([line.notional for line in statement.balance]),
        whole=_sum([line.total for line in statement.balance]),
    )
    instalments = statement.instalments
    return page_of(
        "donor_statement.html",
        s=statement,
        totals=totals,
        instalments=_latest(instalments, [line.usd or zero for line in instalments], lines_max),
        grants=_first(statement.grants, [line.approved for line in statement.grants], lines_max),
        fees=_latest(statement.fees, [line.deposit for line in statement.fees], lines_max),
        chart=_chart(statement),
        qr=segno.make(statement.cover.verification_url, error="m").svg_data_uri(
            scale=4, border=0, dark="#0b3b47"
        ),
    )


def _first(lines: Sequence[Line], amounts: Sequence[Money], most: int) -> Printed[Line]:
    shown = len(lines) if len(lines) <= most else LINES_OF_A_LONG_LIST
    return Printed(lines[:shown], len(lines), len(lines) - shown, _sum(amounts[shown:]))


def _latest(lines: Sequence[Line], amounts: Sequence[Money], most: int) -> Printed[Line]:
    shown = len(lines) if len(lines) <= most else LINES_OF_A_LONG_LIST
    start = len(lines) - shown
    return Printed(lines[start:], len(lines), start, _sum(amounts[:start]))


def _chart(statement: DonorStatement) -> object:
    bars = [
        charts.Bar(line.label, line.total.amount, f"USD {line.total.amount:,}")
        for line in statement.balance
        if line.total.minor > 0
    ]
    if not bars:
        return ""
    return charts.bar(
        "What your contributions have become",
        f"All deposits since the start, less fees, on {statement.cover.until_on:%d %B %Y}",
        bars[:BARS_MAX],
    )


def _sum(amounts: Sequence[Money]) -> Money:
    total = Money.zero("USD")
    for amount in amounts:
        total += amount
    return total
