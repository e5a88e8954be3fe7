"""Foreign cash valued at a day, rates that are held, and who bears exchange differences."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.db import transaction
from grants.donors import actions as donors
from grants.donors import queries as donated
from grants.donors.queries import Revalued
from grants.errors import Malformed, Refused
from grants.ledger import actions as ledger
from grants.ledger import queries as books
from grants.people.permissions import Verb, may, require
from grants.web.kit.access import actor, current_fund
from grants.web.kit.forms import ChoiceField, DateField, Form, IntegerField, LongTextField
from grants.web.kit.paging import Filter, ListSpec
from grants.web.kit.parts import Crumb
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, allow, done, form_page

BEARERS = [
    ("contributor", _l("The deposit that it is about")),
    ("fund", _l("The fund's own pot")),
    ("shared", _l("All deposits, by what they have free")),
]
DAYS = ListSpec(filters=(Filter("on", _l("Day"), kind="date"),))


class ConfirmForm(Form):
    """Where somebody saw that a rate is right."""

    reason = LongTextField(_l("Where did you see it?"), rows=3, chars_max=500, required=True)


class PolicyForm(Form):
    """Who bears exchange differences."""

    from_on = DateField(_l("From"), required=True)
    bearer = ChoiceField(_l("Who bears differences"), look="radios", choices=BEARERS, required=True)
    fallback = ChoiceField(
        _l("Where no operational rate is young enough"),
        look="radios",
        choices=[("no", _l("Refuse")), ("yes", _l("Take the ECB's reference rate"))],
        required=True,
    )
    rate_days_max = IntegerField(_l("A rate may be so many days old"), least=1, most=3_660)


@desk.route("/contributions/rates/<int:rate_id>/confirm", methods=["GET", "POST"])
def confirm_rate(rate_id: int) -> Response | tuple[str, int]:
    """Say that a rate that is held is right."""
    fund = current_fund()
    allow(Verb.APPROVE_ADJUSTMENT, fund.id)
    form = ConfirmForm()
    if form.validate_on_submit() and done(
        form, lambda: ledger.confirm_rate(actor(), fund.id, rate_id, reason=form.reason.data)
    ):
        flash(_("The rate is in use from now on."))
        return redirect(url_for(".rates"), 303)
    page = FormPage(
        title=_("Confirm a rate"),
        submit=_("It is right"),
        cancel=url_for(".rates"),
        lead=_("It is far from the rate before. If it is wrong, leave it: it is never used."),
        crumbs=_crumbs(),
    )
    return form_page(form, page)


@desk.get("/contributions/foreign-cash")
def revaluations() -> str:
    """What is held in other currencies, at the rate of a day."""
    fund = current_fund()
    look_at(fund.id)
    state = DAYS.read()
    chosen = state.values["on"]
    on = chosen if isinstance(chosen, date) else clock.today(fund.time_zone)
    shown: list[Revalued] = []
    refusal = ""
    try:
        shown = donated.revaluation_preview(fund.id, on)
    except Refused as reason:
        refusal = str(reason)
    return render_template(
        "staff/contributions/revaluations.html",
        state=state,
        on=on,
        shown=shown,
        changes=any(one.difference for one in shown),
        refusal=refusal,
        past=donated.revaluations_of(fund.id),
        may_value=may(actor(), Verb.POST_ADJUSTMENT, fund.id),
    )


@desk.post("/contributions/foreign-cash")
def revalue() -> Response:
    """Post the valuation of a day, and its taking back on the day after."""
    fund = current_fund()
    look_at(fund.id)
    require(actor(), Verb.POST_ADJUSTMENT, fund.id)
    try:
        on = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        raise Malformed(_("Choose the day.")) from None
    if on > clock.today(fund.time_zone):
        raise Malformed(_("This day has not come yet."))
    with transaction():
        count = donors.revalue(actor(), fund.id, on=on)
    flash(_("%(count)s deposits were valued.", count=count))
    return redirect(url_for(".revaluations", on=on), 303)


@desk.get("/contributions/exchange-policy")
def exchange_policies() -> str:
    """The policies of the fund, the newest first."""
    fund = current_fund()
    look_at(fund.id)
    who = actor()
    return render_template(
        "staff/contributions/policies.html",
        policies=books.policies_of(fund.id),
        may_propose=may(who, Verb.POST_ADJUSTMENT, fund.id),
        may_approve=may(who, Verb.APPROVE_ADJUSTMENT, fund.id),
        me=who.user_id,
    )


@desk.route("/contributions/exchange-policy/new", methods=["GET", "POST"])
def new_exchange_policy() -> Response | tuple[str, int]:
    """Propose a policy."""
    fund = current_fund()
    allow(Verb.POST_ADJUSTMENT, fund.id)
    form = PolicyForm(
        data={
            "from_on": clock.today(fund.time_zone),
            "bearer": "contributor",
            "fallback": "no",
            "rate_days_max": 45,
        }
    )
    if form.validate_on_submit() and done(
        form,
        lambda: ledger.propose_policy(
            actor(),
            fund.id,
            from_on=form.from_on.data,
            bearer=ledger.Bearer(form.bearer.data),
            allows_fallback=form.fallback.data == "yes",
            rate_days_max=form.rate_days_max.data or 45,
        ),
    ):
        flash(_("The policy is proposed. Another person must approve it."))
        return redirect(url_for(".exchange_policies"), 303)
    page = FormPage(
        title=_("Propose an exchange policy"),
        submit=_("Propose"),
        cancel=url_for(".exchange_policies"),
        crumbs=_crumbs(),
    )
    return form_page(form, page)


@desk.post("/contributions/exchange-policy/<int:policy_id>/approve")
def approve_exchange_policy(policy_id: int) -> Response:
    """Put a policy into force."""
    look_at(current_fund().id)
    with transaction():
        ledger.approve_policy(actor(), policy_id)
    flash(_("The policy is in force."))
    return redirect(url_for(".exchange_policies"), 303)


def _crumbs() -> list[Crumb]:
    return [
        Crumb(_("Contributions"), url_for(".contributions")),
        Crumb(_("Rates of exchange"), url_for(".rates")),
    ]
