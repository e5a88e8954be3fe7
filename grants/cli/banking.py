"""`grants import bank`: the statement of a bank, for one account of a fund."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from grants.banking import actions, queries
from grants.banking.models import ImportState
from grants.banking.queries import FINDINGS_MAX, FindingView, ImportView
from grants.db import transaction
from grants.people import queries as people

_HEADINGS = {
    ImportState.LOADED: "Loaded",
    ImportState.TRIED: "Tried out; nothing was kept",
    ImportState.REFUSED: "Refused; nothing was kept",
}


@click.command("bank")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--account", "number", required=True, help="IBAN or number of the account.")
@click.option("--dry-run", is_flag=True, help="Try it out; nothing stays but the findings.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def bank(file: Path, number: str, dry_run: bool, as_json: bool) -> None:
    """A bank statement: ISO 20022 camt.053, MT940, or CSV by the layout of its bank."""
    account = queries.account_by_number(number)
    with transaction():
        import_id = actions.import_file(
            people.system_actor(),
            account.id,
            file.read_bytes(),
            file_name=file.name,
            is_trial=dry_run,
        ).id
    done = queries.import_view(import_id)
    findings, _ = queries.findings_of(import_id, limit=FINDINGS_MAX)
    if as_json:
        click.echo(json.dumps(_as_json(done, findings), indent=1, ensure_ascii=False))
    else:
        _print(done, findings)
    if done.state == ImportState.REFUSED:
        sys.exit(1)


def _print(done: ImportView, findings: list[FindingView]) -> None:
    heading = _HEADINGS[ImportState(done.state)]
    read = f"{done.format}, {done.encoding}: " if done.format else ""
    click.echo(
        f"{heading}: {read}{done.statements} statements, {done.lines_read} movements,"
        f" {done.lines_new} new, {done.lines_known} known before."
    )
    for one in findings:
        where = f"line {one.row_number}: " if one.row_number else ""
        click.echo(f"  {one.severity:8} {one.code:18} {where}{one.message}")


def _as_json(done: ImportView, findings: list[FindingView]) -> dict[str, object]:
    return {
        "import": done.id,
        "state": done.state,
        "dry_run": done.is_trial,
        "format": done.format,
        "encoding": done.encoding,
        "statements": done.statements,
        "read": done.lines_read,
        "new": done.lines_new,
        "known": done.lines_known,
        "findings": [
            {
                "row": one.row_number,
                "severity": one.severity,
                "code": one.code,
                "message": one.message,
            }
            for one in findings
        ],
    }
