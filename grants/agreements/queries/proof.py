"""Tranches and partner reports, held against what the books hold for them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from grants.agreements.models import (
    PartnerReport,
    ReportLine,
    ReportState,
    Tranche,
    TrancheState,
)
from grants.db import db
from grants.ledger import queries as ledger
from grants.ledger.chart import EXPENDITURE
from grants.ledger.queries import Break
from grants.money import Money


def document_breaks(fund_id: int) -> list[Break]:
    """Tranches and reports that say something else than their entries; empty when all is well.

    A certified tranche is an advance, a released one is paid and no longer owed; an accepted
    report is expenditure less what was refused of it.
    """
    return [*_tranche_breaks(fund_id), *_report_breaks(fund_id)]


def _tranche_breaks(fund_id: int) -> Iterator[Break]:
    advanced = ledger.document_sums(fund_id, "tranche", ("1200",))
    owed = ledger.document_sums(fund_id, "tranche", ("2010",))
    rows = db.session.execute(
        select(Tranche.id, Tranche.amount_minor, Tranche.state)
        .where(Tranche.fund_id == fund_id)
        .order_by(Tranche.id)
    )
    for row in rows:
        is_certified = row.state in {TrancheState.CERTIFIED, TrancheState.RELEASED}
        said = row.amount_minor if is_certified else 0
        yield from _compared(f"tranche {row.id}, advanced", said, -_usd(advanced, row.id))
        unpaid = said if row.state == TrancheState.CERTIFIED else 0
        yield from _compared(f"tranche {row.id}, owed", unpaid, _usd(owed, row.id))


def _report_breaks(fund_id: int) -> Iterator[Break]:
    booked = ledger.document_sums(fund_id, "partner_report", EXPENDITURE)
    accepted = func.coalesce(func.sum(ReportLine.claimed_minor - ReportLine.refused_minor), 0)
    rows = db.session.execute(
        select(PartnerReport.id, PartnerReport.state, accepted.label("accepted_minor"))
        .outerjoin(ReportLine, ReportLine.report_id == PartnerReport.id)
        .where(PartnerReport.fund_id == fund_id)
        .group_by(PartnerReport.id, PartnerReport.state)
        .order_by(PartnerReport.id)
    )
    for row in rows:
        said = int(row.accepted_minor) if row.state == ReportState.ACCEPTED else 0
        yield from _compared(f"report {row.id}", said, -_usd(booked, row.id))


def _usd(sums: dict[int, tuple[int, int]], key: int) -> int:
    return sums.get(key, (0, 0))[1]


def _compared(where: str, said: int, booked: int) -> Iterator[Break]:
    if said != booked:
        ours, books = (Money.of_minor(minor, "USD") for minor in (said, booked))
        yield Break("document", where, f"it says {ours}; the books hold {books}")
