"""What the tests of the desks about applications start from, and how they read a page."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from html.parser import HTMLParser

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from grants.db import db
from tests.make import MakeBase
from tests.makes.applications import ApplicationMakes
from tests.makes.people import PeopleMakes


class DeskWorld(ApplicationMakes, PeopleMakes, MakeBase):
    """A fund with calls and everybody who works on applications, each with a browser."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        for prepare in (self.treasurer, self.steward, self.donor_named, self.officer):
            prepare()
        for prepare in (self.applicant, self.reviewer, self.director):
            prepare()
        self.applicant("City of Gulu")

    def grace(self) -> FlaskClient:
        """The browser of the applicant."""
        return self.browser(self.applicant())


class _Controls(HTMLParser):
    """The controls of the form that is sent to an address, as a browser would send them."""

    def __init__(self, action: str) -> None:
        super().__init__(convert_charrefs=True)
        self.action = action
        self.inside = False
        self.found: dict[str, str] = {}
        self.area = ""
        self.choice = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self.inside = given.get("action", "") == self.action
        if not self.inside or (not name and tag != "option"):
            return
        if tag == "input" and given.get("type") in {"radio", "checkbox"}:
            if "checked" in given:
                self.found[name] = given.get("value", "on")
        elif tag == "input" and given.get("type") not in {"file", "submit"}:
            self.found[name] = given.get("value", "")
        elif tag == "textarea":
            self.area, self.found[name] = name, ""
        elif tag == "select":
            self.choice, self.found[name] = name, ""
        elif tag == "option" and "selected" in given and self.choice:
            self.found[self.choice] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "textarea" and self.area:
            held = self.found[self.area]
            self.found[self.area] = held.removeprefix("\n").replace("\n", "\r\n")
            self.area = ""
        elif tag == "select":
            self.choice = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area] += data


def controls(response: TestResponse, action: str) -> dict[str, str]:
    """What a browser without JavaScript would send with the form of that address."""
    parser = _Controls(action)
    parser.feed(response.get_data(as_text=True))
    return parser.found


def words(response: TestResponse) -> str:
    """The text of a page, without its tags."""
    bare = re.sub(r"<[^>]+>", " ", response.get_data(as_text=True))
    return " ".join(html.unescape(bare).split())


def statements(do: Callable[[], object]) -> int:
    """How many SQL statements something takes."""
    count = 0

    def note(*_arguments: object) -> None:
        nonlocal count
        count += 1

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        do()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return count
