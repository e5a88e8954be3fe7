"""Loading grants: approved in the past, covered by what had come in by then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from grants.db import attempt, db
from grants.errors import Refused
from grants.funding import actions as funding
from grants.funding.actions import ImportedGrant as FundedGrant
from grants.funding.actions import NewGrant
from grants.funding.models import Grant
from grants.imports.actions.loading import (
    ROWS_AT_ONCE,
    Batch,
    BodiesByName,
    FundNotYours,
    FundsByName,
    KnownRows,
    load_sound,
    note_rows,
    tell_kept,
)
from grants.imports.models import ImportedRow
from grants.imports.rules.grants import ImportedGrant, read_grants
from grants.imports.rules.snapshots import KnownRow, compare
from grants.money import Money
from grants.people import queries as people
from grants.people.models import OrganisationKind
from grants.programmes import actions as programmes
from grants.programmes.actions import NewProgramme
from grants.programmes.models import Programme, Window

KIND = "grants"
WINDOW = "Imported grants"

#: A line, which of its code it is, and the grant to be.
Line = tuple[ImportedGrant, int, FundedGrant]


def load(batch: Batch, content: bytes) -> None:
    """Bring the grants up to what the file says now: see run_import.

    A file holds the grants of some years; grants of other years are left as they are.
    """
    outcome = batch.outcome
    reading = read_grants(content, batch.findings)
    outcome.rows_read = reading.lines
    batch.progress(0, reading.lines)
    loader = _Loader(batch)
    sound = [row for row in reading.rows if loader.place(row)]
    known_rows = KnownRows(KIND, batch.source)
    changes = compare(
        _of_these_years(known_rows, sound),
        sound,
        unsure=reading.refused_keys | loader.refused_keys,
        is_complete=reading.is_complete,
    )
    outcome.rows_unchanged = len(changes.unchanged)
    # What goes back first may pay for what is new.
    for one in changes.withdrawn:
        loader.withdraw(known_rows.row(one))
    for one, row in changes.updated:
        loader.update(known_rows.row(one), row)
    loader.cover([known_rows.row(one) for one in changes.unchanged], sound)
    loader.add(changes.added)
    tell_kept(batch, changes.kept, is_complete=reading.is_complete)
    batch.progress(reading.lines, reading.lines)


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
        self.funds = FundsByName(batch)
        self.bodies = BodiesByName(batch)
        self.fund_ids: dict[str, int] = {}
        self.programmes: dict[int, int] = {}
        self.refused_keys: frozenset[str] = frozenset()

    def place(self, row: ImportedGrant) -> bool:
        """Find the fund of a grant by the number that the rounds taught; else that is an error."""
        try:
            fund_id = self.funds.numbered(row.fund_number)
        except FundNotYours as refusal:
            self._refuse(row, "fund_not_yours", str(refusal))
            return False
        if fund_id is None:
            sentence = (
                f"No fund is known by the number {row.fund_number}. Import the rounds first:"
                " they name it."
            )
            self._refuse(row, "unknown_fund", sentence)
            return False
        self.fund_ids[row.key] = fund_id
        return True

    def add(self, rows: Sequence[tuple[ImportedGrant, int]]) -> None:
        """Take over new grants, fund by fund, the earliest approved first."""
        by_fund: dict[int, list[Line]] = defaultdict(list)
        for row, occurrence in sorted(rows, key=lambda pair: (pair[0].approved_on, pair[0].row)):
            by_fund[self.fund_ids[row.key]].append((row, occurrence, self._grant(row)))
        outcome = self.batch.outcome
        before = outcome.rows_read - len(rows)
        for fund_id in sorted(by_fund):
            outcome.rows_loaded += load_sound(
                by_fund[fund_id],
                self._record,
                lambda line, sentence: self._refuse(line[0], "not_loaded", sentence),
            )
            self.batch.progress(before + outcome.rows_loaded, outcome.rows_read)

    def cover(self, unchanged: Sequence[ImportedRow], rows: Sequence[ImportedGrant]) -> None:
        """Grants that could not be covered before may be by what has come in since."""
        by_key = {row.key: row for row in rows}
        short_of: dict[int, dict[int, ImportedGrant]] = defaultdict(dict)
        for grant_id, key in _uncovered(unchanged):
            short_of[self.fund_ids[key]][grant_id] = by_key[key]
        outcome = self.batch.outcome
        for fund_id in sorted(short_of):
            known, short = short_of[fund_id], _Short()
            covered = funding.cover_imported_grants(
                self.batch.actor,
                {grant_id: self._grant(row) for grant_id, row in known.items()},
                tell_short=short,
            )
            outcome.rows_updated += len(covered)
            outcome.rows_unchanged -= len(covered)
            for grant in covered:
                row, sentence = known[grant.id], "The grant is covered now by what has come in."
                self.batch.findings.notice(row.row, row.key, "covered", "PrgBdg", sentence)
            self._tell_unfunded(list(known.values()), short)

    def update(self, known: ImportedRow, row: ImportedGrant) -> None:
        """Bring one grant up to date; its money is reversed and set aside anew."""
        assert known.grant_id is not None
        new = self._grant(row)
        short = _Short()
        try:
            with attempt():
                funding.replace_imported_grant(
                    self.batch.actor,
                    known.grant_id,
                    new,
                    f"As {self.batch.source} has it now",
                    tell_short=short,
                )
                for name, value in self._stored(row).items():
                    setattr(known, name, value)
                known.is_withdrawn = False
                db.session.flush()
        except Refused as refusal:
            self._refuse(row, "not_updated", str(refusal))
            return
        self._tell_unfunded([row], short)
        self.batch.outcome.rows_updated += 1

    def withdraw(self, known: ImportedRow) -> None:
        """The grant is no longer in the source: what was set aside goes back to its layers."""
        if not self.funds.is_mine(known.fund_id):
            return
        assert known.grant_id is not None
        key, reason = known.key, f"No longer in {self.batch.source}"
        try:
            with attempt():
                funding.withdraw_imported_grant(self.batch.actor, known.grant_id, reason)
                known.is_withdrawn = True
                known.last_run_id = self.batch.run_id
                db.session.flush()
        except Refused as refusal:
            self.batch.findings.error(0, key, "not_withdrawn", "", str(refusal))
            return
        self.batch.outcome.rows_withdrawn += 1
        sentence = f"{key} is no longer in the file; what was set aside for it is free again."
        self.batch.findings.notice(0, key, "withdrawn", "", sentence)

    def _refuse(self, row: ImportedGrant, code: str, sentence: str) -> None:
        self.batch.findings.error(row.row, row.key, code, "", sentence)
        self.refused_keys |= {row.key}

    def _record(self, lines: Sequence[Line]) -> None:
        short = _Short()
        grants = funding.record_imported_grants(
            self.batch.actor, [new for _, _, new in lines], tell_short=short
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
                    **self._stored(row),
                }
                for (row, occurrence, _), grant in zip(lines, grants, strict=True)
            ]
        )
        self._tell_unfunded([row for row, _, _ in lines], short)

    def _grant(self, row: ImportedGrant) -> FundedGrant:
        fund_id = self.fund_ids[row.key]
        return FundedGrant(
            grant=NewGrant(
                fund_id=fund_id,
                programme_id=self._programme(fund_id),
                grantee_id=self.bodies.named(row.grantee, kind=OrganisationKind(row.grantee_kind)),
                reference=row.key,
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

    def _programme(self, fund_id: int) -> int:
        """The one programme of an imported fund, opened where it is new."""
        known = self.programmes.get(fund_id) or db.session.scalar(
            select(Programme.id)
            .join(Window, Window.id == Programme.window_id)
            .where(Programme.fund_id == fund_id, Window.name == WINDOW)
            .order_by(Programme.id)
            .limit(1)
        )
        if known is None:
            window = programmes.open_window(
                self.batch.actor, fund_id, name=WINDOW, purpose="Grants of the past"
            )
            name = people.fund(fund_id).name
            known = programmes.open_programme(
                self.batch.actor, NewProgramme(fund_id=fund_id, window_id=window.id, name=name)
            ).id
        self.programmes[fund_id] = known
        return known

    def _tell_unfunded(self, rows: Sequence[ImportedGrant], short: _Short) -> None:
        for row in rows:
            missing = short.missing.get(row.key)
            if missing is None:
                continue
            sentence = (
                f"The deposits that had come in by {row.approved_on:%d %B %Y} cannot cover"
                f" {row.amount}: {missing} is short. The grant is kept without money set aside."
            )
            self.batch.findings.warning(row.row, row.key, "unfunded", "PrgBdg", sentence)

    def _stored(self, row: ImportedGrant) -> dict[str, object]:
        return {
            "content_hash": row.content_hash,
            "content": row.content,
            "fund_id": self.fund_ids[row.key],
            "last_run_id": self.batch.run_id,
        }


def _uncovered(known: Sequence[ImportedRow]) -> list[tuple[int, str]]:
    """Those of the known grants that nothing pays for: grant and code."""
    keys = {row.grant_id: row.key for row in known if row.grant_id is not None}
    wanted = sorted(keys)
    found: list[tuple[int, str]] = []
    for start in range(0, len(wanted), ROWS_AT_ONCE):
        ids = db.session.scalars(
            select(Grant.id)
            .where(
                Grant.id.in_(wanted[start : start + ROWS_AT_ONCE]),
                Grant.is_funded.is_(False),
                Grant.approved_minor > 0,
            )
            .order_by(Grant.id)
        )
        found += [(grant_id, keys[grant_id]) for grant_id in ids]
    return found


class _Short:
    """Hears which grants their layers cannot cover."""

    def __init__(self) -> None:
        self.missing: dict[str, Money] = {}

    def __call__(self, grant: Grant, missing: Money) -> None:
        self.missing[grant.reference] = missing
