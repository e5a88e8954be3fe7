"""A bare application on the kit alone, without a database, for tests of the kit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import html5lib
from flask import Flask, render_template_string
from flask.typing import ResponseReturnValue
from werkzeug.test import TestResponse

from grants.errors import NotAllowed, Refused
from grants.web.gallery import desk as gallery
from grants.web.kit import init_kit

ROOT = Path(__file__).resolve().parents[2]
PAGE = (
    '{% extends "layout.html" %}{% import "parts/ui.html" as ui %}'
    "{% block title %}Test{% endblock %}{% block main %}MAIN{% endblock %}"
)


def kit_app() -> Flask:
    """An application with the gallery and pages that refuse."""
    app = Flask("grants", root_path=str(ROOT / "grants"), template_folder=str(ROOT / "templates"))
    app.secret_key = "only for tests"
    init_kit(app)
    app.register_blueprint(gallery)
    app.add_url_rule("/refused", view_func=_refused)
    app.add_url_rule("/forbidden", view_func=_forbidden)
    app.add_url_rule("/broken", view_func=_broken)
    return app


def page_of(app: Flask, main: str, **values: object) -> str:
    """What a page with this in its main block prints."""
    with app.test_request_context("/here?sort=-amount&page=2"):
        return render_template_string(PAGE.replace("MAIN", main), **values)


def strict(response: TestResponse) -> TestResponse:
    """The response, which is well-formed HTML."""
    html5lib.HTMLParser(strict=True).parse(response.get_data(as_text=True))
    return response


def posting(app: Flask, view: Callable[[], ResponseReturnValue]) -> None:
    """Let a view take what is posted to /form, without CSRF."""
    app.config["WTF_CSRF_ENABLED"] = False
    app.add_url_rule("/form", view_func=view, methods=["GET", "POST"])


def _refused() -> str:
    raise Refused("Uganda is short by USD 300,000.")


def _forbidden() -> str:
    raise NotAllowed("You prepared this request, so someone else must certify it.")


def _broken() -> str:
    raise ZeroDivisionError
