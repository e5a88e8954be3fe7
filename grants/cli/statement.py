"""`grants statement`: a donor's statement as a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from grants.cli.finishing import finish
from grants.db import transaction
from grants.errors import Refused
from grants.people import queries as people
from grants.reports import actions, queries


@click.command("statement")
@click.option("--fund", required=True, help="The fund: slug, name or alias.")
@click.option("--donor", required=True, help="The donor: name, short name or alias.")
@click.option("--year", required=True, type=click.IntRange(1900, 2200), help="The calendar year.")
@click.option(
    "--format",
    "ending",
    type=click.Choice(queries.FORMATS),
    default="pdf",
    show_default=True,
)
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
def statement_command(fund: str, donor: str, year: int, ending: str, output: Path) -> None:
    """Issue a donor's statement of a year and write it to a file.

    It is numbered, frozen and can be verified like one that was asked for at a desk; while the
    books stay as they are, asking again hands out the same statement.
    """
    if not output.parent.is_dir():
        raise Refused(f"There is no folder {output.parent}.")
    fund_id = people.fund_by_name(fund).id
    donor_id = people.organisation_by_name(donor).id
    system = people.system_actor()
    with transaction():
        report_id = actions.request_statement(
            system, fund_id, donor_id, from_on=date(year, 1, 1), until_on=date(year, 12, 31)
        ).id
    line = queries.issued_statement(system, report_id)
    if not line.is_ready:
        finish(queries.making_key(report_id))
        line = queries.issued_statement(system, report_id)
    if line.error:
        raise Refused(line.error)
    output.write_bytes(queries.statement_file(system, report_id, ending).read())
    click.echo(
        f"{output}: {line.number}, version {line.version} ({line.state}), of ledger entry"
        f" {line.ledger_sequence}; received {line.received}, balance {line.balance};"
        f" verification code {line.verification_code}"
    )
