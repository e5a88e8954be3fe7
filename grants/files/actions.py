"""Keeping files."""

from __future__ import annotations

from grants import clock
from grants.audit.actions import Doer
from grants.db import db
from grants.files import rules, store
from grants.files.models import StoredFile

UPLOAD_BYTES_MAX = 20_000_000


def save(
    actor: Doer,
    content: bytes,
    *,
    name: str,
    owner_type: str,
    owner_id: int | None,
    fund_id: int | None,
    media_type: str,
) -> StoredFile:
    """Keep a file that the fund itself made, such as an issued statement."""
    stored = StoredFile(
        sha256=store.write(content),
        name=rules.clean_name(name),
        media_type=media_type,
        size_bytes=len(content),
        fund_id=fund_id,
        owner_type=owner_type,
        owner_id=owner_id,
        uploaded_by_id=actor.user_id,
        created_at=clock.now(),
    )
    db.session.add(stored)
    db.session.flush()
    return stored


def upload(
    actor: Doer,
    content: bytes,
    *,
    name: str,
    owner_type: str,
    owner_id: int | None,
    fund_id: int | None,
) -> StoredFile:
    """Keep a file that somebody sent. Refuses the empty, the too large and the disguised."""
    media_type = rules.check_upload(name, content, UPLOAD_BYTES_MAX)
    return save(
        actor,
        content,
        name=name,
        owner_type=owner_type,
        owner_id=owner_id,
        fund_id=fund_id,
        media_type=media_type,
    )
