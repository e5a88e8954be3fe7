"""What the tests of this room start from."""

from __future__ import annotations

import pytest
from flask import Flask

from grants.funding import queries
from grants.ledger import queries as ledger
from tests.make import MakeBase
from tests.makes.funding import FundingMakes
from tests.makes.people import PeopleMakes


class FundingWorld(FundingMakes, PeopleMakes, MakeBase):
    """A fund with people who may act in it."""

    def prove(self) -> None:
        """Invariants (i) to (v)."""
        found = ledger.verify(self.books())
        assert found.holds, found.breaks
        assert queries.attribution_breaks(self.books()) == []


@pytest.fixture
def world(app: Flask) -> FundingWorld:
    made = FundingWorld(app)
    for prepare in (made.treasurer, made.steward, made.donor_named, made.grantee_named):
        prepare()
    return made
