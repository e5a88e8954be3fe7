"""Whether the server is up and reaches its database."""

from __future__ import annotations

from flask import Response, jsonify
from sqlalchemy import text

from grants.db import db
from grants.web.public import desk


@desk.get("/healthz")
def healthz() -> Response:
    """200 while the database answers."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="up")
