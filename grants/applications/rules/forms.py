"""A form as it is stored: sections, questions, and when each is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from grants.errors import Malformed
from grants.money import is_currency


class Kind(StrEnum):
    """What a question asks for."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    CHOICE = "choice"
    YES_NO = "yes_no"
    DATE = "date"
    FILE = "file"
    BUDGET_TABLE = "budget_table"


class BadForm(Malformed):
    """The form cannot be used: {what}."""


#: The harmonised expenditure categories of the UN development group.
BUDGET_CATEGORIES: Final = (
    ("1", "Staff and other personnel"),
    ("2", "Supplies, commodities, materials"),
    ("3", "Equipment, vehicles and furniture"),
    ("4", "Contractual services"),
    ("5", "Travel"),
    ("6", "Transfers and grants to counterparts"),
    ("7", "General operating and other direct costs"),
    ("8", "Indirect support costs"),
)

#: What the fund itself reads from an application.
PURPOSES: Final = ("title", "amount")

_PURPOSE_KINDS: Final = {
    "title": {Kind.TEXT},
    "amount": {Kind.MONEY, Kind.BUDGET_TABLE},
}


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question. `purpose` marks the ones that the fund itself reads: title, amount."""

    key: str
    kind: Kind
    label: str
    help: str = ""
    is_required: bool = True
    words_max: int | None = None
    chars_max: int = 500
    least: int | None = None
    most: int | None = None
    currency: str = "USD"
    choices: tuple[tuple[str, str], ...] = ()
    shown_if_key: str = ""
    shown_if_values: tuple[str, ...] = ()
    purpose: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A page of the form."""

    key: str
    title: str
    intro: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, kw_only=True)
class Form:
    """A whole form: its sections in order, and how long they take to answer."""

    title: str
    sections: tuple[Section, ...]
    minutes: int | None = None

    def questions(self) -> Iterator[Question]:
        for section in self.sections:
            yield from section.questions

    def question(self, key: str) -> Question | None:
        return next((question for question in self.questions() if question.key == key), None)

    def section(self, key: str) -> Section | None:
        return next((section for section in self.sections if section.key == key), None)

    def section_of(self, question_key: str) -> Section | None:
        """The section that asks a question."""
        for section in self.sections:
            if any(question.key == question_key for question in section.questions):
                return section
        return None

    def with_purpose(self, purpose: str) -> Question | None:
        """The question whose answer the fund reads as its title or its amount."""
        return next((each for each in self.questions() if each.purpose == purpose), None)


_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_FORM_WORDS = {"title", "minutes", "sections"}
_SECTION_WORDS = {"key", "title", "intro", "questions"}
_QUESTION_WORDS = {
    *("key", "kind", "label", "help", "required", "words_max", "chars_max", "least", "most"),
    *("currency", "choices", "shown_if", "purpose"),
}


def parse_form(definition: Mapping[str, Any]) -> Form:
    """Read a stored definition. Refuses with BadForm what could not be asked or answered."""
    _check_words(definition, _FORM_WORDS, "the form")
    sections = tuple(_section(raw) for raw in definition.get("sections", ()))
    form = Form(
        title=str(definition.get("title", "")),
        sections=sections,
        minutes=_whole(definition, "minutes", "the form"),
    )
    if not sections:
        raise BadForm(what="it has no sections")
    if len({section.key for section in sections}) != len(sections):
        raise BadForm(what="two sections have the same key")
    seen: dict[str, Question] = {}
    for question in form.questions():
        if question.key in seen:
            raise BadForm(what=f"two questions are called {question.key}")
        _check_condition(question, seen)
        _check_purpose(question, seen)
        seen[question.key] = question
    return form


def _section(raw: Mapping[str, Any]) -> Section:
    key = _key(raw)
    _check_words(raw, _SECTION_WORDS, key)
    questions = tuple(_question(each) for each in raw.get("questions", ()))
    if not questions:
        raise BadForm(what=f"the section {key} asks nothing")
    return Section(
        key=key,
        title=str(raw.get("title", key)),
        intro=str(raw.get("intro", "")),
        questions=questions,
    )


def _question(raw: Mapping[str, Any]) -> Question:
    key = _key(raw)
    _check_words(raw, _QUESTION_WORDS, key)
    try:
        kind = Kind(raw["kind"])
    except (KeyError, ValueError) as error:
        raise BadForm(what=f"{key} is of no known kind") from error
    currency = str(raw.get("currency", "USD"))
    if not is_currency(currency):
        raise BadForm(what=f"{currency} of {key} is not a currency")
    condition = raw.get("shown_if") or {}
    return Question(
        key=key,
        kind=kind,
        label=str(raw.get("label", key)),
        help=str(raw.get("help", "")),
        is_required=bool(raw.get("required", True)),
        words_max=_whole(raw, "words_max", key),
        chars_max=_whole(raw, "chars_max", key) or 500,
        least=_whole(raw, "least", key),
        most=_whole(raw, "most", key),
        currency=currency,
        choices=_choices(raw, key, kind),
        shown_if_key=str(condition.get("question", "")),
        shown_if_values=tuple(str(value) for value in condition.get("values", ())),
        purpose=str(raw.get("purpose", "")),
    )


def _choices(raw: Mapping[str, Any], key: str, kind: Kind) -> tuple[tuple[str, str], ...]:
    choices = tuple((str(value), str(label)) for value, label in raw.get("choices", ()))
    if len({value for value, _ in choices}) != len(choices):
        raise BadForm(what=f"{key} offers the same choice twice")
    if kind is Kind.CHOICE and len(choices) < 2:
        raise BadForm(what=f"{key} offers fewer than two choices")
    if kind is Kind.BUDGET_TABLE and not choices:
        return BUDGET_CATEGORIES
    return choices


def _key(raw: Mapping[str, Any]) -> str:
    key = str(raw.get("key", ""))
    if not _KEY.fullmatch(key):
        raise BadForm(what=f"{key!r} is no key: use small letters, digits and underscores")
    return key


def _whole(raw: Mapping[str, Any], name: str, key: str) -> int | None:
    value = raw.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise BadForm(what=f"{name} of {key} is not a whole number")


def _check_words(raw: Mapping[str, Any], known: set[str], key: str) -> None:
    unknown = sorted(set(raw) - known)
    if unknown:
        raise BadForm(what=f"{unknown[0]} means nothing in {key}")


def _check_condition(question: Question, before: Mapping[str, Question]) -> None:
    if not question.shown_if_key:
        return
    asked = before.get(question.shown_if_key)
    if asked is None:
        raise BadForm(what=f"{question.key} depends on a question that does not come before it")
    offered = {"yes", "no"} if asked.kind is Kind.YES_NO else {value for value, _ in asked.choices}
    if not offered or not set(question.shown_if_values) <= offered or not question.shown_if_values:
        raise BadForm(what=f"{question.key} depends on an answer that {asked.key} does not offer")


def _check_purpose(question: Question, before: Mapping[str, Question]) -> None:
    if not question.purpose:
        return
    if question.kind not in _PURPOSE_KINDS.get(question.purpose, set()):
        raise BadForm(what=f"{question.key} cannot serve as {question.purpose}")
    if question.purpose == "amount" and question.currency != "USD":
        raise BadForm(what=f"{question.key} is read as the amount, so it is asked in US dollars")
    if any(each.purpose == question.purpose for each in before.values()):
        raise BadForm(what=f"two questions serve as {question.purpose}")
