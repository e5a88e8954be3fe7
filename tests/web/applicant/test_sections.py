"""Writing: every page works without JavaScript, and nothing that was typed is lost."""

from __future__ import annotations

import gzip
import io
import json
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants.applications import actions, queries
from grants.db import db, transaction
from tests.house.tree import ROOT
from tests.makes.applications import COMPLETE
from tests.web.application_world import DeskWorld, controls, statements, words

NAUGHTY = ROOT.parent / "shared" / "data" / "security" / "blns.json"
PROJECT = "/applicant/1/sections/project"


def begun(world: DeskWorld) -> FlaskClient:
    assert world.draft() == 1
    return world.grace()


def test_application_is_begun_from_its_call_and_found_again(world: DeskWorld) -> None:
    call_id, grace = world.call(), world.grace()
    assert "Begin an application" in words(grace.get(f"/calls/{call_id}"))
    begun = grace.post(f"/applicant/start/{call_id}")
    assert (begun.status_code, begun.location) == (303, "/applicant/1")
    assert grace.post(f"/applicant/start/{call_id}").location == "/applicant/1"
    home = words(grace.get("/applicant/"))
    assert "No title yet" in home
    assert "CA-2026-01-0001" in home
    tasks = words(grace.get("/applicant/1"))
    assert "Your organisation 0 of 3 questions answered Not started" in tasks
    assert "Sections done 0 of 4" in tasks


def test_page_is_saved_whole_and_leads_to_the_next_section(world: DeskWorld) -> None:
    grace = begun(world)
    page = grace.get("/applicant/1/sections/organisation")
    typed = controls(page, "/applicant/1/sections/organisation")
    assert typed == {
        "csrf_token": typed["csrf_token"],
        "version": "0",
        "contact_name": "",
        "partner": "",
    }
    answer = grace.post(
        "/applicant/1/sections/organisation",
        data={**typed, "contact_name": "Grace", "has_partner": "no", "go": "on"},
    )
    assert (answer.status_code, answer.location) == (303, PROJECT)
    stayed = grace.post(PROJECT, data={"version": "1", "title": "Kiosks", "go": "stay"})
    assert stayed.location == PROJECT
    assert world.application(1).answers == {
        "contact_name": "Grace",
        "has_partner": "no",
        "title": "Kiosks",
    }
    shown = controls(grace.get(PROJECT), PROJECT)
    assert (shown["title"], shown["version"]) == ("Kiosks", "2")
    assert re.search(r"Saved \d\d:\d\d:\d\d Kampala", words(grace.get(PROJECT)))


def test_what_cannot_be_right_is_saved_as_typed_and_shown_with_its_problem(
    world: DeskWorld,
) -> None:
    grace = begun(world)
    wrong = {"starts_on": "next <spring>", "months": "a year", "problem": "word " * 301}
    answer = grace.post(PROJECT, data={"version": "0", **wrong, "go": "on"})
    assert answer.location == PROJECT
    page = grace.get(PROJECT)
    shown = controls(page, PROJECT)
    assert (shown["starts_on"], shown["months"]) == ("next <spring>", "a year")
    assert shown["problem"] == "word " * 301
    text = words(page)
    assert "When could you start? Enter a date, such as 2027-03-31." in text
    assert "Shorten this by 1 word; nothing was cut off." in text
    assert "301 of 300 words" in text
    assert "Go on: Budget" in text
    assert "Please answer" not in text
    assert "Please answer: Title of the project" in words(grace.get(f"{PROJECT}?show=all"))


def test_two_windows_do_not_overwrite_each_others_answers(world: DeskWorld) -> None:
    grace = begun(world)
    colleague = world.browser(world.applicant(number=2))
    mine = controls(grace.get(PROJECT), PROJECT)
    theirs = controls(colleague.get(PROJECT), PROJECT)
    grace.post(PROJECT, data={**mine, "title": "By Grace", "go": "stay"})
    colleague.post(PROJECT, data={**theirs, "place": "By a colleague", "go": "stay"})
    assert world.application(1).answers == {"title": "By Grace", "place": "By a colleague"}
    answer = colleague.post(
        PROJECT, data={**theirs, "title": "By both", "go": "stay"}, follow_redirects=True
    )
    assert "Somebody else changed the same answer meanwhile" in words(answer)
    assert world.application(1).answers["title"] == "By both"
    saves = words(grace.get("/applicant/1/history"))
    assert "By Grace" in saves
    assert "By a colleague" in saves


