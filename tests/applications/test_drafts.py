"""Drafts: merged field by field, kept as typed, seen by their organisation alone."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask

from grants.app import create_app
from grants.applications import actions, queries
from grants.applications.actions.drafts import NoOrganisation, NotADraft
from grants.applications.actions.submissions import NotComplete, answers_hash
from grants.applications.models import AnswerVersion
from grants.db import db, transaction
from grants.errors import Malformed, NotAllowed, NotFound, Refused
from grants.outbox import queries as outbox
from grants.people.models import Role
from grants.settings import Settings
from tests.applications.conftest import ApplicationWorld
from tests.house.tree import ROOT
from tests.makes.applications import COMPLETE

NAUGHTY = ROOT.parent / "shared" / "data" / "security" / "blns.json"


def test_organisation_has_one_draft_of_a_call(world: ApplicationWorld) -> None:
    first = world.draft()
    assert world.draft(world.applicant(number=2)) == first
    assert world.draft(world.applicant("City of Gulu")) != first


def test_draft_is_there_for_its_organisation_and_for_nobody_else(world: ApplicationWorld) -> None:
    application_id = world.draft()
    colleague = world.applicant(number=2)
    assert queries.case_for_applicant(colleague, application_id).id == application_id
    assert [line.id for line in queries.my_applications(colleague)] == [application_id]
    for stranger in (world.applicant("City of Gulu"), world.person(Role.APPLICANT)):
        with pytest.raises(NotFound):
            queries.case_for_applicant(stranger, application_id)
        with pytest.raises(NotFound), transaction():
            actions.save_answers(stranger, application_id, {"title": "x"}, base_revision=0)
        assert queries.my_applications(stranger) == []
    for staff in (world.officer(), world.director(), world.reviewer()):
        with pytest.raises(NotFound):
            queries.case_for_staff(staff, application_id)
    assert queries.applications(world.officer(), world.books()) == ([], 0)


def test_only_an_applicant_with_an_organisation_begins(world: ApplicationWorld) -> None:
    call_id, nobody = world.call(), world.person(Role.APPLICANT)
    with pytest.raises(NoOrganisation), transaction():
        actions.start_draft(nobody, call_id)
    officer = world.person(Role.GRANT_OFFICER, organisation_id=world.grantee_named())
    with pytest.raises(NotAllowed), transaction():
        actions.start_draft(officer, call_id)


def test_each_save_keeps_what_changed_and_who_changed_it(world: ApplicationWorld) -> None:
    application_id, author = world.draft(), world.applicant()
    colleague = world.applicant(number=2)
    with transaction():
        actions.save_answers(author, application_id, {"title": "A"}, base_revision=0)
    with transaction():
        saved = actions.save_answers(
            colleague, application_id, {"title": "B", "place": "Jinja"}, base_revision=1
        )
    assert (saved.revision, saved.page_revision, saved.changed_elsewhere) == (2, 2, {})
    with transaction():
        again = actions.save_answers(colleague, application_id, {"title": "B"}, base_revision=2)
    assert again.revision == 2
    newest, oldest = queries.versions_of(author, application_id)
    assert (newest.revision, newest.saved_by) == (2, "Grace Nakato 2")
    assert newest.changes == {"title": "B", "place": "Jinja"}
    assert queries.version(author, application_id, 1) == oldest
    with pytest.raises(NotFound):
        queries.version(author, application_id, 9)
    with pytest.raises(NotFound):
        queries.versions_of(world.applicant("City of Gulu"), application_id)


def test_two_windows_never_overwrite_each_others_answers(world: ApplicationWorld) -> None:
    application_id, author = world.draft(), world.applicant()
    with transaction():
        actions.save_answers(author, application_id, {"title": "T", "place": "P"}, base_revision=0)
    with transaction():
        actions.save_answers(author, application_id, {"place": "P by B"}, base_revision=1)
    with transaction():
        saved = actions.save_answers(author, application_id, {"title": "T by A"}, base_revision=1)
    assert world.application(application_id).answers == {"title": "T by A", "place": "P by B"}
    # The first window still shows the old place, so it goes on comparing with what it was given.
    assert (saved.revision, saved.page_revision, saved.changed_elsewhere) == (3, 1, {})
    with transaction():
        actions.save_page(
            author, application_id, {"title": "T by A", "place": "P"}, base_revision=1
        )
    assert world.application(application_id).answers == {"title": "T by A", "place": "P by B"}


def test_where_both_changed_the_same_answer_the_later_stands_and_is_told(
    world: ApplicationWorld,
) -> None:
    application_id, author = world.draft(), world.applicant()
    with transaction():
        actions.save_answers(author, application_id, {"title": "Mine"}, base_revision=0)
    with transaction():
        saved = actions.save_answers(author, application_id, {"title": "Theirs"}, base_revision=0)
    assert saved.changed_elsewhere == {"title": "Mine"}
    assert world.application(application_id).answers == {"title": "Theirs"}
    kept = [version.changes["title"] for version in queries.versions_of(author, application_id)]
    assert kept == ["Theirs", "Mine"]


def test_page_sent_whole_changes_only_what_was_changed_on_it(world: ApplicationWorld) -> None:
    application_id, author = world.draft(), world.applicant()
    page = {"title": "T", "place": "", "months": ""}
    with transaction():
        actions.save_page(author, application_id, page, base_revision=0)
    assert world.application(application_id).answers == {"title": "T"}
    with transaction():
        actions.save_page(author, application_id, {**page, "title": ""}, base_revision=1)
    assert world.application(application_id).answers == {"title": ""}


def test_saves_at_the_same_time_are_all_kept(app: Flask, world: ApplicationWorld) -> None:
    application_id, author = world.draft(), world.applicant()
    names = ["title", "place", "problem", "approach", "contact_name"]

    def write(name: str) -> None:
        with app.app_context():
            with transaction():
                actions.save_answers(author, application_id, {name: name}, base_revision=0)
            db.session.remove()

    threads = [Thread(target=write, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = world.application(application_id)
    assert found.answers == {name: name for name in names}
    assert found.revision == len(names)


def test_draft_outlives_the_server(settings: Settings, world: ApplicationWorld) -> None:
    application_id = world.complete_draft()
    author = world.applicant()
    db.session.remove()
    db.engine.dispose()
    after = create_app(settings)
    with after.app_context():
        case = queries.case_for_applicant(author, application_id)
        assert dict(case.answers) == COMPLETE
        db.session.remove()
        db.engine.dispose()


def test_unknown_questions_and_boundless_text_are_refused(world: ApplicationWorld) -> None:
    application_id, author = world.draft(), world.applicant()
    for changes in (
        {"colour": "red"},
        {"budget-0-total": "9"},
        {"budget-200-category": "1"},
        {"title": "x" * 200_001},
        {"support_letter": "1"},
    ):
        with pytest.raises(Malformed), transaction():
            actions.save_answers(author, application_id, changes, base_revision=0)
    assert world.application(application_id).answers == {}
    with transaction():
        actions.save_answers(author, application_id, {"title": "x" * 200_000}, base_revision=0)


def test_what_cannot_be_right_is_kept_as_typed_and_flagged(world: ApplicationWorld) -> None:
    application_id, author = world.complete_draft(), world.applicant()
    wrong = {"months": "a year or so", "problem": "word " * 301, "starts_on": "next spring"}
    with transaction():
        saved = actions.save_answers(author, application_id, wrong, base_revision=1)
    answers = world.application(application_id).answers
    assert {name: answers[name] for name in wrong} == wrong
    assert [problem.question for problem in saved.problems] == ["problem", "starts_on", "months"]
    with pytest.raises(NotComplete, match="3 answers need attention before you"), transaction():
        actions.submit(author, application_id)


@pytest.mark.skipif(not NAUGHTY.exists(), reason="the naughty strings are not here")
def test_naughty_strings_come_back_unharmed(world: ApplicationWorld) -> None:
    strings: list[str] = json.loads(Path(NAUGHTY).read_text(encoding="utf-8"))
    application_id, author = world.complete_draft(), world.applicant()
    for start in range(0, len(strings), 100):
        part = strings[start : start + 100]
        changes = {f"budget-{n}-description": text for n, text in enumerate(part)}
        changes |= {"title": part[-1], "problem": "\n".join(part)}
        with transaction():
            actions.save_answers(author, application_id, changes, base_revision=None)
        answers = world.application(application_id).answers
        assert {name: answers[name] for name in changes} == changes
        case = queries.case_for_applicant(author, application_id)
        assert case.problems is not None
        assert len(answers_hash(answers)) == 64
    with transaction():
        actions.save_answers(author, application_id, {"title": "\x00\ud800"}, base_revision=None)
    assert world.application(application_id).title == ""
    assert db.session.query(AnswerVersion).count() == 8


def test_submitting_gives_a_receipt_with_the_time_of_the_server(world: ApplicationWorld) -> None:
    application_id, author = world.submitted(), world.applicant()
    application = world.application(application_id)
    assert application.receipt_number is not None
    assert application.receipt_number.endswith(f"-{application_id:05d}")
    assert application.answers_hash == answers_hash(COMPLETE)
    assert (application.title, application.requested_minor) == ("Water kiosks for Masese", 1240000)
    message = outbox.messages_of(author.user_id)[0]
    assert application.receipt_number in message.body
    assert "What happens next" in message.body
    with pytest.raises(NotADraft, match="is submitted"), transaction():
        actions.save_answers(author, application_id, {"title": "No"}, base_revision=9)
    with pytest.raises(NotADraft), transaction():
        actions.submit(author, application_id)
    assert world.draft(author) != application_id


def test_application_is_withdrawn_until_it_is_decided(world: ApplicationWorld) -> None:
    application_id, author = world.eligible(), world.applicant()
    review_id = world.assigned(application_id)
    with pytest.raises(NotFound), transaction():
        actions.withdraw(world.applicant("City of Gulu"), application_id)
    with transaction():
        actions.withdraw(author, application_id, reason="We found other money.")
    assert world.application(application_id).state == "withdrawn"
    told = outbox.messages_of(world.reviewer().user_id)[0]
    assert "no longer needed" in told.body
    with pytest.raises(Refused, match="cannot be reviewed"), transaction():
        actions.declare_conflict(world.reviewer(), review_id, has_conflict=False)
    with pytest.raises(Refused, match="withdrawn already"), transaction():
        actions.withdraw(author, application_id)
    assert queries.case_for_staff(world.officer(), application_id).state == "withdrawn"


def test_file_is_an_answer_that_only_attaching_gives(world: ApplicationWorld) -> None:
    application_id, author = world.complete_draft(), world.applicant()
    with transaction():
        letter = actions.attach_file(
            author, application_id, "support_letter", name="letter.pdf", content=b"%PDF-1.4 x"
        ).id
    assert world.application(application_id).answers["support_letter"] == f"{letter}"
    assert queries.open_attachment(author, application_id, letter).name == "letter.pdf"
    with pytest.raises(NotFound), transaction():
        actions.attach_file(author, application_id, "title", name="a.pdf", content=b"%PDF-1.4")
    with pytest.raises(Refused), transaction():
        actions.attach_file(author, application_id, "support_letter", name="a.exe", content=b"MZ")
    with transaction():
        actions.remove_file(author, application_id, "support_letter")
    assert world.application(application_id).answers["support_letter"] == ""


def test_attachment_is_opened_by_whoever_may_read_the_application(world: ApplicationWorld) -> None:
    application_id, author = world.complete_draft(), world.applicant()
    with transaction():
        letter = actions.attach_file(
            author, application_id, "support_letter", name="letter.pdf", content=b"%PDF-1.4 x"
        ).id
    gulu = world.applicant("City of Gulu")
    other = world.draft(gulu)
    for stranger, of in ((gulu, application_id), (gulu, other), (world.officer(), application_id)):
        with pytest.raises(NotFound):
            queries.open_attachment(stranger, of, letter)
    with transaction():
        actions.submit(author, application_id)
    assert queries.open_attachment(world.officer(), application_id, letter).read()
    with transaction():
        passed = {"legal": True, "country": True, "sound": True}
        actions.check_eligibility(world.officer(), application_id, passed)
    review_id = world.assigned(application_id)
    with pytest.raises(NotFound):
        queries.open_attachment(world.reviewer(), application_id, letter)
    world.declared(review_id)
    assert queries.open_attachment(world.reviewer(), application_id, letter).id == letter
