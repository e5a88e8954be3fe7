"""The books of real pooled funds, loaded and held against totals that others computed.

The files lie beside a checkout that has them; where they are absent these tests are skipped.
"""

from __future__ import annotations

import csv
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from grants.audit import queries as audit
from grants.cli.statement import statement_command
from grants.cli.totals import totals_command
from grants.db import db, transaction
from grants.donors import queries as donors
from grants.donors.models import Pledge, PledgeState
from grants.donors.queries import ContributionTotal
from grants.funding import queries as funding
from grants.funding.queries.totals import grant_totals
from grants.imports import actions
from grants.imports import queries as imports
from grants.imports.actions import Outcome
from grants.imports.models import ImportedRow
from grants.imports.rules.contributions import read_contributions
from grants.imports.rules.findings import Findings
from grants.ledger import queries as ledger
from grants.people import queries as people

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FUNDS = DATA / "pooled-funds"
FIRST = FUNDS / "contributions" / "pfmb_contributions_2025-10-31.csv"
SECOND = FUNDS / "contributions" / "pfmb_contributions_2025-12-30.csv"
YEARS = (2019, 2020, 2021, 2022)
FACTOR = Decimal("1.5")
SECONDS_MAX = 60

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.once,
    pytest.mark.skipif(
        not FIRST.exists(), reason="the shared real data is not beside the checkout"
    ),
]


def _load(kind: str, path: Path, *, is_dry_run: bool = False) -> Outcome:
    content = path.read_bytes()
    with transaction():
        run_id = actions.start_run(
            people.system_actor(),
            kind=kind,
            source="pfmb",
            file_name=path.name,
            content=content,
            is_dry_run=is_dry_run,
        )
    return actions.run_import(run_id, content, lambda _done, _total: None)


def _expected(part: str, path: Path) -> dict[str, Any]:
    found = json.loads((DATA / "expected" / "EXPECTED.json").read_text())[part]
    value: dict[str, Any] = next(value for key, value in found.items() if path.name in key)
    return value


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _check_totals(path: Path) -> None:
    """Paid and pledged per fund, donor and currency, to the cent; roundings make up the rest."""
    found = donors.contribution_totals()
    expected = _expected("contributions", path)
    rounding = imports.rounding_of("contributions").usd
    paid = sum((one.paid_usd.amount for one in found), Decimal(0))
    pledged = sum((one.pledged_usd.amount for one in found), Decimal(0))
    assert paid == Decimal(expected["paid_usd"])
    assert pledged + rounding == Decimal(expected["pledge_usd"])
    by_fund = donors.summed(found, lambda one: one.fund)
    assert {name: str(paid.amount) for name, (paid, _) in by_fund.items()} == {
        name: str(Decimal(value).quantize(Decimal("0.01")))
        for name, value in expected["paid_usd_by_fund"].items()
    }
    _check_currencies(found, expected)
    _check_command(path)
    _check_against_file(found, path)


def _check_command(path: Path) -> None:
    """`grants totals contributions --json` against the file itself, line by line."""
    result = CliRunner().invoke(totals_command, ["contributions", "--json"])
    totals = json.loads(result.stdout)
    for part, column, clean in (
        ("by_fund", "PooledFundName", str.strip),
        ("by_donor", "DonorName", lambda name: " ".join(name.split())),
    ):
        sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for row in _rows(path):
            found = sums[clean(row[column])]
            found[0] += Decimal(row["PaidAmt"] or 0)
            found[1] += Decimal(row["PledgeAmt"] or 0)
        assert {name for name, (paid, pledged) in sums.items() if paid or pledged} <= set(
            totals[part]
        )
        for name, (paid, pledged) in sums.items():
            kept = totals[part].get(name, {"paid_usd": "0", "pledged_usd": "0"})
            assert Decimal(kept["paid_usd"]) == paid, name
            assert abs(Decimal(kept["pledged_usd"]) - pledged) <= Decimal("0.05"), name
    for side, kept_as in (("Paid", "paid"), ("Pledge", "pledged")):
        original: dict[str, Decimal] = defaultdict(Decimal)
        for row in _rows(path):
            if Decimal(row[f"{side}Amt"] or 0):
                currency = row[f"{side}AmtLocalCurrency"].strip()
                original[currency] += Decimal(row[f"{side}AmtLocal"] or 0)
        for currency, amount in original.items():
            assert Decimal(totals["by_currency"][currency][kept_as]) == amount, (side, currency)


def _check_currencies(found: list[ContributionTotal], expected: dict[str, Any]) -> None:
    original: dict[str, Decimal] = defaultdict(Decimal)
    usd: dict[str, Decimal] = defaultdict(Decimal)
    for one in found:
        original[one.currency] += one.paid
        usd[one.currency] += one.paid_usd.amount
    for currency, (_lines, local, dollars) in expected["paid_by_currency_stripped"].items():
        assert (original[currency], usd[currency]) == (Decimal(local), Decimal(dollars)), currency


