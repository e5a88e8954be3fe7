"""A form as it is stored: sections, questions, and when each is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from grants.errors import Malformed


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
    """A whole form: its sections in order."""

    title: str
    sections: tuple[Section, ...]

    def questions(self) -> Iterator[Question]:
        for section in self.sections:
            yield from section.questions

    def question(self, key: str) -> Question | None:
        return next((question for question in self.questions() if question.key == key), None)

    def section(self, key: str) -> Section | None:
        return next((section for section in self.sections if section.key == key), None)

    def with_purpose(self, purpose: str) -> Question | None:
        """The question whose answer the fund reads as its title or its amount."""
        return next((each for each in self.questions() if each.purpose == purpose), None)


_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_KEEPS_CHOICES = {Kind.CHOICE}


def parse_form(definition: Mapping[str, Any]) -> Form:
    """Read a stored definition. Refuses with BadForm what could not be asked or answered."""
    sections = tuple(_section(raw) for raw in definition.get("sections", ()))
    form = Form(title=str(definition.get("title", "")), sections=sections)
    if not sections:
        raise BadForm(what="it has no sections")
    seen: dict[str, Question] = {}
    for question in form.questions():
        if question.key in seen:
            raise BadForm(what=f"two questions are called {question.key}")
        _check_condition(question, seen)
        seen[question.key] = question
    return form


def _section(raw: Mapping[str, Any]) -> Section:
    questions = tuple(_question(each) for each in raw.get("questions", ()))
    key = _key(raw)
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
    try:
        kind = Kind(raw["kind"])
    except (KeyError, ValueError) as error:
        raise BadForm(what=f"{key} is of no known kind") from error
    choices = tuple((str(value), str(label)) for value, label in raw.get("choices", ()))
    if kind in _KEEPS_CHOICES and len(choices) < 2:
        raise BadForm(what=f"{key} offers fewer than two choices")
    condition = raw.get("shown_if") or {}
    return Question(
        key=key,
        kind=kind,
        label=str(raw.get("label", key)),
        help=str(raw.get("help", "")),
        is_required=bool(raw.get("required", True)),
        words_max=raw.get("words_max"),
        chars_max=int(raw.get("chars_max", 500)),
        least=raw.get("least"),
        most=raw.get("most"),
        currency=str(raw.get("currency", "USD")),
        choices=choices,
        shown_if_key=str(condition.get("question", "")),
        shown_if_values=tuple(str(value) for value in condition.get("values", ())),
        purpose=str(raw.get("purpose", "")),
    )


def _key(raw: Mapping[str, Any]) -> str:
    key = str(raw.get("key", ""))
    if not _KEY.fullmatch(key):
        raise BadForm(what=f"{key!r} is no key: use small letters, digits and underscores")
    return key


def _check_condition(question: Question, before: Mapping[str, Question]) -> None:
    if not question.shown_if_key:
        return
    asked = before.get(question.shown_if_key)
    if asked is None:
        raise BadForm(what=f"{question.key} depends on a question that does not come before it")
    offered = {"yes", "no"} if asked.kind is Kind.YES_NO else {value for value, _ in asked.choices}
    if not offered or not set(question.shown_if_values) <= offered or not question.shown_if_values:
        raise BadForm(what=f"{question.key} depends on an answer that {asked.key} does not offer")
