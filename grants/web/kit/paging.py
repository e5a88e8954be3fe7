"""Lists that are bounded, with their page, order and filters in the URL.

Whatever stands in the URL that the list does not know falls back to the default: a link that
somebody typed or kept from last year shows a list, never an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil
from typing import Generic, TypeVar
from urllib.parse import urlencode

from flask import request
from werkzeug.datastructures import MultiDict

PER_PAGE_MAX = 200
PAGE_MAX = 10_000
TEXT_MAX = 200

RowT = TypeVar("RowT")
FilterValue = str | date | None


@dataclass(frozen=True)
class Filter:
    """One control of the filter bar: free text, a choice, or a date."""

    name: str
    label: str
    kind: str = "choice"
    choices: Sequence[tuple[str, str]] = ()

    def read(self, typed: str) -> FilterValue:
        """The value as the query takes it; what it cannot be is empty."""
        typed = typed.strip()[:TEXT_MAX]
        if self.kind == "date":
            return _date(typed)
        if self.kind == "choice":
            return typed if typed in {value for value, _ in self.choices} else ""
        return typed

    def words(self, value: FilterValue) -> str:
        """The chosen value as its label says it."""
        for key, label in self.choices:
            if key == value:
                return str(label)
        return str(value)


@dataclass(frozen=True)
class ListState:
    """What the URL asks of a list: which page, in which order, narrowed by what."""

    spec: ListSpec
    page: int
    per_page: int
    sort: str
    is_descending: bool
    values: Mapping[str, FilterValue]

    @property
    def limit(self) -> int:
        return self.per_page

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.per_page

    @property
    def active(self) -> list[tuple[Filter, FilterValue]]:
        """The filters that narrow the list at present."""
        return [(each, self.values[each.name]) for each in self.spec.filters if self._is_set(each)]

    def sort_param(self, name: str) -> str:
        """What the column's head should ask for: the other way round when it is the order now."""
        return f"-{name}" if self.sort == name and not self.is_descending else name

    def direction(self, name: str) -> str:
        """The `aria-sort` of a column."""
        if self.sort != name:
            return "none"
        return "descending" if self.is_descending else "ascending"

    def _is_set(self, each: Filter) -> bool:
        return self.values[each.name] not in {"", None}


@dataclass(frozen=True)
class ListSpec:
    """What a list can be sorted and filtered by. `default` is a sort, `-` in front descends."""

    sorts: Sequence[str] = ()
    default: str = ""
    per_page: int = 50
    filters: Sequence[Filter] = field(default=())

    def read(self, args: MultiDict[str, str] | None = None) -> ListState:
        """The state that the URL asks for, within bounds."""
        given = request.args if args is None else args
        asked = given.get("sort", "")
        if asked.removeprefix("-") not in self.sorts:
            asked = self.default
        return ListState(
            spec=self,
            page=_whole(given.get("page", ""), 1, PAGE_MAX),
            per_page=min(self.per_page, PER_PAGE_MAX),
            sort=asked.removeprefix("-"),
            is_descending=asked.startswith("-"),
            values={each.name: each.read(given.get(each.name, "")) for each in self.filters},
        )


@dataclass(frozen=True)
class Page(Generic[RowT]):
    """The rows of one page and where it lies in the whole list."""

    rows: Sequence[RowT]
    state: ListState
    total: int | None = None
    has_more: bool = False

    @classmethod
    def of(
        cls,
        rows: Sequence[RowT],
        state: ListState,
        *,
        total: int | None = None,
        has_more: bool = False,
    ) -> Page[RowT]:
        """A page of at most `state.limit` rows; `total` or `has_more` says what follows."""
        if total is not None:
            has_more = state.offset + len(rows) < total
        return cls(rows=rows[: state.limit], state=state, total=total, has_more=has_more)

    @property
    def number(self) -> int:
        return self.state.page

    @property
    def first(self) -> int:
        return self.state.offset + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return self.state.offset + len(self.rows)

    @property
    def pages(self) -> int | None:
        """How many pages there are, when the total is known."""
        if self.total is None:
            return None
        return max(1, ceil(self.total / self.state.per_page))

    @property
    def numbers(self) -> list[int | None]:
        """Page numbers to show; None stands for those left out."""
        if self.pages is None:
            return [self.number]
        near = range(max(1, self.number - 1), min(self.pages, self.number + 1) + 1)
        wanted = sorted({1, self.pages, *near})
        shown: list[int | None] = []
        for before, number in zip([0, *wanted], wanted, strict=False):
            if number - before > 1:
                shown.append(None)
            shown.append(number)
        return shown


def url_with(**changes: object) -> str:
    """This page's URL with some of its query changed; None takes a part out.

    Changing anything but the page leads back to the first page.
    """
    query = request.args.copy()
    if "page" not in changes:
        query.poplist("page")
    for name, value in changes.items():
        query.poplist(name)
        if value is not None:
            query[name] = str(value)
    pairs = urlencode(list(query.items(multi=True)))
    return f"{request.path}?{pairs}" if pairs else request.path


def _whole(typed: str, least: int, most: int) -> int:
    if not (typed.isascii() and typed.isdigit()) or len(typed) > 9:
        return least
    return min(max(int(typed), least), most)


def _date(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
