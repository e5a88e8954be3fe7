"""Loading allocation rounds: calls of the past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from grants.applications import actions as applications
from grants.applications.actions import ImportedCall
from grants.imports.actions.loading import (
    Batch,
    FundNotYours,
    FundsByName,
    KnownRows,
    load_sound,
    note_rows,
    tell_kept,
)
from grants.imports.models import ImportedRow
from grants.imports.rules.rounds import Round, read_rounds
from grants.imports.rules.snapshots import compare

KIND = "rounds"


def load(batch: Batch, content: bytes) -> None:
    """Bring the rounds up to what the file says now: see run_import.

    They teach by which numbers the source knows its funds: the grants name them so.
    """
    outcome = batch.outcome
    reading = read_rounds(content, batch.findings)
    outcome.rows_read = reading.lines
    batch.progress(0, reading.lines)
    loader = _Loader(batch)
    rows = [row for row in reading.rows if loader.place(row)]
    known_rows = KnownRows(KIND, batch.source)
    changes = compare(
        known_rows,
        rows,
        unsure=reading.refused_keys | loader.refused_keys,
        is_complete=reading.is_complete,
    )
    outcome.rows_unchanged = len(changes.unchanged)
    loader.add(changes.added)
    for old, row in changes.updated:
        loader.update(known_rows.row(old), row)
    for gone in changes.withdrawn:
        loader.withdraw(known_rows.row(gone))
    tell_kept(batch, changes.kept, is_complete=reading.is_complete)
    batch.progress(reading.lines, reading.lines)


class _Loader:
    """One file on its way in."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.funds = FundsByName(batch)
        self.fund_ids: dict[str, int] = {}
        self.refused_keys: frozenset[str] = frozenset()

    def place(self, row: Round) -> bool:
        """Find the fund of a round, and learn its number. False where it is not theirs."""
        try:
            fund_id = self.funds.named(row.fund)
        except FundNotYours as refusal:
            self._refuse(row, "fund_not_yours", str(refusal))
            return False
        if row.fund_number:
            self.funds.learn_number(row.fund_number, fund_id)
        self.fund_ids[row.key] = fund_id
        return True

    def add(self, rows: Sequence[tuple[Round, int]]) -> None:
        """Keep new rounds, many at once."""
        self.batch.outcome.rows_loaded = load_sound(
            rows,
            self._record,
            lambda pair, sentence: self._refuse(pair[0], "not_loaded", sentence),
        )

    def update(self, known: ImportedRow, row: Round) -> None:
        """Bring a round up to what the file says now."""
        assert known.call_id is not None
        if known.fund_id != self.fund_ids[row.key]:
            self._refuse(row, "other_fund", "The round was of another fund; rounds do not move.")
            return
        applications.change_imported_call(self.batch.actor, known.call_id, self._call(row))
        known.content_hash = row.content_hash
        known.content = row.content
        known.last_run_id = self.batch.run_id
        known.is_withdrawn = False
        self.batch.outcome.rows_updated += 1

    def withdraw(self, known: ImportedRow) -> None:
        """The round is no longer in the source. Its record stays: grants may refer to it."""
        if not self.funds.is_mine(known.fund_id):
            return
        known.is_withdrawn = True
        known.last_run_id = self.batch.run_id
        self.batch.outcome.rows_withdrawn += 1
        sentence = f"{known.content['title']} is no longer in the file; its record is kept."
        self.batch.findings.warning(0, known.key, "withdrawn", "", sentence)

    def _record(self, rows: Sequence[tuple[Round, int]]) -> None:
        kept = applications.record_imported_calls(
            self.batch.actor, [self._call(row) for row, _ in rows]
        )
        note_rows(
            [
                {
                    "kind": KIND,
                    "source": self.batch.source,
                    "key": row.key,
                    "occurrence": occurrence,
                    "content_hash": row.content_hash,
                    "content": row.content,
                    "fund_id": call.fund_id,
                    "first_run_id": self.batch.run_id,
                    "last_run_id": self.batch.run_id,
                    "is_withdrawn": False,
                    "call_id": call.id,
                    "rounding_usd": "0",
                    "rounding_original": "0",
                }
                for (row, occurrence), call in zip(rows, kept, strict=True)
            ]
        )

    def _refuse(self, row: Round, code: str, sentence: str) -> None:
        self.batch.findings.error(row.row, row.key, code, "PooledFundName", sentence)
        self.refused_keys |= {row.key}

    def _call(self, row: Round) -> ImportedCall:
        return ImportedCall(
            fund_id=self.fund_ids[row.key],
            reference=row.key,
            title=row.title,
            summary=row.summary,
            year=row.year,
            envelope=row.planned,
            opens_at=_instant(row.starts_on, time.min) if row.has_span else None,
            closes_at=_instant(row.ends_on, time.max) if row.has_span else None,
        )


def _instant(day: date | None, at: time) -> datetime:
    assert day is not None
    return datetime.combine(day, at.replace(microsecond=0), UTC)
