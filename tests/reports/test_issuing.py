"""A donor's statement: it ties to the ledger, is frozen, reproducible, and reaches nobody else."""

from __future__ import annotations

import csv
import io
import json
import socket
import subprocess
import sys
from datetime import date
from typing import Any

import openpyxl
import pikepdf
import pytest
from flask import Flask

from grants.agreements import actions as agreements
from grants.db import db, transaction
from grants.errors import NotFound
from grants.files import queries as files
from grants.jobs import runner
from grants.ledger import queries as ledger
from grants.outbox.models import Job
from grants.people import actions as people
from grants.people import queries as who
from grants.people.models import Role
from grants.people.permissions import Actor
from grants.reports import actions, queries
from grants.reports.actions.issuing import OwnStatement
from grants.reports.models import IssuedReport
from grants.reports.papers.pdf import render
from tests.make import MakeBase
from tests.makes.agreements import AgreementMakes
from tests.makes.donors import DAY, money

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


class World(AgreementMakes, MakeBase):
    """A fund whose money has gone all the way to a grantee."""

    def donor_person(self, donor: str = "Sweden") -> Actor:
        key = f"person of {donor}"
        if key not in self.made:
            fund_id, donor_id = self.books(), self.donor_named(donor)
            with transaction():
                system = who.system_actor()
                user = people.register_user(
                    system,
                    email=f"{donor.lower()}@donors.example",
                    name=f"Desk of {donor}",
                    organisation_id=donor_id,
                )
                people.give_role(system, user.id, Role.DONOR, fund_id)
                self.made[key] = who.actor_of(user.id)
        found = self.made[key]
        assert isinstance(found, Actor)
        return found

    def requested(self, actor: Actor | None = None, donor: str = "Sweden") -> int:
        asking, donor_id = actor or self.treasurer(), self.donor_named(donor)
        with transaction():
            return actions.request_statement(
                asking, self.books(), donor_id, from_on=YEAR[0], until_on=YEAR[1]
            ).id

    def issued(self, donor: str = "Sweden") -> int:
        report_id = self.requested(donor=donor)
        runner.run_waiting()
        db.session.rollback()
        return report_id


@pytest.fixture
def world(app: Flask) -> World:
    made = World(app)
    made.deposit("60,000.00", donor="Sweden")
    made.deposit("40,000.01", donor="Norway")
    made.allocation("80,000.00")
    grant_id = made.reserved_grant("30,000.01")
    (tranche_id,) = made.signed(grant_id, "30,000.01")
    made.paid(tranche_id)
    officer = made.officer()
    report_id = made.reported(grant_id, {1: "9,999.99", 4: "10,000.00"})
    with transaction():
        agreements.accept_report(officer, report_id, on=DAY)
    for person in (made.certifier, made.donor_person, made.treasurer):
        person()
    return made


def _figures(report_id: int) -> dict[str, Any]:
    figures = db.session.get_one(IssuedReport, report_id).figures
    assert figures is not None
    return figures


def _amounts(found: object) -> list[str]:
    """Every amount in the figures, wherever it stands."""
    if isinstance(found, dict):
        if set(found) == {"amount", "currency"}:
            return [str(found["amount"])]
        return [amount for value in found.values() for amount in _amounts(value)]
    if isinstance(found, list):
        return [amount for value in found for amount in _amounts(value)]
    return []


def _file(report_id: int, ending: str) -> bytes:
    return queries.statement_file(who.system_actor(), report_id, ending).read()


def test_the_shares_of_all_donors_make_up_the_ledger(world: World) -> None:
    """60 : 40 of what was spent, to the cent, and nothing over."""
    sweden = _figures(world.issued("Sweden"))
    norway = _figures(world.issued("Norway"))

    def spent(figures: dict[str, Any]) -> int:
        lines = [line["expenditure"]["amount"] for line in figures["grants"]]
        return sum(int(amount.replace(".", "")) for amount in lines)

    assert spent(sweden) + spent(norway) == 1_999_999
    assert abs(spent(sweden) * 4 - spent(norway) * 6) < 100
    held = ledger.sum_usd(ledger.balances(world.books(), ["9150"]))
    assert str(held) == "USD 30,000.01"


def test_a_statement_is_made_by_the_worker_alone(world: World) -> None:
    report_id = world.requested()
    report = db.session.get_one(IssuedReport, report_id)
    assert (report.state, report.pdf_file_id) == ("requested", None)
    assert [job.kind for job in db.session.query(Job).filter_by(state="waiting")].count(
        "statement.make"
    ) == 1


