"""Running an import: the whole file in one transaction, or, as a trial, in none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from sqlalchemy import insert

from grants import clock
from grants.audit import actions as audit
from grants.db import db, transaction
from grants.errors import Malformed, Refused
from grants.imports.actions import contributions, grants, rounds
from grants.imports.actions.loading import Batch, Outcome, Progress
from grants.imports.models import Finding, ImportRun, ImportState
from grants.imports.rules.findings import Severity
from grants.people import queries as people
from grants.people.permissions import Actor, Verb, require

KINDS: dict[str, Callable[[Batch, bytes], None]] = {
    contributions.KIND: contributions.load,
    rounds.KIND: rounds.load,
    grants.KIND: grants.load,
}


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
    """Note that a file is to be brought in. Returns the number of the run. In a transaction."""
    require(actor, Verb.IMPORT, None if actor.is_system else _any_fund(actor))
    if kind not in KINDS:
        raise Malformed(f"{kind} cannot be imported; choose {', '.join(KINDS)}.")
    run = ImportRun(
        kind=kind,
        source=source,
        file_name=file_name,
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

    All rows or none: a file that cannot be read leaves nothing behind but its reason. A trial
    does everything, keeps the findings, and takes the rest back. The system posts; the run says
    for whom.
    """
    outcome = Outcome()
    try:
        with transaction() as session:
            run = session.get_one(ImportRun, run_id)
            is_dry_run = run.is_dry_run
            batch = Batch(people.system_actor(), run_id, run.source, outcome, progress)
            KINDS[run.kind](batch, content)
            if is_dry_run:
                raise _OnlyTried
            _finish(run_id, outcome, "")
    except _OnlyTried:
        with transaction():
            _finish(run_id, outcome, "")
    except Refused as refusal:
        with transaction():
            _finish(run_id, outcome, str(refusal))
        raise
    return outcome


def _finish(run_id: int, outcome: Outcome, error: str) -> None:
    run = db.session.get_one(ImportRun, run_id)
    findings = outcome.findings.found
    refused = {found.row for found in findings if found.severity is Severity.ERROR}
    run.state = ImportState.FAILED if error else ImportState.DONE
    run.error = error
    run.rows_read = outcome.rows_read
    run.rows_loaded = outcome.rows_loaded
    run.rows_updated = outcome.rows_updated
    run.rows_withdrawn = outcome.rows_withdrawn
    run.rows_unchanged = outcome.rows_unchanged
    run.rows_refused = outcome.rows_refused = len(refused)
    run.finished_at = clock.now()
    if findings:
        db.session.execute(
            insert(Finding),
            [
                {
                    "run_id": run_id,
                    "row_number": found.row,
                    "key": found.key[:200],
                    "severity": found.severity.value,
                    "code": found.code,
                    "column": found.column,
                    "message": found.message,
                }
                for found in findings
            ],
        )


def _any_fund(actor: Actor) -> int | None:
    """Some fund in which the actor may import, or none."""
    funds = actor.funds_with(Verb.IMPORT)
    return min(funds) if funds else None
