"""What tests of agreements begin with."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.make import MakeBase
from tests.makes.agreements import AgreementMakes


class Make(AgreementMakes, MakeBase):
    """The outgoing side of a fund."""


@pytest.fixture
def make(app: Flask) -> Make:
    return Make(app)
