"""Conditions precedent and duties to report: recorded, and noted as met or done."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.donors import rules
from grants.donors.models import (
    AgreementCondition,
    ContributionAgreement,
    DutyKind,
    Instalment,
    InstalmentState,
    ReportingDuty,
)
from grants.donors.rules import NewCondition, NewDuty
from grants.errors import Malformed, NotFound
from grants.people.permissions import Actor, Verb, require


def add_condition(actor: Actor, agreement_id: int, new: NewCondition) -> AgreementCondition:
    """Record a condition precedent. Until it is met, what depends on it is neither asked nor due.

    Refuses an instalment that is paid or withdrawn.
    """
    agreement = lock(ContributionAgreement, agreement_id)
    require(actor, Verb.RECORD_CONTRIBUTION, agreement.fund_id)
    condition = write_condition(actor, agreement, new)
    audit.record(
        actor,
        "condition.recorded",
        "agreement",
        agreement_id,
        fund_id=agreement.fund_id,
        words=condition.words,
        instalment=new.instalment,
    )
    return condition


def meet_condition(
    actor: Actor, condition_id: int, *, met_on: date, evidence: str
) -> AgreementCondition:
    """Note that a condition is met, and what shows it. Refuses one that is met already."""
    condition, agreement = _condition(actor, condition_id)
    if condition.met_on is not None:
        raise rules.ConditionIsMet(met_on=condition.met_on.isoformat())
    if not evidence.strip():
        raise Malformed("Say what shows that the condition is met.")
    if met_on > clock.today():
        raise Malformed("This day has not come yet.")
    condition.met_on = met_on
    condition.met_by_id = actor.user_id
    condition.evidence = evidence.strip()
    db.session.flush()
    _note_condition(actor, "condition.met", condition, agreement, condition.evidence)
    return condition


def reopen_condition(actor: Actor, condition_id: int, reason: str) -> AgreementCondition:
    """Say that a condition is not met after all; the trail keeps what was noted before."""
    condition, agreement = _condition(actor, condition_id)
    if condition.met_on is None:
        raise rules.ConditionIsOpen
    if not reason.strip():
        raise Malformed("Say why the condition is open again.")
    condition.met_on = None
    condition.met_by_id = None
    condition.evidence = ""
    db.session.flush()
    _note_condition(actor, "condition.reopened", condition, agreement, reason.strip())
    return condition


def add_duty(actor: Actor, agreement_id: int, new: NewDuty) -> ReportingDuty:
    """Record a report that the donor wants by a day."""
    agreement = lock(ContributionAgreement, agreement_id)
    require(actor, Verb.RECORD_CONTRIBUTION, agreement.fund_id)
    duty = write_duty(actor, agreement, new)
    audit.record(
        actor,
        "duty.recorded",
        "agreement",
        agreement_id,
        fund_id=agreement.fund_id,
        kind=duty.kind,
        due_on=duty.due_on,
    )
    return duty


def note_report_delivered(
    actor: Actor, duty_id: int, *, done_on: date, note: str = ""
) -> ReportingDuty:
    """Note that a report was delivered to the donor. Refuses one that was delivered already."""
    found = db.session.get(ReportingDuty, duty_id)
    if found is None:
        raise NotFound
    agreement = lock(ContributionAgreement, found.agreement_id)
    duty = lock(ReportingDuty, duty_id)
    require(actor, Verb.RECORD_CONTRIBUTION, agreement.fund_id)
    if duty.done_on is not None:
        raise rules.DutyIsDone(done_on=duty.done_on.isoformat())
    if done_on > clock.today():
        raise Malformed("This day has not come yet.")
    duty.done_on = done_on
    duty.done_by_id = actor.user_id
    duty.note = note.strip()
    db.session.flush()
    audit.record(
        actor,
        "duty.done",
        "agreement",
        agreement.id,
        fund_id=agreement.fund_id,
        reason=duty.note,
        kind=duty.kind,
        due_on=duty.due_on,
    )
    return duty


def write_condition(
    actor: Actor, agreement: ContributionAgreement, new: NewCondition
) -> AgreementCondition:
    """The row of a condition. For the actions of this room."""
    if not new.words.strip():
        raise Malformed("Say what the condition is.")
    condition = AgreementCondition(
        agreement_id=agreement.id,
        instalment_id=_instalment_id(agreement.id, new.instalment),
        words=new.words.strip(),
        due_on=new.due_on,
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    db.session.add(condition)
    db.session.flush()
    return condition


def write_duty(actor: Actor, agreement: ContributionAgreement, new: NewDuty) -> ReportingDuty:
    """The row of a duty. For the actions of this room."""
    if new.kind not in set(DutyKind):
        raise Malformed(f"{new.kind} is not a kind of report that we know.")
    duty = ReportingDuty(
        agreement_id=agreement.id,
        kind=new.kind,
        words=new.words.strip(),
        due_on=new.due_on,
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    db.session.add(duty)
    db.session.flush()
    return duty


def _instalment_id(agreement_id: int, number: int | None) -> int | None:
    if number is None:
        return None
    found = db.session.scalar(
        select(Instalment).where(
            Instalment.agreement_id == agreement_id, Instalment.number == number
        )
    )
    if found is None:
        raise rules.NotOfThisDonor(thing=f"Instalment {number}")
    if found.state in {InstalmentState.PAID, InstalmentState.CANCELLED}:
        raise rules.InstalmentIsClosed(number=number, state=found.state)
    return found.id


def _condition(actor: Actor, condition_id: int) -> tuple[AgreementCondition, ContributionAgreement]:
    found = db.session.get(AgreementCondition, condition_id)
    if found is None:
        raise NotFound
    agreement = lock(ContributionAgreement, found.agreement_id)
    condition = lock(AgreementCondition, condition_id)
    require(actor, Verb.RECORD_CONTRIBUTION, agreement.fund_id)
    return condition, agreement


def _note_condition(
    actor: Actor,
    verb: str,
    condition: AgreementCondition,
    agreement: ContributionAgreement,
    reason: str,
) -> None:
    audit.record(
        actor,
        verb,
        "agreement",
        agreement.id,
        fund_id=agreement.fund_id,
        reason=reason,
        words=condition.words,
    )
