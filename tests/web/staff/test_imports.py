"""Bringing in a file on the screen: a trial by the worker, its findings, then the books."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from grants.db import db, transaction
from grants.donors import queries as donors
from grants.files import store
from grants.imports import progress
from grants.imports import queries as imports
from grants.imports.actions.running import KINDS
from grants.jobs import every as _every  # noqa: F401 - the worker knows the job
from grants.jobs import runner
from grants.outbox import queries as outbox
from grants.outbox.models import Job, JobState
from grants.people import queries as people
from grants.people.models import Role
from tests.imports.files import PAID, ROUND, bring, contributions, rounds
from tests.web.staff.desk_world import StaffWorld, does_not_grow, statements_of

ODD = {**PAID, "ContributionCode": "ODD-1", "PaidAmtLocalCurrency": ""}
BAD = {**PAID, "ContributionCode": "=BAD()", "PaidAmt": "1.000,5"}


@pytest.fixture
def world(app: Flask) -> StaffWorld:
    made = StaffWorld(app)
    made.books()
    return made


@pytest.fixture
def client(world: StaffWorld) -> FlaskClient:
    return world.finance()


def _upload(
    client: FlaskClient, content: bytes, *, name: str = "books.csv", **fields: str
) -> TestResponse:
    return client.post(
        "/staff/imports/new",
        data={
            "kind": "contributions",
            "source": "pfmb",
            **fields,
            "file": (io.BytesIO(content), name),
        },
        content_type="multipart/form-data",
    )


def _tried(client: FlaskClient, content: bytes, **fields: str) -> str:
    """The address of a run that the worker has tried out."""
    address = _upload(client, content, **fields).headers["Location"]
    runner.run_waiting()
    return address


def test_a_file_is_tried_out_and_then_loaded(client: FlaskClient) -> None:
    response = _upload(client, contributions(PAID, ODD, BAD))
    assert response.status_code == 303
    address = response.headers["Location"]
    waiting = client.get(address).text
    assert 'data-waiting="yes"' in waiting
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in waiting
    assert "Waiting for the worker" in waiting

    assert runner.run_waiting() == 1
    tried = client.get(address).text
    assert 'data-waiting=""' in tried
    assert "This was a trial" in tried
    assert "1 line will be left out; its reason is below." in tried
    assert people.fund_by_name("The Fund")
    assert donors.contribution_totals() == []

    response = client.post(f"{address}/load")
    assert response.status_code == 303
    runner.run_waiting()
    loaded = client.get(response.headers["Location"]).text
    assert "This was a trial" not in loaded
    db.session.rollback()
    assert [str(one.paid_usd.amount) for one in donors.contribution_totals()] == ["100.00"] * 2
    assert "The file was loaded afterwards." in client.get(address).text


def test_load_pressed_twice_loads_once(client: FlaskClient) -> None:
    address = _tried(client, contributions(PAID))
    first = client.post(f"{address}/load").headers["Location"]
    assert client.post(f"{address}/load").headers["Location"] == first


def test_findings_are_filtered_and_taken_along(client: FlaskClient) -> None:
    address = _tried(client, contributions(PAID, ODD, BAD))
    page = client.get(address).text
    assert "Unknown currency: 1" in page
    assert "No number: 1" in page
    errors = client.get(f"{address}?severity=error").text
    assert "ODD-1" not in errors
    assert "is not a number" in errors
    assert "ODD-1" in client.get(f"{address}?code=unknown_currency").text
    assert "Nothing was found." in client.get(f"{address}?q=nowhere%25").text
    response = client.get(f"{address}?severity=error&format=csv")
    assert response.mimetype == "text/csv"
    heading, line = response.text.strip().splitlines()
    assert heading.lstrip("\ufeff") == "Row,Code,Severity,Finding,Column,What it is"
    # What a spreadsheet would run is text.
    assert line.startswith("4,'=BAD(),error,bad_number,PaidAmt,")


def test_many_findings_come_in_pages(client: FlaskClient) -> None:
    lines = [{**ODD, "ContributionCode": f"ODD-{number:03}"} for number in range(60)]
    address = _tried(client, contributions(*lines))
    first, second = client.get(address).text, client.get(f"{address}?page=2").text
    assert "ODD-000" in first
    assert "ODD-059" not in first
    assert "ODD-059" in second


def test_the_screen_says_how_far_a_run_is(client: FlaskClient, app: Flask) -> None:
    address = _upload(client, contributions(PAID)).headers["Location"]
    run_id = int(address.rsplit("/", 1)[1])
    shown = progress.Progress(app.config["VAR_DIR"], run_id)
    shown(250, 6019)
    assert "250 of 6,019" in client.get(address).text
    shown.end()
    assert progress.of_run(app.config["VAR_DIR"], run_id).total == 0


def test_the_worker_tells_its_progress_while_its_transaction_is_open(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    note = progress.Progress.__call__

    def watch(self: progress.Progress, done: int, total: int) -> None:
        note(self, done, total)
        found = progress.of_run(current_app.config["VAR_DIR"], 1)
        seen.append((found.done, found.total))

    monkeypatch.setattr(progress.Progress, "__call__", watch)
    _tried(client, contributions(PAID, ODD))
    assert seen[-1] == (2, 2)
    assert not list(Path(current_app.config["VAR_DIR"] / "progress").iterdir())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (rounds(ROUND), "It looks like a file of allocation rounds."),
        (b"a;b;c\n1;2;3\n", "not parted by commas"),
    ],
)
def test_a_file_that_is_refused_says_why(
    client: FlaskClient, content: bytes, sentence: str
) -> None:
    page = client.get(_tried(client, content)).text
    assert "Nothing was loaded" in page
    assert sentence in page
    assert "Load into the books" not in page


@pytest.mark.parametrize(
    ("content", "name", "fields", "sentence"),
    [
        (b"", "books.csv", {}, "is empty"),
        (b"MZ\x00\x00", "books.csv", {}, "a kind that can be taken"),
        (b"x", "books.xlsx", {}, "Choose a file of one of these kinds"),
        (contributions(PAID), "books.csv", {"kind": "wishes"}, "What the file holds"),
        (contributions(PAID), "books.csv", {"source": ""}, "Please answer: Source"),
    ],
)
def test_what_cannot_be_taken_stays_on_the_form_with_a_sentence(
    client: FlaskClient, content: bytes, name: str, fields: dict[str, str], sentence: str
) -> None:
    response = _upload(client, content, name=name, **fields)
    assert response.status_code == 422
    assert sentence in response.text
    if "source" not in fields:
        assert re.search(r'name="source"[^>]*value="pfmb"', response.text)


def test_a_fault_of_ours_is_said_and_the_run_is_over(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_off(*_given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(KINDS, "contributions", break_off)
    page = client.get(_tried(client, contributions(PAID))).text
    assert "The run was broken off by a fault of ours." in page
    assert "ZeroDivisionError" in caplog.text


def test_a_run_whose_file_is_lost_does_not_wait_for_ever(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    address = _upload(client, contributions(PAID)).headers["Location"]
    for path in store.folder().glob("*/*"):
        path.unlink()
    job = outbox.job_by_key(f"import.run/{address.rsplit('/', 1)[1]}")
    assert job is not None
    with transaction() as session:
        found = session.get_one(Job, job.id)
        found.state, found.error = JobState.FAILED, "FileNotFoundError"
    page = client.get(address).text
    assert "It was broken off" in page
    assert 'data-waiting=""' in page


def test_a_run_from_the_command_line_cannot_be_loaded_here(
    world: StaffWorld, client: FlaskClient
) -> None:
    bring("contributions", contributions(PAID), is_dry_run=True)
    run_id = imports.runs(people.system_actor())[0][0].id
    assert "Load into the books" not in client.get(f"/staff/imports/{run_id}").text
    response = client.post(f"/staff/imports/{run_id}/load")
    assert response.status_code == 422
    assert "Upload it here first" in response.text


def test_only_those_who_may_import_see_it(world: StaffWorld, client: FlaskClient) -> None:
    address = _tried(client, contributions(PAID))
    auditor = world.auditing()
    assert auditor.get("/staff/imports").status_code == 403
    assert auditor.get("/staff/imports/new").status_code == 403
    assert _upload(auditor, contributions(PAID)).status_code == 403
    assert auditor.get(address).status_code == 404
    assert auditor.post(f"{address}/load").status_code == 404
    assert ">Imports<" not in auditor.get("/staff/").text
    assert ">Imports<" in client.get("/staff/").text
    stranger = world.browser(world.person(Role.FINANCE_OFFICER, fund_id=world.fund("Apart")))
    assert stranger.get(address).status_code == 404
    assert stranger.get(f"{address}?format=csv").status_code == 404
    assert "books.csv" not in stranger.get("/staff/imports").text


def test_a_finance_officer_of_one_fund_brings_in_a_fund_and_works_in_it(world: StaffWorld) -> None:
    client = world.browser(world.person(Role.FINANCE_OFFICER, fund_id=world.fund("Mine")))
    address = _tried(client, contributions(PAID))
    client.post(f"{address}/load")
    runner.run_waiting()
    assert "Change fund" in client.get("/staff/").text
    assert client.post("/staff/fund", data={"fund": "sudan"}).status_code == 303
    assert "Sweden" in client.get("/staff/contributions").text


def test_statements_do_not_grow_with_the_rows(world: StaffWorld, client: FlaskClient) -> None:
    address = _tried(client, contributions(PAID, ODD))
    does_not_grow(client, "/staff/imports", lambda: _tried(client, contributions(ODD)))
    lines = [{**ODD, "ContributionCode": f"ODD-{number:03}"} for number in range(30)]
    more = _tried(client, contributions(*lines))
    assert statements_of(client, address) == statements_of(client, more)
