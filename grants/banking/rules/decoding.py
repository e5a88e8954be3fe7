"""Bytes into letters: which encoding a text file is in, and whether that is certain."""

from __future__ import annotations

from grants.banking.rules.reading import Findings, Unreadable

_NOT_TEXT = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b")
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)
#: So much of a file says whether its letters have two bytes each.
_LOOKED_AT = 4000


def decoded(content: bytes, findings: Findings) -> tuple[str, str]:
    """The text of a file and the name of its encoding; a guess is a finding.

    Refuses what is no text: workbooks, PDF, pictures, archives.
    """
    if content.startswith(_NOT_TEXT):
        raise Unreadable(what="it is no text. Ask the bank for camt.053, MT940 or CSV.")
    text, encoding = _by_mark(content) or _by_trying(content, findings)
    if not text.strip():
        raise Unreadable(what="it is empty.")
    if "\x00" in text:
        raise Unreadable(what="it holds null characters, as no text does.")
    return text, encoding


def _by_mark(content: bytes) -> tuple[str, str] | None:
    for mark, codec, name in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(codec), name
            except UnicodeDecodeError as error:
                raise Unreadable(what=f"it says that it is {name}, and is not.") from error
    return None


def _by_trying(content: bytes, findings: Findings) -> tuple[str, str]:
    """Without a mark: letters of two bytes leave nulls at every other place."""
    beginning = content[:_LOOKED_AT]
    for codec, nulls in (("utf-16-le", beginning[1::2]), ("utf-16-be", beginning[0::2])):
        if len(nulls) > 1 and nulls.count(0) > len(nulls) * 2 // 3:
            try:
                text = content.decode(codec)
            except UnicodeDecodeError as error:
                raise Unreadable(what="its last letter is cut off.") from error
            findings.notice(0, "encoding", "The file was read as UTF-16.")
            return text, "UTF-16"
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        findings.warning(
            0,
            "encoding",
            "The file is not UTF-8; it was read as Latin-1 (Windows-1252). Look at names with"
            " accents.",
        )
        return content.decode("cp1252", errors="replace"), "Windows-1252"
