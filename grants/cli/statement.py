"""`grants statement`: a donor's statement as a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from grants.db import transaction
from grants.people import queries as people
from grants.reports import actions
from grants.reports.papers import plain, spreadsheets


@click.command("statement")
@click.option("--fund", required=True, help="The fund: slug, name or alias.")
@click.option("--donor", required=True, help="The donor: name, short name or alias.")
@click.option("--year", required=True, type=click.IntRange(1900, 2200), help="The calendar year.")
@click.option(
    "--format", "ending", type=click.Choice(["pdf", "xlsx", "csv", "json"]), default="pdf"
)
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
def statement_command(fund: str, donor: str, year: int, ending: str, output: Path) -> None:
    """Issue a donor's statement of a year and write it to a file.

    It is numbered, frozen and can be verified like one that was asked for at a desk.
    """
    fund_id = people.fund_by_name(fund).id
    donor_id = people.organisation_by_name(donor).id
    with transaction():
        report = actions.request_statement(
            people.system_actor(),
            fund_id,
            donor_id,
            from_on=date(year, 1, 1),
            until_on=date(year, 12, 31),
        )
        report_id = report.id
    statement = actions.build(report_id)
    pdf = actions.make_pdf(statement)
    with transaction():
        actions.issue(report_id, statement, pdf)
    content = {
        "pdf": lambda: pdf,
        "xlsx": lambda: spreadsheets.render_xlsx(statement),
        "csv": lambda: spreadsheets.render_csv(statement),
        "json": lambda: plain.render_json(plain.figures_of(statement)),
    }[ending]()
    output.write_bytes(content)
    cover = statement.cover
    click.echo(
        f"{output}: {cover.number}, version {cover.version}; received {statement.received},"
        f" balance {statement.closing_balance}; verification code {cover.verification_code}"
    )
