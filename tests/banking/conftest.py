"""What the tests of this room start from."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.make import MakeBase
from tests.makes.banking import BankingMakes
from tests.makes.donors import DonorMakes
from tests.makes.people import PeopleMakes


class BankWorld(BankingMakes, DonorMakes, PeopleMakes, MakeBase):
    """A fund with donors, grants and an account at a bank."""


@pytest.fixture
def world(app: Flask) -> BankWorld:
    made = BankWorld(app)
    made.treasurer()
    made.director()
    made.donor_named()
    made.account()
    return made
