"""Loading contributions: deposits and pledges, updated by reversals and new entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from grants.db import db
from grants.donors import actions as donors
from grants.donors.actions import NewDeposit, NewPledge
from grants.donors.models import Deposit, Pledge, PledgeState
from grants.errors import Refused
from grants.imports.actions.loading import (
    ROWS_AT_ONCE,
    Batch,
    BodiesByName,
    FundsByName,
    KnownRows,
    note_rows,
)
from grants.imports.models import ImportedRow
from grants.imports.rules.contributions import Contribution, Part, read_contributions
from grants.imports.rules.snapshots import Changes, compare, renames
from grants.people.models import OrganisationKind

KIND = "contributions"
_DONOR_KINDS = {
    "Member State": OrganisationKind.GOVERNMENT,
    "Observer": OrganisationKind.GOVERNMENT,
    "Regional Local Authority": OrganisationKind.LOCAL_GOVERNMENT,
    "Private": OrganisationKind.PRIVATE,
    "Private Contributions through UNF": OrganisationKind.FOUNDATION,
}

Compared = Changes[Contribution]


def load(batch: Batch, content: bytes) -> None:
    """Bring the books up to what the file says now: see run_import."""
    outcome = batch.outcome
    rows = read_contributions(content, outcome.findings)
    outcome.rows_read = len(rows) + outcome.rows_refused
    known_rows = KnownRows(KIND, batch.source)
    changes = compare(known_rows, rows)
    loader = _Loader(batch)
    loader.rename(known_rows, changes, rows)
    total = len(rows)
    done = len(changes.unchanged)
    outcome.rows_unchanged = done
    batch.progress(done, total)
    for known, row in changes.updated:
        loader.update(known_rows.row(known), row)
        done += 1
        batch.progress(done, total)
    for known in changes.withdrawn:
        loader.withdraw(known_rows.row(known))
    for start in range(0, len(changes.added), ROWS_AT_ONCE):
        part = changes.added[start : start + ROWS_AT_ONCE]
        loader.add(part)
        done += len(part)
        batch.progress(done, total)


class _Loader:
    """One file on its way into the books."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.funds = FundsByName(batch.actor, batch.source)
        self.bodies = BodiesByName(batch.actor, batch.source)

    def rename(
        self, known_rows: KnownRows, changes: Compared, rows: Sequence[Contribution]
    ) -> None:
        """Donors who only changed their name keep their record."""
        pairs = [
            (str(known_rows.row(known).content["donor"]), row.donor)
            for known, row in changes.updated
        ]
        for before, after in renames(pairs, {row.donor for row in rows}).items():
            if not self.bodies.rename(before, after):
                continue
            self.batch.outcome.findings.notice(
                0, "", "donor_renamed", "DonorName", f"{before} is now called {after}."
            )

    def add(self, rows: Sequence[tuple[Contribution, int]]) -> None:
        """Record new lines, many at once."""
        paid = [(row, self._deposit(row, row.paid)) for row, _ in rows if row.paid]
        pledged = [(row, self._pledge(row, row.pledged)) for row, _ in rows if row.pledged]
        actor = self.batch.actor
        deposits = donors.record_deposits(actor, [new for _, new in paid])
        pledges = donors.record_pledges(actor, [new for _, new in pledged])
        by_row = {row.row: one.id for (row, _), one in zip(paid, deposits, strict=True)}
        pledge_by_row = {row.row: one.id for (row, _), one in zip(pledged, pledges, strict=True)}
        note_rows(
            [
                {
                    "kind": KIND,
                    "source": self.batch.source,
                    "key": row.key,
                    "occurrence": occurrence,
                    "first_run_id": self.batch.run_id,
                    "is_withdrawn": False,
                    "deposit_id": by_row.get(row.row),
                    "pledge_id": pledge_by_row.get(row.row),
                    **self._columns(row),
                }
                for row, occurrence in rows
            ]
        )
        self.batch.outcome.rows_loaded += len(rows)
        # What is loaded is not looked at again: the session need not carry it along.
        db.session.flush()
        db.session.expire_all()

    def update(self, known: ImportedRow, row: Contribution) -> None:
        """Bring one line up to date: reversals and new entries, nothing edited."""
        findings = self.batch.outcome.findings
        try:
            with db.session.begin_nested():
                was_paid = known.deposit_id is not None
                known.deposit_id = self._update_deposit(known, row)
                became_paid = known.deposit_id is not None and not was_paid
                known.pledge_id = self._update_pledge(known, row, became_paid=became_paid)
                for name, value in self._columns(row).items():
                    setattr(known, name, value)
                known.is_withdrawn = False
                db.session.flush()
        except Refused as refusal:
            findings.error(row.row, row.key, "not_updated", "", str(refusal))
            self.batch.outcome.rows_refused += 1
            return
        self.batch.outcome.rows_updated += 1

    def withdraw(self, known: ImportedRow) -> None:
        """The line is no longer in the source: its entries are reversed."""
        try:
            with db.session.begin_nested():
                reason = f"No longer in {self.batch.source}"
                if known.deposit_id is not None:
                    donors.reverse_deposit(self.batch.actor, known.deposit_id, reason)
                if known.pledge_id is not None:
                    donors.withdraw_pledge(self.batch.actor, known.pledge_id, reason)
                known.deposit_id = known.pledge_id = None
                known.is_withdrawn = True
                known.last_run_id = self.batch.run_id
                db.session.flush()
        except Refused as refusal:
            self.batch.outcome.findings.error(0, known.key, "not_withdrawn", "", str(refusal))
            self.batch.outcome.rows_refused += 1
            return
        self.batch.outcome.rows_withdrawn += 1
        self.batch.outcome.findings.notice(
            0, known.key, "withdrawn", "", f"{known.key} is no longer in the file; it was reversed."
        )

    def _update_deposit(self, known: ImportedRow, row: Contribution) -> int | None:
        actor, reason = self.batch.actor, f"As {self.batch.source} has it now"
        old = db.session.get(Deposit, known.deposit_id) if known.deposit_id else None
        if row.paid is None:
            if old is not None:
                donors.reverse_deposit(actor, old.id, reason)
            return None
        new = self._deposit(row, row.paid)
        if old is None:
            return donors.record_deposit(actor, new).id
        if old.fund_id != new.fund_id:
            donors.reverse_deposit(actor, old.id, reason)
            return donors.record_deposit(actor, new).id
        if known.content.get("paid") == row.content["paid"] and old.donor_id == new.donor_id:
            return old.id
        return donors.replace_deposit(actor, old.id, new, reason).id

    def _update_pledge(
        self, known: ImportedRow, row: Contribution, *, became_paid: bool
    ) -> int | None:
        actor = self.batch.actor
        old = db.session.get(Pledge, known.pledge_id) if known.pledge_id else None
        new = self._pledge(row, row.pledged) if row.pledged else None
        if old is not None and new is not None:
            is_same = (
                known.content.get("pledged") == row.content["pledged"]
                and (old.fund_id, old.donor_id) == (new.fund_id, new.donor_id)
                and old.fiscal_year == new.fiscal_year
            )
            if is_same:
                return old.id
        if old is not None and old.state == PledgeState.OPEN:
            if became_paid:
                donors.settle_pledge(actor, old.id, "Paid")
            else:
                donors.withdraw_pledge(actor, old.id, f"As {self.batch.source} has it now")
        return donors.record_pledge(actor, new).id if new else None

    def _deposit(self, row: Contribution, paid: Part) -> NewDeposit:
        return NewDeposit(
            fund_id=self.funds.named(row.fund),
            donor_id=self._donor(row),
            amount=paid.amount,
            usd=paid.usd,
            rate=paid.rate,
            value_on=paid.on,
            programming_year=row.fiscal_year or paid.on.year,
            bank_reference=row.key[:200],
            is_currency_stated=paid.is_currency_stated,
            stated_amount=paid.stated_amount,
        )

    def _pledge(self, row: Contribution, pledged: Part) -> NewPledge:
        return NewPledge(
            fund_id=self.funds.named(row.fund),
            donor_id=self._donor(row),
            reference=row.key[:80],
            amount=pledged.amount,
            usd=pledged.usd,
            rate=pledged.rate,
            pledged_on=pledged.on,
            fiscal_year=row.fiscal_year or pledged.on.year,
            is_currency_stated=pledged.is_currency_stated,
            stated_amount=pledged.stated_amount,
        )

    def _donor(self, row: Contribution) -> int:
        kind = _DONOR_KINDS.get(row.donor_type, OrganisationKind.OTHER)
        return self.bodies.named(row.donor, kind=kind, is_donor=True)

    def _columns(self, row: Contribution) -> dict[str, object]:
        parts = [part for part in (row.paid, row.pledged) if part]
        return {
            "content_hash": row.content_hash,
            "content": row.content,
            "fund_id": self.funds.named(row.fund),
            "last_run_id": self.batch.run_id,
            "rounding_usd": _total(part.rounding_usd for part in parts),
            "rounding_original": _total(part.rounding_original for part in parts),
        }


def _total(roundings: Iterable[Decimal]) -> str:
    total = sum(roundings, Decimal(0))
    return f"{total.normalize():f}" if total else "0"
