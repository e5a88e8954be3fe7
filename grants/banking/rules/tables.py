"""Bank statements as CSV, by the layout of the bank: exact amounts, days without guessing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from grants.banking.rules.decoding import decoded
from grants.banking.rules.layouts import DELIMITERS, DateOrder, Layout
from grants.banking.rules.reading import (
    LINES_MAX,
    Findings,
    ReadFile,
    ReadLine,
    ReadStatement,
    Unreadable,
    reference_of,
    words_of,
)
from grants.money import Money, NotMoney, decimals

_DAY: Final = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})")
_NUMBER: Final = re.compile(r"[-+]?\d[\d.,]*")
_SIGNS_BEHIND: Final = re.compile(r"^(.*?)\s*(-|CR|DR|C|D)$", re.IGNORECASE)


class DaysAreUnclear(Unreadable):
    """The file cannot be read: {example} may be day or month first. Say it in the bank's layout."""


class NumbersAreUnclear(Unreadable):
    """The file cannot be read: {example} may be thousands or decimals. Say it in the layout."""


@dataclass(frozen=True)
class _Row:
    number: int
    cells: dict[str, str]

    def text(self, column: str) -> str:
        return self.cells.get(column, "").strip() if column else ""


@dataclass(frozen=True)
class _Habits:
    """How this file writes days and numbers."""

    day: Callable[[str], date]
    decimal_mark: str


def read_table(content: bytes, layout: Layout, currency: str, findings: Findings) -> ReadFile:
    """The one statement of a CSV file, in the currency of the account unless a column says so.

    Every row that cannot be read is an error with its number. Without a column of balances the
    statement has none. Refuses a file without the headings of the layout, and days or numbers
    that can be read in two ways.
    """
    text, encoding = decoded(content, findings)
    rows = _rows(text, layout)
    if not rows:
        raise Unreadable(what="it has a heading and no rows.")
    habits = _habits(rows, layout, currency)
    lines: list[ReadLine] = []
    balances: list[Money | None] = []
    for row in rows:
        try:
            line = _line(row, layout, habits, currency)
            balances.append(_balance(row, layout, habits, line.amount.currency))
            lines.append(line)
        except (ValueError, ArithmeticError) as error:
            findings.error(row.number, "bad_row", str(error).rstrip(".") + ".")
    for line in lines:
        if line.amount.currency != currency:
            what = f"The row is in {line.amount.currency}, the account in {currency}."
            findings.error(line.row, "currency_differs", what)
    if findings.errors or not lines:
        return ReadFile(format="CSV", encoding=encoding, statements=())
    statement = _statement(lines, balances, _account_in(rows, layout), currency, findings)
    return ReadFile(format="CSV", encoding=encoding, statements=(statement,))


def _statement(
    lines: list[ReadLine],
    balances: list[Money | None],
    account: str,
    currency: str,
    findings: Findings,
) -> ReadStatement:
    opening = closing = None
    known = [one for one in balances if one is not None]
    if len(known) == len(lines):
        if not _ties(lines, known) and _ties(lines[::-1], known[::-1]):
            lines, known = lines[::-1], known[::-1]
        opening, closing = known[0] - lines[0].amount, known[-1]
        for line, before, after in zip(lines[1:], known, known[1:], strict=False):
            if before + line.amount != after:
                what = f"The balance {after} is not the one before, {before}, and {line.amount}."
                findings.error(line.row, "balances_do_not_tie", what)
    elif lines[0].booked_on > lines[-1].booked_on:
        lines = lines[::-1]
    days = [line.booked_on for line in lines]
    return ReadStatement(
        row=1,
        number="",
        account=account,
        currency=currency,
        from_on=min(days),
        to_on=max(days),
        opening=opening,
        closing=closing,
        lines=tuple(lines),
    )


