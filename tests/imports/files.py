"""Files as a source writes them, made line by line."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date

from grants.db import transaction
from grants.imports import actions
from grants.imports.actions import Outcome
from grants.imports.rules.contributions import Contribution, read_contributions
from grants.imports.rules.findings import Findings, Found
from grants.imports.rules.layouts import CONTRIBUTIONS, GRANTS, ROUNDS
from grants.imports.rules.table import Layout
from grants.people import queries as people
from grants.people.permissions import Actor

TODAY = date(2026, 3, 10)
Line = Mapping[str, str]

PAID = {
    "ContributionCode": "25-DC-SWE-001",
    "DonorName": "Sweden",
    "DonorType": "Member State",
    "FiscalYear": "2025",
    "FundType": "CBPF",
    "PooledFundName": "Sudan",
    "LatestDate": "2025-05-02T00:00:00",
    "ActivityDate": "2025-05-02T00:00:00",
    "PaidDate": "2025-05-02",
    "PaidAmtLocalCurrency": "SEK",
    "PaidAmtCurrencyExchangeRate": "10.0",
    "PaidAmtLocal": "1000.0",
    "PaidAmt": "100.0",
    "PledgeDate": "2025-01-15",
    "PledgeAmtLocalCurrency": "SEK",
    "PledgeAmtCurrencyExchangeRate": "10.0",
    "PledgeAmtLocal": "1000.0",
    "PledgeAmt": "0.0",
}
PLEDGED = {**PAID, "PaidDate": "", "PaidAmt": "0.0", "PaidAmtLocal": "0.0", "PledgeAmt": "100.0"}
ROUND = {
    "AllocationTitle": "2022 1st Standard Allocation",
    "AllocationSource": "Standard",
    "TotalUSDPlanned": "2E+07",
    "PlannedStartDate": "3/19/2022 12:00:00 AM",
    "PlannedEndDate": "4/2/2022 12:00:00 AM",
    "PooledFundId": "15",
    "PooledFundName": "Sudan",
    "AllocationYear": "2022",
    "TotalProjectsApproved": "2",
    "TotalApprovedBudget": "60",
    "AllocationTypeId": "27",
    "FundTypeId": "1",
}
GRANT = {
    "PFId": "15",
    "AllNm": "2022 1st Standard Allocation",
    "PrjCode": "SUD-22/1",
    "AllYr": "2022",
    "OrgNm": "Norwegian Refugee Council",
    "OrgTypeId": "2",
    "PrjTitle": "Shelter",
    "AStrDt": "5/1/2022 12:00:00 AM",
    "AEndDt": "12/31/2022 12:00:00 AM",
    "PrgBdg": "60.0",
    "PrjStsNm": "Implementation",
    "ApprDt": "4/20/2022 9:10:11 PM",
}


def contributions(*lines: Line) -> bytes:
    return written(CONTRIBUTIONS, lines)


def rounds(*lines: Line) -> bytes:
    return written(ROUNDS, lines)


def grants(*lines: Line) -> bytes:
    return written(GRANTS, lines)


def written(layout: Layout, lines: Sequence[Line]) -> bytes:
    """The lines as a CSV file of this layout."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [*layout.needed, *layout.others], restval="")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode()


def read(*lines: Line) -> tuple[list[Contribution], list[Found]]:
    """The sound lines, and what was found."""
    findings = Findings()
    reading = read_contributions(contributions(*lines), findings, today=TODAY)
    return list(reading.rows), findings.found


def codes(found: Sequence[Found]) -> set[tuple[str, str]]:
    """Severity and code of each finding."""
    return {(one.severity.value, one.code) for one in found}


def bring(
    kind: str,
    content: bytes,
    *,
    source: str = "pfmb",
    by: Actor | None = None,
    is_dry_run: bool = False,
) -> Outcome:
    """Import a file, as the system or as somebody."""
    with transaction():
        run_id = actions.start_run(
            by or people.system_actor(),
            kind=kind,
            source=source,
            file_name=f"{kind}.csv",
            content=content,
            is_dry_run=is_dry_run,
        )
    return actions.run_import(run_id, content, lambda _done, _total: None)


def counts(outcome: Outcome) -> tuple[int, int, int, int, int]:
    """Loaded, updated, withdrawn, unchanged, refused."""
    return (
        outcome.rows_loaded,
        outcome.rows_updated,
        outcome.rows_withdrawn,
        outcome.rows_unchanged,
        outcome.rows_refused,
    )
