"""What a deposit may pay for: narrowed or widened by two people."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants.db import transaction
from grants.donors import actions
from grants.donors import queries as donors
from grants.donors.queries import ChangeLine, DepositLine
from grants.donors.rules import Earmark
from grants.errors import NotFound
from grants.funding import queries as funding
from grants.people.permissions import Actor, Verb, may
from grants.web.kit import formats
from grants.web.kit.access import actor
from grants.web.kit.forms import LongTextField
from grants.web.kit.parts import Crumb
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, allow, form_page, tried
from grants.web.staff.earmarks import EarmarkFields, earmark_of, offer_windows, typed_as
from grants.web.staff.waiting import Waiting, waiting_source


class ConditionsForm(EarmarkFields):
    """What the deposit may pay for from now on; it begins with what it may pay for today."""

    reason = LongTextField(
        _l("Why, and where the donor agrees"),
        rows=3,
        chars_max=500,
        required=_l("Say why, and where the donor agrees."),
    )


@desk.route("/contributions/deposits/<int:deposit_id>/conditions", methods=["GET", "POST"])
def deposit_conditions(deposit_id: int) -> Response | tuple[str, int]:
    """Propose other conditions, see those before, and decide one that waits."""
    line = donors.deposit(deposit_id)
    look_at(line.fund_id)
    if request.method == "POST":
        allow(Verb.RECORD_CONTRIBUTION, line.fund_id)
    form = ConditionsForm(data=typed_as(line.conditions))
    offer_windows(form, line.fund_id)
    if form.validate_on_submit() and _is_proposed(form, deposit_id):
        flash(_("Proposed. Another person puts it in force."))
        return redirect(url_for(".deposit_conditions", deposit_id=deposit_id), 303)
    return form_page(
        form,
        _around(line),
        "staff/contributions/conditions.html",
        line=line,
        changes=[(one, _told(one.was, one), _told(one.becomes, one)) for one in _changes(line)],
        may_propose=may(actor(), Verb.RECORD_CONTRIBUTION, line.fund_id),
        may_decide=may(actor(), Verb.APPROVE_ADJUSTMENT, line.fund_id),
        me=actor().user_id,
    )


@desk.post("/contributions/conditions/<int:change_id>/<any(confirm, refuse):outcome>")
def decide_conditions(change_id: int, outcome: str) -> Response:
    """Put a change in force, or leave the conditions as they are."""
    change = donors.condition_change(change_id)
    look_at(change.fund_id)
    with transaction():
        if outcome == "confirm":
            actions.confirm_conditions(actor(), change_id)
        else:
            actions.refuse_conditions(actor(), change_id)
    flash(_("In force.") if outcome == "confirm" else _("Refused: nothing changes."))
    return redirect(url_for(".deposit_conditions", deposit_id=change.deposit_id), 303)


@waiting_source
def conditions_to_decide(who: Actor) -> list[Waiting]:
    """Changes of conditions that a second person must decide."""
    fund_ids = who.funds_with(Verb.APPROVE_ADJUSTMENT)
    if fund_ids == set():
        return []
    return [
        Waiting(
            title=_("Decide what a deposit of %(donor)s may pay for", donor=one.donor),
            endpoint="staff.deposit_conditions",
            arguments={"deposit_id": one.deposit_id},
            since=one.proposed_at.date(),
            who=one.proposed_by,
            state=_("to be decided"),
        )
        for one in donors.conditions_waiting(fund_ids)
    ]


def _is_proposed(form: ConditionsForm, deposit_id: int) -> bool:
    wanted = earmark_of(form)
    if wanted is None:
        return False
    made = tried(
        form,
        lambda: actions.propose_conditions(actor(), deposit_id, wanted, reason=form.reason.data).id,
    )
    return made is not None


def _changes(line: DepositLine) -> list[ChangeLine]:
    if line.donor_id is None:
        raise NotFound
    return donors.condition_changes(line.id)


def _told(conditions: Earmark, change: ChangeLine) -> str:
    """Conditions and days in words."""
    parts = [funding.words_of(conditions, funding.window_names(change.fund_id)) or _("everything")]
    if conditions.usable_from:
        parts.append(_("from %(day)s", day=formats.day(conditions.usable_from)))
    if conditions.usable_until:
        parts.append(_("until %(day)s", day=formats.day(conditions.usable_until)))
    return ", ".join(parts)


def _around(line: DepositLine) -> FormPage:
    here = url_for(".deposit", deposit_id=line.id)
    return FormPage(
        title=_("What this deposit may pay for"),
        submit=_("Propose"),
        cancel=here,
        lead=_("What is set aside already stays. Another person puts the change in force."),
        crumbs=[
            Crumb(_("Contributions"), url_for(".contributions")),
            Crumb(_("Deposit %(number)s", number=line.id), here),
        ],
    )
