"""Answers as they were typed, and what is wrong with them.

Every answer is kept as the text that was typed, under the name of its control: a budget has one for
each cell (`budget-0-description`). Nothing is truncated or corrected; a problem is only told.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from grants.applications.rules.budgets import (
    budget_problem,
    budget_rows,
    budget_total,
    is_cell,
)
from grants.applications.rules.forms import Form, Kind, Question, Section
from grants.applications.rules.values import count_words, read_date, read_money, read_number
from grants.money import Money

Answers = Mapping[str, str]


@dataclass(frozen=True)
class Problem:
    """Something to put right before an application can be submitted."""

    question: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a section is: of the questions that are asked, how many are answered."""

    asked: int
    answered: int
    problems: int

    @property
    def is_done(self) -> bool:
        return self.problems == 0

    @property
    def is_begun(self) -> bool:
        return self.answered > 0


def belongs_to(question: Question, name: str) -> bool:
    """Whether a control of that name holds (part of) the answer."""
    if question.kind is Kind.BUDGET_TABLE:
        return is_cell(question, name)
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


def is_answered(question: Question, answers: Answers) -> bool:
    """Whether there is anything in the answer, sound or not."""
    if question.kind is Kind.BUDGET_TABLE:
        return bool(budget_rows(question, answers))
    return bool(answers.get(question.key, "").strip())


def value_of(question: Question, answers: Answers) -> Money | Decimal | date | str | None:
    """What the typed answer means; None while it is empty or cannot be read."""
    typed = answers.get(question.key, "")
    if question.kind is Kind.BUDGET_TABLE:
        rows = budget_rows(question, answers)
        return budget_total(rows, question.currency) if rows else None
    if not typed.strip():
        return None
    if question.kind is Kind.MONEY:
        return read_money(typed, question.currency)
    if question.kind is Kind.NUMBER:
        return read_number(typed)
    if question.kind is Kind.DATE:
        return read_date(typed)
    return typed


def shown_value(question: Question, answers: Answers) -> Money | Decimal | date | str:
    """The answer for reading: choices by their label, and as typed what cannot be read."""
    typed = answers.get(question.key, "")
    if question.kind in {Kind.CHOICE, Kind.YES_NO}:
        labels = dict(question.choices) or {"yes": "Yes", "no": "No"}
        return labels.get(typed.strip(), typed)
    value = value_of(question, answers)
    return typed if value is None else value


def title_of(form: Form, answers: Answers) -> str:
    """The title of an application on one line, fit for a list: 300 characters at most."""
    question = form.with_purpose("title")
    typed = answers.get(question.key, "") if question else ""
    plain = "".join(
        " " if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} else letter
        for letter in typed
    )
    plain = " ".join(plain.split())
    return plain if len(plain) <= 300 else f"{plain[:299]}…"


def amount_of(form: Form, answers: Answers) -> Money | None:
    """The amount that an application asks for, in US dollars; None while it cannot be read."""
    question = form.with_purpose("amount")
    value = value_of(question, answers) if question else None
    return value if isinstance(value, Money) and value.minor >= 0 else None


def problem_with(question: Question, answers: Answers) -> str:
    """What is wrong with the shape of an answer that is there; empty when nothing is."""
    if question.kind is Kind.BUDGET_TABLE:
        return budget_problem(question, answers)
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
            sentence = _problem_of(form, question, answers)
            if sentence:
                found.append(Problem(question.key, sentence))
    return found


def flaws_of(form: Form, answers: Answers, *, section: str = "") -> list[Problem]:
    """What is wrong with the answers that are there; what is still empty is no flaw."""
    return [
        problem
        for problem in problems_of(form, answers, section=section)
        if (question := form.question(problem.question)) and is_answered(question, answers)
    ]


def progress_of(form: Form, section: Section, answers: Answers) -> Progress:
    """How far a section is."""
    asked = [each for each in section.questions if is_shown(form, each, answers)]
    return Progress(
        asked=len(asked),
        answered=sum(is_answered(each, answers) for each in asked),
        problems=len(problems_of(form, answers, section=section.key)),
    )


def _problem_of(form: Form, question: Question, answers: Answers) -> str:
    if not is_shown(form, question, answers):
        return ""
    sentence = problem_with(question, answers)
    if not sentence and question.is_required and not is_answered(question, answers):
        if question.kind is Kind.FILE:
            return f"Attach a file: {question.label}"
        return f"Please answer: {question.label}"
    return sentence


def _text_problem(question: Question, typed: str) -> str:
    over = len(typed) - question.chars_max
    if over <= 0:
        return ""
    return f"Shorten this by {_counted(over, 'character')}; nothing was cut off."


def _long_text_problem(question: Question, typed: str) -> str:
    over = count_words(typed) - question.words_max if question.words_max else 0
    return f"Shorten this by {_counted(over, 'word')}; nothing was cut off." if over > 0 else ""


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _number_problem(question: Question, typed: str) -> str:
    value = read_number(typed)
    if value is None:
        return "Enter a number, such as 1200."
    return _range_problem(question, value, "")


def _money_problem(question: Question, typed: str) -> str:
    value = read_money(typed, question.currency)
    if value is None:
        return f"Enter an amount in {question.currency}, such as 12,500."
    if question.least is None and value.minor <= 0:
        return "Enter an amount above zero."
    return _range_problem(question, value.amount, f"{question.currency} ")


def _range_problem(question: Question, value: Decimal, unit: str) -> str:
    if question.least is not None and value < question.least:
        return f"This must be at least {unit}{question.least:,}."
    if question.most is not None and value > question.most:
        return f"This can be at most {unit}{question.most:,}."
    return ""


def _choice_problem(question: Question, typed: str) -> str:
    offered = {value for value, _ in question.choices} or {"yes", "no"}
    return "" if typed.strip() in offered else "Choose one of the answers that are offered."


def _date_problem(_question: Question, typed: str) -> str:
    return "" if read_date(typed) else "Enter a date, such as 2027-03-31."


_CHECKS = {
    Kind.TEXT: _text_problem,
    Kind.LONG_TEXT: _long_text_problem,
    Kind.NUMBER: _number_problem,
    Kind.MONEY: _money_problem,
    Kind.CHOICE: _choice_problem,
    Kind.YES_NO: _choice_problem,
    Kind.DATE: _date_problem,
}
