"""`grants user` and `grants role`: people, from the command line."""

from __future__ import annotations

import click

from grants.db import transaction
from grants.people import actions, queries
from grants.people.models import Role


@click.group("user")
def user_command() -> None:
    """People who sign in."""


@user_command.command("add")
@click.argument("email")
@click.argument("name")
@click.option("--organisation", help="The organisation they belong to.")
@click.option("--time-zone", default="UTC", show_default=True)
@click.password_option(help="Asked for when it is not given.")
def add(email: str, name: str, organisation: str | None, time_zone: str, password: str) -> None:
    """Register a person with a password."""
    with transaction():
        belongs = queries.organisation_by_name(organisation).id if organisation else None
        actions.register_user(
            queries.system_actor(),
            email=email,
            name=name,
            password=password,
            organisation_id=belongs,
            time_zone=time_zone,
        )
    click.echo(f"{name} can sign in as {email}.")


@click.group("role")
def role_command() -> None:
    """Roles that people hold."""


@role_command.command("give")
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.option("--fund", help="Only in this fund; without it, in every fund.")
def give(email: str, role: str, fund: str | None) -> None:
    """Give a person a role."""
    with transaction():
        fund_id = queries.fund_by_name(fund).id if fund else None
        user_id = queries.user_by_email(email)
        actions.give_role(queries.system_actor(), user_id, Role(role), fund_id)
    click.echo(f"{email} is {role.replace('_', ' ')} {'in ' + fund if fund else 'in every fund'}.")
