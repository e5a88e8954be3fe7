"""Steps of grants taken back by two people: the entry is mirrored, and the record steps back."""

from __future__ import annotations

from sqlalchemy import select, update

from grants.agreements import rules
from grants.agreements.models import (
    PartnerReport,
    ReportLine,
    ReportState,
    Tranche,
    TrancheState,
)
from grants.agreements.queries.scope import grantee_people, usd
from grants.audit import actions as audit
from grants.db import db, lock
from grants.funding.models import Grant, GrantState
from grants.ledger import actions as ledger
from grants.ledger.actions import Posted
from grants.outbox import actions as outbox
from grants.people.permissions import Actor, Verb, require

_UNDER_WAY = (GrantState.ACTIVE, GrantState.REPORTING)


def undo_tranche(
    actor: Actor, tranche_id: int, entry_id: int, *, reason: str, second_actor_id: int
) -> Posted:
    """Take back the last step of a tranche: a payment that the bank returned, or its certificate.

    A payment taken back leaves the tranche certified, to be paid again; a certificate taken back
    leaves it planned, its money committed as before. Refuses an earlier step than the last, a
    tranche before one that goes on, and a grant that is closed.
    """
    tranche = lock(Tranche, tranche_id)
    require(actor, Verb.POST_ADJUSTMENT, tranche.fund_id)
    grant = _under_way(tranche.grant_id)
    steps = {
        TrancheState.RELEASED: (tranche.entry_id, _unpaid),
        TrancheState.CERTIFIED: (tranche.advance_entry_id, _uncertified),
    }
    last_entry, take_back = steps.get(TrancheState(tranche.state), (None, _uncertified))
    if last_entry != entry_id:
        raise rules.WrongMoment(
            what=f"Tranche {tranche.number}", state=tranche.state, done="taken back by this entry"
        )
    _check_is_last(tranche)
    posted = ledger.reverse(actor, entry_id, reason=reason, second_actor_id=second_actor_id)
    take_back(tranche)
    db.session.flush()
    _note(actor, "tranche.taken_back", grant, reason, tranche.number)
    if tranche.state == TrancheState.CERTIFIED:
        _tell(
            grant,
            subject=f"The payment of tranche {tranche.number} of {grant.reference} came back",
            body=f"{usd(tranche.amount_minor)} did not reach you. It will be paid again. {reason}",
        )
    return posted


def undo_acceptance(actor: Actor, report_id: int, *, reason: str, second_actor_id: int) -> Posted:
    """Take back that a report was accepted: it waits to be decided again, nothing of it refused.

    Refuses where the money that the grantee owes by it has come back or was written off since,
    and a grant that is closed.
    """
    report = lock(PartnerReport, report_id)
    require(actor, Verb.POST_ADJUSTMENT, report.fund_id)
    grant = _under_way(report.grant_id)
    if report.state != ReportState.ACCEPTED or report.entry_id is None:
        raise rules.WrongMoment(
            what=f"Report {report.number}", state=report.state, done="taken back"
        )
    posted = ledger.reverse(actor, report.entry_id, reason=reason, second_actor_id=second_actor_id)
    report.state = ReportState.SUBMITTED
    report.decided_by_id = report.decided_at = report.entry_id = None
    report.decision_note = ""
    db.session.execute(
        update(ReportLine)
        .where(ReportLine.report_id == report_id)
        .values(refused_minor=0, reason="")
    )
    db.session.flush()
    _note(actor, "report.taken_back", grant, reason, report.number)
    _tell(
        grant,
        subject=f"Report {report.number} of {grant.reference} is looked at again",
        body=f"Its acceptance was taken back. {reason}",
    )
    return posted


def _under_way(grant_id: int) -> Grant:
    grant = lock(Grant, grant_id)
    if grant.state not in _UNDER_WAY:
        raise rules.WrongMoment(
            what=grant.reference, state=grant.state.replace("_", " "), done="corrected"
        )
    return grant


def _check_is_last(tranche: Tranche) -> None:
    later = db.session.scalar(
        select(Tranche.number)
        .where(
            Tranche.grant_id == tranche.grant_id,
            Tranche.number > tranche.number,
            Tranche.state != TrancheState.PLANNED,
        )
        .order_by(Tranche.number)
        .limit(1)
    )
    if later is not None:
        raise rules.LaterTrancheGoesOn(number=later)


def _unpaid(tranche: Tranche) -> None:
    tranche.state = TrancheState.CERTIFIED
    tranche.released_by_id = tranche.released_at = tranche.paid_on = tranche.entry_id = None
    tranche.bank_reference = ""


def _uncertified(tranche: Tranche) -> None:
    tranche.state = TrancheState.PLANNED
    tranche.requested_by_id = tranche.requested_at = None
    tranche.certified_by_id = tranche.certified_at = tranche.advance_entry_id = None
    tranche.request_note = ""


def _note(actor: Actor, verb: str, grant: Grant, reason: str, number: int) -> None:
    audit.record(
        actor, verb, "grant", grant.id, fund_id=grant.fund_id, reason=reason, number=number
    )


def _tell(grant: Grant, *, subject: str, body: str) -> None:
    for person in grantee_people(grant):
        outbox.tell(person, template="step_taken_back", subject=subject, body=body.strip())