def test_autosave_says_when_by_the_servers_clock(world: DeskWorld) -> None:
    grace = begun(world)
    answer = grace.post(
        f"{PROJECT}/save",
        data={"version": "0", "title": "Kiosks", "months": "x"},
        headers={"X-Autosave": "1", "Accept": "application/json"},
    )
    saved = answer.get_json()
    assert answer.status_code == 200
    assert (saved["zone"], saved["revision"], saved["version"]) == ("Africa/Kampala", 1, 1)
    assert re.fullmatch(r"Saved \d\d:\d\d:\d\d Kampala", saved["text"])
    assert {"question": "months", "sentence": "Enter a number, such as 1200."} in saved["problems"]
    other = grace.post(f"{PROJECT}/save", data={"version": "0", "place": "Jinja"}).get_json()
    assert (other["revision"], other["version"], other["changed_elsewhere"]) == (2, 0, [])
    both = grace.post(f"{PROJECT}/save", data={"version": "0", "title": "K"}).get_json()
    assert both["changed_elsewhere"] == ["title"]
    assert "Somebody else changed" in both["text"]
    unknown = grace.post(f"{PROJECT}/save", data={"colour": "red"}, headers={"X-Autosave": "1"})
    assert unknown.status_code == 422
    assert "no question 'colour'" in unknown.get_json()["error"]


def test_page_sent_after_autosave_does_not_undo_what_another_wrote(world: DeskWorld) -> None:
    grace = begun(world)
    mine = controls(grace.get(PROJECT), PROJECT)
    with transaction():
        actions.save_answers(world.applicant(), 1, {"place": "Theirs"}, base_revision=0)
    saved = grace.post(f"{PROJECT}/save", data={"version": "0", "title": "Mine"}).get_json()
    whole = {**mine, "title": "Mine", "version": str(saved["version"]), "go": "stay"}
    grace.post(PROJECT, data=whole)
    assert world.application(1).answers == {"place": "Theirs", "title": "Mine"}


def test_budget_is_written_without_javascript(world: DeskWorld) -> None:
    grace = begun(world)
    here = "/applicant/1/sections/budget"
    empty = controls(grace.get(here), here)
    assert len([name for name in empty if name.endswith("-quantity")]) == 5
    lines = {name: text for name, text in COMPLETE.items() if name.startswith("budget-")}
    more = grace.post(here, data={**empty, **lines, "add_row": "budget"})
    assert more.location == f"{here}?rows=10#budget-field"
    page = grace.get(more.location)
    shown = controls(page, here)
    assert len([name for name in shown if name.endswith("-quantity")]) == 10
    assert shown["budget-0-description"] == "Kiosks"
    assert "12,000.00" in words(page)
    assert "12,400.00" in words(page)
    again = grace.post(more.location, data={**shown, "add_row": "budget"})
    assert again.location == f"{here}?rows=15#budget-field"
    assert world.application(1).requested_minor == 1240000
    bad = {**shown, "budget-2-description": "Fuel", "go": "on"}
    assert grace.post(here, data=bad).location == here
    assert "Choose a category for line 3 of the budget." in words(grace.get(here))


def test_file_is_attached_replaced_and_taken_off(world: DeskWorld) -> None:
    grace = begun(world)
    here = "/applicant/1/sections/documents"

    def send(name: str, content: bytes, **data: str) -> int:
        upload = {"support_letter": (io.BytesIO(content), name)}
        return grace.post(here, data={"version": "0", **data, **upload}).status_code

    assert send("letter.pdf", b"%PDF-1.4 one", go="stay") == 303
    page = grace.get(here)
    assert "letter.pdf" in words(page)
    file = grace.get("/applicant/1/files/1")
    assert file.data == b"%PDF-1.4 one"
    assert "attachment" in file.headers["Content-Disposition"]
    assert (
        world.browser(world.applicant("City of Gulu")).get("/applicant/1/files/1").status_code
        == 404
    )
    refused = grace.post(
        here,
        data={
            "version": "1",
            "moves_people": "yes",
            "safeguards": "We ask them.",
            "support_letter": (io.BytesIO(b"MZ"), "letter.exe"),
        },
    )
    assert refused.status_code == 422
    assert "letter.exe is not a file of a kind" in words(refused)
    assert controls(refused, here)["safeguards"] == "We ask them."
    assert world.application(1).answers["safeguards"] == "We ask them."
    assert send("empty.pdf", b"") == 422
    assert grace.post(here, data={"remove_file": "support_letter"}).status_code == 303
    assert "letter.pdf" not in words(grace.get(here))


def test_question_that_depends_on_another_page_is_asked_only_when_it_applies(
    world: DeskWorld,
) -> None:
    grace = begun(world)
    here = "/applicant/1/sections/organisation"
    page = grace.get(here).get_data(as_text=True)
    assert 'data-shown-if="has_partner:yes"' in page


