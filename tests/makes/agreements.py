"""Arranging signed agreements, paid tranches and reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from grants.agreements import actions
from grants.agreements.actions import ClaimedLine, NewAgreement, NewTranche
from grants.agreements.models import Tranche
from grants.db import db, transaction
from grants.people import actions as people
from grants.people import queries as who
from grants.people.models import Role
from grants.people.permissions import Actor
from tests.makes.donors import DAY, money
from tests.makes.funding import FundingMakes

ENDS = date(2027, 3, 9)


class AgreementMakes(FundingMakes):
    """What tests say about grants under way; amounts are dollars, as texts."""

    def officer(self) -> Actor:
        return self.acting(Role.GRANT_OFFICER)

    def certifier(self) -> Actor:
        return self.acting(Role.CERTIFYING_OFFICER)

    def person_with_all_money_roles(self) -> Actor:
        """Somebody who may request, certify and release: only not the same tranche."""
        person = self.acting(Role.GRANT_OFFICER, number=7)
        with transaction():
            for role in (Role.FINANCE_OFFICER, Role.CERTIFYING_OFFICER, Role.APPROVER):
                people.give_role(who.system_actor(), person.user_id, role)
            return who.actor_of(person.user_id)

    def grantee_person(self) -> Actor:
        """Somebody of the city that gets the grants."""
        key = "person of the grantee"
        if key not in self.made:
            organisation_id = self.grantee_named()
            with transaction():
                system = who.system_actor()
                user = people.register_user(
                    system,
                    email="city@books.example",
                    name="Clerk of Kampala",
                    organisation_id=organisation_id,
                )
                people.give_role(system, user.id, Role.APPLICANT)
                self.made[key] = who.actor_of(user.id)
        found = self.made[key]
        assert isinstance(found, Actor)
        return found

    def prepared(self, grant_id: int, *amounts: str) -> None:
        officer = self.officer()
        new = NewAgreement(
            starts_on=DAY,
            ends_on=ENDS,
            tranches=[NewTranche(amount=money(amount), due_on=DAY) for amount in amounts],
            terms_of_reference="Water for six settlements",
        )
        with transaction():
            actions.prepare_agreement(officer, grant_id, new)

    def signed(self, grant_id: int, *amounts: str) -> list[int]:
        """The agreement signed; the ids of its tranches."""
        self.prepared(grant_id, *amounts)
        officer = self.officer()
        with transaction():
            actions.sign(officer, grant_id, signed_on=DAY, for_fund="Director", for_grantee="Mayor")
        return list(
            db.session.scalars(
                select(Tranche.id).where(Tranche.grant_id == grant_id).order_by(Tranche.number)
            )
        )

    def paid(self, tranche_id: int) -> None:
        """A tranche requested, certified and released by three people."""
        officer, certifier, treasurer = self.officer(), self.certifier(), self.treasurer()
        with transaction():
            actions.request_tranche(officer, tranche_id)
        with transaction():
            actions.certify_tranche(certifier, tranche_id, on=DAY)
        with transaction():
            actions.release_tranche(treasurer, tranche_id, paid_on=DAY, bank_reference="BANK-1")

    def reported(self, grant_id: int, spent: Mapping[int, str]) -> int:
        """A report that the grantee submitted; its id."""
        person = self.grantee_person()
        with transaction():
            report_id = actions.start_report(person, grant_id, from_on=DAY, until_on=DAY).id
        with transaction():
            actions.save_report(
                person,
                report_id,
                narrative="Six kiosks stand.",
                lines=[
                    ClaimedLine(category=category, claimed=money(amount))
                    for category, amount in spent.items()
                ],
                is_final=True,
                from_on=DAY,
                until_on=DAY,
            )
            actions.submit_report(person, report_id)
        return report_id
