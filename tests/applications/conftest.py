"""What the tests of this room start from."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.make import MakeBase
from tests.makes.applications import ApplicationMakes
from tests.makes.people import PeopleMakes


class ApplicationWorld(ApplicationMakes, PeopleMakes, MakeBase):
    """A fund with calls, applicants, reviewers and those who decide."""


@pytest.fixture
def world(app: Flask) -> ApplicationWorld:
    made = ApplicationWorld(app)
    for prepare in (made.treasurer, made.steward, made.donor_named, made.officer):
        prepare()
    for prepare in (made.applicant, made.reviewer, made.director):
        prepare()
    made.applicant("City of Gulu")
    return made
