"""The migrations make the very schema that the models describe, in both databases."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Engine, create_engine, inspect, text

from grants.db import Base, db
from grants.schema import config_for, upgrade
from tests.house.tree import ROOT, python_files


def _rooms_with(name: str) -> list[Any]:
    rooms = ROOT / "grants"
    found = [*rooms.glob(f"*/{name}.py"), *rooms.glob(f"*/{name}/__init__.py")]
    houses = sorted(path.relative_to(rooms).parts[0] for path in found)
    return [import_module(f"grants.{house}.{name}") for house in houses]


MODELS = _rooms_with("models")
TRIGGERS = _rooms_with("triggers")


def test_the_migrated_schema_is_what_the_models_say(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.once
def test_every_named_constraint_of_the_models_is_migrated(tmp_path: Path) -> None:
    migrated = create_engine(f"sqlite:///{tmp_path / 'migrated.sqlite3'}")
    made = create_engine(f"sqlite:///{tmp_path / 'made.sqlite3'}")
    upgrade(str(migrated.url))
    Base.metadata.create_all(made)
    expected, found = _described(made), _described(migrated)
    found.pop("alembic_version")
    assert found == expected
    migrated.dispose()
    made.dispose()


def test_the_frozen_triggers_are_those_of_the_rooms(app: Flask) -> None:
    """A migration holds its own copy; it must say what the room says today."""
    if db.engine.dialect.name == "sqlite":
        kept = db.session.execute(text("SELECT sql FROM sqlite_master WHERE type = 'trigger'"))
        said = [sql for room in TRIGGERS for sql in room.SQLITE]
        assert {_words(sql) for (sql,) in kept} == {_words(sql) for sql in said}
    else:
        kept = db.session.execute(
            text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname")
        )
        said = [sql for room in TRIGGERS for sql in room.POSTGRESQL]
        names = [found[1] for sql in said if (found := re.search(r"CREATE TRIGGER (\w+)", sql))]
        assert [name for (name,) in kept] == sorted(names)


@pytest.mark.once
def test_the_steps_have_sequential_names_and_run_one_by_one(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'steps.sqlite3'}")
    url = str(engine.url)
    with engine.connect() as connection:
        steps = list(ScriptDirectory.from_config(config_for(connection)).walk_revisions())
    revisions = [step.revision for step in reversed(steps)]
    assert revisions == [f"{number:04}" for number in range(1, len(revisions) + 1)]
    for revision in revisions:
        upgrade(url, revision)
    upgrade(url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == revisions[-1]
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    engine.dispose()


@pytest.mark.once
def test_a_migration_never_imports_the_house() -> None:
    """What a step does must not change with the code."""
    for path in python_files("migrations"):
        assert not re.search(
            r"^\s*(from|import) (grants|config)\b", (ROOT / path).read_text(), re.MULTILINE
        )


def _described(engine: Engine) -> dict[str, Any]:
    inspector = inspect(engine)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            },
            "key": inspector.get_pk_constraint(table),
            "foreign": _sorted(inspector.get_foreign_keys(table)),
            "unique": _sorted(inspector.get_unique_constraints(table)),
            "checks": sorted(
                (str(check["name"]), _words(check["sqltext"]))
                for check in inspector.get_check_constraints(table)
            ),
            "indexes": _sorted(inspector.get_indexes(table)),
        }
        for table in inspector.get_table_names()
    }


def _sorted(rows: list[Any]) -> list[str]:
    return sorted(str(_plain(row)) for row in rows)


def _plain(value: Any) -> Any:
    """The same for what says the same: a condition of an index is an object otherwise."""
    if isinstance(value, dict):
        return sorted((str(key), _plain(inner)) for key, inner in value.items())
    return value if isinstance(value, list | int | None) else _words(str(value))


def _words(sql: str) -> str:
    return " ".join(sql.split())
