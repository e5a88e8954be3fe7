"""Deciding: the whole case on one page, what it would do to the fund, what the applicant reads."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants.applications import actions, queries
from grants.applications.queries import DecisionPage
from grants.applications.rules.letters import approved_letter, declined_letter
from grants.money import Money
from grants.people.permissions import Verb
from grants.web.kit.access import actor
from grants.web.kit.applications import RECOMMENDATIONS, printable
from grants.web.kit.forms import ChoiceField, DateField, Form, LongTextField, MoneyField
from grants.web.staff import desk, look_at
from grants.web.staff.application_record import attempt, record


class DecisionForm(Form):
    """What is decided and why."""

    outcome = ChoiceField(
        _l("Decision"),
        choices=[("approve", _l("Approve")), ("decline", _l("Decline"))],
        required=_l("Choose whether to approve or to decline."),
    )
    amount = MoneyField(
        _l("Amount"),
        currency="USD",
        required=_l("Give the amount that is approved."),
        shown_if="outcome:approve",
    )
    starts_on = DateField(_l("The grant starts"), shown_if="outcome:approve")
    ends_on = DateField(_l("The grant ends"), shown_if="outcome:approve")
    reason = LongTextField(
        _l("Reason"),
        rows=5,
        chars_max=8000,
        hint=_l("The applicant reads these words."),
        required=_l("Give the reason: the applicant reads it."),
    )

    @property
    def is_approval(self) -> bool:
        return bool(self.outcome.data == "approve")


@desk.get("/applications/<int:application_id>/decision")
def decision(application_id: int) -> str:
    """The case and the form; once decided, the decision."""
    page = _page(application_id)
    return _rendered(page, DecisionForm(data=_suggested(page)))


@desk.post("/applications/<int:application_id>/decision")
def decide(application_id: int) -> Response | tuple[str, int]:
    """Show what a decision would do and say; with its last button, make it."""
    form = DecisionForm()
    is_sound = form.validate_on_submit()
    amount = form.amount.data if is_sound and form.is_approval else None
    page = _page(application_id, amount)
    if not is_sound:
        return _rendered(page, form), 422
    if request.form.get("go") == "change":
        return _rendered(page, form), 200
    if request.form.get("go") != "decide":
        return _preview(page, form), 200
    done, status = attempt(form, lambda: _decide(application_id, form))
    if not done:
        return _rendered(_page(application_id, amount), form), status
    flash(_("%(reference)s is decided, and its applicant is told.", reference=page.case.reference))
    return redirect(url_for(".decision", application_id=application_id), 303)


def _decide(application_id: int, form: DecisionForm) -> object:
    if not form.is_approval:
        return actions.decline(actor(), application_id, form.reason.data)
    return actions.approve(
        actor(),
        application_id,
        form.amount.data,
        form.reason.data,
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
    )


def _page(application_id: int, amount: Money | None = None) -> DecisionPage:
    page = queries.decision_page(actor(), application_id, amount=amount)
    look_at(page.case.fund_id, Verb.SEE_APPLICATIONS)
    return page


def _suggested(page: DecisionPage) -> dict[str, object]:
    return {"amount": page.case.requested} if page.is_decidable else {"outcome": "decline"}


def _rendered(page: DecisionPage, form: DecisionForm) -> str:
    if not page.is_decidable:
        form.outcome.choices = [("decline", _l("Decline"))]
    return render_template(
        "staff/decisions/decide.html",
        **record(page.case, "decision"),
        page=page,
        form=form,
        budget_names=_budget_names(page),
        recommendations={"": "", **dict(RECOMMENDATIONS)},
    )


def _preview(page: DecisionPage, form: DecisionForm) -> str:
    title = printable(page.case.title)
    reason = printable(form.reason.data)
    letter = (
        approved_letter(title, form.amount.data, reason)
        if form.is_approval
        else declined_letter(title, reason)
    )
    return render_template(
        "staff/decisions/preview.html",
        **record(page.case, "decision"),
        page=page,
        form=form,
        letter=letter,
        is_above=form.is_approval and page.ceiling < form.amount.data,
    )


def _budget_names(page: DecisionPage) -> dict[str, str]:
    return {each.category: each.name for each in page.budget.categories} if page.budget else {}
