"""Can we commit? Where all the money of the fund stands, and layer by layer."""

from __future__ import annotations

from datetime import date

from flask import render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from grants import clock
from grants.funding import queries as funding
from grants.people import queries as people
from grants.reports.numbers.capacity import capacity
from grants.reports.shapes.capacity import Capacity
from grants.web.kit.access import current_fund
from grants.web.kit.exports import Cell, csv_response, money_columns, table_response
from grants.web.kit.paging import Filter, ListSpec, Page
from grants.web.staff import desk, look_at

#: What of the worth of foreign cash is held back unless another part is chosen: 10 per cent.
RISK_BASIS_POINTS = 1_000
RISKS = [(str(points), f"{points // 100} %") for points in (0, 500, 1_000, 1_500, 2_000)]
LAYERS = ListSpec(per_page=100, filters=(Filter("q", "q", kind="text"),))


@desk.get("/can-we-commit")
def can_we_commit() -> str | Response:
    """What the fund could promise on a day, rows A to E, and where it lies."""
    fund = current_fund()
    look_at(fund.id)
    state = _capacity_spec().read()
    chosen, known = state.values["on"], str(state.values["known_at"] or "")
    donor, risk = str(state.values["donor"] or ""), str(state.values["risk"] or "")
    found = capacity(
        fund.id,
        chosen if isinstance(chosen, date) else clock.today(fund.time_zone),
        known_at=int(known) if known.isdigit() else None,
        donor_id=int(donor) if donor else None,
        risk_basis_points=int(risk) if risk else RISK_BASIS_POINTS,
    )
    file = _capacity_file(found)
    if file is not None:
        return file
    return render_template(
        "staff/programmes/standing.html",
        state=state,
        found=found,
        donor=donor,
    )


def _capacity_spec() -> ListSpec:
    donors = [(str(key), name) for key, name in people.donors_choice()]
    return ListSpec(
        filters=(
            Filter("on", _("At the end of"), kind="date"),
            Filter("donor", _("Donor"), choices=donors),
            Filter("risk", _("Currency-risk reserve"), choices=RISKS),
            Filter("known_at", _("As known at entry"), kind="text"),
        ),
    )


def _capacity_file(found: Capacity) -> Response | None:
    """The same rows and places as CSV or a workbook, where the address asks for one."""
    rows: list[list[Cell]] = [
        [line.letter, line.label, line.amount] for line in found.lines if line.amount is not None
    ]
    rows += [["", f"{_('Free in')} {one.name}", one.free] for one in found.programmes]
    columns = [_("Row"), _("What"), *money_columns(_("US dollars"))]
    return table_response(request.args.get("format", ""), f"capacity-{found.on}", columns, rows)


@desk.get("/layers")
def layers() -> str | Response:
    """Each deposit and where its money stands."""
    fund = current_fund()
    look_at(fund.id)
    lines = funding.layer_lines(fund.id)
    heads = (_("Not allocated"), _("Allocated"), _("Reserved"), _("Committed"), _("Disbursed"))
    if request.args.get("format") == "csv":
        columns = [_("Deposit"), _("Donor"), _("Value date"), _("May pay for")]
        return csv_response(
            "layers",
            columns + [column for head in heads for column in money_columns(head)],
            (
                (
                    one.layer_id,
                    one.donor,
                    one.value_on,
                    one.conditions_words,
                    one.unallocated,
                    one.allocated,
                    one.reserved,
                    one.committed,
                    one.disbursed,
                )
                for one in lines
            ),
        )
    state = LAYERS.read()
    page = Page.of(lines[state.offset :][: state.limit], state, total=len(lines))
    return render_template("staff/programmes/layers.html", page=page)
