"""Letters that ask for money: put on paper by the worker, and reminded of in the night."""

from __future__ import annotations

import io
from datetime import date

import pdfplumber
import pytest
from flask import Flask
from sqlalchemy import select

from grants.db import db, transaction
from grants.donors import actions
from grants.donors import queries as donors
from grants.files import queries as files
from grants.jobs import every, runner
from grants.outbox import actions as outbox
from grants.outbox.models import Message
from grants.people.models import Role
from grants.reports.papers.payment_request import payment_request_html
from tests.make import MakeBase
from tests.makes.donors import DonorMakes, money
from tests.makes.people import PeopleMakes

assert every


class World(DonorMakes, PeopleMakes, MakeBase):
    """A fund with a donor who is asked to pay."""


@pytest.fixture
def world(app: Flask) -> World:
    return World(app)


def _asked(world: World) -> int:
    world.agreement(
        money("1,234,567.00"),
        reference="SWE-2026/7",
        instalments=[(date(2099, 1, 31), money("1,000,000")), (date(2099, 6, 1), money("234,567"))],
    )
    return world.asked(donors.open_instalments(None)[0].id)


def test_a_letter_is_put_on_paper_once_and_the_donor_is_told(world: World) -> None:
    world.person(Role.DONOR, organisation_id=world.donor_named())
    request_id = _asked(world)
    assert runner.run_waiting() >= 1
    line = donors.letter(request_id)
    assert line.document_id is not None
    kept = files.open_file(line.document_id)
    assert kept.name == f"{line.number}.pdf"
    with pdfplumber.open(io.BytesIO(kept.read())) as paper:
        assert len(paper.pages) == 1
        text = paper.pages[0].extract_text()
    for said in (
        "Sweden",
        "SWE-2026/7",
        "1 of 2",
        "USD\N{NO-BREAK SPACE}1,000,000.00",
        "31 January 2099",
        "IBAN TE00 0000 0000 0001",
        f"{line.number} / SWE-2026/7",
    ):
        assert said in text.replace("USD 1", "USD\N{NO-BREAK SPACE}1"), said
    told = db.session.scalars(select(Message).where(Message.template == "payment_request")).all()
    assert len(told) == 1


def test_a_letter_for_the_rest_and_in_the_place_of_another_says_so(world: World) -> None:
    first = _asked(world)
    world.deposit("400,000", agreement_id=donors.letter(first).agreement_id)
    with transaction():
        request_id = actions.reissue_request(world.treasurer(), first, "Part has come").id
    page = payment_request_html(donors.letter(request_id).letter)
    assert "Part of USD\N{NO-BREAK SPACE}1,000,000.00 has been paid" in page
    assert f"{donors.letter(first).number}, which is cancelled" in page
    assert "USD\N{NO-BREAK SPACE}600,000.00" in page


def test_reminders_go_out_as_a_job(world: World) -> None:
    _asked(world)
    with transaction():
        outbox.enqueue("reminders.send", {"on": "2099-01-26"})
    runner.run_waiting()
    told = db.session.scalars(select(Message).where(Message.template == "reminders")).all()
    assert ["due 31 January 2099" in one.body for one in told] == [True]
