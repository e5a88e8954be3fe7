"""Issued statements, held against their own figures and the entry that they were read up to."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from grants.db import db
from grants.ledger import queries as ledger
from grants.ledger.queries import Break
from grants.reports.models import IssuedReport, StatementState
from grants.reports.shapes import plain

_ROWS_AT_ONCE = 100


def statement_breaks(fund_id: int) -> list[Break]:
    """Statements whose frozen figures or whose place in the journal no longer hold."""
    return list(_breaks(fund_id))


def _breaks(fund_id: int) -> Iterator[Break]:
    issued = (StatementState.PROVISIONAL, StatementState.CERTIFIED)
    rows = db.session.execute(
        select(
            IssuedReport.number,
            IssuedReport.version,
            IssuedReport.figures,
            IssuedReport.figures_hash,
            IssuedReport.ledger_sequence,
            IssuedReport.ledger_hash,
        )
        .where(IssuedReport.fund_id == fund_id, IssuedReport.state.in_(issued))
        .order_by(IssuedReport.id)
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    known: list[tuple[str, int, str]] = []
    for row in rows:
        where = f"statement {row.number}, version {row.version}"
        if row.figures is None or plain.figures_hash(row.figures) != row.figures_hash:
            yield Break("statement", where, "its figures are not those that were issued")
        if row.ledger_sequence:
            known.append((where, row.ledger_sequence, row.ledger_hash))
    hashes = ledger.entries_that_stand(fund_id, [sequence for _, sequence, _ in known])
    for where, sequence, digest in known:
        if hashes.get(sequence) != digest:
            yield Break("statement", where, f"entry {sequence} is not the one it was read up to")
