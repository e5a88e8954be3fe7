"""Calls: writing one, announcing it, and what came in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.applications import actions, queries
from grants.applications.queries import CallPage
from grants.applications.rules.starter_form import (
    STARTER_CRITERIA,
    STARTER_ELIGIBILITY,
    STARTER_FORM,
)
from grants.db import transaction
from grants.errors import Refused
from grants.people.permissions import Verb, may
from grants.web.kit.access import actor, current_fund
from grants.web.kit.applications import limit_words
from grants.web.kit.paging import Filter, ListSpec, Page
from grants.web.staff import desk, look_at, navigation
from grants.web.staff.acting import allow
from grants.web.staff.application_record import attempt
from grants.web.staff.call_form import CallForm, call_form, new_call_of

navigation.add_entry(
    30, _l("Calls"), "staff.calls", modules=(__name__,), verbs=(Verb.SEE_APPLICATIONS,)
)


@dataclass(frozen=True)
class CallState:
    """A call's state as a tag."""

    words: object
    tone: str = ""


STATES = {
    "draft": CallState(_l("Draft"), "accent"),
    "published": CallState(_l("Published"), "good"),
    "closed": CallState(_l("Closed")),
}


@desk.get("/calls")
def calls() -> str:
    """The calls and rounds of the fund, newest first."""
    fund = current_fund()
    look_at(fund.id, Verb.SEE_APPLICATIONS)
    state = _spec().read()
    rows, total = queries.calls(
        actor(),
        fund.id,
        search=str(state.values["q"] or ""),
        state=str(state.values["state"] or ""),
        offset=state.offset,
        limit=state.limit,
    )
    return render_template(
        "staff/calls/list.html",
        page=Page.of(rows, state, total=total),
        states=STATES,
        may_manage=may(actor(), Verb.MANAGE_CALLS, fund.id),
    )


@desk.get("/calls/<int:call_id>")
def call(call_id: int) -> str:
    """A call as it is or will be announced."""
    page = _call(call_id)
    return render_template(
        "staff/calls/show.html",
        call=page,
        state=STATES[page.state],
        limit_words=limit_words,
        may_manage=may(actor(), Verb.MANAGE_CALLS, page.fund_id),
    )


@desk.route("/calls/new", methods=["GET", "POST"])
def new_call() -> Response | tuple[str, int]:
    """Write a call; nobody else sees it before it is announced."""
    fund = current_fund()
    allow(Verb.MANAGE_CALLS, fund.id)
    form = call_form(
        fund.id,
        {
            "year": clock.today(fund.time_zone).year,
            "time_zone": fund.time_zone,
            "criteria": STARTER_CRITERIA,
            "eligibility": STARTER_ELIGIBILITY,
        },
    )
    made: list[int] = []
    answer = _sent(form, lambda: made.append(actions.new_call(actor(), new_call_of(form)).id))
    if answer is None:
        flash(_("The call is written. Read it once more before you publish it."))
        return redirect(url_for(".call", call_id=made[0]), 303)
    return _form_page(form, _("New call"), url_for(".calls")), answer


@desk.route("/calls/<int:call_id>/edit", methods=["GET", "POST"])
def edit_call(call_id: int) -> Response | tuple[str, int]:
    """Change a call that is not announced yet."""
    page = _call(call_id)
    allow(Verb.MANAGE_CALLS, page.fund_id)
    form = call_form(page.fund_id, _filled(page))
    answer = _sent(form, lambda: actions.change_call(actor(), call_id, new_call_of(form)))
    if answer is None:
        flash(_("The call is changed."))
        return redirect(url_for(".call", call_id=call_id), 303)
    return _form_page(form, _("Change the call"), url_for(".call", call_id=call_id)), answer


@desk.post("/calls/<int:call_id>/publish")
def publish_call(call_id: int) -> Response:
    """Announce a call to everybody."""
    page = _call(call_id)
    allow(Verb.MANAGE_CALLS, page.fund_id)
    try:
        with transaction():
            actions.publish_call(actor(), call_id)
    except Refused as refusal:
        flash(str(refusal), "error")
    else:
        flash(_("%(reference)s is published: everybody can read it now.", reference=page.reference))
    return redirect(url_for(".call", call_id=call_id), 303)


@desk.post("/calls/forms/starter")
def starter_form() -> Response:
    """Take the concept note to start from into the fund's forms."""
    fund = current_fund()
    allow(Verb.MANAGE_CALLS, fund.id)
    with transaction():
        actions.publish_form(
            actor(), fund.id, name=str(STARTER_FORM["title"]), definition=STARTER_FORM
        )
    flash(_("The concept note is among your forms."))
    return redirect(url_for(".new_call"), 303)


def _call(call_id: int) -> CallPage:
    page = queries.call_page(actor(), call_id)
    look_at(page.fund_id, Verb.SEE_APPLICATIONS)
    return page


def _sent(form: CallForm, act: Any) -> int | None:
    """The status to show the form again with; nothing once the form was sent and all is done."""
    if not form.validate_on_submit():
        return 422 if form.errors else 200
    done, status = attempt(form, act)
    return None if done else status


def _form_page(form: CallForm, title: str, cancel: str) -> str:
    has_forms = bool(form.form_version.options)
    return render_template(
        "staff/calls/edit.html",
        form=form,
        title=title,
        cancel=cancel,
        has_forms=has_forms,
        rows=form.criterion_rows(),
    )


def _filled(page: CallPage) -> dict[str, object]:
    return {
        "programme": f"{page.programme_id or ''}",
        "form_version": f"{page.form_version_id or ''}",
        "reference": page.reference,
        "title": page.title,
        "summary": page.summary,
        "year": page.year,
        "envelope": page.envelope,
        "grant_min": page.grant_min,
        "grant_max": page.grant_max,
        "time_zone": page.time_zone,
        "opens_at": page.opens_at,
        "closes_at": page.closes_at,
        "grace_minutes": page.grace_minutes,
        "criteria": page.criteria,
        "eligibility": page.eligibility,
    }


def _spec() -> ListSpec:
    return ListSpec(
        per_page=50,
        filters=(
            Filter("q", _("Title or reference"), kind="text"),
            Filter(
                "state",
                _("State"),
                choices=[(key, str(each.words)) for key, each in STATES.items()],
            ),
        ),
    )
