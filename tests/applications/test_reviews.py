"""Screening and reviewing: a conflict of interest is declared before the text opens."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from grants.applications import actions, queries
from grants.applications.actions.reviews import (
    ConflictNotDeclared,
    RecusedReviewer,
    SameOrganisation,
)
from grants.applications.models import EligibilityCheck, Review
from grants.applications.rules.decisions import (
    NotWaitingForThis,
    ReasonMissing,
    ScoreOutOfRange,
    ScoresIncomplete,
)
from grants.clock import now
from grants.db import db, transaction
from grants.errors import Malformed, NotAllowed, NotFound, Refused
from grants.outbox import queries as outbox
from grants.people import actions as people
from grants.people import queries as who
from grants.people.models import Role
from tests.applications.conftest import ApplicationWorld

PASSED = {"legal": True, "country": True, "sound": True}


def test_eligible_application_goes_on_and_its_applicant_is_told(world: ApplicationWorld) -> None:
    application_id = world.submitted()
    with transaction():
        actions.check_eligibility(world.officer(), application_id, PASSED)
    assert world.application(application_id).state == "eligible"
    told = outbox.messages_of(world.applicant().user_id)[0]
    assert "is eligible" in told.subject
    assert "reviewers read it next" in told.body
    with pytest.raises(NotWaitingForThis, match="so it cannot be screened"), transaction():
        actions.check_eligibility(world.officer(), application_id, PASSED)


def test_ineligible_application_gives_its_reason_to_the_applicant(world: ApplicationWorld) -> None:
    application_id, officer = world.submitted(), world.officer()
    failed = {**PASSED, "country": False}
    with pytest.raises(ReasonMissing), transaction():
        actions.check_eligibility(officer, application_id, failed, reason=" ")
    with pytest.raises(Malformed, match="still open"), transaction():
        actions.check_eligibility(officer, application_id, {"legal": True}, reason="x")
    with transaction():
        actions.check_eligibility(officer, application_id, failed, reason="It is not in Uganda.")
    assert world.application(application_id).state == "ineligible"
    assert "It is not in Uganda." in outbox.messages_of(world.applicant().user_id)[0].body
    shown = queries.case_for_applicant(world.applicant(), application_id).screening
    assert shown is not None
    assert (shown.reason, shown.by) == ("It is not in Uganda.", "")
    with pytest.raises(NotWaitingForThis), transaction():
        actions.assign_review(officer, application_id, world.reviewer().user_id)


def test_only_officers_screen_and_assign(world: ApplicationWorld) -> None:
    application_id = world.submitted()
    for person in (world.applicant(), world.reviewer(), world.director()):
        with pytest.raises(NotAllowed), transaction():
            actions.check_eligibility(person, application_id, PASSED)
        with pytest.raises(NotAllowed), transaction():
            actions.assign_review(person, application_id, world.reviewer().user_id)


def test_database_refuses_ineligible_without_a_reason(world: ApplicationWorld) -> None:
    application_id = world.submitted()
    with pytest.raises(IntegrityError, match="ineligible_gives_its_reason"), transaction():
        db.session.add(
            EligibilityCheck(
                application_id=application_id,
                answers={},
                is_eligible=False,
                reason="",
                checked_by_id=world.officer().user_id,
                checked_at=now(),
            )
        )


def test_author_and_own_organisation_are_not_asked_to_review(world: ApplicationWorld) -> None:
    application_id, officer = world.eligible(), world.officer()
    fund_id, author = world.books(), world.applicant()
    colleague = world.applicant(number=2)
    with transaction():
        for person in (author, colleague):
            people.give_role(who.system_actor(), person.user_id, Role.REVIEWER, fund_id)
    for person in (author, colleague):
        with pytest.raises(SameOrganisation), transaction():
            actions.assign_review(officer, application_id, person.user_id)
    with pytest.raises(Refused, match="is not a reviewer of this fund"), transaction():
        actions.assign_review(officer, application_id, world.director().user_id)


def test_nobody_is_asked_twice(world: ApplicationWorld) -> None:
    application_id, officer = world.eligible(), world.officer()
    world.assigned(application_id)
    assert world.application(application_id).state == "in_review"
    with pytest.raises(Refused, match="has been asked already"), transaction():
        actions.assign_review(officer, application_id, world.reviewer().user_id)


def test_application_stays_closed_until_the_conflict_question_is_answered(
    world: ApplicationWorld,
) -> None:
    review_id, reviewer = world.assigned(world.eligible()), world.reviewer()
    page = queries.review_page(reviewer, review_id)
    assert not page.is_readable
    assert (dict(page.answers), page.requested) == ({}, None)
    assert page.organisation == "City of Jinja"
    with pytest.raises(ConflictNotDeclared), transaction():
        actions.save_scores(reviewer, review_id, {}, {})
    with pytest.raises(ConflictNotDeclared), transaction():
        actions.submit_review(reviewer, review_id)
    world.declared(review_id)
    page = queries.review_page(reviewer, review_id)
    assert page.answers["title"] == "Water kiosks for Masese"
    with pytest.raises(Refused, match="declared this already"), transaction():
        actions.declare_conflict(reviewer, review_id, has_conflict=True, reason="x")


def test_conflict_closes_the_review_for_good(world: ApplicationWorld) -> None:
    application_id = world.eligible()
    review_id, reviewer = world.assigned(application_id), world.reviewer()
    with pytest.raises(Malformed, match="what the conflict is"), transaction():
        actions.declare_conflict(reviewer, review_id, has_conflict=True, reason=" ")
    world.declared(review_id, has_conflict=True)
    assert not queries.review_page(reviewer, review_id).is_readable
    with pytest.raises(RecusedReviewer), transaction():
        actions.save_scores(reviewer, review_id, {"need": 5}, {})
    assert world.application(application_id).state == "in_review"
    told = outbox.messages_of(world.officer().user_id)[0]
    assert "I worked with them." in told.body
    line = queries.case_for_staff(world.officer(), application_id).reviews[0]
    assert (line.conflict, line.conflict_reason) == ("conflict", "I worked with them.")


def test_last_answer_of_the_reviewers_ends_the_reviewing(world: ApplicationWorld) -> None:
    application_id = world.eligible()
    first = world.assigned(application_id)
    second = world.assigned(application_id, world.reviewer(2))
    world.declared(first)
    world.scored(first)
    assert world.application(application_id).state == "in_review"
    world.declared(second, has_conflict=True)
    assert world.application(application_id).state == "reviewed"


def test_another_persons_review_is_not_there(world: ApplicationWorld) -> None:
    review_id = world.assigned(world.eligible())
    for stranger in (world.reviewer(2), world.officer(), world.applicant()):
        with pytest.raises(NotFound):
            queries.review_page(stranger, review_id)
        with pytest.raises(NotFound), transaction():
            actions.declare_conflict(stranger, review_id, has_conflict=False)


def test_scores_are_kept_as_they_come_and_handed_in_complete(world: ApplicationWorld) -> None:
    application_id = world.eligible()
    review_id, reviewer = world.assigned(application_id), world.reviewer()
    world.declared(review_id)
    with transaction():
        actions.save_scores(reviewer, review_id, {"need": 5}, {"need": "Clear."}, comment="Good")
    with transaction():
        actions.save_scores(reviewer, review_id, {"approach": 3}, {})
    page = queries.review_page(reviewer, review_id)
    assert page.scores["need"] == {"score": 5, "comment": "Clear."}
    assert page.scores["approach"] == {"score": 3, "comment": ""}
    assert page.comment == "Good"
    with pytest.raises(ScoresIncomplete, match="Capacity and cost"), transaction():
        actions.submit_review(reviewer, review_id)
    with pytest.raises(ScoreOutOfRange, match="from 0 to 5"), transaction():
        actions.save_scores(reviewer, review_id, {"capacity": 6}, {})
    with transaction():
        actions.save_scores(reviewer, review_id, {"capacity": 4}, {})
    with pytest.raises(Malformed, match="what you recommend"), transaction():
        actions.submit_review(reviewer, review_id)
    hidden = queries.case_for_staff(world.officer(), application_id).reviews[0]
    assert (dict(hidden.scores), hidden.comment, hidden.score) == ({}, "", None)
    with transaction():
        actions.save_scores(reviewer, review_id, {}, {}, recommendation="fund")
        actions.submit_review(reviewer, review_id)
    case = queries.case_for_staff(world.officer(), application_id)
    assert case.score == Decimal("78.0")
    assert case.state == "reviewed"
    with pytest.raises(Refused), transaction():
        actions.save_scores(reviewer, review_id, {"need": 0}, {})


def test_applicant_sees_neither_reviews_nor_names(world: ApplicationWorld) -> None:
    application_id = world.reviewed()
    case = queries.case_for_applicant(world.applicant(), application_id)
    assert case.reviews == ()
    assert case.score is None
    verbs = [each.what for each in queries.timeline(world.applicant(), application_id)]
    assert verbs == ["application.screened", "application.submitted", "application.started"]
    assert {each.who for each in queries.timeline(world.applicant(), application_id)} == {
        "",
        "Grace Nakato 1",
    }
    staff = [each.what for each in queries.timeline(world.officer(), application_id)]
    assert staff[:3] == ["review.submitted", "review.conflict_declared", "review.assigned"]
    with pytest.raises(NotFound):
        queries.timeline(world.applicant("City of Gulu"), application_id)


def test_reviewer_is_led_to_the_next_open_review(world: ApplicationWorld) -> None:
    first = world.assigned(world.eligible())
    second = world.assigned(world.eligible(world.applicant("City of Gulu")))
    reviewer = world.reviewer()
    assert queries.review_page(reviewer, first).next_id == second
    world.declared(first)
    world.scored(first)
    assert queries.review_page(reviewer, second).next_id is None
    assert [line.id for line in queries.my_reviews(reviewer)] == [second, first]
    assert [line.is_wanted for line in queries.my_reviews(reviewer)] == [True, False]


def test_database_refuses_scores_without_a_declaration(world: ApplicationWorld) -> None:
    review_id = world.assigned(world.eligible())
    with pytest.raises(IntegrityError, match="no_scores_without_a_declaration"), transaction():
        db.session.get_one(Review, review_id).submitted_at = now()


def test_officer_goes_on_without_a_reviewer_who_does_not_answer(world: ApplicationWorld) -> None:
    application_id, officer = world.eligible(), world.officer()
    first = world.assigned(application_id)
    silent = world.reviewer(2)
    second = world.assigned(application_id, silent)
    world.declared(first)
    with pytest.raises(Refused, match="no submitted review yet"), transaction():
        actions.close_reviewing(officer, application_id, reason="It is late.")
    world.scored(first)
    with pytest.raises(Malformed, match="Say why"), transaction():
        actions.close_reviewing(officer, application_id, reason=" ")
    with pytest.raises(NotAllowed), transaction():
        actions.close_reviewing(world.director(), application_id, reason="It is late.")
    with transaction():
        actions.close_reviewing(officer, application_id, reason="It is late.")
    assert world.application(application_id).state == "reviewed"
    assert "no longer needed" in outbox.messages_of(silent.user_id)[0].subject
    with pytest.raises(NotWaitingForThis), transaction():
        actions.declare_conflict(silent, second, has_conflict=False)
