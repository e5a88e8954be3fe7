"""A budget: lines of category, what for, quantity and unit cost; the totals are counted here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from grants.applications.rules.forms import Question
from grants.applications.rules.values import read_money, read_number
from grants.money import Money, NotMoney

#: The controls of one line, in their order.
CELLS: Final = ("category", "description", "quantity", "unit_cost")
ROWS_MAX: Final = 200

_WORD = re.compile(r"\w{3,}")
_CELL = re.compile(rf"(\d{{1,3}})-({'|'.join(CELLS)})")


@dataclass(frozen=True, kw_only=True)
class BudgetRow:
    """A line of a budget as typed; its total where quantity and unit cost can be read."""

    number: int
    category: str
    description: str
    quantity_typed: str
    unit_cost_typed: str
    quantity: Decimal | None
    unit_cost: Money | None
    total: Money | None


@dataclass(frozen=True, kw_only=True)
class CategoryTotal:
    """What a budget asks for in one category."""

    category: str
    name: str
    total: Money


def is_cell(question: Question, name: str) -> bool:
    """Whether a control of that name is a cell of this budget."""
    prefix = f"{question.key}-"
    if not name.startswith(prefix):
        return False
    cell = _CELL.fullmatch(name.removeprefix(prefix))
    return cell is not None and int(cell[1]) < ROWS_MAX and cell[1] == f"{int(cell[1])}"


def budget_rows(question: Question, answers: Mapping[str, str]) -> list[BudgetRow]:
    """The lines of a budget that hold anything, in their order. A category alone is nothing."""
    cells: dict[int, dict[str, str]] = {}
    for name, typed in answers.items():
        if is_cell(question, name):
            index, part = name.removeprefix(f"{question.key}-").split("-")
            cells.setdefault(int(index), {})[part] = typed.strip()
    rows = (_row(number, cell, question.currency) for number, cell in sorted(cells.items()))
    return [row for row in rows if row.description or row.quantity_typed or row.unit_cost_typed]


def budget_total(rows: Sequence[BudgetRow], currency: str) -> Money:
    """The sum of the lines that can be read."""
    minor = sum(row.total.minor for row in rows if row.total)
    try:
        return Money.of_minor(minor, currency)
    except NotMoney:
        return Money.zero(currency)


def category_totals(question: Question, rows: Sequence[BudgetRow]) -> list[CategoryTotal]:
    """The sums by category, in the order of the form, without those that ask for nothing."""
    return [
        CategoryTotal(category=category, name=name, total=budget_total(mine, question.currency))
        for category, name in question.choices
        if (mine := [row for row in rows if row.category == category])
    ]


def items_bought(question: Question, rows: Sequence[BudgetRow]) -> frozenset[str]:
    """What a budget would buy, as donors' exclusions look at it: categories, and every word."""
    names = dict(question.choices)
    found = {word for row in rows for word in _WORD.findall(row.description.casefold())}
    for row in rows:
        found |= {row.category, names.get(row.category, ""), row.description.casefold()}
    return frozenset(found - {""})


def budget_problem(question: Question, answers: Mapping[str, str]) -> str:
    """The first thing that is wrong with a budget; empty when nothing is."""
    for row in budget_rows(question, answers):
        line = row.number + 1
        if not row.description:
            return f"Say what line {line} of the budget is for."
        if row.category not in {value for value, _ in question.choices}:
            return f"Choose a category for line {line} of the budget."
        if row.quantity is None or row.quantity <= 0:
            return f"Give the quantity of line {line} of the budget as a number above zero."
        if row.unit_cost is None or row.unit_cost.minor < 0:
            return f"Give the unit cost of line {line} of the budget in {question.currency}."
        if row.total is None:
            return f"Line {line} of the budget is larger than can be counted."
    return ""


def _row(number: int, cell: Mapping[str, str], currency: str) -> BudgetRow:
    quantity = read_number(cell.get("quantity", ""))
    unit_cost = read_money(cell.get("unit_cost", ""), currency)
    return BudgetRow(
        number=number,
        category=cell.get("category", ""),
        description=cell.get("description", ""),
        quantity_typed=cell.get("quantity", ""),
        unit_cost_typed=cell.get("unit_cost", ""),
        quantity=quantity,
        unit_cost=unit_cost,
        total=_times(unit_cost, quantity),
    )


def _times(unit_cost: Money | None, quantity: Decimal | None) -> Money | None:
    if unit_cost is None or quantity is None or quantity <= 0 or unit_cost.minor < 0:
        return None
    try:
        return unit_cost.times(quantity)
    except NotMoney:
        return None
