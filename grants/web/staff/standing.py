"""Can we commit? Where all the money of the fund stands, and layer by layer."""

from __future__ import annotations

from flask import render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from grants.funding import queries as funding
from grants.web.kit.access import current_fund
from grants.web.kit.exports import csv_response, money_columns
from grants.web.kit.paging import Filter, ListSpec, Page
from grants.web.staff import desk, look_at
from grants.web.staff.books import books_line

LAYERS = ListSpec(per_page=100, filters=(Filter("q", "q", kind="text"),))


@desk.get("/can-we-commit")
def can_we_commit() -> str:
    """What the fund can promise today, and what is only on its way."""
    fund = current_fund()
    look_at(fund.id)
    return render_template(
        "staff/programmes/standing.html",
        books=books_line(fund.id),
    )


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
