"""The scorecard of a review as a form: a score and a comment for each criterion."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from grants.applications.queries import ReviewPage
from grants.applications.rules import Criterion
from grants.web.kit.applications import RECOMMENDATIONS
from grants.web.kit.fields import KitField
from grants.web.kit.forms import ChoiceField, Form, LongTextField, YesNoField, make_form


class ConflictForm(Form):
    """The question that comes before the text."""

    has_conflict = YesNoField(
        _l("Do you have a conflict of interest?"),
        hint=_l(
            "For example: you work or worked for the applicant, would gain from the grant, or wrote"
            " with its authors in the last three years."
        ),
        required=_l("Say whether you have a conflict of interest."),
    )
    reason = LongTextField(
        _l("What is it?"),
        rows=3,
        chars_max=2000,
        hint=_l("The Secretariat reads it. The application stays closed to you."),
        required=_l("Say in a few words what the conflict is."),
        shown_if="has_conflict:yes",
    )


@dataclass(frozen=True, kw_only=True)
class CriterionFields:
    """A criterion with its two controls."""

    criterion: Criterion
    score: KitField
    comment: KitField


def scorecard(page: ReviewPage) -> Form:
    """The form of a review, filled with what is saved of it."""
    fields: dict[str, object] = {}
    filled: dict[str, object] = {"comment": page.comment, "recommendation": page.recommendation}
    for criterion in page.criteria:
        held = page.scores.get(criterion.key, {})
        score = held.get("score")
        fields[f"score-{criterion.key}"] = ChoiceField(
            criterion.name,
            choices=[(f"{points}", f"{points}") for points in range(criterion.most + 1)],
            hint=criterion.help,
            is_needed=True,
        )
        fields[f"comment-{criterion.key}"] = LongTextField(
            _("Comment on %(criterion)s", criterion=criterion.name), rows=2, chars_max=20_000
        )
        filled[f"score-{criterion.key}"] = "" if score is None else f"{score}"
        filled[f"comment-{criterion.key}"] = held.get("comment", "")
    fields["comment"] = LongTextField(
        _("What should the decision take into account?"), rows=5, chars_max=20_000
    )
    fields["recommendation"] = ChoiceField(
        _("What do you recommend?"), choices=RECOMMENDATIONS, is_needed=True
    )
    return make_form("Scorecard", fields)(data=filled)


def fields_of(form: Form, page: ReviewPage) -> list[CriterionFields]:
    """The controls of each criterion, in their order."""
    return [
        CriterionFields(
            criterion=criterion,
            score=form[f"score-{criterion.key}"],
            comment=form[f"comment-{criterion.key}"],
        )
        for criterion in page.criteria
    ]


def scores_in(sent: dict[str, str], page: ReviewPage) -> dict[str, int | None]:
    """The scores that a request carries; what is no number is no score."""
    found: dict[str, int | None] = {}
    for criterion in page.criteria:
        typed = sent.get(f"score-{criterion.key}")
        if typed is not None:
            is_whole = typed.isascii() and typed.isdigit() and len(typed) < 4
            found[criterion.key] = int(typed) if is_whole else None
    return found


def comments_in(sent: dict[str, str], page: ReviewPage) -> dict[str, str]:
    """The comments that a request carries."""
    return {
        criterion.key: sent[f"comment-{criterion.key}"]
        for criterion in page.criteria
        if f"comment-{criterion.key}" in sent
    }
