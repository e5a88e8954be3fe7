"""The reviewer's way: the conflict question, reading, scoring, the next one."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from grants.applications import actions
from grants.applications.models import Review
from grants.db import db, transaction
from tests.web.application_world import DeskWorld, controls, statements, words

SCORES = {"score-need": "5", "score-approach": "3", "score-capacity": "4"}


def asked(world: DeskWorld) -> FlaskClient:
    """The browser of somebody who was asked for review 1."""
    assert world.assigned(world.eligible()) == 1
    return world.browser(world.reviewer())


def held(review_id: int = 1) -> Review:
    db.session.rollback()
    return db.session.get_one(Review, review_id)


def test_application_opens_after_the_conflict_question(world: DeskWorld) -> None:
    browser = asked(world)
    assert "Conflict question first" in words(browser.get("/reviews/"))
    closed = words(browser.get("/reviews/1"))
    assert "Do you have a conflict of interest?" in closed
    assert "City of Jinja" in closed
    assert "fetch water from the lake" not in closed
    missing = browser.post("/reviews/1/declare", data={})
    assert missing.status_code == 422
    assert "Say whether you have a conflict of interest." in words(missing)
    answer = browser.post("/reviews/1/declare", data={"has_conflict": "no"})
    assert (answer.status_code, answer.location) == (303, "/reviews/1")
    opened = words(browser.get("/reviews/1"))
    assert "fetch water from the lake" in opened
    assert "USD 12,400.00" in opened


def test_conflict_closes_the_application_and_needs_its_reason(world: DeskWorld) -> None:
    browser = asked(world)
    missing = browser.post("/reviews/1/declare", data={"has_conflict": "yes", "reason": ""})
    assert missing.status_code == 422
    assert "what the conflict is" in words(missing)
    done = browser.post(
        "/reviews/1/declare",
        data={"has_conflict": "yes", "reason": "My sister works there."},
        follow_redirects=True,
    )
    assert "asks somebody else" in words(done)
    closed = words(browser.get("/reviews/1"))
    assert "stays closed to you" in closed
    assert "My sister works there." in closed
    assert "fetch water" not in closed
    refused = browser.post("/reviews/1", data=SCORES, follow_redirects=True)
    assert "stays closed to you" in words(refused)
    twice = browser.post("/reviews/1/declare", data={"has_conflict": "no"})
    assert twice.status_code == 409


def test_scores_are_saved_while_they_are_given(world: DeskWorld) -> None:
    browser = asked(world)
    world.declared(1)
    saved = browser.post("/reviews/1/save", data={"score-need": "5"}).get_json()
    assert re.fullmatch(r"Saved \d\d:\d\d:\d\d UTC", saved["text"])
    browser.post("/reviews/1/save", data={"comment-need": "Clear.", "comment": "A & B"})
    page = browser.get("/reviews/1")
    shown = controls(page, "/reviews/1")
    assert (shown["score-need"], shown["comment-need"]) == ("5", "Clear.")
    assert shown["comment"] == "A & B"
    stayed = browser.post("/reviews/1", data={**shown, "score-approach": "2", "go": "stay"})
    assert stayed.location == "/reviews/1"
    assert held().scores["approach"] == {"score": 2, "comment": ""}
    wrong = browser.post("/reviews/1/save", data={"score-need": "9"}, headers={"X-Autosave": "1"})
    assert wrong.status_code == 422
    assert wrong.get_json()["error"] == "Need is scored from 0 to 5."
    browser.post("/reviews/1/save", data={"score-need": "many"})
    assert held().scores["need"]["score"] is None


def test_incomplete_review_is_not_handed_in_and_keeps_what_was_typed(world: DeskWorld) -> None:
    browser = asked(world)
    world.declared(1)
    data = {"score-need": "5", "comment": "Not done yet", "recommendation": "fund"}
    refused = browser.post("/reviews/1", data=data)
    assert refused.status_code == 422
    assert "Approach is still open" in words(refused)
    assert controls(refused, "/reviews/1")["comment"] == "Not done yet"
    assert held().comment == "Not done yet"
    assert held().submitted_at is None


def test_handing_in_leads_to_the_next_review(world: DeskWorld) -> None:
    browser = asked(world)
    world.assigned(world.eligible(world.applicant("City of Gulu")))
    world.declared(1)
    data = {**SCORES, "comment": "Fund it.", "recommendation": "fund", "go": "on"}
    done = browser.post("/reviews/1", data=data)
    assert (done.status_code, done.location) == (303, "/reviews/2")
    page = words(browser.get("/reviews/1"))
    assert "Handed in" in page
    assert "Fund it" in page
    again = browser.post("/reviews/1", data=data, follow_redirects=True)
    assert "so it stays as it is" in words(again)
    home = words(browser.get("/reviews/"))
    assert "1 application waits for your review." in home


def test_another_persons_review_is_not_there(world: DeskWorld) -> None:
    asked(world)
    for stranger in (world.reviewer(2),):
        browser = world.browser(stranger)
        assert browser.get("/reviews/1").status_code == 404
        assert browser.post("/reviews/1/declare", data={"has_conflict": "no"}).status_code == 404
        assert browser.post("/reviews/1", data=SCORES).status_code == 404
        assert browser.post("/reviews/1/save", data=SCORES).status_code == 404
    assert world.grace().get("/reviews/").status_code == 404


def test_attachment_opens_only_after_the_declaration(world: DeskWorld) -> None:
    author = world.applicant()
    application_id = world.complete_draft()
    with transaction():
        actions.attach_file(
            author, application_id, "support_letter", name="letter.pdf", content=b"%PDF-1.4 x"
        )
        actions.submit(author, application_id)
        passed = {"legal": True, "country": True, "sound": True}
        actions.check_eligibility(world.officer(), application_id, passed)
    review_id = world.assigned(application_id)
    browser = world.browser(world.reviewer())
    assert browser.get(f"/reviews/{review_id}/files/1").status_code == 404
    world.declared(review_id)
    assert browser.get(f"/reviews/{review_id}/files/1").data == b"%PDF-1.4 x"
    assert "letter.pdf" in words(browser.get(f"/reviews/{review_id}"))


def test_review_of_a_withdrawn_application_is_no_longer_needed(world: DeskWorld) -> None:
    browser = asked(world)
    world.declared(1)
    with transaction():
        actions.withdraw(world.applicant(), 1)
    assert "No longer needed" in words(browser.get("/reviews/"))
    assert "No longer needed" in words(browser.get("/reviews/1"))
    refused = browser.post("/reviews/1", data=SCORES, follow_redirects=True)
    assert "is withdrawn, so it cannot be reviewed" in words(refused)


def test_list_takes_the_same_number_of_statements_however_long(world: DeskWorld) -> None:
    browser = asked(world)
    few = statements(lambda: browser.get("/reviews/"))
    for city in ("Mbale", "Arua", "Lira"):
        world.assigned(world.eligible(world.applicant(city)))
    db.session.remove()
    assert statements(lambda: browser.get("/reviews/")) == few <= 8
