"""Checking the answers, handing them in, the receipt, and taking an application back."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants.applications import actions, queries
from grants.applications.queries import Case
from grants.db import transaction
from grants.errors import NotFound, Refused
from grants.web.applicant import desk
from grants.web.applicant.home import sections_of, title_of
from grants.web.kit.access import actor
from grants.web.kit.forms import Form, LongTextField
from grants.web.kit.parts import ErrorLine


class WithdrawForm(Form):
    """Why an application is taken back: for the record, and only if one wants to say it."""

    reason = LongTextField(
        _l("Why do you take it back?"), rows=3, chars_max=2000, hint=_l("You need not say.")
    )


@desk.get("/<int:application_id>/check")
def check(application_id: int) -> Response | str:
    """All answers on one page, with what is still to be put right, before they are handed in."""
    case = queries.case_for_applicant(actor(), application_id)
    if not case.is_draft:
        return redirect(url_for(".application", application_id=application_id), 303)
    return _check_page(case)


@desk.post("/<int:application_id>/submit")
def submit(application_id: int) -> Response | tuple[str, int]:
    """Hand the application in."""
    try:
        with transaction():
            actions.submit(actor(), application_id)
    except NotFound:
        raise
    except Refused as refusal:
        case = queries.case_for_applicant(actor(), application_id)
        if not case.is_draft:
            flash(str(refusal), "warning")
            return redirect(url_for(".application", application_id=application_id), 303)
        return _check_page(case, refusal=str(refusal)), refusal.status
    return redirect(url_for(".receipt", application_id=application_id), 303)


@desk.get("/<int:application_id>/receipt")
def receipt(application_id: int) -> str:
    """Proof of what arrived and when, for printing."""
    case = queries.case_for_applicant(actor(), application_id)
    if case.submitted_at is None:
        raise NotFound
    return render_template(
        "applicant/receipt.html", case=case, title=title_of(case), zone=actor().time_zone
    )


@desk.route("/<int:application_id>/withdraw", methods=["GET", "POST"])
def withdraw(application_id: int) -> Response | tuple[str, int]:
    """Take an application back."""
    case = queries.case_for_applicant(actor(), application_id)
    form = WithdrawForm()
    status = 200
    if form.validate_on_submit():
        try:
            with transaction():
                actions.withdraw(actor(), application_id, reason=form.reason.data)
        except NotFound:
            raise
        except Refused as refusal:
            form.attach(refusal)
            status = refusal.status
        else:
            flash(_("%(reference)s is withdrawn.", reference=case.reference))
            return redirect(url_for(".application", application_id=application_id), 303)
    elif form.errors:
        status = 422
    page = render_template("applicant/withdraw.html", case=case, form=form, title=title_of(case))
    return page, status


def _check_page(case: Case, *, refusal: str = "") -> str:
    sections = sections_of(case, may_change=True)
    wrong = [
        ErrorLine(f"told-{answer.key}", answer.problem)
        for section in sections
        for answer in section.answers
        if answer.problem
    ]
    return render_template(
        "applicant/check.html",
        case=case,
        sections=sections,
        wrong=wrong,
        refusal=refusal,
        title=title_of(case),
    )
