"""A file of a bank, whatever its format: which one it is, and what it says."""

from __future__ import annotations

from typing import Final

from grants.banking.rules.camt import read_camt
from grants.banking.rules.layouts import Layout
from grants.banking.rules.reading import LINES_MAX, Findings, ReadFile, Unreadable
from grants.banking.rules.swift import looks_like_mt940, read_mt940
from grants.banking.rules.tables import read_table

BYTES_MAX: Final = 20_000_000
_XML: Final = (b"<", b"\xef\xbb\xbf<", b"<\x00", b"\xff\xfe<", b"\x00<", b"\xfe\xff\x00<")


def read_file(content: bytes, layout: Layout, currency: str, findings: Findings) -> ReadFile:
    """What a file of camt.053, MT940 or CSV says. Refuses with Unreadable what is none of them.

    Errors among the findings mean that the file is not to be loaded.
    """
    if not content.strip():
        raise Unreadable(what="it is empty.")
    if len(content) > BYTES_MAX:
        raise Unreadable(what=f"it is larger than {BYTES_MAX // 1_000_000} MB. Split it.")
    if content.lstrip().startswith(_XML):
        read = read_camt(content, findings)
    elif looks_like_mt940(content.replace(b"\x00", b"").decode("latin-1")):
        read = read_mt940(content, findings)
    else:
        read = read_table(content, layout, currency, findings)
    if read.lines > LINES_MAX:
        raise Unreadable(what=f"it has more than {LINES_MAX:,} lines. Split it.")
    return read
