"""Arranging calls, applications, reviews and decisions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from grants import clock
from grants.applications import actions
from grants.applications.actions import NewCall
from grants.applications.models import Application, Review
from grants.applications.rules.starter_form import (
    STARTER_CRITERIA,
    STARTER_ELIGIBILITY,
    STARTER_FORM,
)
from grants.db import db, transaction
from grants.people import actions as people
from grants.people import queries as who
from grants.people.models import Role
from grants.people.permissions import Actor
from tests.makes.donors import money
from tests.makes.funding import FundingMakes

#: Answers with which the starter form is complete: 12,400.00 dollars are asked for.
COMPLETE: dict[str, str] = {
    "organisation_kind": "local_government",
    "contact_name": "Grace Nakato, town clerk",
    "has_partner": "no",
    "title": "Water kiosks for Masese",
    "place": "Jinja, Masese settlement",
    "problem": "Most of the 12,000 people of Masese fetch water from the lake.",
    "approach": "Twelve kiosks, each run by a savings group.",
    "people_reached": "12,000",
    "starts_on": "2027-02-01",
    "months": "12",
    "budget-0-category": "2",
    "budget-0-description": "Kiosks",
    "budget-0-quantity": "12",
    "budget-0-unit_cost": "1,000.00",
    "budget-1-category": "5",
    "budget-1-description": "Visits",
    "budget-1-quantity": "4",
    "budget-1-unit_cost": "100",
    "own_contribution": "0",
    "moves_people": "no",
}


class ApplicationMakes(FundingMakes):
    """What tests say about applications. Everything happens in The Fund."""

    def applicant(self, organisation: str = "City of Jinja", *, number: int = 1) -> Actor:
        """Somebody who writes applications of an organisation."""
        key = f"applicant {organisation} {number}"
        if key not in self.made:
            organisation_id, fund_id = self.grantee_named(organisation), self.books()
            with transaction():
                system = who.system_actor()
                user = people.register_user(
                    system,
                    email=f"applicant-{len(self.made)}@city.example",
                    name=f"Grace Nakato {number}",
                    organisation_id=organisation_id,
                    time_zone="Africa/Kampala",
                )
                people.give_role(system, user.id, Role.APPLICANT, fund_id)
                self.made[key] = who.actor_of(user.id)
        found = self.made[key]
        assert isinstance(found, Actor)
        return found

    def officer(self) -> Actor:
        return self.acting(Role.GRANT_OFFICER, self.books())

    def reviewer(self, number: int = 1) -> Actor:
        return self.acting(Role.REVIEWER, self.books(), number=number)

    def form_version(self, definition: Mapping[str, Any] = STARTER_FORM) -> int:
        fund_id, officer = self.books(), self.officer()
        with transaction():
            name = str(definition["title"])
            return actions.publish_form(officer, fund_id, name=name, definition=definition).id

    def new_call(
        self,
        *,
        reference: str = "CA-2026-01",
        closes_at: datetime | None = None,
        opens_at: datetime | None = None,
        zone: str = "Africa/Kampala",
        grace_minutes: int = 0,
        definition: Mapping[str, Any] = STARTER_FORM,
        grant_max: str = "50,000",
        title: str = "Community Upgrading Fund 2026",
    ) -> NewCall:
        return NewCall(
            programme_id=self.programme_named("Uganda Country Programme"),
            form_version_id=self.form_version(definition),
            reference=reference,
            title=title,
            summary="Small grants for what communities decide to build.",
            year=2026,
            envelope=money("400,000"),
            grant_min=money("1,000"),
            grant_max=money(grant_max),
            opens_at=opens_at,
            closes_at=closes_at or clock.now() + timedelta(days=30),
            time_zone=zone,
            grace_minutes=grace_minutes,
            criteria=STARTER_CRITERIA,
            eligibility=STARTER_ELIGIBILITY,
        )

    def call(self, reference: str = "CA-2026-01", **words: Any) -> int:
        """A published call; the one of that reference, if it is there already."""
        key = f"call {reference}"
        if key not in self.made:
            new, officer = self.new_call(reference=reference, **words), self.officer()
            with transaction():
                call_id = actions.new_call(officer, new).id
                actions.publish_call(officer, call_id)
                self.made[key] = call_id
        found = self.made[key]
        assert isinstance(found, int)
        return found

    def draft(self, actor: Actor | None = None, *, call: str = "CA-2026-01") -> int:
        """A draft in which nothing stands yet."""
        call_id, author = self.call(call), actor or self.applicant()
        with transaction():
            return actions.start_draft(author, call_id).id

    def complete_draft(
        self,
        actor: Actor | None = None,
        *,
        call: str = "CA-2026-01",
        answers: Mapping[str, str] = COMPLETE,
    ) -> int:
        author = actor or self.applicant()
        application_id = self.draft(author, call=call)
        with transaction():
            actions.save_answers(author, application_id, answers, base_revision=0)
        return application_id

    def submitted(self, actor: Actor | None = None, **words: Any) -> int:
        author = actor or self.applicant()
        application_id = self.complete_draft(author, **words)
        with transaction():
            actions.submit(author, application_id)
        return application_id

    def eligible(self, actor: Actor | None = None, **words: Any) -> int:
        application_id, officer = self.submitted(actor, **words), self.officer()
        with transaction():
            passed = {rule.key: True for rule in STARTER_ELIGIBILITY}
            actions.check_eligibility(officer, application_id, passed)
        return application_id

    def assigned(self, application_id: int, reviewer: Actor | None = None) -> int:
        """A review that somebody was asked for, with nothing declared."""
        officer, asked = self.officer(), reviewer or self.reviewer()
        with transaction():
            return actions.assign_review(officer, application_id, asked.user_id).id

    def declared(self, review_id: int, *, has_conflict: bool = False) -> None:
        reviewer = self.reviewer_of(review_id)
        with transaction():
            reason = "I worked with them." if has_conflict else ""
            actions.declare_conflict(reviewer, review_id, has_conflict=has_conflict, reason=reason)

    def scored(self, review_id: int, score: int = 4) -> None:
        """A review handed in with this score for each criterion."""
        reviewer = self.reviewer_of(review_id)
        with transaction():
            scores = {criterion.key: score for criterion in STARTER_CRITERIA}
            actions.save_scores(
                reviewer, review_id, scores, {}, comment="Sound.", recommendation="fund"
            )
            actions.submit_review(reviewer, review_id)

    def reviewed(self, actor: Actor | None = None, **words: Any) -> int:
        """An application with one review, ready to be decided."""
        application_id = self.eligible(actor, **words)
        review_id = self.assigned(application_id)
        self.declared(review_id)
        self.scored(review_id)
        return application_id

    def with_money(self, amount: str = "100,000") -> None:
        """Money in the programme, so that grants of it can be afforded."""
        self.deposit(amount)
        self.allocation(amount)

    def approved(self, actor: Actor | None = None, *, amount: str = "12,400", **words: Any) -> int:
        """An application that is approved, its money reserved."""
        application_id, director = self.reviewed(actor, **words), self.director()
        self.with_money()
        with transaction():
            actions.approve(director, application_id, money(amount), "It is well thought out.")
        return application_id

    def application(self, application_id: int) -> Application:
        """The row as it is now."""
        db.session.rollback()
        return db.session.get_one(Application, application_id)

    def reviewer_of(self, review_id: int) -> Actor:
        found = who.actor_of(db.session.get_one(Review, review_id).reviewer_id)
        db.session.rollback()
        return found
