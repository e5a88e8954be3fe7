"""Answers as they were typed, and what is wrong with them.

Every answer is kept as the text that was typed, under the name of its control: a budget has one for
each cell (`budget-0-description`). Nothing is truncated or corrected; a problem is only told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from grants.applications.rules.forms import Form, Kind, Question
from grants.money import Money, NotMoney

Answers = Mapping[str, str]

_CELL = re.compile(r"(\d{1,3})-(category|description|amount)")
ROWS_MAX = 200


@dataclass(frozen=True)
class Problem:
    """Something to put right before an application can be submitted."""

    question: str
    sentence: str


@dataclass(frozen=True)
class BudgetRow:
    """A line of a budget as typed, and its amount where it is one."""

    category: str
    description: str
    typed: str
    amount: Money | None


def count_words(text: str) -> int:
    """The number of maximal runs of non-white-space, exactly as the browser counts."""
    return len(text.split())


def belongs_to(question: Question, name: str) -> bool:
    """Whether a control of that name holds (part of) the answer."""
    if question.kind is Kind.BUDGET_TABLE:
        prefix = f"{question.key}-"
        if not name.startswith(prefix):
            return False
        cell = _CELL.fullmatch(name.removeprefix(prefix))
        return cell is not None and int(cell[1]) < ROWS_MAX
    return name == question.key


def is_shown(form: Form, question: Question, answers: Answers) -> bool:
    """Whether the answers so far ask this question at all."""
    if not question.shown_if_key:
        return True
    asked = form.question(question.shown_if_key)
    return (
        asked is not None
        and is_shown(form, asked, answers)
        and answers.get(asked.key, "").strip() in question.shown_if_values
    )


def budget_rows(question: Question, answers: Answers) -> list[BudgetRow]:
    """The lines of a budget that hold anything, in their order."""
    cells: dict[int, dict[str, str]] = {}
    for name, typed in answers.items():
        if belongs_to(question, name):
            index, part = name.removeprefix(f"{question.key}-").split("-")
            cells.setdefault(int(index), {})[part] = typed.strip()
    rows = []
    for _, cell in sorted(cells.items()):
        typed = cell.get("amount", "")
        if typed or cell.get("description"):
            rows.append(
                BudgetRow(
                    cell.get("category", ""),
                    cell.get("description", ""),
                    typed,
                    _money(typed, question.currency),
                )
            )
    return rows


def value_of(question: Question, answers: Answers) -> Money | Decimal | date | str | None:
    """What the typed answer means; None while it is empty or cannot be read."""
    typed = answers.get(question.key, "").strip()
    if question.kind is Kind.BUDGET_TABLE:
        rows = budget_rows(question, answers)
        total = Money.zero(question.currency)
        for row in rows:
            total += row.amount or Money.zero(question.currency)
        return total if rows else None
    if not typed:
        return None
    if question.kind is Kind.MONEY:
        return _money(typed, question.currency)
    if question.kind is Kind.NUMBER:
        return _number(typed)
    if question.kind is Kind.DATE:
        return _date(typed)
    return answers[question.key]


def shown_value(question: Question, answers: Answers) -> str:
    """The answer in words, for reading: choices by their label."""
    typed = answers.get(question.key, "")
    if question.kind is Kind.CHOICE:
        return dict(question.choices).get(typed, typed)
    if question.kind is Kind.YES_NO:
        return {"yes": "Yes", "no": "No"}.get(typed, typed)
    if question.kind in {Kind.MONEY, Kind.BUDGET_TABLE}:
        value = value_of(question, answers)
        return str(value) if value is not None else typed
    return typed


def problem_with(question: Question, answers: Answers) -> str:
    """What is wrong with the shape of an answer that is there; empty when nothing is."""
    if question.kind is Kind.BUDGET_TABLE:
        return _budget_problem(question, answers)
    typed = answers.get(question.key, "")
    if not typed.strip():
        return ""
    check = _CHECKS.get(question.kind)
    return check(question, typed) if check else ""


def problems_of(form: Form, answers: Answers, *, section: str = "") -> list[Problem]:
    """All that stands between these answers and a submission, in the order of the form."""
    found = []
    for part in form.sections:
        if section and part.key != section:
            continue
        for question in part.questions:
            if not is_shown(form, question, answers):
                continue
            sentence = problem_with(question, answers)
            if not sentence and question.is_required and value_of(question, answers) in {None, ""}:
                sentence = f"Please answer: {question.label}"
            if sentence:
                found.append(Problem(question.key, sentence))
    return found


def _text_problem(question: Question, typed: str) -> str:
    over = len(typed) - question.chars_max
    return f"Shorten this by {over} characters; nothing was cut off." if over > 0 else ""


def _long_text_problem(question: Question, typed: str) -> str:
    over = count_words(typed) - question.words_max if question.words_max else 0
    return f"Shorten this by {over} words; nothing was cut off." if over > 0 else ""


def _number_problem(question: Question, typed: str) -> str:
    value = _number(typed)
    if value is None:
        return "Enter a number, such as 1200."
    return _range_problem(question, value, "{}")


def _money_problem(question: Question, typed: str) -> str:
    value = _money(typed, question.currency)
    if value is None:
        return f"Enter an amount in {question.currency}, such as 12,500."
    if value.minor <= 0:
        return "Enter an amount above zero."
    return _range_problem(question, value.amount, question.currency + " {:,}")


def _range_problem(question: Question, value: Decimal, words: str) -> str:
    if question.least is not None and value < question.least:
        return f"This must be at least {words.format(question.least)}."
    if question.most is not None and value > question.most:
        return f"This can be at most {words.format(question.most)}."
    return ""


def _choice_problem(question: Question, typed: str) -> str:
    offered = {value for value, _ in question.choices} or {"yes", "no"}
    return "" if typed.strip() in offered else "Choose one of the answers that are offered."


def _date_problem(_question: Question, typed: str) -> str:
    return "" if _date(typed.strip()) else "Enter a date, such as 2027-03-31."


def _budget_problem(question: Question, answers: Answers) -> str:
    for number, row in enumerate(budget_rows(question, answers), 1):
        if not row.description:
            return f"Say what line {number} of the budget is for."
        if row.amount is None or row.amount.minor < 0:
            return f"Give an amount in {question.currency} for line {number} of the budget."
        if question.choices and row.category not in {value for value, _ in question.choices}:
            return f"Choose a category for line {number} of the budget."
    return ""


_CHECKS = {
    Kind.TEXT: _text_problem,
    Kind.LONG_TEXT: _long_text_problem,
    Kind.NUMBER: _number_problem,
    Kind.MONEY: _money_problem,
    Kind.CHOICE: _choice_problem,
    Kind.YES_NO: _choice_problem,
    Kind.DATE: _date_problem,
}


def _money(typed: str, currency: str) -> Money | None:
    cleaned = typed.strip().upper().removeprefix(currency)
    try:
        return Money.parse(cleaned, currency) if cleaned else None
    except NotMoney:
        return None


def _number(typed: str) -> Decimal | None:
    try:
        value = Decimal("".join(typed.split()).replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _date(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
