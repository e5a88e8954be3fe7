"""`grants import`: what a fund has today."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from grants.cli.banking import bank
from grants.db import transaction
from grants.imports import actions
from grants.imports.actions import Outcome
from grants.imports.rules.findings import Found, Severity
from grants.people import queries as people

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
#: So many findings of a kind are shown as text.
_SHOWN_MAX = 5


@click.group("import")
def import_command() -> None:
    """Bring in what a fund has today. A later file of the same source updates the earlier one."""


import_command.add_command(bank)


def _options(command: click.decorators.FC) -> click.decorators.FC:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("--dry-run", is_flag=True, help="Try it out; nothing stays but the findings."),
        click.option("--source", default="pfmb", show_default=True, help="Whose file this is."),
    ):
        command = option(command)
    return command


@import_command.command("contributions")
@_FILE
@_options
def contributions(file: Path, source: str, dry_run: bool, as_json: bool) -> None:
    """Every contribution of a fund: paid and pledged, one line for each instalment."""
    _run("contributions", file, source, dry_run=dry_run, as_json=as_json)


@import_command.command("rounds")
@_FILE
@_options
def rounds(file: Path, source: str, dry_run: bool, as_json: bool) -> None:
    """Allocation rounds. They teach the numbers of the funds that the grants refer to."""
    _run("rounds", file, source, dry_run=dry_run, as_json=as_json)


@import_command.command("grants")
@_FILE
@_options
def grants(file: Path, source: str, dry_run: bool, as_json: bool) -> None:
    """Grants with their approval, funded from the deposits that had come in by then."""
    _run("grants", file, source, dry_run=dry_run, as_json=as_json)


@import_command.command("rates")
@_FILE
@click.option("--source", default="UN operational rate", show_default=True, help="Who says so.")
@click.option("--dry-run", is_flag=True, help="Try it out; nothing stays but the findings.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rates(file: Path, source: str, dry_run: bool, as_json: bool) -> None:
    """Rates of exchange: CSV, XLSX or XML with currency, rate and effective date."""
    _run("rates", file, source, dry_run=dry_run, as_json=as_json)


def _run(kind: str, file: Path, source: str, *, dry_run: bool, as_json: bool) -> None:
    content = file.read_bytes()
    with transaction():
        run_id = actions.start_run(
            people.system_actor(),
            kind=kind,
            source=source,
            file_name=file.name,
            content=content,
            is_dry_run=dry_run,
        )
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task(escape(file.name), total=None)
        outcome = actions.run_import(
            run_id, content, lambda done, total: bar.update(task, completed=done, total=total)
        )
    if as_json:
        click.echo(json.dumps(_as_json(run_id, kind, outcome, dry_run=dry_run), indent=1))
    else:
        _print(outcome, dry_run=dry_run)
    if outcome.rows_refused:
        click.echo(f"{outcome.rows_refused} lines were not loaded; see the findings.", err=True)


def _print(outcome: Outcome, *, dry_run: bool) -> None:
    heading = "Tried out; nothing was kept" if dry_run else "Done"
    click.echo(
        f"{heading}: {outcome.rows_read} read, {outcome.rows_loaded} loaded,"
        f" {outcome.rows_updated} updated, {outcome.rows_withdrawn} withdrawn,"
        f" {outcome.rows_unchanged} unchanged, {outcome.rows_refused} refused."
    )
    counts = Counter((found.severity, found.code) for found in outcome.findings.found)
    for (severity, code), count in sorted(counts.items()):
        click.echo(f"  {severity:8} {code:22} {count:6}")
    _print_serious([one for one in outcome.findings.found if one.severity is not Severity.NOTICE])


def _print_serious(findings: Sequence[Found]) -> None:
    """The first of each kind, errors before warnings."""
    groups: dict[tuple[bool, str], list[Found]] = defaultdict(list)
    for found in findings:
        groups[found.severity is Severity.WARNING, found.code].append(found)
    for _, group in sorted(groups.items()):
        for found in group[:_SHOWN_MAX]:
            where = f"row {found.row} " if found.row else ""
            click.echo(f"  {where}{found.key}: {found.message}")
        if len(group) > _SHOWN_MAX:
            left = len(group) - _SHOWN_MAX
            click.echo(f"  ... and {left} more of {group[0].code}; --json lists all.")


def _as_json(run_id: int, kind: str, outcome: Outcome, *, dry_run: bool) -> dict[str, object]:
    return {
        "run": run_id,
        "kind": kind,
        "dry_run": dry_run,
        "read": outcome.rows_read,
        "loaded": outcome.rows_loaded,
        "updated": outcome.rows_updated,
        "withdrawn": outcome.rows_withdrawn,
        "unchanged": outcome.rows_unchanged,
        "refused": outcome.rows_refused,
        "findings": [
            {
                "row": found.row,
                "key": found.key,
                "severity": found.severity.value,
                "code": found.code,
                "column": found.column,
                "message": found.message,
            }
            for found in outcome.findings.found
        ],
    }
