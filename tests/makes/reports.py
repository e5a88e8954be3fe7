"""Arranging statements: a donor's person, reports accepted, refunds taken, papers made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from grants.agreements import actions as agreements
from grants.db import transaction
from grants.funding import actions as funding
from grants.jobs import runner
from grants.ledger import queries as ledger
from grants.people import actions as people
from grants.people import queries as who
from grants.people.models import Role
from grants.people.permissions import Actor
from grants.reports import actions
from grants.reports.numbers import donor_statement as numbers
from grants.reports.shapes import Cover, DonorStatement
from tests.makes.agreements import AgreementMakes
from tests.makes.donors import DAY, money

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def a_cover(**changes: object) -> Cover:
    """A cover, with what matters to the test changed."""
    plain: dict[str, object] = {
        "fund": "The Fund",
        "host": "UNOPS",
        "donor": "Sweden",
        "constituency": "",
        "agreements": (),
        "from_on": YEAR[0],
        "until_on": YEAR[1],
        "state": "provisional",
        "number": "TF-2026-SWEDEN-0001",
        "version": 1,
        "verification_code": "ABCD-EFGH-JKLM",
        "verification_url": "http://127.0.0.1/verify/ABCD-EFGH-JKLM",
        "ledger_sequence": 1,
        "ledger_hash": "0" * 64,
        "prepared_by": "Finance",
        "prepared_at": None,
        "certified_by": "",
        "certified_at": None,
    }
    return Cover(**{**plain, **changes})  # type: ignore[arg-type] # named as its fields


class ReportMakes(AgreementMakes):
    """What tests say about statements; periods are the year 2026 unless told otherwise."""

    def donor_person(self, donor: str = "Sweden") -> Actor:
        """Somebody who works for the donor."""
        key = f"person of {donor}"
        if key not in self.made:
            donor_id, fund_id = self.donor_named(donor), self.books()
            with transaction():
                system = who.system_actor()
                user = people.register_user(
                    system,
                    email=f"aid@{donor.lower().replace(' ', '-')}.example",
                    name=f"Officer of {donor}",
                    organisation_id=donor_id,
                )
                people.give_role(system, user.id, Role.DONOR, fund_id)
                self.made[key] = who.actor_of(user.id)
        found = self.made[key]
        assert isinstance(found, Actor)
        return found

    def spent(self, grant_id: int, spent: Mapping[int, str], *, on: date = DAY) -> None:
        """A report of the grantee that the fund accepted."""
        report_id, officer = self.reported(grant_id, spent), self.officer()
        with transaction():
            agreements.accept_report(officer, report_id, on=on)

    def refunded(self, grant_id: int, unspent: str, *, on: date = DAY) -> None:
        treasurer = self.treasurer()
        with transaction():
            funding.take_refund(
                treasurer, grant_id, unspent=money(unspent), refused=money("0"), on=on
            )

    def statement(
        self, donor: str = "Sweden", *, from_on: date = YEAR[0], until_on: date = YEAR[1]
    ) -> DonorStatement:
        """The figures of a statement, as the books stand."""
        fund_id, donor_id = self.books(), self.donor_named(donor)
        return numbers.build(
            fund_id,
            donor_id,
            from_on=from_on,
            until_on=until_on,
            known_at=ledger.head(fund_id).sequence,
            cover=a_cover(donor=donor, from_on=from_on, until_on=until_on),
        )

    def requested(
        self,
        donor: str = "Sweden",
        *,
        by: Actor | None = None,
        from_on: date = YEAR[0],
        until_on: date = YEAR[1],
    ) -> int:
        """A statement that was asked for and is not made yet; its id."""
        actor, fund_id, donor_id = by or self.treasurer(), self.books(), self.donor_named(donor)
        with transaction():
            return actions.request_statement(
                actor, fund_id, donor_id, from_on=from_on, until_on=until_on
            ).id

    def issued(
        self, donor: str = "Sweden", *, from_on: date = YEAR[0], until_on: date = YEAR[1]
    ) -> int:
        """A statement as the worker issued it; its id."""
        report_id = self.requested(donor, from_on=from_on, until_on=until_on)
        runner.run_waiting()
        return report_id

    def certified(self, donor: str = "Sweden") -> int:
        """A statement that a second person has certified; its id."""
        report_id, certifier = self.issued(donor), self.certifier()
        with transaction():
            actions.certify(certifier, report_id)
        runner.run_waiting()
        return report_id
