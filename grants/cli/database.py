"""`grants db`: the database itself."""

from __future__ import annotations

import click

from config import from_environment
from migrations.upgrade import upgrade


@click.group("db")
def db_command() -> None:
    """The database: bring it up to date."""


@db_command.command("upgrade")
def upgrade_database() -> None:
    """Run the migrations that the database has not had yet."""
    settings = from_environment()
    upgrade(settings.database_url)
    click.echo("The database is up to date.")
