"""`grants verify`: the books prove themselves."""

from __future__ import annotations

import json
import sys

import click

from grants.audit import queries as audit
from grants.funding import queries as funding
from grants.ledger import queries as ledger
from grants.ledger.queries import Break, Verification
from grants.people import queries as people
from grants.people.queries import FundView


@click.command("verify")
@click.option("--fund", help="Only this fund (slug or name).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify_command(fund: str | None, as_json: bool) -> None:
    """Recompute chains, balances and invariants; exit with 1 at the first that does not hold."""
    funds = [people.fund_by_name(fund)] if fund else people.funds(limit=10_000)
    found = [(one, *_verified(one)) for one in funds]
    trail = audit.verify()
    holds = trail.holds and all(not breaks for _, _, breaks in found)
    if as_json:
        click.echo(json.dumps(_as_json(found, trail, holds=holds), indent=1))
    else:
        _print(found, trail, holds=holds)
    sys.exit(0 if holds else 1)


_Found = tuple[FundView, Verification, tuple[Break, ...]]


def _verified(fund: FundView) -> tuple[Verification, tuple[Break, ...]]:
    checked = ledger.verify(fund.id)
    ties = tuple(
        Break("(v)", one.reference, one.what) for one in funding.attribution_breaks(fund.id)
    )
    return checked, checked.breaks + ties


def _print(found: list[_Found], trail: audit.AuditVerification, *, holds: bool) -> None:
    for fund, checked, breaks in found:
        words = f"{checked.entries} entries, {checked.moves} moves"
        if not breaks:
            click.echo(f"{fund.name}: the books balance ({words}, {checked.hash[:16]})")
        for broken in breaks:
            click.echo(f"{fund.name}: {broken.check} at {broken.where}: {broken.what}", err=True)
    if trail.holds:
        click.echo(f"Audit trail: whole ({trail.events} events)")
    else:
        click.echo(f"Audit trail: broken at event {trail.first_broken}: {trail.what}", err=True)
    click.echo("Everything holds." if holds else "Something does not hold.", err=not holds)


def _as_json(
    found: list[_Found], trail: audit.AuditVerification, *, holds: bool
) -> dict[str, object]:
    return {
        "holds": holds,
        "funds": [
            {
                "fund": fund.slug,
                "entries": checked.entries,
                "moves": checked.moves,
                "sequence": checked.sequence,
                "hash": checked.hash,
                "breaks": [
                    {"check": broken.check, "where": broken.where, "what": broken.what}
                    for broken in breaks
                ],
            }
            for fund, checked, breaks in found
        ],
        "audit": {"events": trail.events, "first_broken": trail.first_broken, "what": trail.what},
    }
