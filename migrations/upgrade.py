"""Bringing a database up to date. Steps are numbered and only ever go up."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

HERE = Path(__file__).resolve().parent


def upgrade(database_url: str, revision: str = "head") -> None:
    """Run the steps that the database has not had yet."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        command.upgrade(config_for(connection), revision)
        connection.commit()
    engine.dispose()


def config_for(connection: object) -> Config:
    """The configuration of Alembic for a connection."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
