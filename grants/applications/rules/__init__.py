"""What an application is and may become: pure functions of values."""

from grants.applications.rules.answers import (
    Answers,
    BudgetRow,
    Problem,
    belongs_to,
    budget_rows,
    count_words,
    is_shown,
    problem_with,
    problems_of,
    shown_value,
    value_of,
)
from grants.applications.rules.decisions import (
    Criterion,
    EligibilityRule,
    check_can_be_decided,
    check_scores,
    check_screening,
    weighted_score,
)
from grants.applications.rules.forms import Form, Kind, Question, Section, parse_form
from grants.applications.rules.timing import check_open, closes_with_grace, is_open

__all__ = [
    "Answers",
    "BudgetRow",
    "Criterion",
    "EligibilityRule",
    "Form",
    "Kind",
    "Problem",
    "Question",
    "Section",
    "belongs_to",
    "budget_rows",
    "check_can_be_decided",
    "check_open",
    "check_scores",
    "check_screening",
    "closes_with_grace",
    "count_words",
    "is_open",
    "is_shown",
    "parse_form",
    "problem_with",
    "problems_of",
    "shown_value",
    "value_of",
    "weighted_score",
]
