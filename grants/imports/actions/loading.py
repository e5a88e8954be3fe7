"""What every import does: find the funds and bodies it names, and note what became of each row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import insert, select

from grants.db import attempt, db
from grants.errors import NotAllowed, Refused
from grants.imports.models import ImportedRow
from grants.imports.rules.findings import Findings
from grants.imports.rules.layouts import FUND_NUMBER
from grants.imports.rules.snapshots import KnownRow
from grants.people import actions as people
from grants.people.models import (
    Fund,
    FundAlias,
    Organisation,
    OrganisationAlias,
    OrganisationKind,
    PoolPolicy,
)
from grants.people.permissions import MAY, Actor, Verb

#: Called with how many rows are done and how many there are.
Progress = Callable[[int, int], None]
ROWS_AT_ONCE = 500
RowT = TypeVar("RowT")


class FundNotYours(NotAllowed):
    """{fund} is a fund here in which you may not import."""


@dataclass
class Outcome:
    """What a file brought. Each line read is loaded, updated, unchanged or refused."""

    rows_read: int = 0
    rows_loaded: int = 0
    rows_updated: int = 0
    rows_withdrawn: int = 0
    rows_unchanged: int = 0
    findings: Findings = field(default_factory=Findings)
    #: The funds that its sound rows are of.
    fund_ids: set[int] = field(default_factory=set)

    @property
    def rows_refused(self) -> int:
        return self.rows_read - self.rows_loaded - self.rows_updated - self.rows_unchanged


@dataclass(frozen=True)
class Batch:
    """The file being loaded: who posts and for whom, its run, its source, how to tell progress."""

    actor: Actor
    requester: Actor
    run_id: int
    source: str
    outcome: Outcome
    progress: Progress

    @property
    def findings(self) -> Findings:
        return self.outcome.findings


class FundsByName:
    """The funds that a source names, opened where they are new.

    A fund of the past draws first in, first out, and takes no fee: neither is in the file. Whoever
    brings in a fund that was not here may import into it from then on, with the same role.
    """

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._mine = batch.requester.funds_with(Verb.IMPORT)
        self._by_key = {
            row.external_key: row.fund_id
            for row in db.session.execute(
                select(FundAlias.external_key, FundAlias.fund_id).where(
                    FundAlias.source == batch.source
                )
            )
        }
        self._by_name = {row.name: row.id for row in db.session.execute(select(Fund.name, Fund.id))}

    def named(self, name: str) -> int:
        """The fund of that name in the source. Refuses one where the requester may not import."""
        known = self._by_key.get(name) or self._by_name.get(name)
        if known is None:
            known = self._opened(name)
        elif not self.is_mine(known):
            raise FundNotYours(fund=name)
        self.learn(name, known)
        self._batch.outcome.fund_ids.add(known)
        return known

    def numbered(self, number: str) -> int | None:
        """The fund that the source gives this number to, if it was ever named with it.

        Refuses one in which the requester may not import.
        """
        known = self._by_key.get(_alias(number))
        if known is not None:
            if not self.is_mine(known):
                raise FundNotYours(fund=f"Number {number}")
            self._batch.outcome.fund_ids.add(known)
        return known

    def learn_number(self, number: str, fund_id: int) -> None:
        """Remember by which number the source knows a fund."""
        self.learn(_alias(number), fund_id)

    def learn(self, key: str, fund_id: int) -> None:
        """Remember by which name the source knows a fund."""
        if key not in self._by_key:
            people.alias_fund(
                self._batch.actor, fund_id, source=self._batch.source, external_key=key
            )
            self._by_key[key] = fund_id

    def rename(self, before: str, after: str) -> bool:
        """Give a fund its new name. False where the new name is another fund's already."""
        fund_id = self._by_key.get(before)
        if fund_id is None or after in self._by_key or after in self._by_name:
            return False
        if self._by_name.get(before) == fund_id:
            people.rename_fund(self._batch.actor, fund_id, after)
            self._by_name[after] = self._by_name.pop(before)
        self.learn(after, fund_id)
        return True

    def is_mine(self, fund_id: int | None) -> bool:
        """Whether the requester may import into the fund."""
        return self._mine is None or fund_id in self._mine

    def _opened(self, name: str) -> int:
        actor, requester = self._batch.actor, self._batch.requester
        fund_id = people.open_fund(actor, name=name, pool_policy=PoolPolicy.FIRST_IN_FIRST_OUT).id
        self._by_name[name] = fund_id
        if self._mine is not None:
            self._mine.add(fund_id)
            for role in sorted(MAY[Verb.IMPORT]):
                if requester.has_any_fund_role(role):
                    people.give_role(actor, requester.user_id, role, fund_id)
        return fund_id


