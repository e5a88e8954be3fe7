"""The proof of the books: what the last look found, the looks before it, and a new one."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from grants.db import transaction
from grants.people.permissions import Verb, may, require
from grants.proof import actions, queries
from grants.web.kit.access import actor, current_fund
from grants.web.staff import desk, look_at


@desk.get("/ledger/proof")
def ledger_proof() -> str:
    """What the last proof of the fund's books found, and of what all funds have in common."""
    fund = current_fund()
    look_at(fund.id)
    return render_template(
        "staff/ledger/proof.html",
        history=queries.history(fund.id),
        house=queries.latest(None),
        is_waiting=queries.is_waiting(fund.id),
        may_prove=may(actor(), Verb.AUDIT, fund.id),
    )


@desk.post("/ledger/proof")
def prove_ledger() -> Response:
    """Have the worker compute everything again, now."""
    fund = current_fund()
    look_at(fund.id)
    require(actor(), Verb.AUDIT, fund.id)
    with transaction():
        actions.ask(actor(), fund.id)
        actions.ask_for_house(actor(), fund.id)
    flash(_("The books are being computed again. This page says what was found."))
    return redirect(url_for(".ledger_proof"), 303)