def _ties(lines: Sequence[ReadLine], balances: Sequence[Money]) -> bool:
    """Whether each balance is the one before with the amount of its own line."""
    steps = zip(lines[1:], balances, balances[1:], strict=False)
    return all(before + line.amount == after for line, before, after in steps)


def _rows(text: str, layout: Layout) -> list[_Row]:
    lines = text.splitlines(keepends=True)[layout.skipped :]
    delimiter = layout.delimiter or _delimiter(lines[0] if lines else "", layout)
    reader = csv.reader(io.StringIO("".join(lines), newline=""), delimiter=delimiter, strict=True)
    found = []
    try:
        heading = [" ".join(name.split()) for name in next(reader, [])]
        _check_heading(heading, layout)
        for number, cells in enumerate(reader, layout.skipped + 2):
            if any(cell.strip() for cell in cells):
                found.append(_Row(number, dict(zip(heading, cells, strict=False))))
            if len(found) > LINES_MAX:
                raise Unreadable(what=f"it has more than {LINES_MAX:,} rows. Split it.")
    except csv.Error as error:
        raise Unreadable(what=f"line {reader.line_num + layout.skipped}: {error}.") from error
    return found


def _delimiter(heading: str, layout: Layout) -> str:
    """The mark by which the heading falls into the columns that are needed, or into the most."""
    for mark in DELIMITERS:
        cells = {" ".join(cell.split()).strip('"') for cell in heading.split(mark)}
        if set(layout.needed) <= cells:
            return mark
    return max(DELIMITERS, key=heading.count)


def _check_heading(heading: Sequence[str], layout: Layout) -> None:
    missing = [name for name in layout.needed if name not in heading]
    if missing:
        has = ", ".join(name[:40] for name in heading[:10] if name) or "none"
        what = f"the column {missing[0]!r} is missing. Its columns are: {has}."
        raise Unreadable(what=what)
    twice = next((name for name in layout.needed if heading.count(name) > 1), None)
    if twice:
        raise Unreadable(what=f"the column {twice!r} is there twice.")


def _line(row: _Row, layout: Layout, habits: _Habits, account_currency: str) -> ReadLine:
    currency = row.text(layout.currency).upper() or account_currency
    booked_on = habits.day(row.text(layout.booked_on))
    value = row.text(layout.value_on)
    return ReadLine(
        row=row.number,
        booked_on=booked_on,
        value_on=habits.day(value) if value else booked_on,
        amount=_amount(row, layout, habits, currency),
        reference=reference_of(row.text(layout.reference)),
        end_to_end=reference_of(row.text(layout.end_to_end)),
        other_party=words_of(row.text(layout.other_party)),
        other_account=words_of(row.text(layout.other_account)),
        words=words_of(*(row.text(name) for name in layout.words)),
        code=row.text(layout.code),
    )


def _amount(row: _Row, layout: Layout, habits: _Habits, currency: str) -> Money:
    if layout.amount:
        amount = _money(row.text(layout.amount), habits, currency)
        is_out = row.text(layout.direction).upper() in layout.out_words
        if layout.direction and amount.minor < 0:
            raise ValueError(f"{amount} is below nothing, and its direction stands beside it")
        return -amount if is_out else amount
    texts = [row.text(layout.credit), row.text(layout.debit)]
    came, went = (_money(one, habits, currency) if one else Money.zero(currency) for one in texts)
    if bool(came) == bool(went):
        raise ValueError("the row has neither or both of money in and money out")
    if came.minor < 0:
        raise ValueError(f"{came} came in: that is below nothing")
    # Some banks write what went out with a minus, others without.
    return came or (went if went.minor < 0 else -went)


