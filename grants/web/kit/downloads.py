"""Handing out kept files: always as a download, never as something that a browser shows or runs."""

from __future__ import annotations

from flask import Response, send_file

from grants.errors import NotFound
from grants.files.queries import OpenFile


def download(file: OpenFile) -> Response:
    """The file under its own name. Whether the person may have it was decided before."""
    if not file.path.is_file():
        raise NotFound("This file is no longer in the file store. Tell the administrator.")
    response = send_file(
        file.path,
        mimetype=file.media_type,
        as_attachment=True,
        download_name=file.name,
        etag=file.sha256,
        max_age=0,
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
