"""Arranging the incoming side: a fund, donors, pledges, agreements and deposits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from grants.db import transaction
from grants.donors import actions
from grants.donors.actions import (
    Earmark,
    NewAgreement,
    NewDeposit,
    NewInstalment,
    NewPledge,
)
from grants.ledger import actions as ledger
from grants.money import Money, Rate
from grants.people import actions as people
from grants.people import queries as who
from grants.people.models import PoolPolicy, Role
from grants.people.permissions import Actor

DAY = date(2026, 3, 10)


def money(text: str, currency: str = "USD") -> Money:
    """`money("1,000.00")` is a thousand dollars."""
    return Money(Decimal(text.replace(",", "")), currency)


class DonorMakes:
    """What tests say about donors. Everything happens in one fund unless told otherwise."""

    made: dict[str, object]

    def books(
        self,
        name: str = "The Fund",
        *,
        fee_basis_points: int = 0,
        pool_policy: PoolPolicy = PoolPolicy.PRO_RATA,
    ) -> int:
        """A fund of that name, opened the first time it is asked for; its id."""
        key = f"books {name}"
        if key not in self.made:
            with transaction():
                fund = people.open_fund(
                    who.system_actor(),
                    name=name,
                    fee_basis_points=fee_basis_points,
                    pool_policy=pool_policy,
                )
                self.made[key] = fund.id
        found = self.made[key]
        assert isinstance(found, int)
        return found

    def acting(self, role: Role, fund_id: int | None = None, *, number: int = 1) -> Actor:
        """Somebody who holds this one role in the fund; another number, another person."""
        key = f"acting {role} {fund_id} {number}"
        if key not in self.made:
            with transaction():
                system = who.system_actor()
                user = people.register_user(
                    system,
                    email=f"{role}-{number}-{fund_id or 'all'}@books.example",
                    name=f"{role.replace('_', ' ').title()} {number}",
                )
                people.give_role(system, user.id, role, fund_id)
                self.made[key] = who.actor_of(user.id)
        found = self.made[key]
        assert isinstance(found, Actor)
        return found

    def treasurer(self) -> Actor:
        self.second()
        return self.acting(Role.FINANCE_OFFICER)

    def second(self) -> Actor:
        """Whoever approves what the treasurer proposes."""
        return self.acting(Role.CERTIFYING_OFFICER, number=2)

    def donor_named(self, name: str = "Sweden") -> int:
        """The donor of that name, registered the first time it is asked for; its id."""
        key = f"donor {name}"
        if key not in self.made:
            with transaction():
                donor = people.register_organisation(who.system_actor(), name=name, is_donor=True)
                self.made[key] = donor.id
        found = self.made[key]
        assert isinstance(found, int)
        return found

    def rate(self, currency: str, usd_per_unit: str, on: date = DAY) -> Rate:
        """A rate that the fund knows from that day on."""
        rate = Rate.of_usd_value(currency, Decimal(usd_per_unit), "UNORE", on)
        fund_id, treasurer = self.books(), self.treasurer()
        with transaction():
            ledger.record_rate(treasurer, fund_id, rate)
        return rate

    def pledge(self, amount: Money, *, donor: str = "Sweden", on: date = DAY) -> int:
        fund_id, treasurer = self.books(), self.treasurer()
        new = NewPledge(
            fund_id=fund_id,
            donor_id=self.donor_named(donor),
            amount=amount,
            pledged_on=on,
            fiscal_year=on.year,
        )
        with transaction():
            return actions.record_pledge(treasurer, new).id

    def agreement(
        self,
        amount: Money,
        *,
        donor: str = "Sweden",
        reference: str = "SWE-1",
        on: date = DAY,
        earmark: Earmark | None = None,
        instalments: Sequence[tuple[date, Money]] = (),
        pledge_id: int | None = None,
    ) -> int:
        donor_id, fund_id = self.donor_named(donor), self.books()
        treasurer = self.treasurer()
        with transaction():
            new = NewAgreement(
                fund_id=fund_id,
                donor_id=donor_id,
                reference=reference,
                amount=amount,
                signed_on=on,
                is_core=earmark is None,
                earmark=earmark or Earmark(),
                instalments=tuple(
                    NewInstalment(due_on=due_on, amount=part) for due_on, part in instalments
                ),
                pledge_id=pledge_id,
            )
            return actions.sign_agreement(treasurer, new).id

    def bank_details(self, currency: str = "USD") -> int:
        """Where donors pay in a currency: written by the treasurer, confirmed by the approver."""
        fund_id, treasurer = self.books(), self.treasurer()
        approver = self.acting(Role.APPROVER)
        with transaction():
            proposed = actions.propose_instruction(
                treasurer, fund_id, currency, "Bank of Tests\nIBAN TE00 0000 0000 0001"
            )
            return actions.confirm_instruction(approver, proposed.id).id

    def asked(self, instalment_id: int, currency: str = "USD") -> int:
        """A letter that asks for an instalment; its id."""
        self.bank_details(currency)
        treasurer = self.treasurer()
        with transaction():
            return actions.request_payment(treasurer, instalment_id).id

    def deposit(
        self,
        amount: Money | str,
        *,
        donor: str | None = "Sweden",
        fund: str = "The Fund",
        on: date = DAY,
        conditions: Earmark | None = None,
        agreement_id: int | None = None,
        reference: str = "",
        instalment_id: int | None = None,
        invoice_id: int | None = None,
    ) -> int:
        """A deposit (dollars if a text is given); without a donor it stays unidentified."""
        given = money(amount) if isinstance(amount, str) else amount
        donor_id = self.donor_named(donor) if donor else None
        fund_id, treasurer = self.books(fund), self.treasurer()
        with transaction():
            new = NewDeposit(
                fund_id=fund_id,
                donor_id=donor_id,
                agreement_id=agreement_id,
                instalment_id=instalment_id,
                invoice_id=invoice_id,
                amount=given,
                value_on=on,
                conditions=conditions,
                bank_reference=reference,
            )
            return actions.record_deposit(treasurer, new).id
