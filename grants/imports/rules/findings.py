"""What a person should know about a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """A notice is worth knowing, a warning worth a look, an error kept the row out of the books."""

    NOTICE = "notice"
    WARNING = "warning"
    ERROR = "error"


#: How a finding is told: row, key, code, column, sentence.
Tell = Callable[[int, str, str, str, str], None]


@dataclass(frozen=True, kw_only=True)
class Found:
    """One finding: the row as a spreadsheet numbers it, the row's key, and a sentence."""

    row: int
    key: str
    severity: Severity
    code: str
    column: str
    message: str


@dataclass
class Findings:
    """The findings of a file, as they come up."""

    found: list[Found] = field(default_factory=list)
    #: How many of them are errors.
    errors: int = 0

    def notice(self, row: int, key: str, code: str, column: str, message: str) -> None:
        self._add(row, key, Severity.NOTICE, code, column, message)

    def warning(self, row: int, key: str, code: str, column: str, message: str) -> None:
        self._add(row, key, Severity.WARNING, code, column, message)

    def error(self, row: int, key: str, code: str, column: str, message: str) -> None:
        self._add(row, key, Severity.ERROR, code, column, message)

    def _add(
        self, row: int, key: str, severity: Severity, code: str, column: str, message: str
    ) -> None:
        self.errors += severity is Severity.ERROR
        self.found.append(
            Found(row=row, key=key, severity=severity, code=code, column=column, message=message)
        )
