"""`grants ...`: every command is one action inside transaction()."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import click

from grants.app import create_app
from grants.db import db
from grants.errors import Refused
from grants.schema import make_ready
from grants.settings import Settings, from_environment

#: Where the commands are: a module is loaded only when its command is called for.
COMMANDS = {
    "benchmark": "grants.cli.benchmark",
    "db": "grants.cli.database",
    "demo": "grants.cli.demo",
    "import": "grants.cli.imports",
    "role": "grants.cli.people",
    "statement": "grants.cli.statement",
    "totals": "grants.cli.totals",
    "user": "grants.cli.people",
    "verify": "grants.cli.verify",
    "worker": "grants.cli.worker",
}


class _Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        name = f"{cmd_name}_command"
        found: click.Command = getattr(import_module(module), name)
        return found


@click.group(cls=_Lazy)
@click.pass_context
def grants(ctx: click.Context) -> None:
    """The books, the grants and the reports of a multi-donor fund.

    DATABASE_URL chooses the database; without it, SQLite in var/.
    """
    if ctx.invoked_subcommand != "db":
        settings = from_environment()
        make_ready(settings.database_url)
        ctx.with_resource(_opened(settings))


@contextmanager
def _opened(settings: Settings) -> Iterator[None]:
    """The application for one command; nothing of the database stays open behind it."""
    with create_app(settings).app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


def main() -> None:
    """Run a command; what the fund refuses is one sentence and exit code 1."""
    try:
        grants(prog_name="grants")
    except Refused as refusal:
        click.echo(str(refusal), err=True)
        sys.exit(1)
