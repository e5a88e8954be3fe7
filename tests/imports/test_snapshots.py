"""A later file is held against the earlier one: nothing is lost, nothing counted twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.imports.rules.snapshots import Changes, KnownRow, compare, renames

pytestmark = pytest.mark.once


@dataclass(frozen=True)
class Row:
    key: str
    content_hash: str


def _known(*rows: tuple[str, str]) -> list[KnownRow]:
    seen: Counter[str] = Counter()
    found = []
    for number, (key, content) in enumerate(rows, 1):
        seen[key] += 1
        found.append(KnownRow(number, key, seen[key], content, is_withdrawn=False))
    return found


def _after(known: list[KnownRow], changes: Changes[Row]) -> list[KnownRow]:
    """What is known once the changes are made."""
    left = {one.id: one for one in known}
    for one, row in changes.updated:
        left[one.id] = KnownRow(one.id, one.key, one.occurrence, row.content_hash, False)
    for one in changes.withdrawn:
        left[one.id] = KnownRow(one.id, one.key, one.occurrence, one.content_hash, True)
    first = max(left, default=0) + 1
    for number, (row, occurrence) in enumerate(changes.added, first):
        left[number] = KnownRow(number, row.key, occurrence, row.content_hash, False)
    return list(left.values())


rows = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("12345")), max_size=8)


@given(rows, rows)
def test_every_row_is_exactly_one_of_new_changed_and_unchanged(
    before: list[tuple[str, str]], now: list[tuple[str, str]]
) -> None:
    known, new = _known(*before), [Row(*pair) for pair in now]
    changes = compare(known, new)
    assert len(changes.added) + len(changes.updated) + len(changes.unchanged) == len(new)
    touched = [one.id for one, _ in changes.updated]
    touched += [one.id for one in (*changes.unchanged, *changes.withdrawn)]
    assert sorted(touched) == [one.id for one in known]


@given(rows, rows)
def test_afterwards_the_same_file_changes_nothing_and_the_first_one_comes_back(
    before: list[tuple[str, str]], now: list[tuple[str, str]]
) -> None:
    new = [Row(*pair) for pair in now]
    known = _known(*before)
    known = _after(known, compare(known, new))
    again = compare(known, new)
    assert (again.added, again.updated, again.withdrawn) == ((), (), ())
    assert Counter((one.key, one.content_hash) for one in known if not one.is_withdrawn) == Counter(
        now
    )
    known = _after(known, compare(known, [Row(*pair) for pair in before]))
    live = Counter((one.key, one.content_hash) for one in known if not one.is_withdrawn)
    assert live == Counter(before)
    assert max(Counter((one.key, one.occurrence) for one in known).values(), default=1) == 1


def test_instalments_are_paired_by_content_before_order() -> None:
    known = _known(("a", "1"), ("a", "2"), ("a", "3"))
    changes = compare(known, [Row("a", "3"), Row("a", "9"), Row("a", "2"), Row("a", "4")])
    assert [one.occurrence for one in changes.unchanged] == [3, 2]
    assert [(one.occurrence, row.content_hash) for one, row in changes.updated] == [(1, "9")]
    assert [(row.content_hash, occurrence) for row, occurrence in changes.added] == [("4", 4)]


def test_a_row_that_may_stand_in_an_unsound_line_is_kept() -> None:
    known = _known(("a", "1"), ("b", "1"))
    nothing: list[Row] = []
    changes = compare(known, nothing, unsure={"a"})
    assert [one.key for one in changes.kept] == ["a"]
    assert [one.key for one in changes.withdrawn] == ["b"]
    changes = compare(known, nothing, is_complete=False)
    assert [one.key for one in changes.kept] == ["a", "b"]


def test_a_name_that_every_row_changed_in_the_same_way_is_a_new_name() -> None:
    assert renames([("Turkey", "Türkiye"), ("Turkey", "Türkiye")], ["Türkiye"]) == {
        "Turkey": "Türkiye"
    }
    assert renames([("A", "B"), ("A", "C")], ["B", "C"]) == {}
    assert renames([("A", "B")], ["A", "B"]) == {}
    assert renames([("A", "A")], ["A"]) == {}
