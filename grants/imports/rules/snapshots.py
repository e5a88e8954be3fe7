"""Holding a later file against what an earlier one of the same source brought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class NewRow(Protocol):
    """A row as the file has it now."""

    @property
    def key(self) -> str: ...
    @property
    def content_hash(self) -> str: ...


@dataclass(frozen=True)
class KnownRow:
    """A row as it was last loaded."""

    id: int
    key: str
    occurrence: int
    content_hash: str
    is_withdrawn: bool


New = TypeVar("New", bound=NewRow)


@dataclass(frozen=True)
class Changes(Generic[New]):
    """What a file changes: new rows with their occurrence, changed, gone and unchanged ones.

    `kept` are those that are not among the sound rows, but may stand in an unsound one.
    """

    added: tuple[tuple[New, int], ...]
    updated: tuple[tuple[KnownRow, New], ...]
    withdrawn: tuple[KnownRow, ...]
    unchanged: tuple[KnownRow, ...]
    kept: tuple[KnownRow, ...] = ()


def compare(
    known: Iterable[KnownRow],
    rows: Sequence[New],
    *,
    unsure: Collection[str] = (),
    is_complete: bool = True,
) -> Changes[New]:
    """Pair the rows of a file with the known ones.

    Several rows may share a key (the instalments of one contribution): the same content is the
    same row; what is left over is paired in order; more rows are new, fewer are withdrawn. A row
    that was withdrawn and comes back counts as an update. Rows with a key in `unsure` are not
    withdrawn, nor any row unless the file is complete.
    """
    by_key: dict[str, list[KnownRow]] = defaultdict(list)
    for one in known:
        by_key[one.key].append(one)
    rows_by_key: dict[str, list[New]] = defaultdict(list)
    for row in rows:
        rows_by_key[row.key].append(row)
    added: list[tuple[New, int]] = []
    updated: list[tuple[KnownRow, New]] = []
    gone: list[KnownRow] = []
    unchanged: list[KnownRow] = []
    for key, new in rows_by_key.items():
        old = sorted(by_key.pop(key, []), key=lambda one: one.occurrence)
        open_old, open_new = list(old), []
        for row in new:
            same = _same(row, open_old)
            if same is None:
                open_new.append(row)
            else:
                open_old.remove(same)
                unchanged.append(same)
        paired = min(len(open_old), len(open_new))
        updated += zip(open_old[:paired], open_new[:paired], strict=True)
        gone += open_old[paired:]
        last = max((one.occurrence for one in old), default=0)
        added += [(row, last + step) for step, row in enumerate(open_new[paired:], 1)]
    gone += [one for left in by_key.values() for one in left]
    live = [one for one in gone if not one.is_withdrawn]
    kept = [one for one in live if not is_complete or one.key in unsure]
    withdrawn = [one for one in live if is_complete and one.key not in unsure]
    return Changes(
        added=tuple(added),
        updated=tuple(updated),
        withdrawn=tuple(withdrawn),
        unchanged=tuple(unchanged),
        kept=tuple(kept),
    )


def _same(row: NewRow, known: Iterable[KnownRow]) -> KnownRow | None:
    for one in known:
        if one.content_hash == row.content_hash and not one.is_withdrawn:
            return one
    return None


def renames(pairs: Iterable[tuple[str, str]], names_now: Iterable[str]) -> dict[str, str]:
    """Which names became which: every row of the old one bears the same new one, none the old."""
    followed: dict[str, set[str]] = defaultdict(set)
    for before, after in pairs:
        followed[before].add(after)
    present = set(names_now)
    return {
        before: next(iter(after))
        for before, after in followed.items()
        if len(after) == 1 and before not in after and before not in present
    }
