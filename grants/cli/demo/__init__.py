"""`grants demo`: a fund to look at, told with real actions by the people who would do them."""

from __future__ import annotations

import click
from rich.console import Console
from rich.progress import Progress

from grants import clock
from grants.audit import actions as audit
from grants.audit import queries as trail
from grants.cli.demo import (
    bank,
    calls,
    cast,
    closings,
    contributions,
    lives,
    narrowings,
    programmes,
    terms,
)
from grants.cli.demo.statements import issue_statement
from grants.cli.demo.story import Scene, Story
from grants.db import transaction
from grants.errors import Refused
from grants.people import queries as people
from grants.reports.papers.pdf import PapersNotPossible

_LOADED = "demonstration.loaded"


class NotEmpty(Refused):
    """There is a fund in this database already; the demonstration needs an empty one."""


class HalfLoaded(Refused):
    """The demonstration was loaded only in part. Remove the database, and load it again."""


@click.group("demo")
def demo_command() -> None:
    """The demonstration fund."""


@demo_command.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing where there is a fund already.")
def load(if_empty: bool) -> None:
    """Load the demonstration fund into an empty database: some three years of a fund's life."""
    funds = people.funds(limit=1)
    if funds:
        if _is_half_loaded(funds[0].id):
            raise HalfLoaded
        if not if_empty:
            raise NotEmpty
        return
    with Progress(console=Console(stderr=True), transient=True) as progress:
        story = Story(today=clock.today())
        told = scenes()
        task = progress.add_task("Loading the demonstration fund", total=len(told))
        story.tell(told, lambda done: progress.update(task, completed=done))
    with transaction():
        audit.record(people.system_actor(), _LOADED, "fund", story.fund_id, fund_id=story.fund_id)
    try:
        issue_statement(story)
    except PapersNotPossible as missing:
        click.echo(f"The demonstration has no statement yet. {missing}", err=True)
    click.echo("The demonstration fund is loaded.")


@demo_command.command("users")
def users() -> None:
    """Print whom a visitor can sign in as."""
    width = max(len(cast.address_of(name)) for name, _ in cast.SHOWN)
    for name, what in cast.SHOWN:
        click.echo(f"{cast.address_of(name):<{width}}  {what}")
    click.echo(f"Password of each: {cast.PASSWORD}")


def scenes() -> list[tuple[int, Scene]]:
    """Every scene of every chapter, with how many days ago it happened."""
    return [
        *cast.SCENES,
        *contributions.scenes(),
        *terms.scenes(),
        *programmes.scenes(),
        *calls.scenes(),
        *lives.scenes(),
        *closings.scenes(),
        *bank.scenes(),
        *narrowings.scenes(),
    ]


def _is_half_loaded(fund_id: int) -> bool:
    verbs = {line.verb for line in trail.trail_of("fund", fund_id)}
    is_demonstration = people.fund(fund_id).slug == "cities-alliance"
    return is_demonstration and _LOADED not in verbs
