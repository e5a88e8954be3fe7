"""Statements as they are asked for, made, certified, issued anew, and verified."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from grants.db import db, transaction
from grants.donors import actions as donors
from grants.errors import Malformed, NotAllowed, NotFound, Refused
from grants.jobs import runner
from grants.outbox import queries as outbox
from grants.people import actions as people
from grants.people import queries as who
from grants.people.models import Role
from grants.reports import actions, queries
from grants.reports.actions.issuing import CertifiedAlready, OwnStatement, Superseded
from grants.reports.actions.requesting import NotADonor
from grants.reports.models import IssuedReport
from grants.reports.papers import donor_statement as paper
from tests.makes.donors import money
from tests.reports.conftest import ReportWorld

QUICK = {"pdf": b"%PDF-1.7 a paper", "xlsx": b"PK", "csv": b"a,b", "json": b"{}"}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Papers without the long way to them; the statements that they were made of."""
    made: list[Any] = []

    def render(statement: Any) -> dict[str, bytes]:
        made.append(statement)
        mark = f" {statement.cover.number} {statement.cover.version} {statement.cover.state}"
        return {ending: content + mark.encode() for ending, content in QUICK.items()}

    monkeypatch.setattr("grants.jobs.statements.render_papers", render)
    return made


def test_asking_makes_nothing_but_a_job(
    world: ReportWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("a paper was rendered while somebody waited for a page")

    monkeypatch.setattr(paper, "render", refuse)
    world.deposit("500.00")
    report_id = world.requested()
    line = queries.issued_statement(world.treasurer(), report_id)
    assert line.is_being_made
    assert (line.received, line.ledger_sequence) == (None, None)
    job = outbox.job_by_key(queries.making_key(report_id))
    assert job is not None
    assert not job.is_over
    with pytest.raises(NotFound, match="not ready"):
        queries.statement_file(world.treasurer(), report_id, "pdf")


@pytest.mark.once
def test_the_web_does_not_even_load_what_papers_are_made_with(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from grants.app import create_app;"
        "from grants.settings import Settings;"
        "create_app(Settings(database_url='sqlite://', secret_key='x', var_dir=Path(sys.argv[1]),"
        " is_testing=True)); print('weasyprint' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_the_worker_freezes_figures_bytes_and_their_place_in_the_ledger(
    world: ReportWorld,
) -> None:
    world.deposit("500.00")
    report_id = world.issued()
    line = queries.issued_statement(world.treasurer(), report_id)
    assert (line.number, line.version, line.state) == ("TF-2026-SWEDEN-0001", 1, "provisional")
    assert (line.received, line.balance) == (money("500.00"), money("500.00"))
    assert (line.progress_done, line.progress_total) == (2, 3)
    assert line.is_latest
    report = db.session.get_one(IssuedReport, report_id)
    assert len(report.ledger_hash) == len(report.figures_hash) == 64
    for ending, start in (
        ("pdf", b"%PDF"),
        ("xlsx", b"PK"),
        ("csv", b"\xef\xbb\xbf"),
        ("json", b"{"),
    ):
        assert queries.statement_file(world.treasurer(), report_id, ending).read().startswith(start)
    figures = json.loads(queries.statement_file(world.treasurer(), report_id, "json").read())
    assert figures == report.figures
    assert figures["contribution"]["received"] == {"amount": "500.00", "currency": "USD"}


def test_while_the_books_stay_the_same_there_is_one_statement(
    world: ReportWorld, quick: list[Any]
) -> None:
    world.deposit("500.00")
    first = world.requested()
    assert world.requested() == first
    runner.run_waiting()
    assert world.issued() == first
    assert len(quick) == 1
    world.deposit("1.00")
    assert world.issued() != first


def test_a_new_version_lists_each_changed_figure_and_the_entries_behind(
    world: ReportWorld, quick: list[Any]
) -> None:
    world.deposit("500.00")
    first = world.issued()
    before = queries.statement_file(world.treasurer(), first, "pdf").read()
    deposit_id = world.deposit("300.00")
    second = world.issued()
    line = queries.issued_statement(world.treasurer(), second)
    assert (line.number, line.version) == ("TF-2026-SWEDEN-0001", 2)
    changed = {one.label: (one.before, one.after) for one in quick[-1].changes}
    label = "Contributions received, cumulative, notional"
    assert changed[label] == (money("500.00"), money("800.00"))
    (entry,) = quick[-1].entries_behind
    assert (entry.event, entry.sequence) == ("deposit", line.ledger_sequence)
    assert deposit_id
    assert queries.statement_file(world.treasurer(), first, "pdf").read() == before
    assert not queries.issued_statement(world.treasurer(), first).is_latest
    assert [one.version for one in queries.versions_of(world.treasurer(), second)] == [2, 1]


def test_statements_of_a_fund_are_counted_in_their_numbers(
    world: ReportWorld, quick: list[Any]
) -> None:
    world.deposit("500.00")
    world.deposit("500.00", donor="United Kingdom")
    numbers = []
    for donor, year in (("Sweden", 2026), ("United Kingdom", 2026), ("Sweden", 2025)):
        report_id = world.issued(donor, from_on=date(year, 1, 1), until_on=date(year, 12, 31))
        numbers.append(queries.issued_statement(world.treasurer(), report_id).number)
    assert numbers == ["TF-2026-SWEDEN-0001", "TF-2026-UK-0002", "TF-2025-SWEDEN-0003"]
    assert len(quick) == 3


def test_two_people_sign_and_the_figures_are_those_that_were_prepared(
    world: ReportWorld, quick: list[Any]
) -> None:
    world.deposit("500.00")
    report_id = world.issued()
    world.deposit("300.00")
    certifier = world.certifier()
    with transaction():
        actions.certify(certifier, report_id)
    line = queries.issued_statement(certifier, report_id)
    assert line.is_being_certified
    runner.run_waiting()
    line = queries.issued_statement(certifier, report_id)
    assert (line.state, line.certified_by) == ("certified", "Certifying Officer 1")
    assert quick[-1].contribution.received == money("500.00")
    assert quick[-1].cover.certified_by == "Certifying Officer 1"
    assert quick[-1].cover.prepared_by == "Finance Officer 1"
    with pytest.raises(CertifiedAlready), transaction():
        actions.certify(certifier, report_id)


def test_whoever_prepared_a_statement_does_not_certify_it(
    world: ReportWorld, quick: list[Any]
) -> None:
    world.deposit("500.00")
    both = world.person(Role.FINANCE_OFFICER, Role.CERTIFYING_OFFICER, name="Both")
    report_id = world.requested(by=both)
    runner.run_waiting()
    assert queries.to_certify(both) == []
    with pytest.raises(OwnStatement), transaction():
        actions.certify(both, report_id)
    with pytest.raises(NotAllowed), transaction():
        actions.certify(world.treasurer(), report_id)
    assert [line.id for line in queries.to_certify(world.certifier())] == [report_id]
    assert quick


def test_only_the_newest_version_is_certified(world: ReportWorld, quick: list[Any]) -> None:
    world.deposit("500.00")
    first = world.issued()
    world.deposit("300.00")
    second = world.issued()
    assert [line.id for line in queries.to_certify(world.certifier())] == [second]
    with pytest.raises(Superseded), transaction():
        actions.certify(world.certifier(), first)
    assert quick


def test_a_statement_that_is_not_made_yet_is_not_certified(world: ReportWorld) -> None:
    world.deposit("500.00")
    report_id = world.requested()
    with pytest.raises(Refused, match="not ready"), transaction():
        actions.certify(world.certifier(), report_id)


def test_a_donor_sees_its_own_and_no_other(world: ReportWorld, quick: list[Any]) -> None:
    world.deposit("500.00")
    world.deposit("300.00", donor="Norway")
    mine, theirs = world.issued(), world.issued("Norway")
    person = world.donor_person()
    assert [line.id for line in queries.my_statements(person)[0]] == [mine]
    assert queries.statement_file(person, mine, "pdf").read()
    for ask in (
        lambda: queries.issued_statement(person, theirs),
        lambda: queries.statement_file(person, theirs, "pdf"),
        lambda: queries.versions_of(person, theirs),
        lambda: queries.summary(person, theirs),
    ):
        with pytest.raises(NotFound):
            ask()
    norway, fund_id = world.donor_named("Norway"), world.books()
    with pytest.raises(NotFound), transaction():
        actions.request_statement(
            person, fund_id, norway, from_on=date(2026, 1, 1), until_on=date(2026, 12, 31)
        )
    assert quick


def test_what_a_donor_asks_for_is_prepared_by_the_house(
    world: ReportWorld, quick: list[Any]
) -> None:
    world.deposit("500.00")
    report_id = world.requested(by=world.donor_person())
    runner.run_waiting()
    assert quick[-1].cover.prepared_by == ""
    assert queries.issued_statement(world.donor_person(), report_id).prepared_by == ""


def test_periods_that_cannot_be_are_refused(world: ReportWorld) -> None:
    world.deposit("500.00")
    with pytest.raises(Malformed, match="ends before"):
        world.requested(from_on=date(2026, 2, 1), until_on=date(2026, 1, 1))
    with pytest.raises(Malformed, match="not begun"):
        world.requested(from_on=date(2999, 1, 1), until_on=date(2999, 12, 31))
    with pytest.raises(NotADonor, match="Norway"):
        world.requested("Norway")
    with pytest.raises(NotAllowed):
        world.requested(by=world.officer())


def test_a_statement_that_fails_says_why_and_can_be_asked_for_again(
    world: ReportWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_statement: object) -> None:
        raise Refused("Papers need Pango.")

    monkeypatch.setattr("grants.jobs.statements.render_papers", refuse)
    world.deposit("500.00")
    report_id = world.issued()
    line = queries.issued_statement(world.treasurer(), report_id)
    assert (line.state, line.error) == ("failed", "Papers need Pango.")
    monkeypatch.setattr("grants.jobs.statements.render_papers", lambda _made: dict(QUICK))
    again = world.issued()
    assert again != report_id
    assert queries.issued_statement(world.treasurer(), again).is_ready


def test_a_job_that_broke_is_said_so(world: ReportWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_statement: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("grants.jobs.statements.render_papers", broken)
    monkeypatch.setattr(runner, "ATTEMPTS_MAX", 1)
    world.deposit("500.00")
    report_id = world.issued()
    line = queries.issued_statement(world.treasurer(), report_id)
    assert (line.state, line.is_ready) == ("failed", False)
    assert "Ask for it again" in line.error
    assert world.requested() != report_id


def test_anybody_may_verify_by_code_and_by_the_bytes(world: ReportWorld, quick: list[Any]) -> None:
    world.deposit("500.00")
    report_id = world.issued()
    line = queries.issued_statement(world.treasurer(), report_id)
    found = queries.verified(line.verification_code.lower().replace("-", " "))
    assert (found.donor, found.number, found.is_latest) == ("Sweden", line.number, True)
    provisional = queries.statement_file(world.treasurer(), report_id, "pdf").read()
    by_bytes = queries.verified_by_bytes(hashlib.sha256(provisional).hexdigest())
    assert (by_bytes.file_name, by_bytes.is_current_file) == (f"{line.number}-v1.pdf", True)
    with transaction():
        actions.certify(world.certifier(), report_id)
    runner.run_waiting()
    old = queries.verified_by_bytes(hashlib.sha256(provisional).hexdigest())
    assert (old.state, old.is_current_file) == ("certified", False)
    for nothing in ("", "ABCD", "ABCD-EFGH-JKLM", line.verification_code + "X"):
        with pytest.raises(NotFound):
            queries.verified(nothing)
    with pytest.raises(NotFound, match="even one letter"):
        queries.verified_by_bytes(hashlib.sha256(provisional + b" ").hexdigest())
    assert quick


def test_a_statement_that_is_not_made_yet_is_not_verified(world: ReportWorld) -> None:
    world.deposit("500.00")
    report_id = world.requested()
    code = queries.issued_statement(world.treasurer(), report_id).verification_code
    with pytest.raises(NotFound):
        queries.verified(code)


def test_a_renamed_donor_gets_a_statement_with_its_new_name(
    world: ReportWorld, quick: list[Any]
) -> None:
    world.deposit("500.00")
    first, donor_id = world.issued(), world.donor_named()
    with transaction():
        people.rename_organisation(
            who.system_actor(), donor_id, "Kingdom of Sweden", source="the donor"
        )
    second = world.issued()
    assert second != first
    assert quick[-1].cover.donor == "Kingdom of Sweden"
    assert quick[-1].changes == ()


def test_figures_that_somebody_changed_are_not_certified(
    world: ReportWorld, quick: list[Any]
) -> None:
    world.deposit("500.00")
    report_id = world.issued()
    with transaction():
        report = db.session.get_one(IssuedReport, report_id)
        figures = json.loads(json.dumps(report.figures))
        figures["closing_balance"]["amount"] = "999.00"
        report.figures = figures
    with transaction():
        actions.certify(world.certifier(), report_id)
    runner.run_waiting()
    assert queries.issued_statement(world.treasurer(), report_id).state == "provisional"
    assert len(quick) == 1


def test_a_deposit_put_right_shows_in_the_next_version_only(
    world: ReportWorld, quick: list[Any]
) -> None:
    deposit_id = world.deposit("500.00")
    first = world.issued()
    with transaction():
        donors.reverse_deposit(
            world.treasurer(), deposit_id, "it never came", second_actor_id=world.second().user_id
        )
    second = world.issued()
    treasurer = world.treasurer()
    assert queries.issued_statement(treasurer, first).received == money("500.00")
    assert queries.issued_statement(treasurer, second).received == money("0.00")
    assert [one.event for one in quick[-1].entries_behind] == ["deposit.reversed"]
