"""Where everybody of the Secretariat begins: what waits for them, and how the fund stands."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants.people.permissions import Verb, may
from grants.web.kit.access import actor, current_fund, funds_of, switch_fund
from grants.web.staff import desk, navigation
from grants.web.staff.books import books_line
from grants.web.staff.waiting import gather

navigation.add_entry(
    10, _l("Waiting for you"), "staff.home", modules=(__name__,), verbs=(Verb.SEE_MONEY,)
)


@desk.get("/")
def home() -> str:
    """What waits for the person, the figures of the fund, and whether its books balance."""
    who, fund = actor(), current_fund()
    waiting = gather(who)
    g.desk.nav[:] = navigation.items(who, waiting=len(waiting))
    books = books_line(fund.id) if may(who, Verb.SEE_MONEY, fund.id) else None
    return render_template(
        "staff/home.html",
        waiting=waiting,
        fund=fund,
        funds=funds_of(who),
        books=books,
    )


@desk.post("/fund")
def choose_fund() -> Response:
    """Look at another fund."""
    switch_fund(request.form.get("fund", ""))
    return redirect(url_for("staff.home"), 303)
