"""What every import does: find the funds and bodies it names, and note what became of each row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import insert, select

from grants.db import db
from grants.imports.models import ImportedRow
from grants.imports.rules.findings import Findings
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
from grants.people.permissions import Actor

#: Called with how many rows are done and how many there are.
Progress = Callable[[int, int], None]
ROWS_AT_ONCE = 500


@dataclass
class Outcome:
    """What a file brought."""

    rows_read: int = 0
    rows_loaded: int = 0
    rows_updated: int = 0
    rows_withdrawn: int = 0
    rows_unchanged: int = 0
    rows_refused: int = 0
    findings: Findings = field(default_factory=Findings)


@dataclass(frozen=True)
class Batch:
    """The file being loaded: who acts, its run, its source, and how to tell the progress."""

    actor: Actor
    run_id: int
    source: str
    outcome: Outcome
    progress: Progress


class FundsByName:
    """The funds that a source names, opened where they are new.

    A fund of the past draws first in, first out, and takes no fee: neither is in the file.
    """

    def __init__(self, actor: Actor, source: str) -> None:
        self.actor = actor
        self.source = source
        self.by_key = {
            row.external_key: row.fund_id
            for row in db.session.execute(
                select(FundAlias.external_key, FundAlias.fund_id).where(FundAlias.source == source)
            )
        }
        self.by_name = {row.name: row.id for row in db.session.execute(select(Fund.name, Fund.id))}

    def named(self, name: str) -> int:
        """The fund of that name in the source."""
        known = self.by_key.get(name) or self.by_name.get(name)
        if known is None:
            known = people.open_fund(
                self.actor, name=name, pool_policy=PoolPolicy.FIRST_IN_FIRST_OUT
            ).id
            self.by_name[name] = known
        self.learn(name, known)
        return known

    def learn(self, key: str, fund_id: int) -> None:
        """Remember by which name or number the source knows a fund."""
        if key not in self.by_key:
            people.alias_fund(self.actor, fund_id, source=self.source, external_key=key)
            self.by_key[key] = fund_id

    def numbered(self, number: str) -> int | None:
        """The fund that the source gives this number to, if it was ever named with it."""
        return self.by_key.get(number)


class BodiesByName:
    """The organisations that a source names, registered where they are new."""

    def __init__(self, actor: Actor, source: str) -> None:
        self.actor = actor
        self.source = source
        self.ids = {
            row.name: row.organisation_id
            for row in db.session.execute(
                select(OrganisationAlias.name, OrganisationAlias.organisation_id).where(
                    OrganisationAlias.source == source
                )
            )
        } | {
            row.name: row.id
            for row in db.session.execute(select(Organisation.name, Organisation.id))
        }

    def named(self, name: str, *, kind: OrganisationKind, is_donor: bool = False) -> int:
        """The organisation of that name, with at most 300 characters."""
        name = name[:300]
        known = self.ids.get(name)
        if known is None:
            known = people.register_organisation(
                self.actor, name=name, kind=kind, is_donor=is_donor
            ).id
            self.ids[name] = known
        elif is_donor:
            organisation = db.session.get_one(Organisation, known)
            organisation.is_donor = True
        return known

    def rename(self, before: str, after: str) -> bool:
        """Give a body its new name. False where the new name is somebody else's already."""
        if after in self.ids or before not in self.ids:
            return False
        people.rename_organisation(self.actor, self.ids[before], after, source=self.source)
        self.ids[after] = self.ids[before]
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


def note_rows(rows: list[Mapping[str, object]]) -> None:
    """Keep what became of many new rows."""
    for start in range(0, len(rows), ROWS_AT_ONCE):
        db.session.execute(insert(ImportedRow), [dict(row) for row in rows[start:][:ROWS_AT_ONCE]])
