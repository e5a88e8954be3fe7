"""What a file says: its sound rows, and what is known of the others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from grants.imports.rules.findings import Findings, Severity
from grants.imports.rules.table import Table

New = TypeVar("New")


@dataclass(frozen=True, kw_only=True)
class Reading(Generic[New]):
    """The sound rows of a file; how many lines it has; the codes of lines that are not sound.

    `is_complete` is whether each line at least said which one it is: only then is it known what
    the file no longer has.
    """

    rows: tuple[New, ...]
    lines: int
    refused_keys: frozenset[str]
    is_complete: bool


def reading_of(table: Table, rows: Sequence[New], findings: Findings) -> Reading[New]:
    """What was read of a table, by its sound rows and what was found on the way."""
    errors = [one for one in findings.found if one.severity is Severity.ERROR]
    return Reading(
        rows=tuple(rows),
        lines=table.lines,
        refused_keys=frozenset(one.key for one in errors if one.key),
        is_complete=table.is_complete and all(one.key for one in errors),
    )


def hash_of(content: Mapping[str, object]) -> str:
    """The same for the same content."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
