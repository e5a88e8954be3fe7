"""Applications: what was submitted to the fund, and what of it waits for whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants.applications import queries
from grants.applications.queries import ApplicationLine
from grants.money import Money
from grants.people.permissions import Actor, Verb
from grants.web.kit.access import actor, current_fund
from grants.web.kit.applications import STATES, printable
from grants.web.kit.exports import Cell, csv_response, money_columns
from grants.web.kit.paging import Filter, ListSpec, ListState, Page
from grants.web.staff import desk, look_at, navigation
from grants.web.staff.waiting import Waiting, waiting_source

navigation.add_entry(
    20,
    _l("Applications"),
    "staff.applications",
    modules=(__name__, "grants.web.staff.application_record", "grants.web.staff.decisions"),
    verbs=(Verb.SEE_APPLICATIONS,),
)

_ROWS_AT_ONCE = 1000
_WAITING = {
    "screen": (_l("Check eligibility"), "staff.eligibility"),
    "assign": (_l("Find reviewers"), "staff.reviews"),
    "decide": (_l("Decide"), "staff.decision"),
}


@waiting_source
def waiting(who: Actor) -> list[Waiting]:
    """Applications that wait to be screened, given to reviewers, or decided."""
    return [
        Waiting(
            title=printable(each.title) or each.reference,
            endpoint=_WAITING[each.what][1],
            arguments={"application_id": each.thing_id},
            since=each.since.date(),
            amount=each.amount,
            reference=each.reference,
            who=each.organisation,
            state=str(_WAITING[each.what][0]),
            tone="accent",
        )
        for each in queries.waiting_for(who)
        if each.what in _WAITING
    ]


@desk.get("/applications")
def applications() -> Response | str:
    """What was submitted to the fund, narrowed and sorted as the address says."""
    fund = current_fund()
    look_at(fund.id, Verb.SEE_APPLICATIONS)
    state = _list_spec(fund.id).read()
    if request.args.get("format") == "csv":
        return _csv(fund.id, state)
    rows, total = _rows(fund.id, state, offset=state.offset, limit=state.limit)
    return render_template(
        "staff/applications/list.html",
        page=Page.of(rows, state, total=total),
        states=STATES,
        counts=queries.counts_by_state(fund.id),
        asked=queries.asked_for(fund.id),
        printable=printable,
    )


def _list_spec(fund_id: int) -> ListSpec:
    calls = queries.calls_choice(actor(), fund_id)
    return ListSpec(
        sorts=("reference", "title", "organisation", "requested", "submitted_at", "state"),
        default="-submitted_at",
        per_page=50,
        filters=(
            Filter("q", _("Title, reference or applicant"), kind="text"),
            Filter(
                "state",
                _("State"),
                choices=[(key, str(each.words)) for key, each in STATES.items() if key != "draft"],
            ),
            Filter("call", _("Call"), choices=[(f"{key}", label) for key, label in calls]),
        ),
    )


def _rows(
    fund_id: int, state: ListState, *, offset: int, limit: int
) -> tuple[list[ApplicationLine], int]:
    values: Mapping[str, object] = state.values
    call = str(values["call"] or "")
    return queries.applications(
        actor(),
        fund_id,
        search=str(values["q"] or ""),
        state=str(values["state"] or ""),
        call_id=int(call) if call else None,
        order=f"-{state.sort}" if state.is_descending else state.sort,
        offset=offset,
        limit=limit,
    )


def _csv(fund_id: int, state: ListState) -> Response:
    columns = [
        _("Reference"),
        _("Title"),
        _("Applicant"),
        _("Call"),
        _("State"),
        _("Submitted (UTC)"),
        *money_columns(_("Asked for")),
        *money_columns(_("Approved")),
        _("Reviews asked"),
        _("Reviews received"),
    ]
    found: list[ApplicationLine] = []
    while True:
        rows, total = _rows(fund_id, state, offset=len(found), limit=_ROWS_AT_ONCE)
        found += rows
        if not rows or len(found) >= total:
            break
    return csv_response("applications", columns, _cells(found))


def _cells(lines: list[ApplicationLine]) -> Iterator[list[Cell]]:
    for line in lines:
        submitted = line.submitted_at
        yield [
            line.reference,
            printable(line.title),
            line.organisation,
            line.call,
            str(STATES[line.state].words),
            f"{submitted:%Y-%m-%d %H:%M:%S}" if submitted else "",
            *_money(line.requested),
            *_money(line.approved),
            line.reviews,
            line.reviews_submitted,
        ]


def _money(amount: Money | None) -> list[Cell]:
    return [amount] if amount is not None else ["", ""]
