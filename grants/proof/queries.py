"""Looking at everything anew; and what the last looks found."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text

from grants.agreements import queries as agreements
from grants.audit import queries as audit
from grants.banking import queries as banking
from grants.corrections import queries as corrections
from grants.db import UNREADABLE, db
from grants.donors import queries as donors
from grants.files import queries as files
from grants.funding import queries as funding
from grants.ledger import queries as ledger
from grants.ledger.queries import Break, Check, CheckState, Closing, closing_check
from grants.outbox.models import Job, JobState
from grants.people.models import User
from grants.proof.models import Proof
from grants.reports.proving import statement_breaks

#: The kind of job that looks.
JOB = "books.prove"
#: How many breaks are kept of one look: the first is the one to mend.
BREAKS_MAX = 200
#: Up to so many entries the books are looked at while somebody waits for the page.
ENTRIES_AT_ONCE = 2_000


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What was read and what does not hold. Without a fund: what all funds have in common."""

    fund_id: int | None
    entries: int
    moves: int
    sequence: int
    hash: str
    breaks: tuple[Break, ...]

    @property
    def holds(self) -> bool:
        return not self.breaks


@dataclass(frozen=True, kw_only=True)
class ProofLine:
    """A proof as it was kept."""

    id: int
    fund_id: int | None
    proven_at: datetime
    actor: str
    entries: int
    moves: int
    sequence: int
    hash: str
    holds: bool
    breaks: tuple[Break, ...]


def examine(fund_id: int) -> Examination:
    """Compute the books of a fund again, and hold its documents and papers against them.

    Invariants (i) to (v) of the domain rules, section 7, the chain of the journal, everything
    kept beside it, and what pledges, deposits, tranches, reports and issued statements say. Reads
    everything and changes nothing: inside snapshot(), so that nobody waits for it.
    """
    checked = ledger.verify(fund_id)
    breaks = [*checked.breaks, *_document_breaks(fund_id)]
    return Examination(
        fund_id=fund_id,
        entries=checked.entries,
        moves=checked.moves,
        sequence=checked.sequence,
        hash=checked.hash,
        breaks=tuple(breaks[:BREAKS_MAX]),
    )


def examine_house() -> Examination:
    """Prove what all funds have in common: the audit trail, the files, the database file."""
    trail = audit.verify()
    breaks = [*_database_breaks(), *ledger.rate_breaks()]
    if trail.first_broken is not None:
        breaks.append(Break("audit trail", f"event {trail.first_broken}", trail.what))
    breaks += [Break("file", f"file {key}", what) for key, what in files.broken_files()]
    return Examination(
        fund_id=None,
        entries=trail.events,
        moves=0,
        sequence=trail.events,
        hash="",
        breaks=tuple(breaks[:BREAKS_MAX]),
    )


def job_key(fund_id: int | None) -> str:
    """What makes two wishes to look at the same books one job."""
    return f"{JOB}/{fund_id or 'house'}"


def is_waiting(fund_id: int) -> bool:
    """Whether the books of the fund are about to be looked at."""
    found = db.session.scalar(
        select(Job.id).where(
            Job.unique_key == job_key(fund_id), Job.state.in_([JobState.WAITING, JobState.RUNNING])
        )
    )
    return found is not None


def latest(fund_id: int | None) -> ProofLine | None:
    """The last look at the books of a fund (None: at what all funds have in common)."""
    found = history(fund_id, limit=1)
    return found[0] if found else None


def history(fund_id: int | None, *, limit: int = 30) -> list[ProofLine]:
    """The last looks, the newest first."""
    rows = db.session.execute(
        select(Proof, User.name)
        .join(User, User.id == Proof.actor_id)
        .where(Proof.fund_id == fund_id)
        .order_by(Proof.id.desc())
        .limit(limit)
    )
    return [
        ProofLine(
            id=proof.id,
            fund_id=proof.fund_id,
            proven_at=proof.proven_at,
            actor=name,
            entries=proof.entries,
            moves=proof.moves,
            sequence=proof.sequence,
            hash=proof.hash,
            holds=proof.holds,
            breaks=tuple(Break(*one) for one in json.loads(proof.breaks)),
        )
        for proof, name in rows
    ]


@closing_check
def books_hold(closing: Closing) -> Iterable[Check]:
    """Books that do not hold cannot be closed. Large ones are proven by the worker before."""
    state, what = CheckState.PASS, ""
    last = latest(closing.fund_id)
    if last is not None and last.sequence >= closing.last_sequence:
        breaks = last.breaks
    elif closing.last_sequence <= ENTRIES_AT_ONCE:
        breaks = examine(closing.fund_id).breaks
    else:
        breaks = ()
        state = CheckState.BLOCKER
        what = (
            f"They were last proven at entry {last.sequence if last else 0}; entry"
            f" {closing.last_sequence} belongs to these days too. Have them proven: Ledger, Proof."
        )
    if breaks:
        state = CheckState.BLOCKER
        what = f"The proof found {breaks[0].check} at {breaks[0].where}."
    yield Check(key="proof", title="The books hold", state=state, what=what)


def _document_breaks(fund_id: int) -> list[Break]:
    try:
        return [
            *(Break("(v)", one.reference, one.what) for one in funding.attribution_breaks(fund_id)),
            *donors.document_breaks(fund_id),
            *agreements.document_breaks(fund_id),
            *corrections.signature_breaks(fund_id),
            *banking.match_breaks(fund_id),
            *statement_breaks(fund_id),
        ]
    except UNREADABLE as error:
        db.session.rollback()
        return [Break("readable", "documents", f"they cannot be read: {type(error).__name__}")]


def _database_breaks() -> list[Break]:
    """What SQLite finds in its own file. PostgreSQL guards its pages with checksums of its own."""
    if db.session.get_bind().dialect.name != "sqlite":
        return []
    try:
        found = db.session.scalars(text("PRAGMA integrity_check(20)")).all()
    except UNREADABLE as error:
        db.session.rollback()
        return [Break("database", "file", f"it cannot be read: {type(error).__name__}")]
    return [Break("database", "file", str(line)) for line in found if line != "ok"]
