"""Bringing a database up to date. Steps are numbered and only ever go up."""

from __future__ import annotations

import sqlite3

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine

from grants.db import Base
from grants.settings import ROOT

#: Any number, the same for every process: two that start at once take turns.
_TURN = 7_321_004


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


def config_for(connection: Connection) -> Config:
    """The configuration of Alembic for a connection."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["target_metadata"] = Base.metadata
    return config
