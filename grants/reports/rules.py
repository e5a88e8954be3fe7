"""How what became of a grant is shared among the layers that pay for it: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from grants.money import share_minor


def split_parts(
    parts: Sequence[int], held: Sequence[int], otherwise: Sequence[int] = ()
) -> list[list[int]]:
    """Split each part among those who hold so much of the whole: one row for each part.

    Each row sums to its part exactly. While the parts fit into what is held, nobody bears more
    than it holds, and whoever's share is used up to the last cent bears exactly what it holds.
    Where nobody holds anything, `otherwise` weighs; where that says nothing either, nobody bears.
    """
    if any(one < 0 for one in (*parts, *held)) or sum(parts) > sum(held):
        weights = [max(one, 0) for one in held]
        if not any(weights):
            weights = [max(one, 0) for one in otherwise] or weights
        return [signed_share(part, weights) for part in parts]
    left = list(held)
    rows = []
    for part in parts:
        row = share_minor(part, left) if part else [0] * len(left)
        left = [have - taken for have, taken in zip(left, row, strict=True)]
        rows.append(row)
    return rows


def signed_share(total: int, weights: Sequence[int]) -> list[int]:
    """Like share_minor, for a total that may lie below zero; nothing where nobody weighs."""
    if not any(weights):
        return [0] * len(weights)
    parts = share_minor(abs(total), weights)
    return parts if total >= 0 else [-part for part in parts]


def basis_points(part: int, whole: int) -> int | None:
    """Which part of the whole that is, in hundredths of a per cent; None of nothing."""
    if whole <= 0:
        return None
    return (2 * part * 10_000 + whole) // (2 * whole)


def tenths_of_per_cent(part: int, whole: int) -> int | None:
    """The part in tenths of a per cent, half up, as shares are published; None of nothing."""
    if whole <= 0:
        return None
    return (2 * part * 1000 + whole) // (2 * whole)


def final_year(read_on: date) -> int:
    """The last year whose expenditure is final: partners certify a year by 30 April of the next."""
    return read_on.year - (1 if (read_on.month, read_on.day) > (4, 30) else 2)
