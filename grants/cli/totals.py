"""`grants totals`: what the books say, to hold against the source."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal

import click

from grants.donors import queries as donors
from grants.donors.queries import ContributionTotal
from grants.funding.queries.totals import GrantTotal, grant_totals
from grants.imports import queries as imports
from grants.people import queries as people


@click.group("totals")
def totals_command() -> None:
    """Totals from the books."""


@totals_command.command("contributions")
@click.option("--fund", help="Only this fund.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def contributions(fund: str | None, as_json: bool) -> None:
    """Paid and pledged, in US dollars and in the original currency."""
    fund_id = people.fund_by_name(fund).id if fund else None
    found = donors.contribution_totals([fund_id] if fund_id else None)
    by_fund, rounding = (
        _by(found, lambda one: one.fund),
        imports.rounding_of("contributions", fund_id),
    )
    report = {
        **_sums(found),
        "lines_paid": sum(one.paid_lines for one in found),
        "lines_pledged": sum(one.pledged_lines for one in found),
        "by_fund": by_fund,
        "by_donor": _by(found, lambda one: one.donor),
        "by_currency": _by_currency(found),
        "by_fund_donor_and_currency": [
            {
                "fund": one.fund,
                "donor": one.donor,
                "currency": one.currency,
                "paid_usd": str(one.paid_usd.amount),
                "paid": _exact(one.paid),
                "pledged_usd": str(one.pledged_usd.amount),
                "pledged": _exact(one.pledged),
            }
            for one in found
        ],
        "rounding": rounding,
    }
    if as_json:
        click.echo(json.dumps(report, indent=1, ensure_ascii=False))
        return
    click.echo(f"{'':44} {'paid, USD':>22} {'pledged, USD':>20}")
    for name, sums in by_fund.items():
        click.echo(f"{name:44} {sums['paid_usd']:>22} {sums['pledged_usd']:>20}")
    click.echo(f"{'In all':44} {report['paid_usd']:>22} {report['pledged_usd']:>20}")
    click.echo(f"Rounding (source less books): USD {rounding['usd']}")


@totals_command.command("grants")
@click.option("--fund", help="Only this fund.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def grants(fund: str | None, as_json: bool) -> None:
    """Grants by fund and year: how many, and their approved amounts in US dollars."""
    fund_id = people.fund_by_name(fund).id if fund else None
    found = grant_totals(fund_id)
    if as_json:
        click.echo(json.dumps(_grants_report(found), indent=1, ensure_ascii=False))
        return
    for one in found:
        click.echo(f"{one.fund:44} {one.year} {one.grants:6} {one.approved.amount:>20,}")


def _grants_report(found: Sequence[GrantTotal]) -> dict[str, object]:
    by_fund: dict[str, dict[str, dict[str, object]]] = defaultdict(dict)
    by_year: dict[str, list[GrantTotal]] = defaultdict(list)
    for one in found:
        by_fund[one.fund][str(one.year)] = {
            "grants": one.grants,
            "approved_usd": str(one.approved.amount),
            "funded_usd": str(one.funded.amount),
        }
        by_year[str(one.year)].append(one)
    return {
        **_grants_sum(found),
        "by_year": {year: _grants_sum(group) for year, group in sorted(by_year.items())},
        "by_fund": by_fund,
    }


def _grants_sum(found: Sequence[GrantTotal]) -> dict[str, object]:
    return {
        "grants": sum(one.grants for one in found),
        "approved_usd": str(sum((one.approved.amount for one in found), Decimal(0))),
    }


def _sums(found: Sequence[ContributionTotal]) -> dict[str, str]:
    return {
        "paid_usd": str(sum((one.paid_usd.amount for one in found), Decimal(0))),
        "pledged_usd": str(sum((one.pledged_usd.amount for one in found), Decimal(0))),
    }


def _by(
    found: Sequence[ContributionTotal], key: Callable[[ContributionTotal], str]
) -> dict[str, dict[str, str]]:
    groups: dict[str, list[ContributionTotal]] = defaultdict(list)
    for one in found:
        groups[key(one)].append(one)
    return {name: _sums(groups[name]) for name in sorted(groups)}


def _by_currency(found: Sequence[ContributionTotal]) -> dict[str, dict[str, str]]:
    groups: dict[str, list[ContributionTotal]] = defaultdict(list)
    for one in found:
        groups[one.currency].append(one)
    return {
        currency: {
            **_sums(group),
            "paid": _exact(sum((one.paid for one in group), Decimal(0))),
            "pledged": _exact(sum((one.pledged for one in group), Decimal(0))),
        }
        for currency, group in sorted(groups.items())
    }


def _exact(value: Decimal) -> str:
    """All the decimals that the source has, at least two."""
    text = f"{value:f}"
    whole, _, part = text.partition(".")
    return f"{whole}.{part.rstrip('0').ljust(2, '0')}"