class BodiesByName:
    """The organisations that a source names, registered where they are new."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._donors = set(db.session.scalars(select(Organisation.id).where(Organisation.is_donor)))
        self._ids = {
            row.name: row.id
            for row in db.session.execute(select(Organisation.name, Organisation.id))
        } | {
            row.name: row.organisation_id
            for row in db.session.execute(
                select(OrganisationAlias.name, OrganisationAlias.organisation_id).where(
                    OrganisationAlias.source == batch.source
                )
            )
        }

    def named(self, name: str, *, kind: OrganisationKind, is_donor: bool = False) -> int:
        """The organisation of that name."""
        known = self._ids.get(name)
        if known is None:
            known = people.register_organisation(
                self._batch.actor, name=name, kind=kind, is_donor=is_donor
            ).id
            self._ids[name] = known
            if is_donor:
                self._donors.add(known)
        elif is_donor and known not in self._donors:
            db.session.get_one(Organisation, known).is_donor = True
            self._donors.add(known)
        return known

    def rename(self, before: str, after: str) -> bool:
        """Give a body its new name. False where the new name is somebody else's already."""
        if after in self._ids or before not in self._ids:
            return False
        source = self._batch.source
        people.rename_organisation(self._batch.actor, self._ids[before], after, source=source)
        self._ids[after] = self._ids[before]
        return True


class KnownRows:
    """The rows of a source as they were last loaded."""

    def __init__(self, kind: str, source: str) -> None:
        query = select(ImportedRow).where(ImportedRow.kind == kind, ImportedRow.source == source)
        self.by_id = {row.id: row for row in db.session.scalars(query.order_by(ImportedRow.id))}

    def __iter__(self) -> Iterator[KnownRow]:
        for row in self.by_id.values():
            yield KnownRow(row.id, row.key, row.occurrence, row.content_hash, row.is_withdrawn)

    def row(self, known: KnownRow) -> ImportedRow:
        """The stored row that was compared."""
        return self.by_id[known.id]


def load_sound(
    rows: Sequence[RowT],
    record: Callable[[Sequence[RowT]], None],
    refuse: Callable[[RowT, str], None],
) -> int:
    """Record many rows at once. Where one of them is refused, it alone is left out.

    Returns how many were recorded.
    """
    if not rows:
        return 0
    try:
        with attempt():
            record(rows)
    except Refused as refusal:
        if len(rows) == 1:
            refuse(rows[0], str(refusal))
            return 0
        middle = len(rows) // 2
        return load_sound(rows[:middle], record, refuse) + load_sound(rows[middle:], record, refuse)
    return len(rows)


def note_rows(rows: Sequence[Mapping[str, object]]) -> None:
    """Keep what became of many new rows."""
    for start in range(0, len(rows), ROWS_AT_ONCE):
        db.session.execute(insert(ImportedRow), [dict(row) for row in rows[start:][:ROWS_AT_ONCE]])


def tell_kept(batch: Batch, kept: Sequence[KnownRow], *, is_complete: bool) -> None:
    """Say which rows were not withdrawn although no sound line has them."""
    if not kept:
        return
    if not is_complete:
        batch.findings.warning(
            0,
            "",
            "not_withdrawn",
            "",
            f"{len(kept)} lines that were loaded before are not in the file. None was withdrawn:"
            " they may stand in the lines that do not say which they are.",
        )
        return
    for one in kept:
        batch.findings.notice(
            0, one.key, "not_withdrawn", "", "The line cannot be read now; it is kept as it was."
        )


def _alias(number: str) -> str:
    return f"{FUND_NUMBER}{number}"
