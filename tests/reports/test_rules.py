"""How what became of a grant is shared among its layers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grants.reports.rules import basis_points, signed_share, split_parts

amounts = st.integers(min_value=0, max_value=10**12)


@given(st.lists(amounts, min_size=1, max_size=9), st.lists(amounts, min_size=1, max_size=6))
def test_each_part_is_shared_to_the_cent_and_nobody_bears_more_than_it_holds(
    parts: list[int], held: list[int]
) -> None:
    whole = sum(held)
    fitting = [part * whole // (2 * sum(parts) or 1) for part in parts]
    rows = split_parts(fitting, held)
    assert [sum(row) for row in rows] == fitting
    borne = [sum(row[index] for row in rows) for index in range(len(held))]
    assert all(0 <= mine <= most for mine, most in zip(borne, held, strict=True))


@given(st.lists(amounts, min_size=1, max_size=6), st.data())
def test_a_grant_that_is_used_up_uses_up_what_each_layer_holds(
    held: list[int], data: st.DataObject
) -> None:
    whole = sum(held)
    cuts = sorted(data.draw(st.lists(st.integers(0, whole), max_size=8)))
    parts = [end - start for start, end in zip([0, *cuts], [*cuts, whole], strict=True)]
    rows = split_parts(parts, held)
    assert [sum(row[index] for row in rows) for index in range(len(held))] == held


def test_thirds_of_a_hundred() -> None:
    assert split_parts([10_000], [1, 1, 1], [1, 1, 1]) == [[3334, 3333, 3333]]
    assert split_parts([5_000, 5_000], [3334, 3333, 3333]) == [
        [1667, 1667, 1666],
        [1667, 1666, 1667],
    ]


def test_before_anything_is_disbursed_what_is_set_aside_weighs() -> None:
    assert split_parts([90], [0, 0], [200, 100]) == [[60, 30]]
    assert split_parts([90], [0, 0]) == [[0, 0]]


def test_a_correction_below_zero_is_shared_like_any_other() -> None:
    assert signed_share(-100, [1, 1, 1]) == [-34, -33, -33]
    assert split_parts([-100, 50], [300, 100]) == [[-75, -25], [38, 12]]
    assert signed_share(5, [0, 0]) == [0, 0]


def test_a_share_is_rounded_half_up_and_of_nothing_there_is_none() -> None:
    assert basis_points(1, 3) == 3333
    assert basis_points(1, 20_000) == 1
    assert basis_points(0, 0) is None
