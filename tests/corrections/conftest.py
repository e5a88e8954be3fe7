"""What tests of corrections begin with."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from grants.agreements import actions as agreements
from grants.agreements.actions import RefusedCost
from grants.corrections import actions, queries
from grants.corrections.rules import Change
from grants.db import transaction
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger import queries as books
from grants.ledger.actions import NewEntry, NewMove
from grants.money import Money
from grants.people.permissions import Actor
from grants.proof import queries as proof
from tests.makes.donors import DAY, money
from tests.reports.conftest import ReportWorld


class World(ReportWorld):
    """A fund, and those who put its books right."""

    def boss(self) -> Actor:
        """A second person whose delegated authority reaches a million."""
        return self.director()

    def proposed(self, change: Change, reason: str = "It was wrong") -> int:
        treasurer, fund_id = self.treasurer(), self.books()
        with transaction():
            return actions.propose(treasurer, fund_id, change, reason=reason).id

    def approved(self, change: Change, reason: str = "It was wrong") -> queries.CorrectionLine:
        correction_id, boss = self.proposed(change, reason), self.boss()
        with transaction():
            actions.approve(boss, correction_id)
        return queries.correction(correction_id)

    def holds(self, account: chart.AccountRef) -> Money:
        return books.balance(self.books(), account)

    def owed(self, grant_id: int, amount: str) -> None:
        """Spending of the grantee that was refused."""
        new = NewEntry(
            fund_id=self.books(),
            event="report.accepted",
            value_on=DAY,
            moves=[
                NewMove(
                    debit=chart.due_from_grantee(grant_id),
                    credit=chart.advances(grant_id),
                    amount=money(amount),
                )
            ],
        )
        treasurer = self.treasurer()
        with transaction():
            ledger.post(treasurer, new)

    def accepted(self, report_id: int, *refused: RefusedCost) -> None:
        officer = self.officer()
        with transaction():
            agreements.accept_report(officer, report_id, on=DAY, refused=refused, note="")

    def closed(self, name: str, *, until: date) -> int:
        """A year that two people closed."""
        treasurer, certifier = self.treasurer(), self.certifier()
        with transaction():
            period_id = ledger.open_period(
                treasurer,
                self.books(),
                name=name,
                starts_on=until - timedelta(days=364),
                ends_on=until,
            )
            ledger.soft_close_period(treasurer, period_id)
        with transaction():
            ledger.close_period(certifier, period_id, reason="Audited")
        return period_id

    def prove(self) -> None:
        found = proof.examine(self.books())
        assert found.holds, found.breaks


@pytest.fixture
def world(app: Flask) -> World:
    made = World(app)
    for prepare in (made.treasurer, made.steward, made.officer, made.certifier, made.boss):
        prepare()
    made.donor_named()
    return made
