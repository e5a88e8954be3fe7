"""Loading grants: approved in the past, covered by what had come in by then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from grants.db import db
from grants.errors import Refused
from grants.funding import actions as funding
from grants.funding.actions import ImportedGrant as FundedGrant
from grants.funding.actions import NewGrant
from grants.funding.models import Grant
from grants.imports.actions.loading import (
    Batch,
    BodiesByName,
    FundsByName,
    KnownRows,
    note_rows,
)
from grants.imports.models import ImportedRow
from grants.imports.rules.grants import ImportedGrant, read_grants
from grants.imports.rules.snapshots import KnownRow, compare
from grants.money import Money
from grants.people.models import OrganisationKind
from grants.programmes import actions as programmes
from grants.programmes.actions import NewProgramme
from grants.programmes.models import Programme, Window

KIND = "grants"
WINDOW = "Imported grants"


def load(batch: Batch, content: bytes) -> None:
    """Bring the grants up to what the file says now: see run_import.

    A file holds the grants of some years; grants of other years are left as they are.
    """
    outcome = batch.outcome
    rows = read_grants(content, outcome.findings)
    outcome.rows_read = len(rows)
    loader = _Loader(batch)
    sound = [row for row in rows if loader.knows_fund(row)]
    known_rows = KnownRows(KIND, batch.source)
    changes = compare(_of_these_years(known_rows, sound), sound)
    outcome.rows_unchanged = len(changes.unchanged)
    loader.add(changes.added, len(rows))
    for one, row in changes.updated:
        loader.update(known_rows.row(one), row)
    for one in changes.withdrawn:
        loader.withdraw(known_rows.row(one))
    batch.progress(len(rows), len(rows))


def _of_these_years(known_rows: KnownRows, rows: Sequence[ImportedGrant]) -> list[KnownRow]:
    years = {row.year for row in rows}
    keys = {row.key for row in rows}
    return [
        known
        for known in known_rows
        if known.key in keys or known_rows.row(known).content.get("year") in years
    ]


class _Loader:
    """One file on its way into the books."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.funds = FundsByName(batch.actor, batch.source)
        self.bodies = BodiesByName(batch.actor, batch.source)
        self.programmes: dict[int, int] = {}

    def knows_fund(self, row: ImportedGrant) -> bool:
        """Whether the number of the fund was learnt from the rounds; else that is an error."""
        if self.funds.numbered(f"PF{row.fund_number}") is not None:
            return True
        self.batch.outcome.findings.error(
            row.row,
            row.key,
            "unknown_fund",
            "PFId",
            f"No fund is known by the number {row.fund_number}. Import the rounds first:"
            " they name it.",
        )
        return False

    def add(self, rows: Sequence[tuple[ImportedGrant, int]], total: int) -> None:
        """Take over new grants, fund by fund, the earliest approved first."""
        by_fund: dict[int, list[tuple[ImportedGrant, int]]] = defaultdict(list)
        for row, occurrence in rows:
            by_fund[self._fund(row)].append((row, occurrence))
        done = 0
        for fund_id in sorted(by_fund):
            part = by_fund[fund_id]
            grants = funding.record_imported_grants(
                self.batch.actor, [self._grant(row) for row, _ in part]
            )
            note_rows(
                [
                    {
                        "kind": KIND,
                        "source": self.batch.source,
                        "key": row.key,
                        "occurrence": occurrence,
                        "first_run_id": self.batch.run_id,
                        "is_withdrawn": False,
                        "grant_id": grant.id,
                        "rounding_usd": "0",
                        "rounding_original": "0",
                        **self._columns(row),
                    }
                    for (row, occurrence), grant in zip(part, grants, strict=True)
                ]
            )
            for (row, _), grant in zip(part, grants, strict=True):
                self._tell_unfunded(row, is_funded=grant.is_funded)
            self.batch.outcome.rows_loaded += len(part)
            done += len(part)
            self.batch.progress(done, total)

    def update(self, known: ImportedRow, row: ImportedGrant) -> None:
        """Bring one grant up to date; its money is reversed and set aside anew."""
        assert known.grant_id is not None
        try:
            with db.session.begin_nested():
                grant = self._replaced(known, row)
                for name, value in self._columns(row).items():
                    setattr(known, name, value)
                known.is_withdrawn = False
                db.session.flush()
        except Refused as refusal:
            self.batch.outcome.findings.error(row.row, row.key, "not_updated", "", str(refusal))
            return
        self._tell_unfunded(row, is_funded=grant.is_funded)
        self.batch.outcome.rows_updated += 1

    def withdraw(self, known: ImportedRow) -> None:
        """The grant is no longer in the source: what was set aside goes back to its layers."""
        assert known.grant_id is not None
        try:
            with db.session.begin_nested():
                funding.withdraw_imported_grant(
                    self.batch.actor, known.grant_id, f"No longer in {self.batch.source}"
                )
                known.is_withdrawn = True
                known.last_run_id = self.batch.run_id
                db.session.flush()
        except Refused as refusal:
            self.batch.outcome.findings.error(0, known.key, "not_withdrawn", "", str(refusal))
            return
        self.batch.outcome.rows_withdrawn += 1

    def _replaced(self, known: ImportedRow, row: ImportedGrant) -> Grant:
        assert known.grant_id is not None
        new = self._grant(row)
        if known.is_withdrawn:
            new = replace(new, state=row.state)
        return funding.replace_imported_grant(
            self.batch.actor, known.grant_id, new, f"As {self.batch.source} has it now"
        )

    def _grant(self, row: ImportedGrant) -> FundedGrant:
        fund_id = self._fund(row)
        return FundedGrant(
            grant=NewGrant(
                fund_id=fund_id,
                programme_id=self._programme(fund_id),
                grantee_id=self.bodies.named(row.grantee, kind=OrganisationKind(row.grantee_kind)),
                reference=row.key[:80],
                title=row.title,
                amount=row.amount,
                approved_on=row.approved_on,
                programme_year=row.year,
                starts_on=row.starts_on,
                ends_on=row.ends_on,
                round_name=row.round_name,
            ),
            is_committed=True,
            state=row.state,
        )

    def _fund(self, row: ImportedGrant) -> int:
        fund_id = self.funds.numbered(f"PF{row.fund_number}")
        assert fund_id is not None
        return fund_id

    def _programme(self, fund_id: int) -> int:
        """The one programme of an imported fund, opened where it is new."""
        known = self.programmes.get(fund_id) or db.session.scalar(
            select(Programme.id)
            .join(Window, Window.id == Programme.window_id)
            .where(Programme.fund_id == fund_id, Window.name == WINDOW)
        )
        if known is None:
            window = programmes.open_window(
                self.batch.actor, fund_id, name=WINDOW, purpose="Grants of the past"
            )
            fund = next(name for name, one in self.funds.by_name.items() if one == fund_id)
            known = programmes.open_programme(
                self.batch.actor, NewProgramme(fund_id=fund_id, window_id=window.id, name=fund)
            ).id
        self.programmes[fund_id] = known
        return known

    def _tell_unfunded(self, row: ImportedGrant, *, is_funded: bool) -> None:
        if is_funded:
            return
        self.batch.outcome.findings.warning(
            row.row,
            row.key,
            "unfunded",
            "PrgBdg",
            f"The deposits that had come in by {row.approved_on:%d %B %Y} cannot cover"
            f" {Money(row.amount.amount, 'USD')}; the grant is kept without money set aside.",
        )

    def _columns(self, row: ImportedGrant) -> dict[str, object]:
        return {
            "content_hash": row.content_hash,
            "content": row.content,
            "fund_id": self._fund(row),
            "last_run_id": self.batch.run_id,
        }
