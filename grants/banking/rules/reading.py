"""What a bank file says, whatever its format: pure values, and what was found on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from grants.errors import Malformed
from grants.money import Money

#: A statement of more lines than this is no statement.
LINES_MAX: Final = 50_000
#: What banks write where they have no reference.
NO_REFERENCE: Final = frozenset({"", "NONREF", "NOREF", "NOTPROVIDED", "NOTAVAILABLE"})


class Unreadable(Malformed):
    """The file cannot be read: {what}"""


class Severity(StrEnum):
    """A notice is worth knowing, a warning worth a look; an error keeps the whole file out."""

    NOTICE = "notice"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class Found:
    """One finding: the line of the file (0: the file as a whole), a code and a sentence."""

    row: int
    severity: Severity
    code: str
    message: str


@dataclass
class Findings:
    """The findings of a file, as they come up."""

    found: list[Found] = field(default_factory=list)

    @property
    def errors(self) -> list[Found]:
        return [one for one in self.found if one.severity is Severity.ERROR]

    def notice(self, row: int, code: str, message: str) -> None:
        self._add(row, Severity.NOTICE, code, message)

    def warning(self, row: int, code: str, message: str) -> None:
        self._add(row, Severity.WARNING, code, message)

    def error(self, row: int, code: str, message: str) -> None:
        self._add(row, Severity.ERROR, code, message)

    def _add(self, row: int, severity: Severity, code: str, message: str) -> None:
        self.found.append(Found(row=row, severity=severity, code=code, message=message))


@dataclass(frozen=True, kw_only=True)
class ReadLine:
    """One movement. `amount` is positive where money came in, negative where it went out."""

    row: int
    booked_on: date
    value_on: date
    amount: Money
    #: The bank's own reference, '' where it has none.
    reference: str = ""
    end_to_end: str = ""
    other_party: str = ""
    other_account: str = ""
    words: str = ""
    #: The bank's code of what it is, such as NTRF or PMNT/RCDT.
    code: str = ""
    is_reversal: bool = False
    #: What the bank kept back of it, where it says so.
    charges: Money | None = None
    #: What was sent, where that was in another currency.
    sent: Money | None = None


@dataclass(frozen=True, kw_only=True)
class ReadStatement:
    """A statement as the file has it; without balances where the format has none."""

    row: int
    number: str
    account: str
    currency: str
    from_on: date
    to_on: date
    opening: Money | None
    closing: Money | None
    lines: tuple[ReadLine, ...]

    @property
    def movement(self) -> Money:
        return sum((line.amount for line in self.lines), Money.zero(self.currency))


@dataclass(frozen=True, kw_only=True)
class ReadFile:
    """What a file holds. `encoding` is how its letters were read."""

    format: str
    encoding: str
    statements: tuple[ReadStatement, ...]

    @property
    def lines(self) -> int:
        return sum(len(one.lines) for one in self.statements)


def reference_of(text: str | None) -> str:
    """A reference, or '' where the bank writes that there is none."""
    plain = " ".join((text or "").split())
    return "" if plain.upper().replace(" ", "") in NO_REFERENCE else plain


def words_of(*texts: str | None) -> str:
    """Texts with single blanks between their words, each said once."""
    said: list[str] = []
    for text in texts:
        plain = " ".join((text or "").split())
        if plain and plain not in said:
            said.append(plain)
    return " ".join(said)
