"""Deciding: within delegated authority, by somebody who neither wrote nor reviewed."""

from __future__ import annotations

from datetime import date
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from grants.applications import actions, queries
from grants.applications.models import Decision
from grants.applications.rules.decisions import (
    AmountOutsideCall,
    NotWaitingForThis,
    OwnApplication,
    OwnOrganisation,
    OwnReview,
    ReasonMissing,
)
from grants.clock import now
from grants.db import db, transaction
from grants.donors.rules import Earmark
from grants.errors import Malformed, NotAllowed, NotFound
from grants.funding import queries as funding
from grants.funding.rules import NotEnoughFunds
from grants.outbox import queries as outbox
from grants.people import actions as people
from grants.people import queries as who
from grants.people.models import Role
from grants.people.permissions import Actor
from tests.applications.conftest import ApplicationWorld
from tests.makes.donors import money


def approve(actor: Actor, application_id: int, amount: str = "12,400") -> int:
    with transaction():
        return actions.approve(actor, application_id, money(amount), "It will last.").id


def made_approver(world: ApplicationWorld, person: Actor) -> Actor:
    """The same person, now with authority to decide."""
    fund_id, system = world.books(), who.system_actor()
    with transaction():
        people.give_role(system, person.user_id, Role.APPROVER, fund_id)
        people.delegate(
            system, person.user_id, fund_id, money("1,000,000"), valid_from=date(2020, 1, 1)
        )
        return who.actor_of(person.user_id)


def test_approval_sets_the_money_aside_and_tells_the_applicant(world: ApplicationWorld) -> None:
    """
    9120 allocated    100,000.00 -> 87,600.00
    9130 reserved           0.00 -> 12,400.00
    """
    world.with_money()
    application_id, director = world.reviewed(), world.director()
    approve(director, application_id)
    case = queries.case_for_staff(director, application_id)
    assert case.state == "approved"
    assert case.decision is not None
    assert (case.decision.amount, case.decision.by) == (money("12,400"), director.name)
    assert case.decision.grant_id is not None
    grant = funding.grant(case.decision.grant_id)
    assert (grant.reference, grant.title) == (case.reference, "Water kiosks for Masese")
    standing = funding.programme_money(world.programme_named())
    assert (standing.left, standing.reserved) == (money("87,600"), money("12,400"))
    told = outbox.messages_of(world.applicant().user_id)[0]
    assert "is approved" in told.subject
    assert "It will last." in told.body
    assert "What happens next" in told.body


def test_declining_gives_the_reason_to_the_applicant(world: ApplicationWorld) -> None:
    application_id, director = world.submitted(), world.director()
    with pytest.raises(ReasonMissing), transaction():
        actions.decline(director, application_id, "  ")
    with transaction():
        actions.decline(director, application_id, "The budget does not fit the work.")
    assert "does not fit" in outbox.messages_of(world.applicant().user_id)[0].body
    with pytest.raises(NotWaitingForThis, match="is declined"), transaction():
        actions.decline(director, application_id, "Again")
    with pytest.raises(NotWaitingForThis, match="is declined"):
        approve(director, application_id)


def test_only_reviewed_applications_are_approved(world: ApplicationWorld) -> None:
    world.with_money()
    application_id = world.eligible()
    with pytest.raises(NotWaitingForThis, match="is eligible, so it cannot be decided"):
        approve(world.director(), application_id)


def test_authority_has_a_ceiling_and_dates(world: ApplicationWorld) -> None:
    world.with_money()
    application_id = world.reviewed()
    small = world.director("12,399.99")
    with pytest.raises(NotAllowed, match=r"above your delegated authority of USD 12,399\.99"):
        approve(small, application_id)
    stale = world.acting(Role.APPROVER, world.books(), number=77)
    with transaction():
        people.delegate(
            who.system_actor(),
            stale.user_id,
            world.books(),
            money("1,000,000"),
            valid_from=date(2020, 1, 1),
            valid_until=date(2020, 12, 31),
        )
    with pytest.raises(NotAllowed, match=r"delegated authority of USD 0\.00"):
        approve(who.actor_of(stale.user_id), application_id)
    for nobody in (world.officer(), world.reviewer(), world.applicant(), world.treasurer()):
        with pytest.raises(NotAllowed, match="Only a approver"):
            approve(nobody, application_id)
    approve(world.director("12,400"), application_id)


