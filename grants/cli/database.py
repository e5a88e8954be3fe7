"""`grants db`: the database itself."""

from __future__ import annotations

import click

from grants.schema import upgrade
from grants.settings import from_environment


@click.group("db")
def db_command() -> None:
    """The database: bring it up to date."""


@db_command.command("upgrade")
def upgrade_database() -> None:
    """Run the migrations that the database has not had yet."""
    settings = from_environment()
    upgrade(settings.database_url)
    click.echo("The database is up to date.")
