"""Arranging allocations, grants and what is paid on them."""

from __future__ import annotations

from datetime import date

from grants.db import transaction
from grants.funding import actions
from grants.funding.actions import NewGrant
from grants.money import Money
from grants.people import actions as people
from grants.people import queries as who
from grants.people.models import OrganisationKind, Role
from grants.people.permissions import Actor
from tests.makes.donors import DAY, money
from tests.makes.programmes import ProgrammeMakes


class FundingMakes(ProgrammeMakes):
    """What tests say about the outgoing side; amounts are dollars, as texts."""

    def director(self, ceiling: str = "1,000,000,000") -> Actor:
        """An approver of every fund, with authority up to the ceiling in The Fund."""
        key = f"director {ceiling}"
        if key not in self.made:
            fund_id = self.books()
            person = self.acting(Role.APPROVER, number=len(self.made))
            with transaction():
                people.delegate(
                    who.system_actor(),
                    person.user_id,
                    fund_id,
                    money(ceiling),
                    valid_from=date(2020, 1, 1),
                )
                self.made[key] = who.actor_of(person.user_id)
        found = self.made[key]
        assert isinstance(found, Actor)
        return found

    def grantee_named(self, name: str = "City of Kampala") -> int:
        key = f"grantee {name}"
        if key not in self.made:
            with transaction():
                found = people.register_organisation(
                    who.system_actor(), name=name, kind=OrganisationKind.LOCAL_GOVERNMENT
                )
                self.made[key] = found.id
        known = self.made[key]
        assert isinstance(known, int)
        return known

    def allocation(
        self, amount: str, *, programme: str = "Uganda Country Programme", on: date = DAY
    ) -> int:
        programme_id, steward = self.programme_named(programme), self.steward()
        with transaction():
            return actions.allocate(
                steward, programme_id, money(amount), decided_on=on, decided_by="Board"
            ).id

    def new_grant(
        self,
        amount: str,
        *,
        programme: str = "Uganda Country Programme",
        on: date = DAY,
        reference: str | None = None,
        sector: str = "",
        items: frozenset[str] = frozenset(),
    ) -> NewGrant:
        return NewGrant(
            fund_id=self.books(),
            programme_id=self.programme_named(programme),
            grantee_id=self.grantee_named(),
            title="Water kiosks",
            amount=money(amount),
            approved_on=on,
            programme_year=on.year,
            reference=reference,
            sector=sector,
            items=items,
        )

    def reserved_grant(
        self, amount: str, *, programme: str = "Uganda Country Programme", on: date = DAY
    ) -> int:
        """A grant that is approved and not yet agreed."""
        new, director = self.new_grant(amount, programme=programme, on=on), self.director()
        with transaction():
            return actions.reserve(director, new).id

    def active_grant(self, amount: str, *, programme: str = "Uganda Country Programme") -> int:
        """A grant whose agreement is signed."""
        grant_id, steward = self.reserved_grant(amount, programme=programme), self.steward()
        with transaction():
            actions.commit(steward, grant_id, on=DAY)
        return grant_id

    def advanced(self, grant_id: int, amount: Money, *, is_paid: bool = True) -> None:
        """A tranche of the grant, released and (unless told otherwise) paid."""
        treasurer = self.treasurer()
        with transaction():
            actions.advance(treasurer, grant_id, amount, on=DAY)
            if is_paid:
                actions.pay(treasurer, grant_id, amount, on=DAY)
