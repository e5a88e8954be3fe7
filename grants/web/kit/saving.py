"""The answer that a page's autosave waits for."""

from __future__ import annotations

from datetime import datetime

from flask import Response, jsonify
from flask_babel import gettext as _

from grants.web.kit.formats import clock_time, zone_city


def saved_response(saved_at: datetime, zone: str = "UTC", version: int | None = None) -> Response:
    """Tell the browser when the server wrote what it sent, on the server's clock, in words too."""
    answer: dict[str, object] = {
        "saved_at": saved_at.isoformat(),
        "zone": zone,
        "text": saved_words(saved_at, zone),
    }
    if version is not None:
        answer["version"] = version
    return jsonify(answer)


def saved_words(saved_at: datetime, zone: str = "UTC") -> str:
    """For example "Saved 14:02:11 Nairobi"."""
    return str(_("Saved %(time)s %(zone)s", time=clock_time(saved_at, zone), zone=zone_city(zone)))
