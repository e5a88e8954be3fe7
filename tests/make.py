"""Arranging tests with real actions: one mixin per room in tests/makes/."""

from __future__ import annotations

from flask import Flask


class MakeBase:
    """What every mixin has: the application, and room for what was made."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.made: dict[str, object] = {}


class Make(MakeBase):
    """All mixins together. A room adds its own to the bases."""
