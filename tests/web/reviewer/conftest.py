"""What the tests of this desk start from."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.web.application_world import DeskWorld


@pytest.fixture
def world(app: Flask) -> DeskWorld:
    return DeskWorld(app)