def test_what_was_typed_stays_on_the_page_when_it_can_no_longer_be_saved(
    world: DeskWorld,
) -> None:
    application_id, grace = world.complete_draft(), world.grace()
    mine = controls(grace.get(PROJECT), PROJECT)
    with transaction():
        actions.submit(world.applicant(), application_id)
    refused = grace.post(PROJECT, data={**mine, "title": "One more thought", "go": "on"})
    assert refused.status_code == 409
    assert "is submitted, so it cannot be changed any more" in words(refused)
    assert controls(refused, PROJECT)["title"] == "One more thought"
    too_long = grace.post(f"{PROJECT}/save", data={"title": "x"}, headers={"X-Autosave": "1"})
    assert too_long.status_code == 409
    assert grace.get(PROJECT).location == "/applicant/1"


def test_endless_text_is_refused_and_kept_on_the_page(world: DeskWorld) -> None:
    grace = begun(world)
    refused = grace.post(PROJECT, data={"version": "0", "problem": "x" * 200_001})
    assert refused.status_code == 422
    assert controls(refused, PROJECT)["problem"] == "x" * 200_001


def test_one_organisation_does_not_find_anothers_pages(world: DeskWorld) -> None:
    begun(world)
    gulu = world.browser(world.applicant("City of Gulu"))
    for path in ("", "/sections/project", "/check", "/receipt", "/withdraw", "/history"):
        assert gulu.get(f"/applicant/1{path}").status_code == 404
    for path in ("/sections/project", "/sections/project/save", "/submit", "/history/1/restore"):
        assert gulu.post(f"/applicant/1{path}", data={"title": "x"}).status_code == 404
    assert world.grace().get("/applicant/1/sections/nothing").status_code == 404
    assert world.browser(world.officer()).get("/applicant/1").status_code == 404


@pytest.mark.skipif(not NAUGHTY.exists(), reason="the naughty strings are not here")
def test_naughty_strings_survive_the_page_and_a_browser_without_javascript(
    world: DeskWorld,
) -> None:
    strings: list[str] = json.loads(Path(NAUGHTY).read_text(encoding="utf-8"))
    grace = begun(world)
    text = "\n".join(strings)
    with transaction():
        actions.save_answers(world.applicant(), 1, {"problem": text}, base_revision=0)
    page = grace.get(PROJECT)
    assert page.status_code == 200
    untouched = controls(page, PROJECT)
    grace.post(PROJECT, data={**untouched, "title": strings[30], "go": "stay"})
    assert world.application(1).answers == {"problem": text, "title": strings[30]}
    for path in ("", "/check", "/history", "/sections/project?show=all"):
        assert grace.get(f"/applicant/1{path}").status_code == 200
    for each in strings[::9]:
        grace.post(f"{PROJECT}/save", data={"version": "2", "approach": each})
        answers = world.application(1).answers
        assert answers.get("approach", "") == each.replace("\r\n", "\n")


def test_earlier_answer_is_put_back(world: DeskWorld) -> None:
    grace = begun(world)
    for title in ("First", "Second"):
        grace.post(f"{PROJECT}/save", data={"title": title})
    assert "Put this back" in words(grace.get("/applicant/1/history"))
    back = grace.post("/applicant/1/history/1/restore", data={"name": "title"})
    assert back.status_code == 303
    assert world.application(1).answers["title"] == "First"
    assert len(queries.versions_of(world.applicant(), 1)) == 3
    assert grace.post("/applicant/1/history/1/restore", data={"name": "no"}).status_code == 404


def test_first_page_weighs_less_than_thirty_kibibytes(app: Flask, world: DeskWorld) -> None:
    """What a shared phone on 2G fetches: the page, its style sheet and its scripts."""
    grace = begun(world)
    page = grace.get(PROJECT)
    weight = len(gzip.compress(page.data))
    text = page.get_data(as_text=True)
    style = re.search(r'href="(/assets/[^"]+style\.css)"', text)
    assert style is not None
    release = style[1].rsplit("/", 1)[0]
    for name in ("style.css", "js/app.js", "js/autosave.js", "js/wordcount.js", "js/shortcuts.js"):
        asset = grace.get(f"{release}/{name}", headers={"Accept-Encoding": "br"})
        assert asset.status_code == 200
        weight += len(asset.data)
    assert weight < 30 * 1024, weight


def test_pages_take_the_same_number_of_statements_however_much_there_is(
    world: DeskWorld,
) -> None:
    grace = begun(world)
    few = statements(lambda: grace.get("/applicant/"))
    for number in range(3):
        world.complete_draft(call=f"CA-{number}")
    db.session.remove()
    assert statements(lambda: grace.get("/applicant/")) == few <= 12
    assert statements(lambda: grace.get(PROJECT)) <= 15
