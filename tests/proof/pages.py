"""Where the rows of a table lie in the file of an SQLite database.

Source: the database file format of SQLite, section 1.6, b-tree pages.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

_INTERIOR, _LEAF = 0x05, 0x0D


def row_ranges(path: Path, table: str) -> list[tuple[int, int]]:
    """First and last byte (excluded) of each row of a table, as far as it lies on its own page."""
    with sqlite3.connect(path) as connection:
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
        ).fetchone()
    connection.close()
    content = path.read_bytes()
    size = int.from_bytes(content[16:18]) or 65_536
    size = 65_536 if size == 1 else size
    return sorted(_cells(content, size, int(root)))


def _cells(content: bytes, size: int, page: int) -> Iterator[tuple[int, int]]:
    start = (page - 1) * size
    header = start + (100 if page == 1 else 0)
    kind = content[header]
    count = int.from_bytes(content[header + 3 : header + 5])
    pointers = header + (12 if kind == _INTERIOR else 8)
    for index in range(count):
        at = pointers + 2 * index
        cell = start + int.from_bytes(content[at : at + 2])
        if kind == _INTERIOR:
            yield from _cells(content, size, int.from_bytes(content[cell : cell + 4]))
            continue
        assert kind == _LEAF
        payload, after = _varint(content, cell)
        _, after = _varint(content, after)
        yield cell, after + _on_page(payload, size)
    if kind == _INTERIOR:
        yield from _cells(content, size, int.from_bytes(content[header + 8 : header + 12]))


def _on_page(payload: int, size: int) -> int:
    """How much of a row lies on the page itself; the rest is on pages of its own."""
    most = size - 35
    if payload <= most:
        return payload
    least = (size - 12) * 32 // 255 - 23
    kept = least + (payload - least) % (size - 4)
    return kept if kept <= most else least


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(8):
        byte = content[at + index]
        value = (value << 7) | (byte & 0x7F)
        if not byte & 0x80:
            return value, at + index + 1
    return (value << 8) | content[at + 8], at + 9
