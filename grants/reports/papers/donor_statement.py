"""The donor's statement on paper: what fits is printed, everything is attached as data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import segno
from markupsafe import Markup

from grants.money import Money
from grants.reports.papers import charts
from grants.reports.papers.pdf import Attachment, page_of, render
from grants.reports.papers.plain import render_json
from grants.reports.papers.spreadsheets import render_csv, render_xlsx
from grants.reports.shapes import BalanceLine, DonorStatement

#: A list with more lines is summed up on paper; the attached files hold it whole.
LINES_MAX = 60
#: So many lines of such a list are printed.
LINES_OF_A_LONG_LIST = 50
BARS_MAX = 8
#: So many bars fit on the cover.
PARTS_MAX = 6

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "json": "application/json",
}

Line = TypeVar("Line")


@dataclass(frozen=True)
class Printed(Generic[Line]):
    """The lines of a list that are printed, and what the others come to, by field."""

    rows: Sequence[Line]
    total: int
    left: int
    sums: Mapping[str, Money]


def render_papers(statement: DonorStatement) -> dict[str, bytes]:
    """The statement in every form that it is handed out in, by file ending.

    The PDF is tagged (PDF/UA-1) and carries the other three. It takes long: for the worker and the
    command line, never for a page and never inside a transaction.
    """
    papers = {
        "json": render_json(statement),
        "csv": render_csv(statement),
        "xlsx": render_xlsx(statement),
    }
    stem = f"{statement.cover.number}-v{statement.cover.version}"
    words = {"json": "All figures", "csv": "All tables as CSV", "xlsx": "All tables as a workbook"}
    attachments = [
        Attachment(f"{stem}.{ending}", content, words[ending]) for ending, content in papers.items()
    ]
    papers["pdf"] = render(
        html_of(statement), created_on=statement.cover.until_on, attachments=attachments
    )
    return papers


def html_of(statement: DonorStatement, *, lines_max: int = LINES_MAX) -> str:
    """The page that the paper is made from."""
    kept = _Keeper(lines_max)
    return page_of(
        "donor_statement/statement.html",
        s=statement,
        totals={
            **_sums(statement.grants, "approved", "net_funded", "expenditure"),
            **_sums(statement.instalments, "difference"),
        },
        spent=_sums(statement.categories, "before", "in_period", "expenditure"),
        fee_totals=_sums(statement.fees, "deposit", "fee", "other", "difference"),
        instalments=kept.latest(statement.instalments, "usd", "difference"),
        pledges=kept.latest(statement.pledges, "usd"),
        places=kept.first(statement.places, "approved", "net_funded", "expenditure"),
        grants=kept.first(statement.grants, "approved", "net_funded", "expenditure"),
        fees=kept.latest(statement.fees, "deposit", "fee", "other", "difference"),
        changes=kept.first(statement.changes),
        source=_only_source(statement),
        pool_share=statement.contribution.share_basis_points,
        chart=_balance_chart(statement),
        places_chart=_places_chart(statement),
        qr=segno.make(statement.cover.verification_url, error="m").svg_data_uri(
            scale=4, border=0, dark="#0b3b47"
        ),
    )


class _Keeper:
    """Keeps so much of each list as is printed."""

    def __init__(self, lines_max: int) -> None:
        self.lines_max = lines_max

    def first(self, lines: Sequence[Line], *summed: str) -> Printed[Line]:
        """The beginning of a list that starts with the largest."""
        shown = self._shown(lines)
        return Printed(lines[:shown], len(lines), len(lines) - shown, _sums(lines[shown:], *summed))

    def latest(self, lines: Sequence[Line], *summed: str) -> Printed[Line]:
        """The end of a list that is in the order of time."""
        left = len(lines) - self._shown(lines)
        return Printed(lines[left:], len(lines), left, _sums(lines[:left], *summed))

    def _shown(self, lines: Sequence[object]) -> int:
        return len(lines) if len(lines) <= self.lines_max else LINES_OF_A_LONG_LIST


def _only_source(statement: DonorStatement) -> str:
    """The source of all rates, where there is but one: it is then said once."""
    sources = {line.rate_source for line in statement.instalments if line.rate}
    return sources.pop() if len(sources) == 1 else ""


def _balance_chart(statement: DonorStatement) -> Markup:
    parts = [
        (line.label, line.total)
        for line in sorted(statement.balance, key=_size)
        if line.kind == "line" and line.total
    ]
    if len(parts) > PARTS_MAX:
        rest = sum((amount for _, amount in parts[PARTS_MAX - 1 :]), Money.zero("USD"))
        parts = [*parts[: PARTS_MAX - 1], ("Other parts, see section 6", rest)]
    return _bars(
        "What your contributions have become",
        "All deposits since the start, less fees, US dollars",
        parts,
    )


def _size(line: BalanceLine) -> int:
    return -line.total.minor


def _places_chart(statement: DonorStatement) -> Markup:
    by_country: dict[str, Money] = {}
    for line in statement.places:
        by_country[line.country] = by_country.get(line.country, Money.zero("USD")) + line.approved
    if len(by_country) < 2:
        return Markup("")
    largest = sorted(by_country.items(), key=lambda pair: (-pair[1].minor, pair[0]))
    return _bars(
        "By country",
        "Your share of what was approved, US dollars"
        + (f"; the {BARS_MAX} largest of {len(largest)}" if len(largest) > BARS_MAX else ""),
        largest,
    )


def _bars(title: str, description: str, parts: Iterable[tuple[str, Money]]) -> Markup:
    bars = [
        charts.Bar(label, amount.amount, f"{amount.amount:,}")
        for label, amount in parts
        if amount.minor > 0
    ]
    return charts.bar(title, description, bars[:BARS_MAX]) if bars else Markup("")


def _sums(lines: Iterable[object], *names: str) -> dict[str, Money]:
    """The sums of these fields; an amount that is not there counts nothing."""
    read: Callable[[object, str], Money | None] = getattr
    found = dict.fromkeys(names, Money.zero("USD"))
    for line in lines:
        for name in names:
            amount = read(line, name)
            if amount is not None:
                found[name] += amount
    return found
