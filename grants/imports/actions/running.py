"""Running an import: the whole file in one transaction, or, as a trial, in none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import insert, select, text
from sqlalchemy.exc import OperationalError

from grants import clock
from grants.audit import actions as audit
from grants.db import db, transaction
from grants.errors import Malformed, NotAllowed, Refused
from grants.imports.actions import contributions, grants, rates, rounds
from grants.imports.actions.loading import Batch, Outcome, Progress
from grants.imports.models import Finding, ImportRun, ImportState
from grants.people import queries as people
from grants.people.models import Fund
from grants.people.permissions import Actor, Verb

KINDS: dict[str, Callable[[Batch, bytes], None]] = {
    contributions.KIND: contributions.load,
    rounds.KIND: rounds.load,
    grants.KIND: grants.load,
    rates.KIND: rates.load,
}
SOURCE_MAX, FILE_NAME_MAX = 40, 255
BROKEN_OFF = "The run was broken off by a fault of ours. Nothing was loaded."
#: Withdrawing more than this part of what is known is worth a warning.
MANY_WITHDRAWN = 10


class _OnlyTried(Exception):
    """The trial is over: nothing of it stays."""


def start_run(
    actor: Actor,
    *,
    kind: str,
    source: str,
    file_name: str,
    content: bytes,
    is_dry_run: bool,
    stored_file_id: int | None = None,
) -> int:
    """Note that a file is to be brought in. Returns the number of the run. In a transaction.

    Refuses those who may not import anywhere, a kind that is not known, and a source without a
    name.
    """
    if actor.funds_with(Verb.IMPORT) == set():
        raise NotAllowed("Only a finance officer or a grant officer of a fund may import books.")
    if kind not in KINDS:
        raise Malformed(f"{kind} cannot be imported; choose {', '.join(KINDS)}.")
    source = " ".join(source.split())
    if not 0 < len(source) <= SOURCE_MAX:
        raise Malformed(f"Say in at most {SOURCE_MAX} characters whose file this is.")
    run = ImportRun(
        kind=kind,
        source=source,
        file_name=file_name[-FILE_NAME_MAX:],
        file_sha256=hashlib.sha256(content).hexdigest(),
        stored_file_id=stored_file_id,
        is_dry_run=is_dry_run,
        state=ImportState.RUNNING,
        started_at=clock.now(),
        actor_id=actor.user_id,
    )
    db.session.add(run)
    db.session.flush()
    audit.record(actor, "import.started", "import_run", run.id, kind=kind, file=run.file_sha256)
    return run.id


def run_import(run_id: int, content: bytes, progress: Progress) -> Outcome:
    """Bring in the file of a run. It opens its own transactions: call it outside any.

    All sound rows or none: a file that cannot be read leaves nothing behind but its reason. A
    trial does everything, keeps the findings, and takes the rest back. The system posts; the run
    says for whom, and only funds in which that person may import are touched.
    """
    outcome = Outcome()
    is_told = False
    try:
        with transaction() as session:
            _queue()
            run = session.get_one(ImportRun, run_id)
            batch = _batch(run, outcome, progress)
            _look_at_earlier(run, outcome)
            KINDS[run.kind](batch, content)
            _look_at_withdrawn(outcome)
            if run.is_dry_run:
                raise _OnlyTried
            _finish(run_id, outcome, "")
        is_told = True
    except _OnlyTried:
        with transaction():
            _finish(run_id, outcome, "")
        is_told = True
    except Refused as refusal:
        with transaction():
            _finish(run_id, _nothing_of(outcome), str(refusal))
        is_told = True
        raise
    finally:
        if not is_told:
            # Where the database is away the run stays as it is, and the worker tries again.
            with suppress(OperationalError), transaction():
                _finish(run_id, Outcome(), BROKEN_OFF)
    return outcome


def _queue() -> None:
    """One import at a time: two files of one source would not see what the other brings.

    On SQLite the transaction itself queues. On PostgreSQL the table does, against other imports
    alone; a row would not: the first of two runs is not the same one for both while they start.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE import_run IN SHARE UPDATE EXCLUSIVE MODE"))


def _batch(run: ImportRun, outcome: Outcome, progress: Progress) -> Batch:
    return Batch(
        actor=people.system_actor(),
        requester=people.actor_of(run.actor_id),
        run_id=run.id,
        source=run.source,
        outcome=outcome,
        progress=progress,
    )


def _look_at_earlier(run: ImportRun, outcome: Outcome) -> None:
    """Loading a file again after a later one would take the books back: say so."""
    loaded = db.session.execute(
        select(ImportRun.file_sha256, ImportRun.started_at)
        .where(
            ImportRun.kind == run.kind,
            ImportRun.source == run.source,
            ImportRun.state == ImportState.DONE,
            ImportRun.is_dry_run.is_(False),
        )
        .order_by(ImportRun.id.desc())
        .limit(200)
    ).all()
    if run.kind == grants.KIND or not loaded or loaded[0].file_sha256 == run.file_sha256:
        return
    for earlier in loaded:
        if earlier.file_sha256 == run.file_sha256:
            sentence = (
                f"This very file was loaded on {earlier.started_at:%d %B %Y}, and another one of"
                f" {run.source} since: loading it again takes the books back to it."
            )
            outcome.findings.warning(0, "", "earlier_file", "", sentence)
            return


def _look_at_withdrawn(outcome: Outcome) -> None:
    stay = outcome.rows_updated + outcome.rows_unchanged
    gone = outcome.rows_withdrawn
    if gone > MANY_WITHDRAWN and gone > (stay + gone) // MANY_WITHDRAWN:
        sentence = (
            f"{gone} of {stay + gone} lines that were known are not in this file, and are taken"
            " back. Is it the whole of what the source has?"
        )
        outcome.findings.warning(0, "", "many_withdrawn", "", sentence)


def _nothing_of(outcome: Outcome) -> Outcome:
    """What was found, without what was done: it was taken back."""
    return Outcome(rows_read=outcome.rows_read, findings=outcome.findings)


def _finish(run_id: int, outcome: Outcome, error: str) -> None:
    run = db.session.get_one(ImportRun, run_id)
    run.state = ImportState.FAILED if error else ImportState.DONE
    run.error = error
    run.rows_read = outcome.rows_read
    run.rows_loaded = outcome.rows_loaded
    run.rows_updated = outcome.rows_updated
    run.rows_withdrawn = outcome.rows_withdrawn
    run.rows_unchanged = outcome.rows_unchanged
    run.rows_refused = outcome.rows_refused
    run.fund_id = _only_fund(outcome)
    run.finished_at = clock.now()
    audit.record(
        people.actor_of(run.actor_id),
        f"import.{run.state}",
        "import_run",
        run_id,
        is_dry_run=run.is_dry_run,
        loaded=run.rows_loaded,
        updated=run.rows_updated,
        withdrawn=run.rows_withdrawn,
    )
    rows = [
        {
            "run_id": run_id,
            "row_number": found.row,
            "key": found.key[:200],
            "severity": found.severity.value,
            "code": found.code,
            "column": found.column[:60],
            "message": found.message,
        }
        for found in outcome.findings.found
    ]
    if rows:
        db.session.execute(insert(Finding), rows)


def _only_fund(outcome: Outcome) -> int | None:
    """The fund of the file where it is of one fund alone that is here to stay."""
    if len(outcome.fund_ids) != 1:
        return None
    fund = db.session.get(Fund, next(iter(outcome.fund_ids)))
    return fund.id if fund else None
