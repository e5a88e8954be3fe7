"""Ageing: what was promised and has not come, by how late it is, as of any day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.donors import queries as donors
from grants.donors.queries import AgeingLine, AgeingRow
from grants.money import Money
from grants.web.kit.access import current_fund
from grants.web.kit.exports import Cell, money_columns, table_response
from grants.web.kit.paging import Filter, ListSpec, ListState, Page
from grants.web.staff import desk, look_at

KINDS = {
    "instalment": _l("Instalments"),
    "membership": _l("Membership"),
    "pledge": _l("Pledges"),
}
BUCKETS = {
    "held": _l("Condition open"),
    "not_due": _l("Not due"),
    "d1_30": _l("1–30 days"),
    "d31_60": _l("31–60 days"),
    "d61_90": _l("61–90 days"),
    "d91_180": _l("91–180 days"),
    "over_180": _l("Over 180 days"),
}
_FILTERS = (
    Filter("as_of", _l("As of"), kind="date"),
    Filter("kind", _l("What"), choices=list(KINDS.items())),
    Filter("currency", _l("Currency"), kind="text"),
)
TABLE = ListSpec(sorts=("donor", "usd"), default="donor", per_page=100, filters=_FILTERS)
LINES = ListSpec(
    sorts=("due_on", "donor", "usd"),
    default="due_on",
    per_page=100,
    filters=(
        *_FILTERS,
        Filter("bucket", _l("How late"), choices=list(BUCKETS.items())),
        Filter("q", _l("Donor"), kind="text"),
    ),
)


@dataclass(frozen=True, kw_only=True)
class _Sums:
    usd: Money
    by_bucket: Mapping[str, Money]


@desk.get("/contributions/ageing")
def ageing() -> str | Response:
    """By donor and currency: how much is how late. Each figure opens into what makes it."""
    fund = current_fund()
    look_at(fund.id)
    state = TABLE.read()
    as_of = _day(state, fund.time_zone)
    lines = _lines(fund.id, state, as_of)
    rows = _ordered(donors.ageing_rows(lines), state)
    sent = table_response(
        request.args.get("format", ""), f"ageing-{as_of}", _columns(), _rows(rows)
    )
    if sent is not None:
        return sent
    return render_template(
        "staff/contributions/ageing.html",
        page=Page.of(rows[state.offset :][: state.limit], state, total=len(rows)),
        sums=_summed(lines),
        as_of=as_of,
        buckets=BUCKETS,
    )


@desk.get("/contributions/ageing/lines")
def ageing_lines() -> str | Response:
    """The pledges, instalments and invoices behind a figure."""
    fund = current_fund()
    look_at(fund.id)
    state = LINES.read()
    as_of = _day(state, fund.time_zone)
    q = str(state.values["q"]).casefold()
    donor = request.args.get("donor", "")
    lines = [
        one
        for one in _lines(fund.id, state, as_of, bucket=str(state.values["bucket"]))
        if q in one.donor.casefold() and donor in {"", str(one.donor_id)}
    ]
    lines = _ordered_lines(lines, state)
    sent = table_response(
        request.args.get("format", ""),
        f"ageing-lines-{as_of}",
        _line_columns(),
        (_line_cells(one) for one in lines),
    )
    if sent is not None:
        return sent
    return render_template(
        "staff/contributions/ageing_lines.html",
        page=Page.of(lines[state.offset :][: state.limit], state, total=len(lines)),
        sums=_summed(lines),
        as_of=as_of,
        buckets=BUCKETS,
        kinds=KINDS,
        where=_where,
    )


def _day(state: ListState, zone: str) -> date:
    found = state.values["as_of"]
    return found if isinstance(found, date) else clock.today(zone)


def _lines(fund_id: int, state: ListState, as_of: date, *, bucket: str = "") -> list[AgeingLine]:
    return donors.ageing_lines(
        fund_id,
        as_of,
        kind=str(state.values["kind"]),
        currency=str(state.values["currency"]).upper(),
        bucket=bucket,
    )


def _ordered(rows: list[AgeingRow], state: ListState) -> list[AgeingRow]:
    if state.sort == "usd":
        return sorted(rows, key=lambda one: one.usd.minor, reverse=state.is_descending)
    return rows[::-1] if state.is_descending else rows


def _ordered_lines(lines: list[AgeingLine], state: ListState) -> list[AgeingLine]:
    if state.sort == "usd":
        return sorted(lines, key=lambda one: one.usd.minor, reverse=state.is_descending)
    if state.sort == "donor":
        return sorted(lines, key=lambda one: one.donor, reverse=state.is_descending)
    return lines[::-1] if state.is_descending else lines


def _summed(lines: Iterable[AgeingLine]) -> _Sums:
    buckets = donors.by_bucket(lines)
    total = sum(amount.minor for amount in buckets.values())
    return _Sums(usd=Money.of_minor(total, "USD"), by_bucket=buckets)


def _where(one: AgeingLine) -> str:
    """The page of what a line is about."""
    if one.kind == "pledge" or one.parent_id is None:
        return url_for(".pledges", q=one.donor)
    if one.kind == "membership":
        return url_for(".member", membership_id=one.parent_id)
    return url_for(".agreement", agreement_id=one.parent_id)


def _columns() -> list[str]:
    return [
        _("Donor"),
        *money_columns(_("Still to come")),
        *money_columns(_("In US dollars")),
        *(column for label in BUCKETS.values() for column in money_columns(label)),
    ]


def _rows(rows: Iterable[AgeingRow]) -> Iterator[tuple[Cell, ...]]:
    for one in rows:
        yield (one.donor, one.left, one.usd, *(one.by_bucket[name] for name in BUCKETS))


def _line_columns() -> list[str]:
    return [
        _("What"),
        _("Donor"),
        _("Reference"),
        _("Number"),
        _("Due on"),
        _("Days past its day"),
        _("How late"),
        *money_columns(_("Still to come")),
        *money_columns(_("In US dollars")),
    ]


def _line_cells(one: AgeingLine) -> tuple[Cell, ...]:
    return (
        str(KINDS[one.kind]),
        one.donor,
        one.reference,
        one.number,
        one.due_on,
        one.days,
        str(BUCKETS[one.bucket]),
        one.left,
        one.usd,
    )
