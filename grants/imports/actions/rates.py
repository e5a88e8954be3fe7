"""Loading rates of exchange: each row by itself; what looks wrong is held."""

from __future__ import annotations

from grants.db import attempt
from grants.errors import NotAllowed, Refused
from grants.imports.actions.loading import Batch
from grants.imports.rules.rate_files import ReadRate, read_rates
from grants.ledger import actions as ledger
from grants.money import Rate
from grants.people.permissions import Verb

KIND = "rates"


def load(batch: Batch, content: bytes) -> None:
    """Record the rates of a file, the earliest first: see run_import.

    A rate that its source states anew for a day is a revision; a rate that is far from the one
    before, or turned round, is held until another person confirms it.
    """
    if batch.requester.funds_with(Verb.RECORD_CONTRIBUTION) == set():
        raise NotAllowed("Only a finance officer of a fund may bring in rates of exchange.")
    outcome = batch.outcome
    outcome.rows_read, rates = read_rates(content, batch.findings)
    batch.progress(0, len(rates))
    for done, one in enumerate(sorted(rates, key=lambda read: (read.on, read.row)), 1):
        _record(batch, one)
        if done % 200 == 0:
            batch.progress(done, len(rates))
    batch.progress(len(rates), len(rates))


def _record(batch: Batch, one: ReadRate) -> None:
    outcome = batch.outcome
    rate = Rate(currency=one.currency, units_per_usd=one.units, source=batch.source, on=one.on)
    try:
        with attempt():
            made = ledger.record_rate(batch.actor, None, rate, reason="A later file states it anew")
    except Refused as refusal:
        batch.findings.error(one.row, one.currency, "not_loaded", "", str(refusal))
        return
    if not made.is_new:
        outcome.rows_unchanged += 1
    elif made.revision > 1:
        outcome.rows_updated += 1
        words = f"It was stated before: this is revision {made.revision}."
        batch.findings.notice(one.row, one.currency, "revised", "", words)
    else:
        outcome.rows_loaded += 1
    if made.held:
        words = f"{one.units:f} is held until another person confirms it. {made.held}"
        batch.findings.warning(one.row, one.currency, "held", "", words)
