"""Statements as every desk shows them: their state in words, and whether one is being made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from grants.reports.queries import FORMATS, StatementLine

__all__ = ["FORMATS", "ShownStatement", "is_waiting", "shown"]

_TONES = {"requested": "accent", "provisional": "warn", "certified": "good", "failed": "bad"}


@dataclass(frozen=True, kw_only=True)
class ShownStatement:
    """A statement with its state in words."""

    line: StatementLine
    words: str
    tone: str

    @property
    def is_old(self) -> bool:
        """Whether a newer version was issued since."""
        return self.line.is_ready and not self.line.is_latest


def shown(lines: Sequence[StatementLine]) -> list[ShownStatement]:
    """Statements for a table."""
    return [
        ShownStatement(line=line, words=_words(line), tone=_TONES.get(line.state, ""))
        for line in lines
    ]


def is_waiting(lines: Sequence[StatementLine]) -> bool:
    """Whether the page should look again: something is being made."""
    return any(line.is_being_made or line.is_being_certified for line in lines)


def _words(line: StatementLine) -> str:
    if line.is_being_certified:
        return str(_("Being certified"))
    words = {
        "requested": _("Being made"),
        "provisional": _("Provisional"),
        "certified": _("Certified"),
        "failed": _("Could not be made"),
    }
    return str(words[line.state])