def test_all_papers_say_the_same(world: World) -> None:
    report_id = world.issued()
    figures = _figures(report_id)
    parsed = json.loads(_file(report_id, "json"))
    assert sorted(_amounts(parsed)) == sorted(_amounts(figures))
    table = list(csv.reader(io.StringIO(_file(report_id, "csv").decode("utf-8-sig"))))
    cells = {cell for row in table for cell in row}
    book = openpyxl.load_workbook(io.BytesIO(_file(report_id, "xlsx")), read_only=True)
    numbers = {
        f"{cell:.2f}"
        for sheet in book.worksheets
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if isinstance(cell, (int, float))
    }
    for line in figures["grants"]:
        for name in ("approved", "net_funded", "expenditure"):
            amount = line[name]["amount"]
            assert amount in cells
            assert amount in numbers


def test_the_pdf_is_tagged_and_carries_the_data(world: World) -> None:
    with pikepdf.open(io.BytesIO(_file(world.issued(), "pdf"))) as document:
        root = document.Root
        assert "/StructTreeRoot" in root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang) == "en"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        metadata = bytes(root.Metadata.read_bytes())
        assert b"pdfuaid:part" in metadata
        assert {name.rpartition(".")[2] for name in document.attachments} == {"json", "csv", "xlsx"}


def test_rendering_never_opens_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise AssertionError("a paper tried to open a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    render("<title>x</title><p>Nothing but words.", created_on=DAY)
    for address in ("http://127.0.0.1/logo.png", "file:///etc/passwd", "logo.png"):
        with pytest.raises(BaseException, match=r"logo|passwd"):
            render(f"<title>x</title><img alt='x' src='{address}'>", created_on=DAY)


def test_the_same_page_makes_the_same_bytes_in_another_process() -> None:
    script = (
        "import hashlib, datetime; from grants.reports.papers.pdf import Attachment, render;"
        "made = render('<html lang=en><title>x</title><h1>Statement</h1>',"
        " created_on=datetime.date(2026, 1, 1), attachments=[Attachment('a.csv', b'1', 'All')]);"
        "print(hashlib.sha256(made).hexdigest())"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    assert len(prints) == 1


def test_who_prepared_does_not_certify(world: World) -> None:
    report_id, treasurer = world.issued(), world.treasurer()
    with transaction():
        people.give_role(who.system_actor(), treasurer.user_id, Role.CERTIFYING_OFFICER)
        both = who.actor_of(treasurer.user_id)
    with pytest.raises(OwnStatement, match="someone else must certify"), transaction():
        actions.certify(both, report_id)
    certifier = world.certifier()
    with transaction():
        actions.certify(certifier, report_id)
    runner.run_waiting()
    db.session.rollback()
    report = db.session.get_one(IssuedReport, report_id)
    assert (report.state, report.certified_by_id) == ("certified", certifier.user_id)


def test_another_donors_statement_is_not_there(world: World) -> None:
    report_id = world.issued("Norway")
    stranger = world.donor_person("Sweden")
    with pytest.raises(NotFound):
        queries.issued_statement(stranger, report_id)
    with pytest.raises(NotFound):
        queries.statement_file(stranger, report_id, "pdf")
    with pytest.raises(NotFound), transaction():
        actions.request_statement(
            stranger, world.books(), world.donor_named("Norway"), from_on=YEAR[0], until_on=YEAR[1]
        )


def test_anyone_verifies_by_code_and_by_bytes(world: World) -> None:
    report_id = world.issued()
    report = db.session.get_one(IssuedReport, report_id)
    assert queries.verified(report.verification_code.lower()).number == report.number
    assert report.pdf_file_id is not None
    stored = files.open_file(report.pdf_file_id)
    assert queries.verified_by_bytes(stored.sha256).number == report.number
    with pytest.raises(NotFound):
        queries.verified("AAAA-BBBB-CCCC")
    with pytest.raises(NotFound):
        queries.verified_by_bytes("0" * 64)


def test_a_later_version_says_what_changed_and_the_earlier_stays(world: World) -> None:
    first = world.issued()
    bytes_before = _file(first, "pdf")
    world.deposit(money("5,000.00"), donor="Sweden")
    second = world.issued()
    assert second != first
    report = db.session.get_one(IssuedReport, second)
    assert report.version == 2
    assert _figures(second)["changes"]
    assert _file(first, "pdf") == bytes_before
    assert not queries.verified(db.session.get_one(IssuedReport, first).verification_code).is_latest
