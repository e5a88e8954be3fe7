"""What the tests of this room start from."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.make import MakeBase
from tests.makes.donors import DonorMakes
from tests.makes.people import PeopleMakes


class DonorWorld(DonorMakes, PeopleMakes, MakeBase):
    """Donors and a fund."""


@pytest.fixture
def world(app: Flask) -> DonorWorld:
    made = DonorWorld(app)
    made.treasurer()
    made.donor_named()
    return made