def _check_against_file(found: list[ContributionTotal], path: Path) -> None:
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in _rows(path):
        donor = " ".join(row["DonorName"].split()) or "Donor not named by the source"
        part = sums[row["PooledFundName"].strip(), donor]
        part[0] += Decimal(row["PaidAmt"] or 0)
        part[1] += Decimal(row["PledgeAmt"] or 0)
    kept: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for one in found:
        part = kept[one.fund, one.donor]
        part[0] += one.paid_usd.amount
        part[1] += one.pledged_usd.amount
    for key, (paid, pledged) in sums.items():
        assert kept[key][0] == paid, key
        assert abs(kept[key][1] - pledged) <= Decimal("0.05"), key


def _check_deltas(second: Outcome) -> None:
    """What others found between the two snapshots is what was done, no more and no less."""
    (deltas,) = json.loads((DATA / "expected" / "contribution_snapshot_deltas.json").read_text())
    gone = {found.key for found in second.findings.found if found.code == "withdrawn"}
    assert gone == set(deltas["gone_codes"])
    rows = db.session.execute(
        select(
            ImportedRow.key, func.min(ImportedRow.first_run_id), func.max(ImportedRow.occurrence)
        )
        .group_by(ImportedRow.key)
        .order_by(ImportedRow.key)
    ).all()
    first_run = min(row[1] for row in rows)
    assert len([row for row in rows if row[1] == first_run]) == deltas["codes_before"]
    assert len([row for row in rows if row[1] > first_run]) == deltas["new"]
    settled = db.session.scalar(
        select(func.count(Pledge.id)).where(Pledge.state == PledgeState.PAID)
    )
    assert settled == deltas["pledge_became_paid"]
    assert second.rows_updated >= deltas["pledge_became_paid"]


@pytest.mark.slow
def test_contributions_of_two_snapshots_tie_to_the_cent(app: Flask) -> None:
    start = time.monotonic()
    first = _load("contributions", FIRST)
    assert time.monotonic() - start < SECONDS_MAX
    assert (first.rows_read, first.rows_loaded, first.rows_refused) == (5885, 5885, 0)
    _check_totals(FIRST)

    second = _load("contributions", SECOND)
    assert (second.rows_read, second.rows_withdrawn, second.rows_refused) == (6019, 4, 0)
    assert second.rows_loaded + second.rows_updated + second.rows_unchanged == 6019
    _check_deltas(second)
    _check_totals(SECOND)
    _check_books()

    heads = {fund.id: ledger.head(fund.id).hash for fund in people.funds()}
    again = _load("contributions", SECOND)
    assert (again.rows_loaded, again.rows_updated, again.rows_withdrawn) == (0, 0, 0)
    assert again.rows_unchanged == 6019
    assert {fund.id: ledger.head(fund.id).hash for fund in people.funds()} == heads


@pytest.mark.slow
def test_rounds_and_grants_tie_to_the_cent(app: Flask, tmp_path: Path) -> None:
    _load("contributions", SECOND)
    rounds = _load("rounds", FUNDS / "AllocationTypes.csv")
    assert (rounds.rows_read, rounds.rows_loaded) == (831, 831)
    for year in YEARS:
        path = FUNDS / "projects" / f"ProjectSummaryV2_{year}.csv"
        outcome = _load("grants", path)
        expected = _expected("projects", path)
        assert (outcome.rows_loaded, outcome.rows_refused) == (expected["rows"], 0)
        totals = [one for one in grant_totals() if one.year == year]
        approved = sum((one.approved.amount for one in totals), Decimal(0))
        assert approved == Decimal(expected["budget_usd"])
        by_fund = {f"PF{key}": Decimal(value) for key, value in expected["by_fund_id"].items()}
        assert sorted(by_fund.values()) == sorted(one.approved.amount for one in totals)
    _check_books()
    _check_portfolios()
    for fund, donor in (("Sudan", "Germany"), ("CERF", "Sweden")):
        _check_statement(fund, donor, tmp_path / "statement.json")
    last = FUNDS / "projects" / "ProjectSummaryV2_2022.csv"
    again = _load("grants", last)
    assert (again.rows_loaded, again.rows_updated, again.rows_withdrawn) == (0, 0, 0)


