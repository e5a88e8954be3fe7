"""A fund whose funding status is to be made: everything by the actions that people use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from grants.agreements import actions as agreements
from grants.db import transaction
from grants.funding import actions as funding
from grants.funding import queries as grants
from grants.funding.actions import NewHappening
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger import queries as books
from grants.ledger.actions import NewEntry, NewMove
from grants.money import Money
from grants.people.permissions import Actor
from grants.reports.numbers import funding_status
from grants.reports.shapes.funding_status import Definition, FundingStatus
from tests.makes.donors import DAY, money
from tests.reports.conftest import ReportWorld

#: What the first grant gets; the refunds come out of it and are granted again.
FIRST_GRANT = Decimal(60_000_000)


@dataclass(frozen=True, kw_only=True)
class Components:
    """What was published as read, not added up; in US dollars."""

    contributions: Decimal
    interest: Decimal
    partner_interest: Decimal
    transferred: Decimal
    to_funds: Decimal
    refunds: Decimal
    fee: Decimal
    direct_cost: Decimal
    charges: Decimal
    expenditure: Decimal
    direct_refunds: Decimal = Decimal(0)


class StatusWorld(ReportWorld):
    """A fund that takes in, transfers, spends and gets back."""

    def status(
        self,
        on: date = DAY,
        *,
        known_at: int | None = None,
        definition: Definition = Definition.WHOLE,
    ) -> FundingStatus:
        return funding_status.build(
            self.books(), on, known_at=known_at, definition=definition, read_on=on
        )

    def prove(self) -> None:
        """Invariants (i) to (v)."""
        found = books.verify(self.books())
        assert found.holds, found.breaks
        assert grants.attribution_breaks(self.books()) == []

    def happening(
        self, amount: Money, *, layer_id: int | None = None, on: date = DAY
    ) -> NewHappening:
        return NewHappening(
            fund_id=self.books(), amount=amount, on=on, reason="As the bank says", layer_id=layer_id
        )

    def interest(self, amount: Money, *, layer_id: int | None = None) -> None:
        treasurer, new = self.treasurer(), self.happening(amount, layer_id=layer_id)
        with transaction():
            funding.record_interest(treasurer, new)

    def charge(self, amount: Money, *, layer_id: int | None = None) -> None:
        treasurer, new = self.treasurer(), self.happening(amount, layer_id=layer_id)
        with transaction():
            funding.record_bank_charge(treasurer, new)

    def fee(self, layer_id: int, amount: Money) -> None:
        """A fee as its rule or its bill charges it (domain rules, section 7, row 6)."""
        treasurer, fund_id = self.treasurer(), self.books()
        moves = [
            NewMove(debit=chart.fee_cost(), credit=chart.fees_payable(), amount=amount),
            NewMove(
                debit=chart.unallocated(layer_id), credit=chart.spendable(layer_id), amount=amount
            ),
        ]
        with transaction():
            new = NewEntry(fund_id=fund_id, event="fee", value_on=DAY, moves=moves)
            ledger.post(treasurer, new)

    def granted(self, amount: Decimal) -> int:
        """Money set aside and a grant of it whose agreement is signed."""
        self.allocation(str(amount))
        return self.active_grant(str(amount))

    def transferred(self, amount: Decimal) -> int:
        """A grant paid in one tranche to its grantee."""
        grant_id = self.reserved_grant(str(amount))
        (tranche_id,) = self.signed(grant_id, str(amount))
        self.paid(tranche_id)
        return grant_id

    def sent_back(self, grant_id: int, amount: Money) -> None:
        treasurer = self.treasurer()
        with transaction():
            agreements.record_refund(
                treasurer,
                grant_id,
                unspent=amount,
                refused=money("0"),
                value_on=DAY,
                bank_reference="BACK-1",
            )

    def accepted(self, grant_id: int, amount: Decimal) -> None:
        """What the grantee spent, reported and accepted, in two categories."""
        fees = (amount / 10).quantize(Decimal("0.01"))
        report_id = self.reported(grant_id, {4: str(amount - fees), 8: str(fees)})
        officer = self.officer()
        with transaction():
            agreements.accept_report(officer, report_id, on=DAY)

    def published(self, found: Components, *, is_direct_in_expenditure: bool = True) -> None:
        """Feed the published components as events, the refunded money granted a second time."""
        layer_id = self.deposit(str(found.contributions / 2), donor="Sweden")
        other = found.contributions - found.contributions / 2
        self.deposit(str(other), donor="Norway")
        self.fee(layer_id, money(str(found.fee)))
        self.interest(money(str(found.interest)))
        treasurer = self.treasurer()
        partner_interest = self.happening(money(str(found.partner_interest)))
        with transaction():
            funding.record_partner_interest(treasurer, partner_interest)
        self.charge(money(str(found.charges)))
        self._transfers(treasurer, found, is_direct_in_expenditure=is_direct_in_expenditure)

    def _transfers(
        self, treasurer: Actor, found: Components, *, is_direct_in_expenditure: bool
    ) -> None:
        self.allocation(str(FIRST_GRANT))
        first = self.transferred(FIRST_GRANT)
        self.sent_back(first, money(str(found.refunds)))
        rest = found.transferred - FIRST_GRANT
        self.allocation(str(rest - found.refunds))
        second = self.transferred(rest)
        direct_paid = found.direct_cost + found.direct_refunds
        to_funds, direct = self.granted(found.to_funds), self.granted(direct_paid)
        with transaction():
            funding.record_transfer_to_fund(
                treasurer, to_funds, money(str(found.to_funds)), on=DAY, reason="To another fund"
            )
            funding.record_direct_cost(
                treasurer, direct, money(str(direct_paid)), on=DAY, reason="Secretariat"
            )
        if found.direct_refunds:
            with transaction():
                funding.refund_direct_cost(
                    treasurer, direct, money(str(found.direct_refunds)), on=DAY, reason="Unspent"
                )
        spent = found.expenditure - (found.direct_cost if is_direct_in_expenditure else 0)
        by_fund = Decimal(10_000_000) if is_direct_in_expenditure else Decimal(0)
        if by_fund:
            with transaction():
                funding.record_spending_of_fund(
                    treasurer, to_funds, {6: money(str(by_fund))}, on=DAY, reason="Annual report"
                )
        self.accepted(second, spent - by_fund)
