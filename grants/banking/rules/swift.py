"""MT940: cut into messages here, each read by the mt-940 package with all that it can do."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from mt940.models import Transactions
from mt940.options import Options

from grants.banking.rules.decoding import decoded
from grants.banking.rules.reading import (
    Findings,
    ReadFile,
    ReadLine,
    ReadStatement,
    Unreadable,
    reference_of,
    words_of,
)
from grants.money import Money, NotMoney

#: It logs what it cannot read, with names and amounts: that belongs into the findings alone.
logging.getLogger("mt940").addHandler(logging.NullHandler())
logging.getLogger("mt940").propagate = False

_MESSAGE: Final = re.compile(r"^:20:", re.MULTILINE)
_LINE: Final = re.compile(r"^:61:")
#: Codes between slashes in the free text of Dutch, Nordic and other banks.
_SLASHED: Final = re.compile(r"/(EREF|ORDP|BENM|NAME|IBAN|REMI|USTD|CSTMRREF)/")
_OPENING: Final = ("final_opening_balance", "intermediate_opening_balance", "opening_balance")
_CLOSING: Final = ("final_closing_balance", "intermediate_closing_balance", "closing_balance")


@dataclass(frozen=True)
class _Message:
    """One message of the file, the line it begins on and those of its movements."""

    row: int
    text: str
    rows: tuple[int, ...]


def looks_like_mt940(text: str) -> bool:
    """Whether a text is MT940: it says so by the tags that each message has."""
    return bool(_MESSAGE.search(text)) and ":25:" in text


def read_mt940(content: bytes, findings: Findings) -> ReadFile:
    """The statements of an MT940 file; messages of several pages are statements that follow on.

    A message that cannot be read, or lacks a balance, is an error with its line.
    """
    text, encoding = decoded(content, findings)
    statements = []
    for message in _messages(text):
        read = _statement(message, findings)
        if read is not None:
            statements.append(read)
    if not statements and not findings.errors:
        raise Unreadable(what="it has no message (:20:) inside.")
    return ReadFile(format="MT940", encoding=encoding, statements=tuple(statements))


def _messages(text: str) -> Iterator[_Message]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    starts = [number for number, line in enumerate(lines) if line.startswith(":20:")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        own = [line for line in lines[start:end] if not line.startswith(("{", "-}"))]
        rows = [start + 1 + n for n, line in enumerate(lines[start:end]) if _LINE.match(line)]
        yield _Message(row=start + 1, text="\n".join(own), rows=tuple(rows))


def _statement(message: _Message, findings: Findings) -> ReadStatement | None:
    read = Transactions(options=Options.all())
    try:
        read.parse(message.text)
    except (RuntimeError, ValueError, ArithmeticError) as error:
        _tell_what_is_wrong(message, read, error, findings)
        return None
    opening, closing = (_balance(read.data, names) for names in (_OPENING, _CLOSING))
    for balance, name in ((opening, "opening balance (:60F:)"), (closing, "closing (:62F:)")):
        if balance is None:
            findings.error(message.row, "incomplete", f"The statement has no {name}.")
            return None
    try:
        return _made(message, read, opening, closing)
    except NotMoney as error:
        findings.error(message.row, "bad_amount", f"{error}.")
        return None


def _made(message: _Message, read: Transactions, opening: Any, closing: Any) -> ReadStatement:
    currency = opening.amount.currency
    lines = tuple(
        _line(row, one.data, currency) for row, one in zip(message.rows, read, strict=True)
    )
    days = [line.booked_on for line in lines]
    number = str(read.data.get("statement_number") or "")
    page = str(read.data.get("sequence_number") or "")
    return ReadStatement(
        row=message.row,
        number="/".join(part for part in (number, page) if part),
        account=" ".join(str(read.data.get("account_identification") or "").split()),
        currency=currency,
        from_on=min([*days, _plain(closing.date)] if days else [_plain(closing.date)]),
        to_on=max([*days, _plain(closing.date)]),
        opening=Money(opening.amount.amount, currency),
        closing=Money(closing.amount.amount, closing.amount.currency),
        lines=lines,
    )


def _line(row: int, said: dict[str, Any], currency: str) -> ReadLine:
    try:
        amount = Money(said["amount"].amount, currency)
    except NotMoney as error:
        raise NotMoney(f"line {row}: {error}") from error
    value_on = _plain(said["date"])
    free = str(said.get("transaction_details") or "")
    slashed = _by_slashes(free)
    own = reference_of(said.get("bank_reference"))
    ours = reference_of(said.get("customer_reference"))
    end_to_end = said.get("end_to_end_reference") or slashed.get("EREF") or ours
    words = (
        words_of(slashed.get("REMI") or slashed.get("USTD"))
        if slashed
        else words_of(said.get("purpose"), said.get("additional_purpose"), free)
    )
    return ReadLine(
        row=row,
        booked_on=_plain(said.get("entry_date") or value_on),
        value_on=value_on,
        amount=amount,
        reference=own,
        end_to_end=reference_of(end_to_end),
        other_party=words_of(said.get("applicant_name") or slashed.get("NAME")),
        other_account=words_of(said.get("applicant_iban") or slashed.get("IBAN")),
        words=words_of(words, ours, said.get("posting_text"), said.get("extra_details")),
        code=str(said.get("id") or ""),
        is_reversal=str(said.get("status") or "").upper().startswith("R"),
    )


def _by_slashes(text: str) -> dict[str, str]:
    """The parts of `/EREF/…/ORDP//NAME/…/REMI/…`, lines joined."""
    joined = text.replace("\n", "")
    parts = _SLASHED.split(joined)
    return {
        code: body.strip("/ ") for code, body in zip(parts[1::2], parts[2::2], strict=True) if body
    }


def _balance(said: dict[str, Any], names: Sequence[str]) -> Any:
    return next((said[name] for name in names if name in said), None)


def _plain(day: date) -> date:
    return date(day.year, day.month, day.day)


def _tell_what_is_wrong(
    message: _Message, read: Transactions, error: Exception, findings: Findings
) -> None:
    """The line of the movement that was being read, or that of the message."""
    reached = len(read.transactions)
    row = message.rows[min(reached, len(message.rows) - 1)] if message.rows else message.row
    if isinstance(error, RuntimeError) and len(error.args) == 3:
        tag, value = error.args[1], str(error.args[2])
        first = value.split("\n", maxsplit=1)[0][:60]
        row = row if tag.id == 61 else message.row
        what = f"The tag :{tag.id}: cannot be read: {first!r}."
    else:
        what = f"A day or an amount cannot be read: {error}."
    findings.error(row, "bad_line", what)
