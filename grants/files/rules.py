"""What a file may be."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from typing import Final

from grants.errors import Malformed

#: What a person may upload: the ending, and how the content begins (empty: plain text).
UPLOADS: Final[dict[str, tuple[bytes, ...]]] = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "docx": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
    "odt": (b"PK\x03\x04",),
    "ods": (b"PK\x03\x04",),
    "csv": (),
    "txt": (),
}

#: What lies in a packed document of this kind.
_OFFICE: Final[dict[str, str]] = {
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
    "odt": "content.xml",
    "ods": "content.xml",
}
_PAGES: Final = (b"<!doctype", b"<html", b"<svg", b"<script", b"<?xml", b"<?php", b"#!")

MEDIA_TYPES: Final[dict[str, str]] = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv",
    "txt": "text/plain",
    "json": "application/json",
}


class EmptyFile(Malformed):
    """The file {name} is empty. Check it on your device and choose it again."""


class FileTooLarge(Malformed):
    """The file {name} has {size} MB; at most {limit} MB are taken. Make it smaller or split it."""

    status = 413


class FileKindRefused(Malformed):
    """{name} is not a file of a kind that can be taken. Use PDF, Word, Excel, CSV, JPEG or PNG."""


def clean_name(name: str) -> str:
    """A file name without folders, control characters and surprises, at most 200 characters."""
    plain = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    plain = "".join(letter for letter in plain if unicodedata.category(letter)[0] != "C")
    plain = re.sub(r"\s+", " ", plain).strip(" .") or "file"
    stem, dot, ending = plain.rpartition(".")
    is_ending = dot and stem and len(ending) <= 20
    return f"{stem[: 199 - len(ending)]}.{ending}" if is_ending else plain[:200]


def check_upload(name: str, content: bytes, bytes_max: int) -> str:
    """The media type of an upload. Refuses the empty, the too large, and what is not as it says."""
    name = clean_name(name)
    if not content:
        raise EmptyFile(name=name)
    if len(content) > bytes_max:
        size = -(-len(content) // 1_000_000)
        raise FileTooLarge(name=name, size=size, limit=bytes_max // 1_000_000)
    ending = name.rpartition(".")[2].lower()
    if ending not in UPLOADS:
        raise FileKindRefused(name=name)
    if not _is_what_it_says(ending, content):
        raise FileKindRefused(name=name)
    return MEDIA_TYPES[ending]


def _is_what_it_says(ending: str, content: bytes) -> bool:
    if ending in _OFFICE:
        return _is_office_file(content, _OFFICE[ending])
    if UPLOADS[ending]:
        return content.startswith(UPLOADS[ending])
    # Text: nothing of a program, and nothing that a browser would show as a page.
    beginning = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return b"\x00" not in content and not beginning.startswith(_PAGES)


def _is_office_file(content: bytes, expected: str) -> bool:
    """Whether it is a packed document with this inside, and without macros."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = set(packed.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    has_macros = any(name.rpartition("/")[2].lower() == "vbaproject.bin" for name in names)
    return expected in names and not has_macros