def _money(text: str, habits: _Habits, currency: str) -> Money:
    """An amount as the file writes it: with a sign before or behind, or in brackets."""
    plain = text.replace("\N{MINUS SIGN}", "-")
    for gap in (
        " ",
        "\N{NO-BREAK SPACE}",
        "\N{NARROW NO-BREAK SPACE}",
        "'",
        "\N{RIGHT SINGLE QUOTATION MARK}",
    ):
        plain = plain.replace(gap, "")
    is_below = plain.startswith("(") and plain.endswith(")")
    plain = plain.strip("()")
    behind = _SIGNS_BEHIND.match(plain)
    if behind:
        plain, is_below = behind[1], behind[2].upper() in {"-", "DR", "D"}
    if not _NUMBER.fullmatch(plain):
        raise ValueError(f"{text!r} is not an amount")
    thousands = "," if habits.decimal_mark == "." else "."
    whole, _, part = plain.replace(thousands, "").partition(habits.decimal_mark)
    try:
        amount = Money(Decimal(f"{whole}.{part or '0'}"), currency)
    except NotMoney as error:
        raise ValueError(str(error)) from error
    return -amount if is_below else amount


def _balance(row: _Row, layout: Layout, habits: _Habits, currency: str) -> Money | None:
    text = row.text(layout.balance)
    return _money(text, habits, currency) if text else None


def _account_in(rows: Sequence[_Row], layout: Layout) -> str:
    said = {row.text(layout.account) for row in rows} - {""}
    if len(said) > 1:
        raise Unreadable(what="it holds several accounts. Export one at a time.")
    return said.pop() if said else ""


def _habits(rows: Sequence[_Row], layout: Layout, currency: str) -> _Habits:
    days = [row.text(column) for row in rows for column in (layout.booked_on, layout.value_on)]
    numbers = [row.text(column) for row in rows for column in (*layout.amounts, layout.balance)]
    order = layout.date_order or _date_order([day for day in days if day])
    mark = layout.decimal_mark or _decimal_mark([one for one in numbers if one], decimals(currency))
    return _Habits(day=lambda text: _day(text, order), decimal_mark=mark)


def _date_order(days: Sequence[str]) -> DateOrder:
    """The one order in which all the days are days. Refuses where two are possible."""
    parts = [found.groups() for day in days if (found := _DAY.match(day))]
    if any(len(one[0]) == 4 for one in parts):
        return DateOrder.YEAR_FIRST
    is_day_first = any(int(one[0]) > 12 for one in parts)
    is_month_first = any(int(one[1]) > 12 for one in parts)
    dotted = any("." in day for day in days)
    if is_day_first or dotted:
        return DateOrder.DAY_FIRST
    if is_month_first:
        return DateOrder.MONTH_FIRST
    if any(one[0] != one[1] for one in parts):
        raise DaysAreUnclear(example=days[0])
    return DateOrder.DAY_FIRST


def _day(text: str, order: DateOrder) -> date:
    found = _DAY.match(text)
    if not found:
        raise ValueError(f"{text!r} is not a day")
    one, two, three = (int(part) for part in found.groups())
    year, month, day = {
        DateOrder.YEAR_FIRST: (one, two, three),
        DateOrder.MONTH_FIRST: (three, one, two),
    }.get(order, (three, two, one))
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a day") from error


def _decimal_mark(numbers: Sequence[str], places: int) -> str:
    """The mark that can only be a decimal one. Refuses where `1,234` of dollars stands alone."""
    unclear = ""
    for number in numbers:
        comma, point = number.rfind(","), number.rfind(".")
        if comma >= 0 and point >= 0:
            return "," if comma > point else "."
        mark = "," if comma >= 0 else "." if point >= 0 else ""
        if not mark:
            continue
        if number.count(mark) > 1:
            return "." if mark == "," else ","
        digits = re.match(r"\d*", number[max(comma, point) + 1 :])
        if digits and len(digits[0]) != 3:
            return mark
        unclear = number
    if not unclear:
        return "."
    mark = "," if "," in unclear else "."
    if places == 3:
        return mark
    if places == 0:
        return "." if mark == "," else ","
    raise NumbersAreUnclear(example=unclear)
