"""Partner reports: what was spent, accepted or refused, and money that comes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, func, select

from grants import clock
from grants.agreements import rules
from grants.agreements.models import PartnerReport, Refund, ReportLine, ReportState
from grants.agreements.queries.scope import agreement_of, grantee_people, usd
from grants.agreements.rules import ClaimedLine, RefusedCost
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed
from grants.funding import actions as funding
from grants.funding import queries as funds
from grants.funding.models import Grant
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger.actions import NewEntry, NewMove
from grants.money import Money
from grants.outbox import actions as outbox
from grants.people.permissions import Actor, Verb, require


def start_report(actor: Actor, grant_id: int, *, from_on: date, until_on: date) -> PartnerReport:
    """Begin the next report of a grant; the draft that is there already is it."""
    grant = lock(Grant, grant_id)
    require(actor, Verb.SUBMIT_REPORT, grant.fund_id, organisation_id=grant.grantee_id)
    agreement_of(grant_id)
    draft = db.session.scalar(
        select(PartnerReport).where(
            PartnerReport.grant_id == grant_id,
            PartnerReport.state.in_([ReportState.DRAFT, ReportState.RETURNED]),
        )
    )
    if draft is not None:
        return draft
    if until_on < from_on:
        raise Malformed("The report ends before it begins.")
    last = db.session.scalar(
        select(func.max(PartnerReport.number)).where(PartnerReport.grant_id == grant_id)
    )
    report = PartnerReport(
        fund_id=grant.fund_id,
        grant_id=grant_id,
        number=(last or 0) + 1,
        from_on=from_on,
        until_on=until_on,
        created_at=clock.now(),
    )
    db.session.add(report)
    db.session.flush()
    audit.record(
        actor, "report.started", "grant", grant_id, fund_id=grant.fund_id, report=report.number
    )
    return report


def save_report(
    actor: Actor,
    report_id: int,
    *,
    narrative: str,
    lines: Sequence[ClaimedLine],
    is_final: bool,
    from_on: date,
    until_on: date,
) -> PartnerReport:
    """Keep a report as it stands, complete or not."""
    report = _own_draft(actor, report_id)
    rules.check_lines(lines)
    if until_on < from_on:
        raise Malformed("The report ends before it begins.")
    report.narrative = narrative
    report.is_final = is_final
    report.from_on, report.until_on = from_on, until_on
    db.session.execute(delete(ReportLine).where(ReportLine.report_id == report_id))
    db.session.add_all(
        ReportLine(report_id=report_id, category=line.category, claimed_minor=line.claimed.minor)
        for line in lines
        if line.claimed
    )
    db.session.flush()
    return report


def submit_report(actor: Actor, report_id: int) -> PartnerReport:
    """Hand a report in. Refuses one without text, or that claims more than was advanced."""
    report = _own_draft(actor, report_id)
    if not report.narrative.strip():
        raise Malformed("Say in a few sentences what was done.")
    claimed = sum(line.claimed_minor for line in _lines(report_id))
    left = funds.grant_money(report.grant_id).advances
    if usd(claimed) > left:
        raise rules.MoreThanAdvanced(claimed=usd(claimed), advanced=left)
    report.state = ReportState.SUBMITTED
    report.submitted_by_id = actor.user_id
    report.submitted_at = clock.now()
    db.session.flush()
    audit.record(
        actor,
        "report.submitted",
        "grant",
        report.grant_id,
        fund_id=report.fund_id,
        report=report.number,
        claimed=usd(claimed),
    )
    return report


def return_report(actor: Actor, report_id: int, *, reason: str) -> PartnerReport:
    """Give a report back to be changed, with what is to be changed."""
    report = _submitted(actor, report_id)
    if not reason.strip():
        raise Malformed("Say what is to be changed: the grantee reads it.")
    report.state = ReportState.RETURNED
    report.decided_by_id = actor.user_id
    report.decided_at = clock.now()
    report.decision_note = reason
    db.session.flush()
    audit.record(
        actor,
        "report.returned",
        "grant",
        report.grant_id,
        fund_id=report.fund_id,
        reason=reason,
    )
    _tell(report, "returned for changes", reason)
    return report


def accept_report(
    actor: Actor, report_id: int, *, on: date, refused: Sequence[RefusedCost] = (), note: str = ""
) -> PartnerReport:
    """Accept a report: Dr 5010 to 5080 by category, Dr 1250 for refused costs / Cr 1200.

    Refuses whoever submitted it, and more than is left of the advance.
    """
    report = _submitted(actor, report_id)
    if report.submitted_by_id == actor.user_id:
        raise rules.OwnReport
    lines = _lines(report_id)
    claimed = {line.category: usd(line.claimed_minor) for line in lines}
    rules.check_refused(claimed, refused)
    _refuse(lines, refused)
    ledger.lock_journal(report.fund_id)
    left = funds.grant_money(report.grant_id).advances
    total = sum(line.claimed_minor for line in lines)
    if usd(total) > left:
        raise rules.MoreThanAdvanced(claimed=usd(total), advanced=left)
    moves = _moves(report.grant_id, lines)
    if not moves:
        raise Malformed("The report claims nothing, so there is nothing to accept. Return it.")
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=report.fund_id,
            event="report.accepted",
            value_on=on,
            moves=moves,
            source=("partner_report", report_id),
            relates_to_on=report.until_on,
            may_be_late=True,
        ),
    )
    report.entry_id = posted.id
    report.state = ReportState.ACCEPTED
    report.decided_by_id = actor.user_id
    report.decided_at = clock.now()
    report.decision_note = note
    db.session.flush()
    audit.record(
        actor,
        "report.accepted",
        "grant",
        report.grant_id,
        fund_id=report.fund_id,
        report=report.number,
        claimed=usd(total),
        refused=usd(sum(line.refused_minor for line in lines)),
    )
    _tell(report, "accepted", note or "Thank you. Nothing more is needed for this period.")
    return report


def record_refund(
    actor: Actor,
    grant_id: int,
    *,
    unspent: Money,
    refused: Money,
    value_on: date,
    bank_reference: str,
    reason: str = "",
) -> Refund:
    """Record money that a grantee sent back; it returns to the layers that paid, to the cent."""
    grant = lock(Grant, grant_id)
    require(actor, Verb.RECORD_CONTRIBUTION, grant.fund_id)
    if unspent.minor < 0 or refused.minor < 0 or not (unspent or refused):
        raise Malformed("Enter what came back: unspent money, refused costs, or both.")
    posted = funding.take_refund(
        actor, grant_id, unspent=unspent, refused=refused, on=value_on, source=("grant", grant_id)
    )
    refund = Refund(
        fund_id=grant.fund_id,
        grant_id=grant_id,
        unspent_minor=unspent.minor,
        refused_minor=refused.minor,
        value_on=value_on,
        bank_reference=bank_reference.strip(),
        reason=reason,
        entry_id=posted.id,
        recorded_by_id=actor.user_id,
        created_at=clock.now(),
    )
    db.session.add(refund)
    db.session.flush()
    audit.record(
        actor,
        "refund.recorded",
        "grant",
        grant_id,
        fund_id=grant.fund_id,
        unspent=unspent,
        refused=refused,
    )
    return refund


def _own_draft(actor: Actor, report_id: int) -> PartnerReport:
    report = lock(PartnerReport, report_id)
    grant = db.session.get_one(Grant, report.grant_id)
    require(actor, Verb.SUBMIT_REPORT, report.fund_id, organisation_id=grant.grantee_id)
    if report.state not in {ReportState.DRAFT, ReportState.RETURNED}:
        raise rules.WrongMoment(what=f"Report {report.number}", state=report.state, done="changed")
    return report


def _submitted(actor: Actor, report_id: int) -> PartnerReport:
    report = lock(PartnerReport, report_id)
    require(actor, Verb.ACCEPT_REPORT, report.fund_id)
    if report.state != ReportState.SUBMITTED:
        raise rules.WrongMoment(what=f"Report {report.number}", state=report.state, done="decided")
    return report


def _lines(report_id: int) -> list[ReportLine]:
    return list(
        db.session.scalars(
            select(ReportLine)
            .where(ReportLine.report_id == report_id)
            .order_by(ReportLine.category)
        )
    )


def _refuse(lines: Sequence[ReportLine], refused: Sequence[RefusedCost]) -> None:
    by_category = {cost.category: cost for cost in refused}
    for line in lines:
        cost = by_category.get(line.category)
        if cost is not None and cost.amount:
            line.refused_minor, line.reason = cost.amount.minor, cost.reason


def _moves(grant_id: int, lines: Sequence[ReportLine]) -> list[NewMove]:
    advance = chart.advances(grant_id)
    moves = [
        NewMove(
            debit=chart.expenditure(grant_id, line.category),
            credit=advance,
            amount=usd(line.claimed_minor - line.refused_minor),
        )
        for line in lines
        if line.claimed_minor > line.refused_minor
    ]
    refused = sum(line.refused_minor for line in lines)
    if refused:
        owed = chart.due_from_grantee(grant_id)
        moves.append(NewMove(debit=owed, credit=advance, amount=usd(refused)))
    return moves


def _tell(report: PartnerReport, outcome: str, words: str) -> None:
    grant = db.session.get_one(Grant, report.grant_id)
    for person in grantee_people(grant):
        outbox.tell(
            person,
            template="report_decided",
            subject=f"Report {report.number} of {grant.reference} is {outcome}",
            body=words,
        )
