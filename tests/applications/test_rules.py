"""Forms, answers, budgets, scores: pure functions of values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.applications import rules
from grants.applications.rules import Criterion, Decider, Kind
from grants.applications.rules.decisions import (
    OwnApplication,
    OwnOrganisation,
    OwnReview,
    ReasonMissing,
    ScoreOutOfRange,
    ScoresIncomplete,
    check_amount,
)
from grants.applications.rules.forms import BadForm
from grants.applications.rules.starter_form import STARTER_FORM
from grants.errors import Malformed
from grants.web.kit.words import count_words as count_words_of_the_kit
from tests.makes.applications import COMPLETE
from tests.makes.donors import money

pytestmark = pytest.mark.once

FORM = rules.parse_form(STARTER_FORM)


def form_of(*questions: dict[str, Any]) -> rules.Form:
    return rules.parse_form(
        {"title": "F", "sections": [{"key": "s", "title": "S", "questions": list(questions)}]}
    )


def problem(question: dict[str, Any], typed: str) -> str:
    form = form_of({"key": "q", "label": "Q", **question})
    found = rules.problems_of(form, {"q": typed})
    return found[0].sentence if found else ""


def test_the_starter_form_has_every_kind_of_question() -> None:
    assert {question.kind for question in FORM.questions()} == set(Kind)
    assert rules.problems_of(FORM, COMPLETE) == []


@pytest.mark.parametrize(
    ("definition", "what"),
    [
        ({}, "no sections"),
        ({"sections": [{"key": "s", "questions": []}]}, "asks nothing"),
        ({"sections": [{"key": "S!", "questions": []}]}, "no key"),
        ({"colour": "red", "sections": []}, "colour means nothing"),
        ({"minutes": "long", "sections": []}, "not a whole number"),
    ],
)
def test_form_that_cannot_be_asked_is_refused(definition: dict[str, Any], what: str) -> None:
    with pytest.raises(BadForm, match=what):
        rules.parse_form(definition)


@pytest.mark.parametrize(
    ("question", "what"),
    [
        ({"kind": "song"}, "no known kind"),
        ({"kind": "choice", "choices": [["a", "A"]]}, "fewer than two"),
        ({"kind": "choice", "choices": [["a", "A"], ["a", "B"]]}, "twice"),
        ({"kind": "money", "currency": "GOLD"}, "not a currency"),
        ({"kind": "text", "purpose": "amount"}, "cannot serve"),
        ({"kind": "money", "currency": "EUR", "purpose": "amount"}, "US dollars"),
        ({"kind": "text", "shown_if": {"question": "z", "values": ["yes"]}}, "come before"),
        ({"kind": "text", "hint": "x"}, "hint means nothing"),
    ],
)
def test_question_that_cannot_be_asked_is_refused(question: dict[str, Any], what: str) -> None:
    with pytest.raises(BadForm, match=what):
        form_of({"key": "q", **question})


def test_condition_names_an_answer_that_is_offered() -> None:
    yes_no = {"key": "a", "kind": "yes_no"}
    follow_up = {"key": "b", "kind": "text", "shown_if": {"question": "a", "values": ["maybe"]}}
    with pytest.raises(BadForm, match="does not offer"):
        form_of(yes_no, follow_up)
    with pytest.raises(BadForm, match="two questions are called a"):
        form_of(yes_no, yes_no)


@pytest.mark.parametrize(
    ("question", "typed", "sentence"),
    [
        ({"kind": "text", "chars_max": 3}, "abcd", "Shorten this by 1 character; nothing was cut"),
        ({"kind": "long_text", "words_max": 2}, "a b c d", "Shorten this by 2 words"),
        ({"kind": "long_text", "words_max": 2}, " a\n\tb ", ""),
        ({"kind": "number"}, "twelve", "Enter a number"),
        ({"kind": "number"}, "1e9", "Enter a number"),
        ({"kind": "number"}, "NaN", "Enter a number"),
        ({"kind": "number", "least": 1}, "0", "at least 1"),
        ({"kind": "number", "most": 60}, "60.5", "at most 60"),
        ({"kind": "number"}, "1 200,5", ""),
        ({"kind": "money"}, "lots", "Enter an amount in USD"),
        ({"kind": "money"}, "0", "above zero"),
        ({"kind": "money"}, "-5", "above zero"),
        ({"kind": "money", "least": 0}, "0", ""),
        ({"kind": "money"}, "USD 12,500.50", ""),
        ({"kind": "money"}, "12.345", "Enter an amount in USD"),
        ({"kind": "money"}, "9" * 60, "Enter an amount in USD"),
        ({"kind": "money", "currency": "UGX"}, "5.50", "Enter an amount in UGX"),
        ({"kind": "money", "currency": "TND"}, "5.505", ""),
        ({"kind": "choice", "choices": [["a", "A"], ["b", "B"]]}, "c", "Choose one"),
        ({"kind": "yes_no"}, "perhaps", "Choose one"),
        ({"kind": "date"}, "31.12.2027", "Enter a date"),
        ({"kind": "date"}, "2027-02-30", "Enter a date"),
        ({"kind": "date"}, "0027-02-28", "Enter a date"),
        ({"kind": "file"}, "", "Attach a file: Q"),
        ({"kind": "text"}, "  ", "Please answer: Q"),
        ({"kind": "text", "required": False}, "", ""),
    ],
)
def test_what_is_wrong_is_said_in_words(
    question: dict[str, Any], typed: str, sentence: str
) -> None:
    found = problem(question, typed)
    assert sentence in found if sentence else found == ""


def test_follow_up_is_asked_only_after_its_answer() -> None:
    assert not rules.problems_of(FORM, {**COMPLETE, "partner": ""})
    asked = rules.problems_of(FORM, {**COMPLETE, "has_partner": "yes"})
    assert [each.question for each in asked] == ["partner"]
    kept = {**COMPLETE, "has_partner": "no", "partner": "word " * 900}
    assert rules.problems_of(FORM, kept) == []


def test_budget_counts_its_lines_and_categories() -> None:
    question = FORM.question("budget")
    assert question is not None
    rows = rules.budget_rows(question, COMPLETE)
    assert [row.total for row in rows] == [money("12,000"), money("400")]
    totals = {each.category: each.total for each in rules.category_totals(question, rows)}
    assert totals == {"2": money("12,000"), "5": money("400")}
    assert rules.amount_of(FORM, COMPLETE) == money("12,400")


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"quantity": "2", "unit_cost": "3", "category": "1"}, "Say what line 1"),
        ({"description": "x", "quantity": "2", "unit_cost": "3"}, "Choose a category for line 1"),
        ({"description": "x", "category": "1", "unit_cost": "3"}, "quantity of line 1"),
        ({"description": "x", "category": "1", "quantity": "-1", "unit_cost": "3"}, "quantity"),
        ({"description": "x", "category": "1", "quantity": "2", "unit_cost": "free"}, "unit cost"),
        (
            {
                "description": "x",
                "category": "1",
                "quantity": "999999999999999",
                "unit_cost": "99999999999999",
            },
            "larger than can be counted",
        ),
        ({"category": "3"}, "Please answer"),
    ],
)
def test_budget_says_which_line_needs_attention(cells: dict[str, str], sentence: str) -> None:
    form = form_of({"key": "b", "kind": "budget_table", "label": "B"})
    found = rules.problems_of(form, {f"b-0-{name}": typed for name, typed in cells.items()})
    assert sentence in found[0].sentence


def test_only_cells_of_a_budget_belong_to_it() -> None:
    question = FORM.question("budget")
    assert question is not None
    assert rules.belongs_to(question, "budget-0-unit_cost")
    for name in ("budget", "budget-0-total", "budget-00-category", "budget-200-category", "x-0-q"):
        assert not rules.belongs_to(question, name)


def test_progress_of_a_section_counts_only_what_is_asked() -> None:
    section = FORM.section("organisation")
    assert section is not None
    progress = rules.progress_of(FORM, section, {"contact_name": "x", "has_partner": "yes"})
    assert (progress.asked, progress.answered, progress.problems) == (4, 2, 2)
    assert progress.is_begun
    assert not progress.is_done


@given(st.text(max_size=300))
def test_words_are_counted_in_one_way(text: str) -> None:
    assert rules.count_words(text) == count_words_of_the_kit(text) == len(text.split())


@given(st.dictionaries(st.sampled_from(sorted(COMPLETE)), st.text(max_size=80), max_size=8))
def test_no_text_whatever_breaks_the_rules(typed: dict[str, str]) -> None:
    answers = {**COMPLETE, **typed}
    rules.problems_of(FORM, answers)
    for question in FORM.questions():
        rules.shown_value(question, answers)
    assert len(rules.title_of(FORM, answers)) <= 300
    amount = rules.amount_of(FORM, answers)
    assert amount is None or amount.minor >= 0


def test_score_is_weighted_out_of_a_hundred() -> None:
    criteria = (
        Criterion(key="a", name="A", weight=40),
        Criterion(key="b", name="B", weight=60, most=10),
    )
    assert rules.weighted_score(criteria, {"a": 5, "b": 5}) == Decimal("70.0")
    assert rules.weighted_score(criteria, {"a": 0, "b": 0}) == 0
    assert rules.weighted_score(criteria, {"a": 5}) is None
    assert rules.weighted_score((), {}) is None
    with pytest.raises(ScoresIncomplete, match="B is still open"):
        rules.check_scores(criteria, {"a": 5}, must_be_complete=True)
    with pytest.raises(ScoreOutOfRange, match="A is scored from 0 to 5"):
        rules.check_scores(criteria, {"a": 6}, must_be_complete=False)


def test_author_reviewer_and_own_organisation_do_not_decide() -> None:
    case = {"author_ids": {1}, "reviewer_ids": [2], "organisation_id": 7}
    rules.check_may_decide(Decider(user_id=3, organisation_id=None), **case)  # type: ignore[arg-type] # a table
    for user_id, organisation_id, refusal in (
        (1, None, OwnApplication),
        (2, None, OwnReview),
        (3, 7, OwnOrganisation),
    ):
        decider = Decider(user_id=user_id, organisation_id=organisation_id)
        with pytest.raises(refusal):
            rules.check_may_decide(decider, **case)  # type: ignore[arg-type] # a table


def test_reason_and_amount_of_a_decision() -> None:
    with pytest.raises(ReasonMissing):
        rules.check_reason(" \n")
    check_amount(money("5"), money("5"), money("5"))
    for amount in ("4.99", "5.01", "0"):
        with pytest.raises(Malformed, match="outside what this call gives"):
            check_amount(money(amount), money("5"), money("5"))
