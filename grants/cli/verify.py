"""`grants verify`: the books prove themselves."""

from __future__ import annotations

import json
import sys

import click

from grants.db import snapshot
from grants.people import queries as people
from grants.proof import queries as proof
from grants.proof.queries import Examination

FUNDS_MAX = 10_000


@click.command("verify")
@click.option("--fund", help="Only this fund (slug or name), with what all funds have in common.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify_command(fund: str | None, as_json: bool) -> None:
    """Recompute chains, balances, invariants and documents; exit with 1 if anything is broken."""
    with snapshot():
        funds = [people.fund_by_name(fund)] if fund else people.funds(limit=FUNDS_MAX)
        found = [(one.name, one.slug, proof.examine(one.id)) for one in funds]
        house = proof.examine_house()
    holds = house.holds and all(one.holds for _, _, one in found)
    if as_json:
        funds_found = [{"fund": slug, **_as_json(one)} for _, slug, one in found]
        everything = {"holds": holds, "funds": funds_found, "house": _as_json(house)}
        click.echo(json.dumps(everything, indent=1))
    else:
        for name, _, one in found:
            _print(name, one, f"the books balance ({one.entries} entries, {one.moves} moves)")
        _print("Audit trail and files", house, f"whole ({house.entries} events)")
        click.echo("Everything holds." if holds else "Something does not hold.", err=not holds)
    sys.exit(0 if holds else 1)


def _print(name: str, found: Examination, words: str) -> None:
    if found.holds:
        click.echo(f"{name}: {words}{f', {found.hash[:16]}' if found.hash else ''}")
    for broken in found.breaks:
        click.echo(f"{name}: {broken.check} at {broken.where}: {broken.what}", err=True)


def _as_json(found: Examination) -> dict[str, object]:
    return {
        "holds": found.holds,
        "entries": found.entries,
        "moves": found.moves,
        "sequence": found.sequence,
        "hash": found.hash,
        "breaks": [
            {"check": broken.check, "where": broken.where, "what": broken.what}
            for broken in found.breaks
        ],
    }
