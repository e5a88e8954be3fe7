"""`grants totals`: what the books say, to hold against the source."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

import click

from grants.donors import queries as donors
from grants.donors.queries import ContributionTotal
from grants.funding.queries.totals import GrantTotal, grant_totals
from grants.imports import queries as imports
from grants.imports.queries import Rounding
from grants.imports.rules.contributions import UNNAMED_DONOR
from grants.people import queries as people

NOTHING = Decimal(0)
ValueT = TypeVar("ValueT")


@click.group("totals")
def totals_command() -> None:
    """Totals from the books."""


@totals_command.command("contributions")
@click.option("--fund", help="Only this fund.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def contributions(fund: str | None, as_json: bool) -> None:
    """Paid and pledged, in US dollars and in the original currency.

    By fund, by donor and by currency. What the source leaves blank, a currency or a donor, stands
    under "".
    """
    fund_id = people.fund_by_name(fund).id if fund else None
    found = donors.contribution_totals([fund_id] if fund_id else None)
    rounding = imports.rounding_of("contributions", fund_id)
    if as_json:
        report = _contributions_report(found, rounding)
        click.echo(json.dumps(report, indent=1, ensure_ascii=False))
        return
    click.echo(f"{'':44} {'paid, USD':>22} {'pledged, USD':>20}")
    for name, group in _grouped(found, lambda one: one.fund).items():
        _print_line(name, group)
    _print_line("In all", found)
    click.echo(
        f"Rounding to cents took USD {_exact(rounding.usd)} in {rounding.lines} lines"
        " (what the source says less what is booked)."
    )


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
    click.echo(f"{'':44} year grants        approved, USD")
    for one in found:
        click.echo(f"{one.fund:44} {one.year} {one.grants:6} {one.approved.amount:>20,}")
    in_all = sum((one.approved.amount for one in found), NOTHING)
    click.echo(f"{'In all':44}      {sum(one.grants for one in found):6} {in_all:>20,}")


def _print_line(name: str, group: Sequence[ContributionTotal]) -> None:
    paid, pledged = _paid_usd(group), _pledged_usd(group)
    click.echo(f"{name:44} {paid:>22,} {pledged:>20,}")


def _contributions_report(
    found: Sequence[ContributionTotal], rounding: Rounding
) -> dict[str, object]:
    currencies = _grouped(found, lambda one: one.currency)
    return {
        **_sums(found),
        "lines_paid": sum(one.paid_lines for one in found),
        "lines_pledged": sum(one.pledged_lines for one in found),
        "by_fund": {
            name: _sums(group) for name, group in _grouped(found, lambda one: one.fund).items()
        },
        "by_donor": {name: _sums(group) for name, group in _grouped(found, _donor).items()},
        "by_currency": {
            currency: {
                **_in_dollars(group),
                "paid": _exact(sum((one.paid for one in group), NOTHING)),
                "pledged": _exact(sum((one.pledged for one in group), NOTHING)),
            }
            for currency, group in currencies.items()
        },
        "by_fund_donor_and_currency": [
            {
                "fund": one.fund,
                "donor": _donor(one),
                "currency": one.currency,
                **_in_dollars([one]),
                "paid": _exact(one.paid),
                "pledged": _exact(one.pledged),
            }
            for one in found
        ],
        "rounding": _rounding_report(rounding),
    }


def _rounding_report(rounding: Rounding) -> dict[str, object]:
    """What the source says less what is booked."""
    return {
        "lines": rounding.lines,
        "usd": _exact(rounding.usd),
        "usd_by_fund": {name: _exact(usd) for name, usd in _sorted(rounding.usd_by_fund) if usd},
        "by_currency": {name: _exact(left) for name, left in _sorted(rounding.by_currency)},
    }


def _sums(group: Sequence[ContributionTotal]) -> dict[str, object]:
    """In US dollars, and in the original currencies."""
    currencies = _grouped(group, lambda one: one.currency)
    paid = {name: sum((one.paid for one in some), NOTHING) for name, some in currencies.items()}
    pledged = {
        name: sum((one.pledged for one in some), NOTHING) for name, some in currencies.items()
    }
    return {
        **_in_dollars(group),
        "paid": {name: _exact(amount) for name, amount in paid.items() if amount},
        "pledged": {name: _exact(amount) for name, amount in pledged.items() if amount},
    }


def _in_dollars(group: Sequence[ContributionTotal]) -> dict[str, str]:
    return {"paid_usd": str(_paid_usd(group)), "pledged_usd": str(_pledged_usd(group))}


def _paid_usd(group: Sequence[ContributionTotal]) -> Decimal:
    return sum((one.paid_usd.amount for one in group), Decimal("0.00"))


def _pledged_usd(group: Sequence[ContributionTotal]) -> Decimal:
    return sum((one.pledged_usd.amount for one in group), Decimal("0.00"))


def _donor(one: ContributionTotal) -> str:
    return "" if one.donor == UNNAMED_DONOR else one.donor


def _grouped(
    found: Sequence[ContributionTotal], key: Callable[[ContributionTotal], str]
) -> dict[str, list[ContributionTotal]]:
    groups: dict[str, list[ContributionTotal]] = defaultdict(list)
    for one in found:
        groups[key(one)].append(one)
    return dict(_sorted(groups))


def _grants_report(found: Sequence[GrantTotal]) -> dict[str, object]:
    by_fund: dict[str, dict[str, dict[str, object]]] = defaultdict(dict)
    by_year: dict[str, list[GrantTotal]] = defaultdict(list)
    for one in found:
        by_fund[one.fund][str(one.year)] = _grants_sum([one])
        by_year[str(one.year)].append(one)
    return {
        **_grants_sum(found),
        "by_year": {year: _grants_sum(group) for year, group in _sorted(by_year)},
        "by_fund": by_fund,
        "numbers_of_funds": imports.fund_numbers(),
    }


def _grants_sum(found: Sequence[GrantTotal]) -> dict[str, object]:
    return {
        "grants": sum(one.grants for one in found),
        "approved_usd": str(sum((one.approved.amount for one in found), Decimal("0.00"))),
        "funded_usd": str(sum((one.funded.amount for one in found), Decimal("0.00"))),
    }


def _sorted(groups: Mapping[str, ValueT]) -> list[tuple[str, ValueT]]:
    return sorted(groups.items(), key=lambda item: item[0])


def _exact(value: Decimal) -> str:
    """All the decimals that the source has, at least two."""
    whole, _, part = f"{value:f}".partition(".")
    return f"{whole}.{part.rstrip('0').ljust(2, '0')}"