def test_whoever_wrote_reviewed_or_applies_does_not_decide(world: ApplicationWorld) -> None:
    world.with_money()
    colleague = world.applicant(number=2)
    application_id = world.reviewed()
    for person, refusal in (
        (world.applicant(), OwnApplication),
        (world.reviewer(), OwnReview),
        (colleague, OwnOrganisation),
    ):
        approver = made_approver(world, person)
        with pytest.raises(refusal):
            approve(approver, application_id)
        with pytest.raises(refusal), transaction():
            actions.decline(approver, application_id, "No")
        assert queries.decision_page(approver, application_id).against
    assert world.application(application_id).state == "reviewed"


def test_officer_who_screened_may_decide(world: ApplicationWorld) -> None:
    world.with_money()
    application_id = world.reviewed()
    approve(made_approver(world, world.officer()), application_id)


def test_database_itself_refuses_such_deciders(world: ApplicationWorld) -> None:
    reviewed = world.reviewed()
    empty = world.draft(world.applicant("City of Gulu"))
    author, director = world.applicant(), world.director()
    gulu = world.applicant("City of Gulu")
    for application_id, decider, names, sentence in (
        (empty, gulu, gulu, "decider_is_not_the_author"),
        (reviewed, author, director, "decider_did_not_write"),
        (reviewed, world.reviewer(), author, "decider_is_not_a_reviewer"),
        (reviewed, director, world.officer(), "decision_names_the_author"),
    ):
        with pytest.raises(IntegrityError, match=sentence), transaction():
            db.session.add(
                Decision(
                    application_id=application_id,
                    outcome="declined",
                    reason="Around the rules.",
                    author_id=names.user_id,
                    decided_by_id=decider.user_id,
                    decided_at=now(),
                    ceiling_minor=0,
                )
            )


def test_database_refuses_that_the_decider_reviews_afterwards(world: ApplicationWorld) -> None:
    application_id = world.approved()
    with pytest.raises(IntegrityError, match="decider_is_not_a_reviewer"), transaction():
        db.session.execute(
            text(
                "INSERT INTO review (application_id, reviewer_id, assigned_by_id, assigned_at,"
                " conflict_reason, scores, comment, recommendation)"
                " VALUES (:a, :r, :r, '2026-01-01', '', '{}', '', '')"
            ),
            {"a": application_id, "r": world.director().user_id},
        )


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE decision SET reason = 'other'", "decisions_are_never_changed"),
        ("DELETE FROM decision", "decisions_are_never_changed"),
        ("UPDATE form_version SET name = 'other'", "published_forms_are_never_changed"),
        ("DELETE FROM form_version", "published_forms_are_never_changed"),
    ],
)
def test_database_keeps_decisions_and_forms(
    world: ApplicationWorld, statement: str, sentence: str
) -> None:
    world.approved()
    with pytest.raises(IntegrityError, match=sentence), transaction():
        db.session.execute(text(statement))


def test_amount_lies_within_the_call_and_the_dates_make_sense(world: ApplicationWorld) -> None:
    world.with_money()
    application_id, director = world.reviewed(), world.director()
    for amount in ("999.99", "50,000.01"):
        with pytest.raises(AmountOutsideCall, match=r"from USD 1,000.00 to USD 50,000.00"):
            approve(director, application_id, amount)
    with pytest.raises(Malformed, match="ends after it starts"), transaction():
        actions.approve(
            director,
            application_id,
            money("2,000"),
            "Yes",
            starts_on=date(2027, 2, 1),
            ends_on=date(2027, 1, 1),
        )


def test_what_the_programme_cannot_afford_is_refused_with_what_is_left(
    world: ApplicationWorld,
) -> None:
    world.with_money("10,000")
    application_id, director = world.reviewed(), world.director()
    page = queries.decision_page(director, application_id)
    assert page.preview is not None
    assert page.preview.refusal is not None
    with pytest.raises(NotEnoughFunds, match=r"10,000\.00") as refused:
        approve(director, application_id)
    assert refused.value.left == money("10,000")
    assert world.application(application_id).state == "reviewed"


