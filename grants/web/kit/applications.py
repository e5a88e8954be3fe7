"""Applications in words: states, events and answers, as every desk shows them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from grants.applications import rules
from grants.applications.queries import Happening
from grants.applications.rules import BudgetRow, CategoryTotal, Form, Kind, Problem, Question
from grants.files.queries import OpenFile
from grants.money import Money
from grants.web.kit.formats import number
from grants.web.kit.parts import Event, Printable


@dataclass(frozen=True)
class StateWords:
    """A state as a tag, and who acts next."""

    words: object
    tone: str
    next: object = ""


STATES: Final = {
    "draft": StateWords(_l("Draft"), "accent", _l("You")),
    "submitted": StateWords(_l("Submitted"), "accent", _l("The Secretariat")),
    "eligible": StateWords(_l("Eligible"), "accent", _l("The Secretariat")),
    "ineligible": StateWords(_l("Not eligible"), "bad"),
    "in_review": StateWords(_l("In review"), "warn", _l("The reviewers")),
    "reviewed": StateWords(_l("To be decided"), "warn", _l("The approver")),
    "approved": StateWords(_l("Approved"), "good", _l("The Secretariat")),
    "declined": StateWords(_l("Not selected"), "bad"),
    "withdrawn": StateWords(_l("Withdrawn"), ""),
}

#: What the applicant reads about each state.
NEXT_STEPS: Final = {
    "draft": _l("Only your organisation can see it until you submit it."),
    "submitted": _l("The Secretariat checks whether it is eligible, and writes to you."),
    "eligible": _l("It is eligible. Independent reviewers read it next."),
    "ineligible": _l("It cannot be considered. The reason is below."),
    "in_review": _l("Independent reviewers are reading it. You need not do anything."),
    "reviewed": _l("It has been reviewed and is about to be decided. We write to you."),
    "approved": _l("The Secretariat prepares the grant agreement and sends it to you."),
    "declined": _l("It was not selected. The reason is below."),
    "withdrawn": _l("You took it back. It stays on record."),
}

RECOMMENDATIONS: Final = (
    ("fund", _l("Fund it")),
    ("fund_with_changes", _l("Fund it with changes")),
    ("do_not_fund", _l("Do not fund it")),
)

_EVENTS: Final = {
    "application.started": (_l("Draft begun"), ""),
    "application.submitted": (_l("Submitted"), "accent"),
    "application.withdrawn": (_l("Withdrawn"), "warn"),
    "application.approved": (_l("Approved"), "good"),
    "application.declined": (_l("Not selected"), "bad"),
    "review.assigned": (_l("Reviewer asked"), ""),
    "review.submitted": (_l("Review received"), ""),
    "review.closed": (_l("Reviewing closed"), ""),
}


@dataclass(frozen=True, kw_only=True)
class ToldBudget:
    """A budget for reading."""

    rows: Sequence[BudgetRow]
    names: Mapping[str, str]
    categories: Sequence[CategoryTotal]
    total: Money


@dataclass(frozen=True, kw_only=True)
class ToldAnswer:
    """A question and its answer, for reading. `kind` is that of the form."""

    key: str
    label: str
    kind: str
    value: Printable = None
    budget: ToldBudget | None = None
    file: OpenFile | None = None
    file_url: str = ""
    change_url: str = ""
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class ToldSection:
    """A section with the answers to what it asks."""

    key: str
    title: str
    answers: Sequence[ToldAnswer]


def told_sections(
    form: Form,
    answers: Mapping[str, str],
    files: Mapping[int, OpenFile],
    *,
    file_url: Callable[[int], str],
    change_url: Callable[[str, str], str] | None = None,
    problems: Sequence[Problem] = (),
) -> list[ToldSection]:
    """The answers for reading; what the answers so far do not ask is left out.

    `change_url` is given the keys of a section and of a question.
    """
    wrong = {problem.question: problem.sentence for problem in problems}

    def told(section_key: str, question: Question) -> ToldAnswer:
        file = _file(question, answers, files)
        is_open = rules.is_answered(question, answers)
        return ToldAnswer(
            key=question.key,
            label=question.label,
            kind=question.kind,
            value=_value(question, answers) if is_open else None,
            budget=_budget(question, answers),
            file=file,
            file_url=file_url(file.id) if file else "",
            change_url=change_url(section_key, question.key) if change_url else "",
            problem=wrong.get(question.key, ""),
        )

    return [
        ToldSection(
            key=section.key,
            title=section.title,
            answers=[
                told(section.key, question)
                for question in section.questions
                if rules.is_shown(form, question, answers)
            ],
        )
        for section in form.sections
    ]


def events_of(happenings: Sequence[Happening]) -> list[Event]:
    """A timeline, for the macro of that name."""
    return [_event(each) for each in happenings]


def printable(text: str) -> str:
    """The text with a mark in place of what a page cannot hold: control codes, lone surrogates."""
    if text.isprintable():
        return text
    return "".join("\ufffd" if _is_unprintable(letter) else letter for letter in text)


def limit_words(question: Question) -> str:
    """How long or large an answer may be, in words."""
    if question.kind is Kind.LONG_TEXT and question.words_max:
        return str(_("At most %(words)s words.", words=number(question.words_max)))
    if question.kind is Kind.TEXT:
        return str(_("At most %(number)s characters.", number=number(question.chars_max)))
    if question.kind in {Kind.NUMBER, Kind.MONEY}:
        return _range_words(question)
    return ""


def _range_words(question: Question) -> str:
    if question.least is not None and question.most is not None:
        return str(
            _(
                "From %(least)s to %(most)s.",
                least=number(question.least),
                most=number(question.most),
            )
        )
    return ""


def _event(happening: Happening) -> Event:
    words, tone = _EVENTS.get(happening.what, (happening.what.partition(".")[2], ""))
    note = happening.reason
    if happening.what == "application.screened":
        is_eligible = happening.outcome == "yes"
        words = _("Found eligible") if is_eligible else _("Found not eligible")
        tone = "good" if is_eligible else "bad"
    elif happening.what == "review.conflict_declared":
        is_conflict = happening.outcome == "yes"
        words = _("Conflict of interest declared") if is_conflict else _("No conflict declared")
        tone = "warn" if is_conflict else ""
    elif happening.what == "application.approved" and happening.outcome:
        words = _("Approved with %(amount)s", amount=happening.outcome)
    return Event(
        at=happening.at,
        words=str(words),
        actor=happening.who,
        note=printable(note),
        tone=tone,
    )


def _value(question: Question, answers: Mapping[str, str]) -> Printable:
    value = rules.shown_value(question, answers)
    if isinstance(value, str):
        return printable(value)
    return number(value) if isinstance(value, Decimal) else value


def _file(
    question: Question, answers: Mapping[str, str], files: Mapping[int, OpenFile]
) -> OpenFile | None:
    typed = answers.get(question.key, "")
    if question.kind is not Kind.FILE or not typed.isdigit():
        return None
    return files.get(int(typed))


def _budget(question: Question, answers: Mapping[str, str]) -> ToldBudget | None:
    if question.kind is not Kind.BUDGET_TABLE:
        return None
    rows = rules.budget_rows(question, answers)
    return ToldBudget(
        rows=rows,
        names=dict(question.choices),
        categories=rules.category_totals(question, rows),
        total=rules.budget_total(rows, question.currency),
    )


def _is_unprintable(letter: str) -> bool:
    if letter in "\t\n\r":
        return False
    code = ord(letter)
    return unicodedata.category(letter) in {"Cc", "Cs"} or (
        0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
    )
