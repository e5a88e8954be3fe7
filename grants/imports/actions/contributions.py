"""Loading contributions: deposits and pledges, updated by reversals and new entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from grants import clock
from grants.db import attempt, db
from grants.donors import actions as donors
from grants.donors.actions import NewDeposit, NewPledge
from grants.donors.models import Deposit, Pledge, PledgeState
from grants.errors import Refused
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
from grants.imports.rules.contributions import (
    UNNAMED_DONOR,
    Contribution,
    Part,
    read_contributions,
)
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


class PledgeIsAgreed(Refused):
    """The pledge has become a contribution agreement here; change the agreement."""


def load(batch: Batch, content: bytes) -> None:
    """Bring the books up to what the file says now: see run_import."""
    outcome = batch.outcome
    reading = read_contributions(content, batch.findings, today=clock.today())
    outcome.rows_read = reading.lines
    batch.progress(0, reading.lines)
    known_rows = KnownRows(KIND, batch.source)
    loader = _Loader(batch)
    changes = compare(
        known_rows,
        reading.rows,
        unsure=reading.refused_keys,
        is_complete=reading.is_complete,
    )
    loader.rename(known_rows, changes, reading.rows)
    outcome.rows_unchanged = len(changes.unchanged)
    for known in changes.unchanged:
        loader.see(known_rows.row(known))
    for known, row in changes.updated:
        loader.update(known_rows.row(known), row)
        batch.progress(outcome.rows_unchanged + outcome.rows_updated, reading.lines)
    for known in changes.withdrawn:
        loader.withdraw(known_rows.row(known))
    tell_kept(batch, changes.kept, is_complete=reading.is_complete)
    for start in range(0, len(changes.added), ROWS_AT_ONCE):
        loader.add(changes.added[start : start + ROWS_AT_ONCE])
        batch.progress(reading.lines - len(changes.added) + start, reading.lines)
    batch.progress(reading.lines, reading.lines)


@dataclass(frozen=True)
class _Line:
    """A line with the fund and the donor that it names, found or made."""

    row: Contribution
    occurrence: int
    fund_id: int
    donor_id: int

    @property
    def deposit(self) -> NewDeposit | None:
        paid = self.row.paid
        if paid is None:
            return None
        return NewDeposit(
            fund_id=self.fund_id,
            donor_id=self.donor_id,
            amount=paid.amount,
            usd=paid.usd,
            rate=paid.rate,
            value_on=paid.on,
            programming_year=self.row.fiscal_year,
            bank_reference=self.row.key,
            is_currency_stated=paid.is_currency_stated,
            stated_amount=paid.stated_amount,
        )

    @property
    def pledge(self) -> NewPledge | None:
        pledged = self.row.pledged
        if pledged is None:
            return None
        return NewPledge(
            fund_id=self.fund_id,
            donor_id=self.donor_id,
            reference=self.row.key,
            amount=pledged.amount,
            usd=pledged.usd,
            rate=pledged.rate,
            pledged_on=pledged.on,
            fiscal_year=self.row.fiscal_year,
            is_currency_stated=pledged.is_currency_stated,
            stated_amount=pledged.stated_amount,
        )

    def stored(self, run_id: int) -> dict[str, object]:
        return {
            "content_hash": self.row.content_hash,
            "content": self.row.content,
            "fund_id": self.fund_id,
            "last_run_id": run_id,
            "rounding_usd": _plain(self.row.rounding_usd),
            "rounding_original": _plain(self.row.rounding_original),
        }


class _Loader:
    """One file on its way into the books."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.funds = FundsByName(batch)
        self.bodies = BodiesByName(batch)

    def rename(
        self, known_rows: KnownRows, changes: Compared, rows: Sequence[Contribution]
    ) -> None:
        """Funds and donors who only changed their name keep their record."""
        stored = [(known_rows.row(known), row) for known, row in changes.updated]
        mine = [(known, row) for known, row in stored if self.funds.is_mine(known.fund_id)]
        for column, name, change in (
            ("DonorName", "donor", self.bodies.rename),
            ("PooledFundName", "fund", self.funds.rename),
        ):
            pairs = [(str(known.content[name]), str(getattr(row, name))) for known, row in mine]
            for before, after in renames(pairs, {str(getattr(row, name)) for row in rows}).items():
                if UNNAMED_DONOR not in {before, after} and change(before, after):
                    sentence = f"{before} is now called {after}."
                    self.batch.findings.notice(0, "", f"{name}_renamed", column, sentence)

    def see(self, known: ImportedRow) -> None:
        """A line that is as it was."""
        if known.fund_id is not None:
            self.batch.outcome.fund_ids.add(known.fund_id)

    def add(self, rows: Sequence[tuple[Contribution, int]]) -> None:
        """Record new lines, many at once; those that are refused are found one by one."""
        found = [self._line(row, occurrence) for row, occurrence in rows]
        self.batch.outcome.rows_loaded += load_sound(
            [line for line in found if line is not None],
            self._record,
            lambda line, sentence: self._refuse(line.row, "not_loaded", sentence),
        )
        # What is loaded is not looked at again: the session need not carry it along.
        db.session.flush()
        db.session.expire_all()

    def update(self, known: ImportedRow, row: Contribution) -> None:
        """Bring one line up to date: reversals and new entries, nothing edited."""
        line = self._line(row, known.occurrence)
        if line is None:
            return
        if not self.funds.is_mine(known.fund_id):
            self._refuse(row, "fund_not_yours", "The line was of a fund that is not yours.")
            return
        try:
            with attempt():
                was_paid = known.deposit_id is not None
                known.deposit_id = self._update_deposit(known, line)
                became_paid = known.deposit_id is not None and not was_paid
                known.pledge_id = self._update_pledge(known, line, became_paid=became_paid)
                for name, value in line.stored(self.batch.run_id).items():
                    setattr(known, name, value)
                known.is_withdrawn = False
                db.session.flush()
        except Refused as refusal:
            self._refuse(row, "not_updated", str(refusal))
            return
        self.batch.outcome.rows_updated += 1

    def withdraw(self, known: ImportedRow) -> None:
        """The line is no longer in the source: its entries are reversed."""
        if not self.funds.is_mine(known.fund_id):
            return
        key, reason = known.key, f"No longer in {self.batch.source}"
        try:
            with attempt():
                if known.deposit_id is not None:
                    donors.reverse_deposit(self.batch.actor, known.deposit_id, reason)
                if known.pledge_id is not None:
                    self._close_pledge(known.pledge_id, reason, is_paid=False)
                known.deposit_id = known.pledge_id = None
                known.is_withdrawn = True
                known.last_run_id = self.batch.run_id
                known.rounding_usd = known.rounding_original = "0"
                db.session.flush()
        except Refused as refusal:
            self.batch.findings.error(0, key, "not_withdrawn", "", str(refusal))
            return
        self.batch.outcome.rows_withdrawn += 1
        sentence = f"{key} is no longer in the file; it was reversed."
        self.batch.findings.notice(0, key, "withdrawn", "", sentence)

    def _line(self, row: Contribution, occurrence: int) -> _Line | None:
        try:
            fund_id = self.funds.named(row.fund)
        except FundNotYours as refusal:
            self._refuse(row, "fund_not_yours", str(refusal))
            return None
        kind = _DONOR_KINDS.get(row.donor_type, OrganisationKind.OTHER)
        donor_id = self.bodies.named(row.donor, kind=kind, is_donor=True)
        return _Line(row, occurrence, fund_id, donor_id)

    def _refuse(self, row: Contribution, code: str, sentence: str) -> None:
        self.batch.findings.error(row.row, row.key, code, "", sentence)

    def _record(self, lines: Sequence[_Line]) -> None:
        actor = self.batch.actor
        paid = {line.row.row: line.deposit for line in lines}
        pledged = {line.row.row: line.pledge for line in lines}
        new_deposits = {number: new for number, new in paid.items() if new}
        new_pledges = {number: new for number, new in pledged.items() if new}
        deposits = donors.record_deposits(actor, list(new_deposits.values()))
        pledges = donors.record_pledges(actor, list(new_pledges.values()))
        deposit_ids = dict(zip(new_deposits, [one.id for one in deposits], strict=True))
        pledge_ids = dict(zip(new_pledges, [one.id for one in pledges], strict=True))
        note_rows(
            [
                {
                    "kind": KIND,
                    "source": self.batch.source,
                    "key": line.row.key,
                    "occurrence": line.occurrence,
                    "first_run_id": self.batch.run_id,
                    "is_withdrawn": False,
                    "deposit_id": deposit_ids.get(line.row.row),
                    "pledge_id": pledge_ids.get(line.row.row),
                    **line.stored(self.batch.run_id),
                }
                for line in lines
            ]
        )

    def _update_deposit(self, known: ImportedRow, line: _Line) -> int | None:
        actor, reason = self.batch.actor, f"As {self.batch.source} has it now"
        old = db.session.get(Deposit, known.deposit_id) if known.deposit_id else None
        new = line.deposit
        if new is None:
            if old is not None:
                donors.reverse_deposit(actor, old.id, reason)
            return None
        if old is None:
            return donors.record_deposit(actor, new).id
        if old.fund_id != new.fund_id:
            donors.reverse_deposit(actor, old.id, reason)
            return donors.record_deposit(actor, new).id
        is_same = (
            _is_same(known, "paid", line.row.paid)
            and old.donor_id == new.donor_id
            and old.programming_year == new.programming_year
        )
        if is_same:
            return old.id
        if (old.donor_id, old.currency) == (new.donor_id, new.amount.currency):
            # What somebody has found out about the deposit meanwhile stays with it.
            new = replace(new, agreement_id=old.agreement_id, instalment_id=old.instalment_id)
        return donors.replace_deposit(actor, old.id, new, reason).id

    def _update_pledge(self, known: ImportedRow, line: _Line, *, became_paid: bool) -> int | None:
        old = db.session.get(Pledge, known.pledge_id) if known.pledge_id else None
        new = line.pledge
        if old is not None and new is not None:
            is_same = (
                _is_same(known, "pledged", line.row.pledged)
                and (old.fund_id, old.donor_id) == (new.fund_id, new.donor_id)
                and old.fiscal_year == new.fiscal_year
            )
            if is_same:
                return old.id
        if old is not None and old.state == PledgeState.AGREED:
            raise PledgeIsAgreed
        if old is not None:
            reason = "Paid" if became_paid else f"As {self.batch.source} has it now"
            self._close_pledge(old.id, reason, is_paid=became_paid)
        return donors.record_pledge(self.batch.actor, new).id if new else None

    def _close_pledge(self, pledge_id: int, reason: str, *, is_paid: bool) -> None:
        """End a pledge, unless somebody has ended it already."""
        if db.session.get_one(Pledge, pledge_id).state != PledgeState.OPEN:
            return
        close = donors.settle_pledge if is_paid else donors.withdraw_pledge
        close(self.batch.actor, pledge_id, reason)


def _is_same(known: ImportedRow, side: str, part: Part | None) -> bool:
    return bool(known.content.get(side) == (part.content if part else None))


def _plain(rounding: Decimal) -> str:
    return f"{rounding.normalize():f}" if rounding else "0"
