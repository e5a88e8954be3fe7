"""My reviews; the conflict question; reading on one side, scoring on the other."""

from __future__ import annotations

from datetime import datetime

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from grants import clock
from grants.applications import actions, queries
from grants.applications.queries import ReviewPage
from grants.db import transaction
from grants.errors import NotFound, Refused
from grants.web.kit.access import actor
from grants.web.kit.applications import RECOMMENDATIONS, printable, told_sections
from grants.web.kit.forms import Form
from grants.web.kit.saving import saved_response
from grants.web.reviewer import desk
from grants.web.reviewer.scorecard import (
    ConflictForm,
    comments_in,
    fields_of,
    scorecard,
    scores_in,
)


@desk.get("/")
def home() -> str:
    """What one was asked to review: first what is still to do, by when it is due."""
    lines = queries.my_reviews(actor())
    return render_template(
        "reviewer/home.html",
        to_do=[line for line in lines if line.is_wanted],
        done=[line for line in lines if not line.is_wanted],
        today=clock.today(actor().time_zone),
    )


@desk.get("/<int:review_id>")
def review(review_id: int) -> str:
    """The conflict question; after it the application and the scorecard."""
    page = queries.review_page(actor(), review_id)
    if page.conflict is None:
        return _question(page, ConflictForm())
    if not page.is_readable:
        return render_template("reviewer/recused.html", page=page)
    return _scoring(page, scorecard(page))


@desk.post("/<int:review_id>/declare")
def declare(review_id: int) -> Response | tuple[str, int]:
    """Answer the conflict question."""
    form = ConflictForm()
    if not form.validate_on_submit():
        return _question(queries.review_page(actor(), review_id), form), 422
    try:
        with transaction():
            actions.declare_conflict(
                actor(), review_id, has_conflict=form.has_conflict.data, reason=form.reason.data
            )
    except NotFound:
        raise
    except Refused as refusal:
        form.attach(refusal)
        return _question(queries.review_page(actor(), review_id), form), refusal.status
    if form.has_conflict.data:
        flash(_("Thank you. The Secretariat asks somebody else."))
        return redirect(url_for(".home"), 303)
    return redirect(url_for(".review", review_id=review_id), 303)


@desk.post("/<int:review_id>/save")
def autosave(review_id: int) -> Response:
    """Save what changed, while it is typed."""
    page = queries.review_page(actor(), review_id)
    with transaction():
        saved_at = _save(page)
    return saved_response(saved_at, actor().time_zone)


@desk.post("/<int:review_id>")
def hand_in(review_id: int) -> Response | tuple[str, int]:
    """Save the scorecard; with its first button, hand the review in and go on to the next."""
    page = queries.review_page(actor(), review_id)
    is_final = request.form.get("go") != "stay"
    try:
        with transaction():
            _save(page)
        if is_final:
            with transaction():
                actions.submit_review(actor(), review_id)
    except NotFound:
        raise
    except Refused as refusal:
        if not page.is_wanted or not page.is_readable:
            flash(str(refusal), "warning")
            return redirect(url_for(".review", review_id=review_id), 303)
        form = scorecard(page)
        form.attach(refusal)
        return _scoring(page, form), refusal.status
    if not is_final:
        return redirect(url_for(".review", review_id=review_id), 303)
    flash(_("Your review of %(reference)s is handed in. Thank you.", reference=page.reference))
    if page.next_id is not None:
        return redirect(url_for(".review", review_id=page.next_id), 303)
    return redirect(url_for(".home"), 303)


@desk.get("/<int:review_id>/files/<int:file_id>")
def attachment(review_id: int, file_id: int) -> Response:
    """A file that is attached to the application."""
    page = queries.review_page(actor(), review_id)
    file = queries.open_attachment(actor(), page.application_id, file_id)
    return send_file(
        file.path, mimetype=file.media_type, as_attachment=True, download_name=file.name
    )


def _save(page: ReviewPage) -> datetime:
    sent = {name: text.replace("\r\n", "\n") for name, text in request.form.items()}
    saved = actions.save_scores(
        actor(),
        page.id,
        scores_in(sent, page),
        comments_in(sent, page),
        comment=sent.get("comment"),
        recommendation=sent.get("recommendation"),
    )
    assert saved.saved_at is not None
    return saved.saved_at


def _question(page: ReviewPage, form: Form) -> str:
    return render_template("reviewer/declare.html", page=page, form=form, title=_title(page))


def _scoring(page: ReviewPage, form: Form) -> str:
    assert page.form is not None
    sections = told_sections(
        page.form,
        page.answers,
        page.files,
        file_url=lambda file_id: url_for(".attachment", review_id=page.id, file_id=file_id),
    )
    return render_template(
        "reviewer/review.html" if page.is_wanted else "reviewer/done.html",
        page=page,
        form=form,
        criteria=fields_of(form, page),
        sections=sections,
        recommendation=dict(RECOMMENDATIONS).get(page.recommendation, ""),
        zone=actor().time_zone,
        title=_title(page),
    )


def _title(page: ReviewPage) -> str:
    return printable(page.title) or page.reference