def _check_portfolios() -> None:
    """Every grant of every country fund attributed anew, all at once: it ties to the cent.

    Per fund, donor and grant; what a donor pays is at most what it gave.
    """
    funded = 0
    for fund in people.funds():
        made = funding.portfolio(fund.id)
        if not made.question.demands:
            continue
        funded += 1
        short = sum((one.amount for one in made.short.values()), Decimal(0))
        approved = sum(
            (one.approved.amount for one in grant_totals() if one.fund == fund.name), Decimal(0)
        )
        assert made.attributed.amount + short == made.approved.amount == approved
        by_grant = made.by_grant()
        for demand in made.question.demands:
            key = int(demand.key)
            missing = made.short[key].minor if key in made.short else 0
            paid = by_grant[key].minor if key in by_grant else 0
            assert paid + missing == demand.amount_minor
        given: dict[int, int] = defaultdict(int)
        for layer in made.question.layers:
            given[layer.donor_id] += layer.available_minor
        by_donor = made.by_donor()
        assert sum(one.minor for one in by_donor.values()) == made.attributed.minor
        assert all(one.minor <= given[donor] for donor, one in by_donor.items())
    assert funded >= 18


def _check_statement(fund: str, donor: str, path: Path) -> None:
    """A donor's statement at the end of the books says what the totals say."""
    asked = ["--fund", fund, "--donor", donor, "--year", "2025", "--format", "json"]
    result = CliRunner().invoke(statement_command, [*asked, "-o", str(path)])
    assert result.exit_code == 0, result.output
    said = json.loads(path.read_text())["contribution"]
    fund_id = people.fund_by_name(fund).id
    of_donor = [one for one in donors.contribution_totals([fund_id]) if one.donor == donor]
    paid = sum((one.paid_usd.amount for one in of_donor), Decimal(0))
    pledged = sum((one.pledged_usd.amount for one in of_donor), Decimal(0))
    assert paid > 0
    assert said["received"]["amount"] == str(paid)
    assert said["pledged"]["amount"] == str(pledged)


def _check_books() -> None:
    for fund in people.funds():
        found = ledger.verify(fund.id)
        assert found.holds, found.breaks
        assert funding.attribution_breaks(fund.id) == []
    assert audit.verify().holds


@pytest.mark.once
@pytest.mark.parametrize("path", [FIRST, SECOND], ids=["first", "second"])
def test_what_is_dirty_is_found_with_its_row(path: Path) -> None:
    findings = Findings()
    reading = read_contributions(path.read_bytes(), findings, today=date(2026, 1, 1))
    assert (reading.is_complete, reading.refused_keys) == (True, frozenset())
    found: dict[str, set[int]] = defaultdict(set)
    for one in findings.found:
        found[one.code].add(one.row)
    rows = list(enumerate(_rows(path), 2))

    padded = {
        number
        for number, row in rows
        if any(
            row[name] != row[name].strip()
            for name in ("ContributionCode", "PaidAmtLocalCurrency", "PledgeAmtLocalCurrency")
        )
    }
    assert found["padded_code"] == padded
    sentinel = {
        number
        for number, row in rows
        if any(row[name].startswith("0001") for name in ("LatestDate", "ActivityDate", "PaidDate"))
    }
    assert found["sentinel_date"] == sentinel
    unknown = {
        number
        for number, row in rows
        if not row["PaidAmtLocalCurrency"].strip() or not row["PledgeAmtLocalCurrency"].strip()
    }
    assert found["unknown_currency"] >= unknown
    missing = {number for number, row in rows if not row["PaidDate"] or not row["PledgeDate"]}
    assert found["missing_date"] == missing
    assert found["rate_factor"] >= _rates_off_by_a_factor(rows)


def _rates_off_by_a_factor(rows: list[tuple[int, dict[str, str]]]) -> set[int]:
    """Rows with a rate far from that of the United Nations of its month, or from its amounts."""
    with (DATA / "rates" / "un-operational-rates-implied-by-contributions.csv").open() as file:
        of_month = {
            (row["month"], row["currency"]): Decimal(row["units_per_usd_modal"])
            for row in csv.DictReader(file)
            if int(row["n_modal"]) > 1
        }
    off = set()
    for number, row in rows:
        for side in ("Paid", "Pledge"):
            rate = Decimal(row[f"{side}AmtCurrencyExchangeRate"] or 0)
            currency = row[f"{side}AmtLocalCurrency"].strip()
            local, usd = (Decimal(row[f"{side}Amt{what}"] or 0) for what in ("Local", ""))
            known = [of_month.get((row[f"{side}Date"][:7], currency), rate)]
            known += [local / usd] if local > 0 and usd > 0 else []
            if rate > 0 and any(not one / FACTOR <= rate <= one * FACTOR for one in known):
                off.add(number)
    assert len(off) >= 3
    return off


def test_a_file_of_another_layout_is_refused_in_words(app: Flask) -> None:
    with pytest.raises(Exception, match="not a file of contributions: the column"):
        _load("contributions", FUNDS / "AllocationTypes.csv")
    assert people.funds() == []
