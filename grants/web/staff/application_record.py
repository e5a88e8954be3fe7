"""The record of an application: its answers, screening, reviews and timeline."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants.applications import actions, queries
from grants.applications.queries import Case
from grants.db import transaction
from grants.errors import NotFound, Refused
from grants.people import queries as people
from grants.people.models import Role
from grants.people.permissions import Verb, may
from grants.web.kit.access import actor
from grants.web.kit.applications import (
    RECOMMENDATIONS,
    STATES,
    events_of,
    printable,
    told_sections,
)
from grants.web.kit.forms import ChoiceField, DateField, Form, LongTextField, YesNoField, make_form
from grants.web.kit.parts import Crumb, Tab
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, done, form_page


class CloseForm(Form):
    """Why the other reviews are not waited for."""

    reason = LongTextField(
        _l("Reason"),
        rows=3,
        chars_max=2000,
        required=_l("Say why the other reviews are not waited for."),
    )


class AssignForm(Form):
    """Whom to ask for a review, and by when."""

    reviewer = ChoiceField(_l("Reviewer"), look="select", required=_l("Choose a reviewer."))
    due_on = DateField(_l("Review due"))


@desk.get("/applications/<int:application_id>")
def application(application_id: int) -> str:
    """What the applicant wrote."""
    case = shown_case(application_id)
    sections = told_sections(
        case.form,
        case.answers,
        case.files,
        file_url=lambda file_id: url_for(
            ".application_file", application_id=application_id, file_id=file_id
        ),
    )
    return render_template(
        "staff/applications/show.html", **record(case, "application"), sections=sections
    )


@desk.get("/applications/<int:application_id>/files/<int:file_id>")
def application_file(application_id: int, file_id: int) -> Response:
    """A file that is attached to an application."""
    file = queries.open_attachment(actor(), application_id, file_id)
    return send_file(
        file.path, mimetype=file.media_type, as_attachment=True, download_name=file.name
    )


@desk.route("/applications/<int:application_id>/eligibility", methods=["GET", "POST"])
def eligibility(application_id: int) -> Response | tuple[str, int]:
    """Check an application against the rules of its call."""
    case = shown_case(application_id)
    form = _screening_form(case)
    status = 200
    if form.validate_on_submit():
        answers = {rule.key: form[f"rule-{rule.key}"].data for rule in case.call.eligibility}
        is_done, status = attempt(
            form,
            lambda: actions.check_eligibility(
                actor(), application_id, answers, reason=form["reason"].data
            ),
        )
        if is_done:
            flash(
                _("%(reference)s is screened, and its applicant is told.", reference=case.reference)
            )
            return redirect(url_for(".eligibility", application_id=application_id), 303)
    elif form.errors:
        status = 422
    page = render_template(
        "staff/applications/eligibility.html",
        **record(case, "eligibility"),
        form=form,
        may_screen=may(actor(), Verb.SCREEN, case.fund_id) and case.state == "submitted",
    )
    return page, status


@desk.route("/applications/<int:application_id>/reviews", methods=["GET", "POST"])
def reviews(application_id: int) -> Response | tuple[str, int]:
    """The reviews of an application, and whom else to ask."""
    case = shown_case(application_id)
    form = AssignForm()
    asked = {str(review.reviewer_id) for review in case.reviews}
    form.reviewer.choices = [
        (f"{user_id}", name)
        for user_id, name in people.people_with(Role.REVIEWER, case.fund_id)
        if f"{user_id}" not in asked
    ]
    status = 200
    if form.validate_on_submit():
        reviewer_id = int(form.reviewer.data)
        is_done, status = attempt(
            form,
            lambda: actions.assign_review(
                actor(), application_id, reviewer_id, due_on=form.due_on.data
            ),
            field="reviewer",
        )
        if is_done:
            flash(_("The reviewer is asked."))
            return redirect(url_for(".reviews", application_id=application_id), 303)
    elif form.errors:
        status = 422
    page = render_template(
        "staff/applications/reviews.html",
        **record(case, "reviews"),
        form=form,
        recommendations={"": "", **dict(RECOMMENDATIONS)},
        may_assign=may(actor(), Verb.ASSIGN_REVIEWS, case.fund_id)
        and case.state in {"eligible", "in_review", "reviewed"},
        may_close=may(actor(), Verb.ASSIGN_REVIEWS, case.fund_id)
        and case.state == "in_review"
        and case.score is not None,
    )
    return page, status


@desk.route("/applications/<int:application_id>/reviews/close", methods=["GET", "POST"])
def close_reviewing(application_id: int) -> Response | tuple[str, int]:
    """Go on to the decision although somebody has not answered."""
    case = shown_case(application_id)
    form = CloseForm()
    if form.validate_on_submit() and done(
        form,
        lambda: actions.close_reviewing(actor(), application_id, reason=form.reason.data),
    ):
        flash(_("%(reference)s can be decided now.", reference=case.reference))
        return redirect(url_for(".reviews", application_id=application_id), 303)
    reviews_url = url_for(".reviews", application_id=application_id)
    page = FormPage(
        title=_("Decide with the reviews at hand"),
        lead=_("Whoever has not answered is told that the review is no longer needed."),
        submit=_("Close the reviewing"),
        cancel=reviews_url,
        crumbs=[
            Crumb(_("Applications"), url_for(".applications")),
            Crumb(case.reference, reviews_url),
        ],
    )
    return form_page(form, page)


@desk.get("/applications/<int:application_id>/timeline")
def application_timeline(application_id: int) -> str:
    """Everything that happened to an application."""
    case = shown_case(application_id)
    events = events_of(queries.timeline(actor(), application_id))
    return render_template(
        "staff/applications/timeline.html", **record(case, "timeline"), events=events
    )


def attempt(form: Form, act: Callable[[], object], *, field: str = "") -> tuple[bool, int]:
    """Do something in one transaction. What is refused stands on the form, with its status."""
    try:
        with transaction():
            act()
    except NotFound:
        raise
    except Refused as refusal:
        form.attach(refusal, field)
        return False, refusal.status
    return True, 200


def record(case: Case, here: str) -> dict[str, object]:
    """What stands at the head of each page of a record: its tabs and its state."""
    places = (
        ("application", _("Application"), ".application", None),
        ("eligibility", _("Eligibility"), ".eligibility", None),
        ("reviews", _("Reviews"), ".reviews", len(case.reviews)),
        ("decision", _("Decision"), ".decision", None),
        ("timeline", _("Timeline"), ".application_timeline", None),
    )
    return {
        "case": case,
        "title": printable(case.title) or case.reference,
        "state": STATES[case.state],
        "tabs": [
            Tab(
                str(label),
                url_for(endpoint, application_id=case.id),
                active=name == here,
                count=count,
            )
            for name, label, endpoint, count in places
        ],
    }


def shown_case(application_id: int) -> Case:
    """The whole case, if this person may see it; its fund is the one looked at from now on."""
    case = queries.case_for_staff(actor(), application_id)
    look_at(case.fund_id, Verb.SEE_APPLICATIONS)
    return case


def _screening_form(case: Case) -> Form:
    held = case.screening
    fields: dict[str, object] = {
        f"rule-{rule.key}": YesNoField(rule.rule, required=_l("Answer yes or no."))
        for rule in case.call.eligibility
    }
    fields["reason"] = LongTextField(
        _l("Reason"),
        rows=4,
        chars_max=4000,
        hint=_l("Needed when a rule is not met. The applicant reads it."),
    )
    filled: dict[str, object] = {}
    if held is not None:
        filled = {f"rule-{key}": value for key, value in held.answers.items()}
        filled["reason"] = held.reason
    return make_form("ScreeningForm", fields)(data=filled)
