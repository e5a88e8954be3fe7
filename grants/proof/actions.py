"""Keeping what a look at the books found, and telling those who must know."""

from __future__ import annotations

import json

from grants import clock
from grants.audit import actions as audit
from grants.db import db
from grants.outbox import actions as outbox
from grants.people import queries as people
from grants.people.models import Role
from grants.people.permissions import Actor, Verb, require
from grants.proof.models import Proof
from grants.proof.queries import JOB, Examination, job_key


def ask(actor: Actor, fund_id: int) -> int:
    """Have the worker prove the books of a fund. Returns the job.

    Asked twice before it is done, it is done once, for whoever asked first.
    """
    require(actor, Verb.AUDIT, fund_id)
    arguments = {"fund_id": fund_id, "actor_id": actor.user_id}
    return outbox.enqueue(JOB, arguments, unique_key=job_key(fund_id))


def ask_for_house(actor: Actor, fund_id: int | None = None) -> int:
    """Have what all funds have in common proven too, by whoever may audit one of them."""
    require(actor, Verb.AUDIT, fund_id)
    return outbox.enqueue(JOB, {"fund_id": None, "actor_id": None}, unique_key=job_key(None))


def keep(actor: Actor, found: Examination) -> Proof:
    """Keep what was found. Where something does not hold, finance and audit are told at once."""
    require(actor, Verb.AUDIT, found.fund_id)
    proof = Proof(
        fund_id=found.fund_id,
        proven_at=clock.now(),
        actor_id=actor.user_id,
        entries=found.entries,
        moves=found.moves,
        sequence=found.sequence,
        hash=found.hash,
        holds=found.holds,
        breaks=json.dumps(
            [[one.check, one.where, one.what] for one in found.breaks], ensure_ascii=False
        ),
    )
    db.session.add(proof)
    db.session.flush()
    if not found.holds:
        audit.record(
            actor,
            "proof.failed",
            "proof",
            proof.id,
            fund_id=found.fund_id,
            breaks=len(found.breaks),
            first=f"{found.breaks[0].check} at {found.breaks[0].where}",
        )
        _tell(found)
    return proof


def _tell(found: Examination) -> None:
    fund_ids = [fund.id for fund in people.funds()] if found.fund_id is None else [found.fund_id]
    first = found.breaks[0]
    told: set[int] = set()
    for fund_id in fund_ids:
        name = people.fund(fund_id).name
        for role in (Role.FINANCE_OFFICER, Role.AUDITOR):
            for user_id, _ in people.people_with(role, fund_id):
                if user_id not in told:
                    told.add(user_id)
                    outbox.tell(
                        people.recipient(user_id),
                        template="proof_failed",
                        subject=f"The books of {name} do not hold",
                        body=(
                            f"The proof found {len(found.breaks)} places that do not hold. The"
                            f" first: {first.check} at {first.where}: {first.what}.\n\nPost nothing"
                            " more before it is understood. Ledger, Proof shows every place."
                        ),
                    )