def test_decision_page_shows_the_whole_case_and_what_it_would_do(world: ApplicationWorld) -> None:
    world.with_money()
    application_id, director = world.reviewed(), world.director("20,000")
    page = queries.decision_page(director, application_id)
    assert (page.amount, page.left_after) == (money("12,400"), money("87,600"))
    assert page.budget is not None
    assert page.budget.total == money("12,400")
    assert page.preview is not None
    assert [share.donor for share in page.preview.shares] == ["Sweden"]
    assert (page.ceiling, page.against) == (money("20,000"), "")
    assert page.is_decidable
    assert page.is_declinable
    less = queries.decision_page(director, application_id, amount=money("5,000"))
    assert less.left_after == money("95,000")
    assert "approver" in queries.decision_page(world.officer(), application_id).against
    with pytest.raises(NotFound):
        queries.decision_page(world.applicant(), application_id)
    with pytest.raises(NotFound):
        queries.decision_page(world.reviewer(), application_id)


def test_each_sees_what_waits_for_them(app: Flask, world: ApplicationWorld) -> None:
    world.with_money()
    gulu, kasese = world.applicant("City of Gulu"), world.applicant("Kasese")
    drafted, submitted = world.draft(gulu), world.submitted(kasese)
    eligible = world.eligible(world.applicant("Mbale"))
    in_review = world.eligible(world.applicant("Arua"))
    review_id = world.assigned(in_review)
    reviewed = world.eligible(world.applicant("Lira"))
    done = world.assigned(reviewed, world.reviewer(2))
    world.declared(done)
    world.scored(done)

    def waiting(actor: Actor) -> set[tuple[str, int]]:
        return {(each.what, each.thing_id) for each in queries.waiting_for(actor)}

    assert waiting(gulu) == {("finish", drafted)}
    assert waiting(kasese) == set()
    assert waiting(world.officer()) == {("screen", submitted), ("assign", eligible)}
    assert waiting(world.reviewer()) == {("review", review_id)}
    assert waiting(world.director()) == {("decide", reviewed)}
    assert waiting(made_approver(world, world.reviewer(2))) == set()
    other_fund = world.fund("Another Fund")
    assert queries.waiting_for(world.officer(), other_fund) == []
    counts = queries.counts_by_state(world.books())
    assert counts == {"submitted": 1, "eligible": 1, "in_review": 1, "reviewed": 1}
    assert queries.asked_for(world.books()) == money("49,600")


def test_of_two_approvals_at_once_that_do_not_both_fit_one_succeeds(
    app: Flask, world: ApplicationWorld
) -> None:
    world.with_money("20,000")
    both = [world.reviewed(), world.reviewed(world.applicant("City of Gulu"))]
    director = world.director()
    refused: list[NotEnoughFunds] = []

    def decide(application_id: int) -> None:
        with app.app_context():
            try:
                approve(director, application_id)
            except NotEnoughFunds as refusal:
                refused.append(refusal)
            finally:
                db.session.remove()

    threads = [Thread(target=decide, args=(application_id,)) for application_id in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(world.application(each).state for each in both) == ["approved", "reviewed"]
    assert [each.left for each in refused] == [money("7,600")]


def test_money_that_excludes_what_the_budget_buys_does_not_pay(world: ApplicationWorld) -> None:
    """
    Norway excludes a word of the budget's first line: it is not asked, on the page or in deed
    """
    application_id = world.reviewed()
    case = queries.decision_page(world.director(), application_id).case
    items = queries.items_of(case.form, case.answers)
    word = min(one for one in items if one.isalpha())
    world.deposit("50,000", donor="Norway", conditions=Earmark(excluded=frozenset({word.upper()})))
    world.deposit("50,000", donor="Sweden")
    world.allocation("100,000")
    page = queries.decision_page(world.director(), application_id)
    assert page.preview is not None
    assert [one.donor for one in page.preview.shares] == ["Sweden"]
    approve(world.director(), application_id)
    grants = funding.grants_of(world.books())[0]
    assert [one.donor for one in funding.attribution_of(grants[0].id)] == ["Sweden"]
