"""Small frozen values that the macros of `templates/parts/` print.

Templates make them with the lower-case global of the same name (`col(...)`, `figure(...)`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from markupsafe import Markup

from grants.money import Money

#: What a component can print: it is escaped and formatted by its type.
Printable = str | int | Money | date | datetime | Markup | None


@dataclass(frozen=True)
class Link:
    """A label that leads somewhere."""

    label: str
    url: str


@dataclass(frozen=True)
class Crumb:
    """One step of the way from the desk's home to this page."""

    label: str
    url: str = ""


@dataclass(frozen=True)
class Figure:
    """A key figure; `url` opens the rows that make it."""

    label: str
    value: Printable
    note: str = ""
    url: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table. `sort` is its name in the URL; numbers and money stand at the end."""

    label: str
    sort: str = ""
    kind: str = "text"
    width: str = ""

    @property
    def is_numeric(self) -> bool:
        return self.kind in {"number", "money"}


@dataclass(frozen=True)
class Tab:
    """One tab of a record."""

    label: str
    url: str
    active: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Task:
    """One section of a task list and how far it is, in words."""

    label: str
    url: str
    state: str
    tone: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Answer:
    """A question and what was answered; `change_url` leads back to it."""

    label: str
    value: Printable | list[str]
    change_url: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Event:
    """Something that happened to a record, in words."""

    at: datetime | date
    words: str
    actor: str = ""
    note: str = ""
    tone: str = ""
    url: str = ""


@dataclass(frozen=True)
class Waiting:
    """Something that waits for the person who looks. Negative `days_left` is overdue."""

    title: str
    url: str
    reference: str = ""
    who: str = ""
    amount: Money | None = None
    due_on: date | None = None
    days_left: int | None = None
    state: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Option:
    """One answer of a choice, with an optional explanation below it."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class ErrorLine:
    """One line of the error summary and the control that it leads to."""

    target: str
    sentence: str


@dataclass(frozen=True)
class BudgetCell:
    """One amount typed into a budget table."""

    name: str
    typed: str
    error: str = ""


@dataclass(frozen=True)
class BudgetRow:
    """One line of a budget table as it was typed."""

    number: int
    category: str
    description: str
    cells: list[BudgetCell] = field(default_factory=list)
    error: str = ""
