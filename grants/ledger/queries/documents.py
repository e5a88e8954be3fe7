"""What the books hold for each document: to be held against what the document says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from grants.db import db
from grants.ledger.models import Account, Entry, Move
from grants.ledger.queries.turnover import summed


def document_sums(fund_id: int, kind: str, numbers: Sequence[str]) -> dict[int, tuple[int, int]]:
    """Credits less debits of these accounts in the entries of each document of a kind.

    By the document's number: minor units of its currency, and US cents. Reversals count too, so a
    document that was undone comes to nothing. Documents that never touched the accounts are absent.
    """
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for account_id, sign in ((Move.debit_id, -1), (Move.credit_id, 1)):
        rows = db.session.execute(
            select(
                Entry.source_id,
                summed(Move.amount_minor),
                summed(Move.usd_minor),
            )
            .join(Move, Move.entry_id == Entry.id)
            .join(Account, Account.id == account_id)
            .where(Entry.fund_id == fund_id, Entry.source_type == kind)
            .where(Account.number.in_(list(numbers)))
            .group_by(Entry.source_id)
        )
        for source_id, minor, usd_minor in rows:
            if source_id is not None:
                sums[source_id][0] += sign * minor
                sums[source_id][1] += sign * usd_minor
    return {key: (minor, usd) for key, (minor, usd) in sums.items()}


def entries_that_stand(fund_id: int, sequences: Sequence[int]) -> dict[int, str]:
    """The hashes of these entries of a fund, by their sequence numbers."""
    found: dict[int, str] = {}
    wanted = sorted(set(sequences))
    for start in range(0, len(wanted), 500):
        rows = db.session.execute(
            select(Entry.sequence, Entry.hash).where(
                Entry.fund_id == fund_id, Entry.sequence.in_(wanted[start : start + 500])
            )
        )
        found.update({row.sequence: row.hash for row in rows})
    return found


def signers_of(fund_id: int, entry_ids: Sequence[int]) -> dict[int, tuple[int, int | None]]:
    """Who posted these entries of a fund, and the second person, by the entry."""
    found: dict[int, tuple[int, int | None]] = {}
    wanted = sorted(set(entry_ids))
    for start in range(0, len(wanted), 500):
        rows = db.session.execute(
            select(Entry.id, Entry.actor_id, Entry.second_actor_id).where(
                Entry.fund_id == fund_id, Entry.id.in_(wanted[start : start + 500])
            )
        )
        found.update({row.id: (row.actor_id, row.second_actor_id) for row in rows})
    return found
