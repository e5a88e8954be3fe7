"""Deciding on the staff desk: the case, the preview, the refusals with everything still typed."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants.db import transaction
from grants.people import actions as people
from grants.people import queries as who
from grants.people.models import Role
from grants.people.permissions import Actor
from tests.makes.donors import money
from tests.web.application_world import DeskWorld, controls, statements, words

HERE = "/staff/applications/1/decision"
YES = {
    "outcome": "approve",
    "amount": "12,000",
    "starts_on": "2099-02-01",
    "ends_on": "2099-12-31",
    "reason": "It is <well> thought out.",
}


@pytest.fixture
def world(app: Flask) -> DeskWorld:
    made = DeskWorld(app)
    made.with_money("20,000")
    assert made.reviewed() == 1
    return made


def director(world: DeskWorld, ceiling: str = "1,000,000,000") -> FlaskClient:
    return world.browser(world.director(ceiling))


def approver(world: DeskWorld, person: Actor) -> FlaskClient:
    fund_id, system = world.books(), who.system_actor()
    with transaction():
        people.give_role(system, person.user_id, Role.APPROVER, fund_id)
        people.delegate(
            system, person.user_id, fund_id, money("1,000,000"), valid_from=date(2020, 1, 1)
        )
    return world.browser(who.actor_of(person.user_id))


def test_whole_case_stands_on_one_page(world: DeskWorld) -> None:
    page = words(director(world).get(HERE))
    for part in (
        "Asked for USD 12,400.00",
        "Score 80.0",
        "Eligible Yes",
        "Left in the programme USD 20,000.00",
        "Left afterwards USD 7,600.00",
        "2 · Supplies, commodities, materials",
        "Sound.",
        "See what it will do",
    ):
        assert part in page.replace("\xa0", " ")


def test_preview_shows_the_letter_and_the_consequence_before_anything_happens(
    world: DeskWorld,
) -> None:
    browser = director(world)
    preview = browser.post(HERE, data=YES)
    assert preview.status_code == 200
    text = words(preview).replace("\xa0", " ")
    assert "is approved with USD 12,000.00. It is <well> thought out." in text
    assert "USD 12,000.00 is set aside in Uganda Country Programme" in text
    assert "USD 8,000.00 is left there" in text
    assert "Sweden" in text
    assert world.application(1).state == "reviewed"
    carried = controls(preview, HERE)
    changed = browser.post(HERE, data={**carried, "go": "change"})
    assert controls(changed, HERE)["reason"] == YES["reason"]
    done = browser.post(HERE, data={**carried, "go": "decide"})
    assert (done.status_code, done.location) == (303, HERE)
    assert world.application(1).state == "approved"
    after = words(browser.get(HERE)).replace("\xa0", " ")
    assert "Decided by Approver" in after
    assert "Amount USD 12,000.00" in after
    assert "Open the grant" in after


def test_declining_needs_its_reason_and_sends_it(world: DeskWorld) -> None:
    browser = director(world)
    missing = browser.post(HERE, data={"outcome": "decline", "reason": " "})
    assert missing.status_code == 422
    assert "Give the reason: the applicant reads it." in words(missing)
    no = {"outcome": "decline", "reason": "Another project is closer to the call."}
    assert "was not selected" in words(browser.post(HERE, data=no))
    assert browser.post(HERE, data={**no, "go": "decide"}).status_code == 303
    assert "Another project is closer" in words(world.grace().get("/applicant/1"))
    late = browser.post(HERE, data={**no, "go": "decide"})
    assert late.status_code == 409


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"outcome": ""}, 422, "Choose whether to approve or to decline."),
        ({"amount": ""}, 422, "Give the amount that is approved."),
        ({"amount": "a lot"}, 422, "Enter an amount in USD"),
        ({"amount": "60,000"}, 422, "outside what this call gives"),
        ({"amount": "25,000"}, 409, "20,000.00"),
        ({"ends_on": "2099-01-01"}, 422, "ends after it starts"),
    ],
)
def test_refusals_keep_everything_that_was_typed(
    world: DeskWorld, changed: dict[str, str], status: int, sentence: str
) -> None:
    refused = director(world).post(HERE, data={**YES, **changed, "go": "decide"})
    assert refused.status_code == status
    assert sentence in words(refused).replace("\xa0", " ")
    typed = controls(refused, HERE)
    assert typed["reason"] == YES["reason"]
    assert typed["amount"] == {**YES, **changed}["amount"]
    assert world.application(1).state == "reviewed"


def test_preview_says_what_the_fund_cannot_afford(world: DeskWorld) -> None:
    text = words(director(world).post(HERE, data={**YES, "amount": "25,000"}))
    assert "The fund cannot pay for this now" in text
    assert "Approve with" not in text


def test_ceiling_is_shown_and_kept(world: DeskWorld) -> None:
    browser = director(world, "10,000")
    text = words(browser.post(HERE, data=YES)).replace("\xa0", " ")
    assert "above your delegated authority of USD 10,000.00" in text
    refused = browser.post(HERE, data={**YES, "go": "decide"})
    assert refused.status_code == 403
    assert "above your delegated authority" in words(refused)
    assert controls(refused, HERE)["reason"] == YES["reason"]


def test_whoever_may_not_decide_reads_why(world: DeskWorld) -> None:
    officer = world.browser(world.officer())
    assert "Only an approver of this fund" in words(officer.get(HERE))
    refused = officer.post(HERE, data={**YES, "go": "decide"})
    assert refused.status_code == 403
    reviewer = approver(world, world.reviewer())
    assert "You reviewed this application" in words(reviewer.get(HERE))
    assert reviewer.post(HERE, data={**YES, "go": "decide"}).status_code == 403
    author = approver(world, world.applicant())
    assert "You wrote this application" in words(author.get(HERE))
    assert author.post(HERE, data={**YES, "go": "decide"}).status_code == 403
    assert world.application(1).state == "reviewed"


def test_not_yet_reviewed_can_only_be_declined(world: DeskWorld) -> None:
    second = world.submitted(world.applicant("City of Gulu"))
    here = f"/staff/applications/{second}/decision"
    browser = director(world)
    assert "Until then it can only be declined" in words(browser.get(here))
    refused = browser.post(here, data={**YES, "go": "decide"})
    assert refused.status_code == 409
    assert "so it cannot be decided" in words(refused)


def test_page_takes_the_same_number_of_statements_however_full_the_fund(world: DeskWorld) -> None:
    browser = director(world)
    few = statements(lambda: browser.get(HERE))
    for _number in range(3):
        world.deposit("100")
    assert statements(lambda: browser.get(HERE)) == few <= 40
