"""A section of a stored form as controls, filled with what was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from grants.applications import rules
from grants.applications.queries import SectionPage
from grants.applications.rules import Kind, Problem, Question
from grants.files.queries import OpenFile
from grants.money import Money, decimals
from grants.web.kit.applications import limit_words, printable
from grants.web.kit.fields import KitField
from grants.web.kit.forms import (
    ChoiceField,
    DateField,
    DecimalField,
    LongTextField,
    MoneyField,
    TextField,
    UploadField,
    YesNoField,
    make_form,
)
from grants.web.kit.parts import ErrorLine

ROWS_SHOWN: Final = 5
ROWS_MORE: Final = 5
CHARS_MAX: Final = 20_000
RADIOS_MAX: Final = 7
ENDINGS: Final = (".pdf", ".docx", ".xlsx", ".odt", ".ods", ".csv", ".jpg", ".jpeg", ".png")


@dataclass(frozen=True, kw_only=True)
class BudgetLine:
    """A line of a budget as it stands in its controls."""

    number: int
    category: str
    description: str
    quantity: str
    unit_cost: str
    total: Money | None


@dataclass(frozen=True, kw_only=True)
class BudgetControl:
    """A budget as controls: one line for each row, and what they add up to."""

    name: str
    label: str
    hint: str
    currency: str
    places: int
    shown_if: str
    error: str
    is_required: bool
    choices: Sequence[tuple[str, str]]
    lines: Sequence[BudgetLine]
    total: Money


@dataclass(frozen=True, kw_only=True)
class Control:
    """One question as it is drawn: a field of the kit or a budget."""

    key: str
    field: KitField | None = None
    budget: BudgetControl | None = None
    file: OpenFile | None = None


@dataclass(kw_only=True)
class SectionForm:
    """The controls of a section, and what the error summary says about them."""

    controls: list[Control]
    version: int
    takes_files: bool
    #: What was refused, before anything about single answers.
    refusals: list[str] = field(default_factory=list)
    problem_lines: list[ErrorLine] = field(default_factory=list)

    @property
    def error_lines(self) -> list[ErrorLine]:
        return [*(ErrorLine("", refusal) for refusal in self.refusals), *self.problem_lines]


def section_form(
    page: SectionPage,
    typed: Mapping[str, str] | None = None,
    *,
    version: int | None = None,
    problems: Sequence[Problem] | None = None,
    rows: int = 0,
) -> SectionForm:
    """The section's controls; `typed` stands in them instead of what is saved.

    `problems` are written at their questions; without them, what is wrong with the answers.
    """
    answers = {**page.case.answers, **(typed or {})}
    shown = {name: printable(text) for name, text in answers.items()}
    wrong = {
        each.question: each.sentence for each in (page.flaws if problems is None else problems)
    }
    keys = {question.key for question in page.section.questions}
    asked = [
        question
        for question in page.section.questions
        if question.shown_if_key in keys or rules.is_shown(page.case.form, question, answers)
    ]
    fields = _fields([each for each in asked if each.kind is not Kind.BUDGET_TABLE], keys, shown)
    controls = [
        _control(page, question, fields, shown, keys=keys, rows=rows, error=wrong.get(question.key))
        for question in asked
    ]
    return SectionForm(
        controls=controls,
        version=page.case.revision if version is None else version,
        takes_files=any(question.kind is Kind.FILE for question in asked),
        problem_lines=[
            ErrorLine(_target(control), _named(control, wrong[control.key]))
            for control in controls
            if control.key in wrong
        ],
    )


def rows_in(page: SectionPage, name: str) -> int:
    """How many rows of a budget its controls show."""
    question = page.case.form.question(name)
    if question is None or question.kind is not Kind.BUDGET_TABLE:
        return 0
    rows = rules.budget_rows(question, page.case.answers)
    return _row_count(rows, 0)


def _row_count(rows: Sequence[rules.BudgetRow], wanted: int) -> int:
    last = rows[-1].number if rows else -1
    return min(max(ROWS_SHOWN, last + 2, wanted), 200)


def _fields(
    questions: Sequence[Question], keys: set[str], shown: Mapping[str, str]
) -> dict[str, KitField]:
    made = make_form({question.key: _field(question, keys, shown) for question in questions})
    form = made(formdata=MultiDict({name: text for name, text in shown.items() if text}))
    return {question.key: form[question.key] for question in questions}


def _field(question: Question, keys: set[str], shown: Mapping[str, str]) -> KitField:
    words: dict[str, Any] = {
        "hint": " ".join(part for part in (question.help, limit_words(question)) if part),
        "is_needed": question.is_required,
        "shown_if": _shown_if(question, keys),
    }
    label, typed = question.label, shown.get(question.key, "")
    made: KitField
    match question.kind:
        case Kind.LONG_TEXT:
            words["hint"] = question.help
            rows = min(max(4, (question.words_max or 200) // 40), 12)
            made = LongTextField(label, words_max=question.words_max or 0, rows=rows, **words)
        case Kind.NUMBER:
            made = DecimalField(label, places=6, **words)
        case Kind.MONEY:
            made = MoneyField(label, currency=question.currency, **words)
        case Kind.CHOICE:
            look = "radios" if len(question.choices) <= RADIOS_MAX else "select"
            made = ChoiceField(label, choices=question.choices, look=look, **words)
        case Kind.YES_NO:
            made = YesNoField(label, **words)
        case Kind.DATE if not typed or rules.value_of(question, {question.key: typed}):
            made = DateField(label, **words)
        case Kind.DATE:
            # What is no date stays to be seen, which the browser's own control would not do.
            made = TextField(label, width="medium", **words)
        case Kind.FILE:
            made = UploadField(label, accept=ENDINGS, **words)
        case _:
            made = TextField(label, chars_max=CHARS_MAX, **words)
    return made


def _control(
    page: SectionPage,
    question: Question,
    fields: Mapping[str, KitField],
    shown: Mapping[str, str],
    *,
    keys: set[str],
    rows: int,
    error: str | None,
) -> Control:
    if question.kind is Kind.BUDGET_TABLE:
        budget = _budget(question, shown, keys=keys, rows=rows, error=error or "")
        return Control(key=question.key, budget=budget)
    made = fields[question.key]
    made.process_errors = []
    made.errors = [error] if error else []
    file = None
    if isinstance(made, UploadField):
        typed = page.case.answers.get(question.key, "")
        file = page.case.files.get(int(typed)) if typed.isdigit() else None
        made.data = None
        made.kept = file.name if file else ""
    return Control(key=question.key, field=made, file=file)


def _budget(
    question: Question, shown: Mapping[str, str], *, keys: set[str], rows: int, error: str
) -> BudgetControl:
    held = rules.budget_rows(question, shown)
    totals = {row.number: row.total for row in held}

    def line(number: int) -> BudgetLine:
        def cell(name: str) -> str:
            return shown.get(f"{question.key}-{number}-{name}", "")

        return BudgetLine(
            number=number,
            category=cell("category"),
            description=cell("description"),
            quantity=cell("quantity"),
            unit_cost=cell("unit_cost"),
            total=totals.get(number),
        )

    return BudgetControl(
        name=question.key,
        label=question.label,
        hint=question.help or str(_("Quantity times unit cost makes the total of a line.")),
        currency=question.currency,
        places=decimals(question.currency),
        shown_if=_shown_if(question, keys),
        error=error,
        is_required=question.is_required,
        choices=question.choices,
        lines=[line(number) for number in range(_row_count(held, rows))],
        total=rules.budget_total(held, question.currency),
    )


def _shown_if(question: Question, keys: set[str]) -> str:
    if question.shown_if_key not in keys:
        return ""
    return f"{question.shown_if_key}:{'|'.join(question.shown_if_values)}"


def _named(control: Control, sentence: str) -> str:
    """What is wrong, with the question that it is about."""
    if control.budget is not None:
        label = control.budget.label
    else:
        assert control.field is not None
        label = str(control.field.label.text)
    return sentence if label in sentence else f"{label} {sentence}"


def _target(control: Control) -> str:
    if control.budget is not None:
        return f"{control.key}-0-description"
    assert control.field is not None
    return control.field.target
