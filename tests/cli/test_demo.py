"""The demonstration fund: told with real actions, on any day, in an empty database only."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select

from grants import clock
from grants.applications.models import Application, Call
from grants.audit import queries as audit
from grants.cli import grants
from grants.cli.demo import HalfLoaded, NotEmpty, cast, scenes
from grants.cli.demo.story import Story
from grants.db import db, transaction
from grants.funding import queries as funding
from grants.ledger import queries as ledger
from grants.people import actions as people
from grants.people import queries as who
from grants.reports.models import IssuedReport
from grants.reports.papers import pdf

pytestmark = pytest.mark.slow


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> Run:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("GRANTS_VAR", str(tmp_path / "var"))
    return Run()


class Run:
    def __call__(self, *arguments: str) -> Result:
        result = CliRunner().invoke(grants, arguments, catch_exceptions=False)
        db.session.rollback()
        return result


def test_the_demonstration_loads_once_and_its_books_hold(run: Run, app: Flask) -> None:
    assert "is loaded" in run("demo", "load", "--if-empty").output
    assert "Everything holds." in run("verify").output

    fund = who.fund_by_name("cities-alliance")
    assert audit.trail_of("fund", fund.id)[-1].verb == "demonstration.loaded"
    states = set(db.session.scalars(select(Application.state)))
    assert {"draft", "submitted", "eligible", "in_review", "reviewed"} <= states
    assert {"approved", "declined", "ineligible", "withdrawn"} <= states
    published = select(Call.closes_at).where(Call.state == "published")
    deadlines = [at for at in db.session.scalars(published) if at is not None]
    assert min(deadlines) < clock.now() < max(deadlines)
    (statement,) = db.session.scalars(select(IssuedReport)).all()
    assert statement.state == "certified"
    assert statement.pdf_file_id is not None

    before = ledger.head(fund.id)
    assert run("demo", "load", "--if-empty").output == ""
    with pytest.raises(NotEmpty):
        run("demo", "load")
    assert ledger.head(fund.id) == before


@pytest.mark.once
def test_without_pango_all_but_the_statement_is_there(
    run: Run, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise pdf.PapersNotPossible(pdf.MISSING)

    monkeypatch.setattr(pdf, "weasyprint", missing)
    result = run("demo", "load")
    assert result.exit_code == 0
    assert "no statement yet. Papers need Pango" in result.stderr
    assert "is loaded" in result.stdout


def test_whoever_is_printed_can_sign_in(run: Run, app: Flask) -> None:
    story = Story(today=clock.today())
    story.tell(cast.SCENES, lambda _done: None)
    printed = run("demo", "users").output
    for name, _ in cast.SHOWN:
        assert cast.address_of(name) in printed
        people.check_password(cast.address_of(name), cast.PASSWORD, origin="here")
    assert f"Password of each: {cast.PASSWORD}" in printed


@pytest.mark.once
@pytest.mark.parametrize(
    "at",
    [
        datetime(2027, 1, 1, 0, 30, tzinfo=UTC),
        datetime(2028, 2, 29, 23, 30, tzinfo=UTC),
    ],
)
def test_the_story_can_be_told_on_any_day(app: Flask, at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        story = Story(today=clock.today())
        story.tell(scenes(), lambda _done: None)
        assert ledger.verify(story.fund_id).breaks == ()
        assert funding.attribution_breaks(story.fund_id) == []
        assert ledger.rate_on("SEK", clock.today()) is not None
        entries = ledger.head(story.fund_id)
        assert entries.recorded_at is not None
        assert entries.recorded_at < at


def test_what_broke_off_in_the_middle_is_said_so(run: Run, app: Flask) -> None:
    story = Story(today=clock.today())
    story.tell(cast.SCENES, lambda _done: None)
    with pytest.raises(HalfLoaded, match="Remove the database"):
        run("demo", "load", "--if-empty")


def test_a_fund_of_somebody_else_is_left_alone(run: Run, app: Flask) -> None:
    with transaction():
        people.open_fund(who.system_actor(), name="Real Fund")
    assert run("demo", "load", "--if-empty").exit_code == 0
    assert db.session.scalar(select(func.count(Application.id))) == 0
