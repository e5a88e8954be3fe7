"""What the tests of the funding status start from."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.reports.funding_status.world import StatusWorld


@pytest.fixture
def world(app: Flask) -> StatusWorld:
    made = StatusWorld(app)
    for prepare in (made.treasurer, made.steward, made.officer, made.certifier, made.donor_named):
        prepare()
    return made
