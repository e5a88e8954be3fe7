"""Arranging tests with real actions: one mixin for each room, in tests/makes/."""

from __future__ import annotations

from flask import Flask

from tests.makes.people import PeopleMakes


class MakeBase:
    """What every mixin has: the application, and room for what was made."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.made: dict[str, object] = {}


class Make(PeopleMakes, MakeBase):
    """People for every test. A room that needs more adds its own mixin to these in its tests."""
