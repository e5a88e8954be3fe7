"""The bytes: one file for each content, named by its SHA-256, written once and never changed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from flask import current_app


def folder() -> Path:
    """Where the bytes lie."""
    path: Path = current_app.config["VAR_DIR"] / "files"
    return path


def write(content: bytes) -> str:
    """Keep the bytes, safely on disk before anything refers to them. Returns their SHA-256."""
    digest = hashlib.sha256(content).hexdigest()
    path = path_of(digest)
    if path.exists():
        return digest
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)
    _keep_name(path.parent)
    return digest


def path_of(digest: str) -> Path:
    """Where the bytes with this SHA-256 lie."""
    return folder() / digest[:2] / digest


def _keep_name(directory: Path) -> None:
    """Have the new name itself safely on disk."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
