"""The command line: an empty database is made ready, refusals are sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import create_engine, text

from grants.audit import actions as audit
from grants.cli import grants, main
from grants.db import db, transaction
from grants.people import queries
from grants.people.models import Role
from grants.people.permissions import Actor
from grants.schema import Behind, Unreachable, make_ready
from tests.make import Make

PASSWORD = "the quick brown fox"


@pytest.fixture
def environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str
) -> dict[str, str]:
    found = {"DATABASE_URL": database_url, "GRANTS_VAR": str(tmp_path / "var")}
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    return found


def run(*arguments: str) -> Result:
    return CliRunner().invoke(grants, arguments, catch_exceptions=False)


def test_an_empty_database_is_filled_by_the_first_command(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'new.sqlite3'}")
    result = run("verify")
    assert result.exit_code == 0
    assert "Everything holds." in result.output


def test_a_database_that_waits_for_a_step_is_not_touched(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    make_ready(address)
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    engine.dispose()
    with pytest.raises(Behind, match=r"at step 0001.*grants db upgrade"):
        make_ready(address)


def test_a_database_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="does not answer: unable to open"):
        make_ready(f"sqlite:///{tmp_path / 'no folder' / 'x.sqlite3'}")


def test_a_person_is_added_and_given_a_role(environment: dict[str, str], app: Flask) -> None:
    result = run("user", "add", "ada@example.org", "Ada", "--password", PASSWORD)
    assert result.output == "Ada can sign in as ada@example.org.\n"
    assert run("role", "give", "ada@example.org", "auditor").exit_code == 0
    db.session.rollback()
    ada = queries.actor_of(queries.user_by_email("ada@example.org"))
    assert ada.has_role(Role.AUDITOR, None)


def test_a_refusal_is_one_sentence_and_exit_code_1(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.argv", ["grants", "role", "give", "nobody@example.org", "auditor"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == "Nobody signs in as nobody@example.org.\n"


@pytest.fixture
def broken_trail(app: Flask, make: Make) -> int:
    """A trail of which one event was changed behind everybody's back; its number."""
    ada = make.person(Role.FINANCE_OFFICER)
    note(ada)
    with transaction() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ALTER TABLE audit_event DISABLE TRIGGER USER"))
        else:
            session.execute(text("DROP TRIGGER audit_event_no_update"))
        session.execute(text("UPDATE audit_event SET verb = 'forged' WHERE sequence = 1"))
    return 1


def note(actor: Actor) -> None:
    with transaction():
        audit.record(actor, "thing.done", "thing", 1)


def test_whole_books_verify(environment: dict[str, str], make: Make) -> None:
    make.fund("The Fund")
    result = run("verify", "--json")
    assert result.exit_code == 0
    found = json.loads(result.output)
    assert found["holds"]
    assert [fund["fund"] for fund in found["funds"]] == ["the-fund"]
    assert run("verify", "--fund", "the fund").exit_code == 0


def test_verify_names_the_first_broken_row(environment: dict[str, str], broken_trail: int) -> None:
    result = run("verify")
    assert result.exit_code == 1
    assert f"audit trail at event {broken_trail}" in result.stderr
    found = json.loads(run("verify", "--json").output)
    assert not found["holds"]
    assert found["house"]["breaks"][0]["where"] == f"event {broken_trail}"
