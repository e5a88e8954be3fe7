"""Loading allocation rounds: calls of the past."""

from __future__ import annotations

from datetime import UTC, datetime, time

from grants.applications import actions as applications
from grants.applications.actions import ImportedCall
from grants.imports.actions.loading import Batch, FundsByName, KnownRows, note_rows
from grants.imports.models import ImportedRow
from grants.imports.rules.rounds import Round, read_rounds
from grants.imports.rules.snapshots import compare

KIND = "rounds"


def load(batch: Batch, content: bytes) -> None:
    """Bring the rounds up to what the file says now: see run_import."""
    outcome = batch.outcome
    rows = read_rounds(content, outcome.findings)
    outcome.rows_read = len(rows)
    funds = FundsByName(batch.actor, batch.source)
    for row in rows:
        fund_id = funds.named(row.fund)
        if row.fund_number:
            funds.learn(f"PF{row.fund_number}", fund_id)
    known_rows = KnownRows(KIND, batch.source)
    changes = compare(known_rows, rows)
    outcome.rows_unchanged = len(changes.unchanged)
    _check_titles(batch, rows)
    calls = applications.record_imported_calls(
        batch.actor, [_call(row, funds.named(row.fund)) for row, _ in changes.added]
    )
    note_rows(
        [
            {
                "kind": KIND,
                "source": batch.source,
                "key": row.key,
                "occurrence": occurrence,
                "content_hash": row.content_hash,
                "content": row.content,
                "fund_id": call.fund_id,
                "first_run_id": batch.run_id,
                "last_run_id": batch.run_id,
                "is_withdrawn": False,
                "call_id": call.id,
                "rounding_usd": "0",
                "rounding_original": "0",
            }
            for (row, occurrence), call in zip(changes.added, calls, strict=True)
        ]
    )
    outcome.rows_loaded = len(changes.added)
    for old, row in changes.updated:
        _update(batch, known_rows.row(old), row, funds.named(row.fund))
    for gone in changes.withdrawn:
        known = known_rows.row(gone)
        known.is_withdrawn = True
        known.last_run_id = batch.run_id
        outcome.findings.warning(
            0, known.key, "withdrawn", "", "The round is no longer in the file; it is kept."
        )
    outcome.rows_withdrawn = len(changes.withdrawn)
    batch.progress(len(rows), len(rows))


def _update(batch: Batch, known: ImportedRow, row: Round, fund_id: int) -> None:
    assert known.call_id is not None
    applications.change_imported_call(batch.actor, known.call_id, _call(row, fund_id))
    known.content_hash = row.content_hash
    known.content = row.content
    known.last_run_id = batch.run_id
    known.is_withdrawn = False
    batch.outcome.rows_updated += 1


def _call(row: Round, fund_id: int) -> ImportedCall:
    return ImportedCall(
        fund_id=fund_id,
        reference=row.key,
        title=row.title,
        summary=row.summary,
        year=row.year,
        envelope=row.planned,
        opens_at=_instant(row.starts_on, time.min) if _is_span(row) else None,
        closes_at=_instant(row.ends_on, time.max) if _is_span(row) else None,
    )


def _is_span(row: Round) -> bool:
    return row.starts_on is not None and row.ends_on is not None and row.starts_on <= row.ends_on


def _instant(day: object, at: time) -> datetime:
    return datetime.combine(day, at.replace(microsecond=0), UTC)  # type: ignore[arg-type] # a date


def _check_titles(batch: Batch, rows: list[Round]) -> None:
    for row in rows:
        if row.starts_on and row.ends_on and row.starts_on > row.ends_on:
            batch.outcome.findings.warning(
                row.row,
                row.key,
                "dates_crossed",
                "PlannedEndDate",
                f"The round ends on {row.ends_on}, before it starts on {row.starts_on}.",
            )
