"""The kit: what every desk is made of. `init_kit(app)` sets all of it up."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, g
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined

from grants.web.kit import parts
from grants.web.kit.assets import init_assets
from grants.web.kit.errors import init_errors
from grants.web.kit.formats import init_formats, viewer_zone
from grants.web.kit.headers import init_headers
from grants.web.kit.languages import LANGUAGES, current_language, current_theme, init_languages
from grants.web.kit.paging import url_with

csrf = CSRFProtect()

_GLOBALS = {
    "crumb": parts.Crumb,
    "figure": parts.Figure,
    "col": parts.Column,
    "tab": parts.Tab,
    "task": parts.Task,
    "answer": parts.Answer,
    "event": parts.Event,
    "waiting": parts.Waiting,
    "link": parts.Link,
}


def init_kit(app: Flask, brand: Mapping[str, str] | None = None) -> None:
    """Give an app languages, forms, filters, headers, error pages and its static files.

    `brand` sets some of the eight tokens (`assets.BRAND_TOKENS`) by which a fund re-brands.
    """
    # A form stays good as long as its session: an applicant may write for hours.
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    app.config.setdefault("WTF_I18N_ENABLED", False)
    app.config.setdefault("SESSION_COOKIE_SAMESITE", "Lax")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    init_headers(app)
    init_languages(app)
    csrf.init_app(app)
    init_formats(app)
    init_assets(app, brand)
    init_errors(app)
    app.jinja_env.globals.update(
        _GLOBALS, url_with=url_with, languages=LANGUAGES, viewer_zone=viewer_zone
    )
    app.context_processor(_page_context)


def _page_context() -> dict[str, object]:
    return {
        "desk": g.get("desk"),
        "viewer": g.get("viewer"),
        "language": current_language(),
        "theme": current_theme(),
    }
