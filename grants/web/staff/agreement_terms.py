"""Conditions precedent and duties to report: recorded on an agreement, and noted as met or done."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.donors import actions
from grants.donors import queries as donors
from grants.donors.actions import NewCondition, NewDuty
from grants.people.permissions import Verb
from grants.web.kit.access import actor
from grants.web.kit.forms import ChoiceField, DateField, Form, LongTextField, TextField
from grants.web.kit.parts import Answer
from grants.web.staff import desk
from grants.web.staff.acting import FormPage, allow, done, form_page
from grants.web.staff.agreement_instalments import crumbs_of, page_of
from grants.web.staff.money_fields import is_in_the_future
from grants.web.staff.pledges import ReasonForm

DUTIES = {
    "narrative": _l("Narrative report"),
    "financial": _l("Financial report"),
    "certified": _l("Certified statement"),
    "other": _l("Other report"),
}


class ConditionForm(Form):
    """A condition precedent."""

    words = LongTextField(
        _l("What must be met"), rows=3, chars_max=1000, required=_l("Say what the condition is.")
    )
    instalment = ChoiceField(
        _l("What depends on it"),
        look="select",
        hint=_l("Left empty: every instalment that is still to come."),
    )
    due_on = DateField(_l("To be met by"))


class MetForm(Form):
    """That a condition is met."""

    met_on = DateField(_l("Met on"), required=True)
    evidence = LongTextField(
        _l("What shows it"),
        rows=3,
        chars_max=2000,
        required=_l("Say what shows that the condition is met."),
        hint=_l("The letter, decision or document, with its date and where it is kept."),
    )


class DutyForm(Form):
    """A report that the donor wants."""

    kind = ChoiceField(_l("Kind of report"), required=True, choices=list(DUTIES.items()))
    due_on = DateField(_l("Due on"), required=True)
    words = TextField(_l("What it covers"), chars_max=300)


class DoneForm(Form):
    """That a report was delivered."""

    done_on = DateField(_l("Delivered on"), required=True)
    note = TextField(
        _l("What was sent"), chars_max=500, hint=_l("The number of the statement, or the letter.")
    )


@desk.route("/contributions/agreements/<int:agreement_id>/conditions/new", methods=["GET", "POST"])
def new_condition(agreement_id: int) -> Response | tuple[str, int]:
    """Record a condition precedent of an agreement."""
    page = page_of(agreement_id)
    allow(Verb.RECORD_CONTRIBUTION, page.fund_id)
    form = ConditionForm()
    form.instalment.choices = [
        (str(one.number), f"{one.number} · {one.amount} · {one.due_on}")
        for one in page.instalments
        if one.state in {"scheduled", "requested"}
    ]
    if form.validate_on_submit() and done(
        form, lambda: actions.add_condition(actor(), agreement_id, _condition(form))
    ):
        flash(_("The condition is recorded. Until it is met, nothing that depends on it is due."))
        return redirect(url_for(".agreement", agreement_id=agreement_id), 303)
    around = FormPage(
        title=_("Record a condition"),
        submit=_("Record the condition"),
        cancel=url_for(".agreement", agreement_id=agreement_id),
        lead=_("Until it is met, what depends on it can neither be asked for nor counts as due."),
        crumbs=crumbs_of(page),
    )
    return form_page(form, around)


@desk.route("/contributions/conditions/<int:condition_id>/met", methods=["GET", "POST"])
def meet_condition(condition_id: int) -> Response | tuple[str, int]:
    """Note that a condition is met, and what shows it."""
    line = donors.condition(condition_id)
    page = page_of(line.agreement_id)
    allow(Verb.RECORD_CONTRIBUTION, page.fund_id)
    form = MetForm(data={"met_on": clock.today(actor().time_zone)})
    if (
        form.validate_on_submit()
        and not is_in_the_future(form, form.met_on)
        and done(
            form,
            lambda: actions.meet_condition(
                actor(), condition_id, met_on=form.met_on.data, evidence=form.evidence.data
            ),
        )
    ):
        flash(_("Noted: the condition is met."))
        return redirect(url_for(".agreement", agreement_id=page.id), 303)
    around = FormPage(
        title=_("A condition is met"),
        submit=_("Note it"),
        cancel=url_for(".agreement", agreement_id=page.id),
        crumbs=crumbs_of(page),
    )
    return form_page(form, around, about=_about(line))


@desk.route("/contributions/conditions/<int:condition_id>/reopen", methods=["GET", "POST"])
def reopen_condition(condition_id: int) -> Response | tuple[str, int]:
    """Say that a condition is not met after all."""
    line = donors.condition(condition_id)
    page = page_of(line.agreement_id)
    allow(Verb.RECORD_CONTRIBUTION, page.fund_id)
    form = ReasonForm()
    if form.validate_on_submit() and done(
        form, lambda: actions.reopen_condition(actor(), condition_id, form.reason.data)
    ):
        flash(_("The condition is open again."))
        return redirect(url_for(".agreement", agreement_id=page.id), 303)
    around = FormPage(
        title=_("A condition is not met after all"),
        submit=_("Open it again"),
        cancel=url_for(".agreement", agreement_id=page.id),
        crumbs=crumbs_of(page),
        is_danger=True,
    )
    return form_page(form, around, about=_about(line))


@desk.route("/contributions/agreements/<int:agreement_id>/duties/new", methods=["GET", "POST"])
def new_duty(agreement_id: int) -> Response | tuple[str, int]:
    """Record a report that the donor wants."""
    page = page_of(agreement_id)
    allow(Verb.RECORD_CONTRIBUTION, page.fund_id)
    form = DutyForm()
    if form.validate_on_submit() and done(
        form,
        lambda: actions.add_duty(
            actor(),
            agreement_id,
            NewDuty(kind=form.kind.data, due_on=form.due_on.data, words=form.words.data),
        ),
    ):
        flash(_("The report is on the list. Finance is reminded before it is due."))
        return redirect(url_for(".agreement", agreement_id=agreement_id), 303)
    around = FormPage(
        title=_("Record a duty to report"),
        submit=_("Record the duty"),
        cancel=url_for(".agreement", agreement_id=agreement_id),
        crumbs=crumbs_of(page),
    )
    return form_page(form, around)


@desk.route("/contributions/duties/<int:duty_id>/delivered", methods=["GET", "POST"])
def report_delivered(duty_id: int) -> Response | tuple[str, int]:
    """Note that a report was delivered to the donor."""
    line = donors.duty(duty_id)
    page = page_of(line.agreement_id)
    allow(Verb.RECORD_CONTRIBUTION, page.fund_id)
    form = DoneForm(data={"done_on": clock.today(actor().time_zone)})
    if (
        form.validate_on_submit()
        and not is_in_the_future(form, form.done_on)
        and done(
            form,
            lambda: actions.note_report_delivered(
                actor(), duty_id, done_on=form.done_on.data, note=form.note.data
            ),
        )
    ):
        flash(_("Noted: the report is delivered."))
        return redirect(url_for(".agreement", agreement_id=page.id), 303)
    around = FormPage(
        title=_("A report is delivered"),
        submit=_("Note it"),
        cancel=url_for(".agreement", agreement_id=page.id),
        crumbs=crumbs_of(page),
    )
    about = [
        Answer(_("Report"), str(DUTIES[line.kind])),
        Answer(_("What it covers"), line.words or _("not said")),
        Answer(_("Due on"), line.due_on),
    ]
    return form_page(form, around, about=about)


def _condition(form: ConditionForm) -> NewCondition:
    number = form.instalment.data
    return NewCondition(
        words=form.words.data,
        due_on=form.due_on.data,
        instalment=int(number) if number else None,
    )


def _about(line: donors.ConditionLine) -> list[Answer]:
    return [
        Answer(_("Condition"), line.words),
        Answer(
            _("What depends on it"),
            _("Instalment %(number)s", number=line.instalment)
            if line.instalment
            else _("Every instalment"),
        ),
        Answer(_("To be met by"), line.due_on or _("no day is set")),
        Answer(_("Evidence"), line.evidence or _("none")),
    ]
