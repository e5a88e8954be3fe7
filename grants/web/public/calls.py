"""Open calls: everything that an applicant should know before writing a word."""

from __future__ import annotations

from flask import g, render_template, url_for

from grants.applications import queries
from grants.people.models import Role
from grants.web.kit.access import signed_in
from grants.web.kit.applications import limit_words
from grants.web.public import desk


@desk.get("/calls")
def calls() -> str:
    """The calls that take applications now or soon, the next to close first."""
    return render_template("public/calls/list.html", calls=queries.open_calls())


@desk.get("/calls/<int:call_id>")
def call(call_id: int) -> str:
    """A call with all its questions and criteria."""
    who = signed_in()
    page = queries.call_page(None, call_id)
    return render_template(
        "public/calls/show.html",
        call=page,
        limit_words=limit_words,
        is_applicant=who is not None and who.has_role(Role.APPLICANT, page.fund_id),
        start_url=url_for("applicant.start", call_id=call_id),
        has_viewer="viewer" in g,
    )
