"""What tests of statements begin with."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.make import MakeBase
from tests.makes.people import PeopleMakes
from tests.makes.reports import ReportMakes


class ReportWorld(ReportMakes, PeopleMakes, MakeBase):
    """A fund with donors, grants and those who issue statements."""


@pytest.fixture
def world(app: Flask) -> ReportWorld:
    made = ReportWorld(app)
    # Whoever acts is there before a transaction begins in which they act.
    for prepare in (made.treasurer, made.steward, made.officer, made.certifier, made.donor_named):
        prepare()
    return made
