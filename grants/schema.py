"""Bringing a database up to date. Steps are numbered and only ever go up."""

from __future__ import annotations

import sqlite3

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import OperationalError

from grants.db import Base
from grants.errors import Refused
from grants.settings import ROOT

#: Any number, the same for every process: two that start at once take turns.
_TURN = 7_321_004


class Behind(Refused):
    """The database is at step {present}, this version needs {newest}. Run: grants db upgrade"""


class Unreachable(Refused):
    """The database does not answer: {reason}"""


def upgrade(database_url: str, revision: str = "head") -> None:
    """Run the steps that the database has not had yet: all of them, or none."""
    engine = create_engine(database_url, execution_options={"sqlite_begin": "IMMEDIATE"})
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        if isinstance(driver, sqlite3.Connection):
            # A step may build a table anew under its old name; what points to it must not mind.
            driver.execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")
            command.upgrade(config_for(connection), revision)
    engine.dispose()


def make_ready(database_url: str) -> None:
    """Fill an empty database with its tables.

    Refuses with Behind one that waits for a step, and with Unreachable one that does not answer.
    """
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            steps = ScriptDirectory.from_config(config_for(connection))
            present = MigrationContext.configure(connection).get_current_revision()
            newest = steps.get_current_head()
    except OperationalError as error:
        raise Unreachable(reason=" ".join(str(error.orig).split())) from error
    finally:
        engine.dispose()
    if present is None:
        upgrade(database_url)
    elif present != newest:
        raise Behind(present=present, newest=newest)


def config_for(connection: Connection) -> Config:
    """The configuration of Alembic for a connection."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["target_metadata"] = Base.metadata
    return config
