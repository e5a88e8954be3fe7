"""Opening files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from grants.db import db
from grants.errors import NotFound
from grants.files import store
from grants.files.models import StoredFile


@dataclass(frozen=True, kw_only=True)
class OpenFile:
    """A file and where its bytes lie. Whoever may see its owner may open it."""

    id: int
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    fund_id: int | None
    owner_type: str
    owner_id: int | None
    path: Path

    def read(self) -> bytes:
        return self.path.read_bytes()


def open_file(file_id: int) -> OpenFile:
    """A file by its id. Refuses with NotFound. Permission is the caller's matter."""
    found = db.session.get(StoredFile, file_id)
    if found is None:
        raise NotFound
    return _opened(found)


def files_of(owner_type: str, owner_id: int, *, limit: int = 100) -> list[OpenFile]:
    """The files of a thing, oldest first."""
    found = db.session.scalars(
        select(StoredFile)
        .where(StoredFile.owner_type == owner_type, StoredFile.owner_id == owner_id)
        .order_by(StoredFile.id)
        .limit(limit)
    )
    return [_opened(row) for row in found]


def _opened(found: StoredFile) -> OpenFile:
    return OpenFile(
        id=found.id,
        name=found.name,
        media_type=found.media_type,
        size_bytes=found.size_bytes,
        sha256=found.sha256,
        fund_id=found.fund_id,
        owner_type=found.owner_type,
        owner_id=found.owner_id,
        path=store.path_of(found.sha256),
    )


def broken_files() -> Iterator[tuple[int, str]]:
    """The files whose bytes are not there, or not those that were kept, and what is wrong."""
    rows = db.session.execute(
        select(StoredFile.id, StoredFile.sha256, StoredFile.size_bytes).order_by(StoredFile.id)
    ).all()
    sound: set[str] = set()
    for row in rows:
        path = store.path_of(row.sha256)
        if row.sha256 not in sound:
            if not path.is_file():
                yield row.id, "its bytes are not in the file store"
                continue
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != row.sha256:
                    yield row.id, "its bytes are not those that were kept"
                    continue
            sound.add(row.sha256)
        if path.stat().st_size != row.size_bytes:
            yield row.id, "its size is not what was kept"
