"""Fields that hold money: an amount, and a budget of many amounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from wtforms import Form
from wtforms.validators import StopValidation

from grants.money import Money, NotMoney, decimals
from grants.web.kit.choice_fields import options_of
from grants.web.kit.fields import KitField
from grants.web.kit.parts import BudgetCell, BudgetRow, Option

ROWS_MAX = 200


class MoneyField(KitField):
    """An exact amount in the field's currency, or in one of `currencies` to choose from."""

    part = "money"

    def __init__(
        self,
        label: object = "",
        *,
        currency: str = "USD",
        currencies: Sequence[str] = (),
        may_be_zero: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(label, **options)
        self.currencies = list(currencies)
        self.currency = currencies[0] if currencies and currency not in currencies else currency
        self.may_be_zero = may_be_zero

    def process(self, formdata: Any, *given: Any, **options: Any) -> None:
        chosen = formdata.get(f"{self.name}-currency") if formdata is not None else None
        self._chosen = chosen if chosen in self.currencies else ""
        super().process(formdata, *given, **options)

    def process_data(self, value: object) -> None:
        self.data = value if isinstance(value, Money) else None
        if self.data is not None:
            self.currency = self.data.currency

    def read(self, typed: str) -> Money | None:
        self.currency = self._chosen or self.currency
        return read_money(typed, self.currency) if typed else None

    @property
    def typed(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data.amount:f}" if self.data is not None else ""

    @property
    def is_blank(self) -> bool:
        return self.data is None

    def check(self) -> None:
        if self.data.minor < 0 or (self.data.minor == 0 and not self.may_be_zero):
            raise ValueError(_("Enter an amount above zero."))


@dataclass(frozen=True)
class BudgetLine:
    """One line of a budget: what for, and how much from each source."""

    category: str
    description: str
    amounts: dict[str, Money]


class BudgetField(KitField):
    """A table of lines with one amount in each column; rows left empty are dropped.

    Without JavaScript a button asks the server for more rows (`add_row`); `Form` handles it.
    """

    part = "budget"

    def __init__(
        self,
        label: object = "",
        *,
        currency: str = "USD",
        columns: Sequence[tuple[str, object]] = (),
        categories: Sequence[tuple[str, object] | Option] = (),
        rows: int = 5,
        **options: Any,
    ) -> None:
        super().__init__(label, **options)
        self.currency = currency
        self.columns = list(columns) or [("amount", _("Amount"))]
        self.categories = categories
        self.rows_shown = rows
        self.rows: list[BudgetRow] = []

    @property
    def options(self) -> list[Option]:
        return options_of(self.categories)

    @property
    def totals(self) -> dict[str, Money]:
        """The sum of each column over the lines that could be read."""
        sums = {key: Money.zero(self.currency) for key, _label in self.columns}
        for line in self.data or ():
            for key, amount in line.amounts.items():
                sums[key] += amount
        return sums

    @property
    def target(self) -> str:
        for row in self.rows:
            for cell in row.cells:
                if cell.error:
                    return f"{self.id}-{cell.name}"
        return f"{self.id}-0-description"

    def process(self, formdata: Any, *given: Any, **options: Any) -> None:
        self.process_errors = []
        if formdata is not None and self.is_sent(formdata):
            self._read_rows(formdata)
        else:
            super().process(None, *given, **options)
            self.rows = [self._row_of(index, line) for index, line in enumerate(self.data)]
        self._pad(more=5 if self._wants_row(formdata) else 0)

    def is_sent(self, formdata: Any) -> bool:
        """Whether the request carries this table."""
        return f"{self.name}-0-description" in formdata

    def process_data(self, value: object) -> None:
        self.data = tuple(value) if isinstance(value, (list, tuple)) else ()

    def pre_validate(self, form: Form) -> None:
        if self.is_shown(form) and any(
            row.error or any(cell.error for cell in row.cells) for row in self.rows
        ):
            raise StopValidation(_("Some lines of the budget need attention."))
        super().pre_validate(form)

    def _read_rows(self, formdata: Any) -> None:
        lines, self.rows = [], []
        for index in range(ROWS_MAX):
            if f"{self.name}-{index}-description" not in formdata:
                break
            row, line = self._read_row(formdata, index)
            if line is not None or row.error or any(cell.typed for cell in row.cells):
                self.rows.append(row)
            if line is not None:
                lines.append(line)
        self.data = tuple(lines)

    def _read_row(self, formdata: Any, index: int) -> tuple[BudgetRow, BudgetLine | None]:
        def typed(name: str) -> str:
            return str(formdata.get(f"{self.name}-{index}-{name}", "")).strip()

        cells, amounts = [], {}
        for key, _label in self.columns:
            error = ""
            try:
                if typed(key):
                    amounts[key] = read_money(typed(key), self.currency)
            except ValueError as refused:
                error = str(refused)
            if key in amounts and amounts[key].minor < 0:
                error = _("Enter an amount of zero or more.")
            cells.append(BudgetCell(f"{index}-{key}", typed(key), error))
        description, category = typed("description"), typed("category")
        if category not in {option.value for option in self.options}:
            category = ""
        row_error = self._row_error(description, category, amounts)
        row = BudgetRow(index, category, description, cells, row_error)
        is_filled = bool(description or amounts)
        line = BudgetLine(category, description, amounts)
        return row, line if is_filled else None

    def _row_error(self, description: str, category: str, amounts: dict[str, Money]) -> str:
        if amounts and not description:
            return str(_("Say what this line is for."))
        if description and not amounts:
            return str(_("Give an amount for this line."))
        if amounts and self.categories and not category:
            return str(_("Choose a category for this line."))
        return ""

    def _row_of(self, index: int, line: BudgetLine) -> BudgetRow:
        cells = [
            BudgetCell(
                f"{index}-{key}", f"{line.amounts[key].amount:f}" if key in line.amounts else ""
            )
            for key, _label in self.columns
        ]
        return BudgetRow(index, line.category, line.description, cells)

    def _pad(self, more: int) -> None:
        wanted = min(max(self.rows_shown, len(self.rows) + 1) + more, ROWS_MAX)
        for index in range(len(self.rows), wanted):
            cells = [BudgetCell(f"{index}-{key}", "") for key, _label in self.columns]
            self.rows.append(BudgetRow(index, "", "", cells))
        # Rows left empty were dropped, so the controls are numbered anew.
        self.rows = [
            BudgetRow(
                index,
                row.category,
                row.description,
                [
                    BudgetCell(f"{index}-{key}", cell.typed, cell.error)
                    for (key, _label), cell in zip(self.columns, row.cells, strict=True)
                ],
                row.error,
            )
            for index, row in enumerate(self.rows)
        ]

    def _wants_row(self, formdata: Any) -> bool:
        return formdata is not None and formdata.get("add_row") == self.name


def read_money(typed: str, currency: str) -> Money:
    """The amount that a person typed. Refuses with a sentence that gives an example."""
    cleaned = typed.replace("\N{MINUS SIGN}", "-")
    if cleaned.upper().startswith(currency):
        cleaned = cleaned[len(currency) :]
    try:
        return Money.parse(cleaned, currency)
    except NotMoney:
        example = (
            "12,500" if decimals(currency) == 0 else f"12,500.{'5'.ljust(decimals(currency), '0')}"
        )
        raise ValueError(
            _(
                "Enter an amount in %(currency)s, such as %(example)s.",
                currency=currency,
                example=example,
            )
        ) from None
