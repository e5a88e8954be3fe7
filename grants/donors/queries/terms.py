"""What an agreement asks for, and how it became what it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, select

from grants.db import db
from grants.donors.models import (
    AgreementCondition,
    AgreementState,
    AgreementVersion,
    ContributionAgreement,
    Instalment,
    ReportingDuty,
)
from grants.donors.rules import Earmark, InstalmentTerms, Terms, differences
from grants.errors import NotFound
from grants.money import Money
from grants.people.models import Organisation, User

ROWS_MAX: Final = 500


@dataclass(frozen=True, kw_only=True)
class ConditionLine:
    """A condition precedent; `instalment` None: every instalment depends on it."""

    id: int
    agreement_id: int
    fund_id: int
    donor: str
    reference: str
    instalment: int | None
    words: str
    due_on: date | None
    met_on: date | None
    met_by: str
    evidence: str


@dataclass(frozen=True, kw_only=True)
class DutyLine:
    """A report that a donor wants by a day."""

    id: int
    agreement_id: int
    fund_id: int
    donor: str
    reference: str
    kind: str
    words: str
    due_on: date
    done_on: date | None
    done_by: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A thing that a version changed: what it was, what it is. See rules.differences."""

    thing: str
    was: object
    now: object


@dataclass(frozen=True, kw_only=True)
class VersionLine:
    """A version of an agreement, and what it changed; the first changed nothing."""

    id: int
    number: int
    kind: str
    signed_on: date
    reason: str
    terms: Terms
    amount: Money
    usd: Money
    entry_id: int | None
    created_at: datetime
    created_by: str
    differences: tuple[Difference, ...]


def conditions_of(agreement_id: int) -> list[ConditionLine]:
    """The conditions of an agreement, in the order in which they were recorded."""
    rows = db.session.execute(
        _conditions()
        .where(AgreementCondition.agreement_id == agreement_id)
        .order_by(AgreementCondition.id)
        .limit(ROWS_MAX)
    )
    return [_condition(row) for row in rows]


def condition(condition_id: int) -> ConditionLine:
    """One condition. Refuses with NotFound."""
    row = db.session.execute(
        _conditions().where(AgreementCondition.id == condition_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return _condition(row)


def open_conditions(
    fund_ids: Collection[int] | None, due_before: date, *, limit: int = 100
) -> list[ConditionLine]:
    """Conditions that are not met and have a day before this one. None: in every fund."""
    query = (
        _conditions()
        .where(
            AgreementCondition.met_on.is_(None),
            AgreementCondition.due_on < due_before,
            ContributionAgreement.state == AgreementState.SIGNED,
        )
        .order_by(AgreementCondition.due_on, AgreementCondition.id)
        .limit(min(limit, ROWS_MAX))
    )
    if fund_ids is not None:
        query = query.where(ContributionAgreement.fund_id.in_(list(fund_ids)))
    return [_condition(row) for row in db.session.execute(query)]


def duties_of(agreement_id: int) -> list[DutyLine]:
    """The duties to report of an agreement, the earliest due first."""
    rows = db.session.execute(
        _duties()
        .where(ReportingDuty.agreement_id == agreement_id)
        .order_by(ReportingDuty.due_on, ReportingDuty.id)
        .limit(ROWS_MAX)
    )
    return [_duty(row) for row in rows]


def duty(duty_id: int) -> DutyLine:
    """One duty to report. Refuses with NotFound."""
    row = db.session.execute(_duties().where(ReportingDuty.id == duty_id)).one_or_none()
    if row is None:
        raise NotFound
    return _duty(row)


def open_duties(
    fund_ids: Collection[int] | None, due_before: date, *, limit: int = 100
) -> list[DutyLine]:
    """Reports that were not delivered and are due before a day. None: in every fund."""
    query = (
        _duties()
        .where(
            ReportingDuty.done_on.is_(None),
            ReportingDuty.due_on < due_before,
            ContributionAgreement.state == AgreementState.SIGNED,
        )
        .order_by(ReportingDuty.due_on, ReportingDuty.id)
        .limit(min(limit, ROWS_MAX))
    )
    if fund_ids is not None:
        query = query.where(ContributionAgreement.fund_id.in_(list(fund_ids)))
    return [_duty(row) for row in db.session.execute(query)]


def versions_of(agreement_id: int) -> list[VersionLine]:
    """The versions of an agreement, the latest first, each with what it changed."""
    rows = db.session.execute(
        select(AgreementVersion, User.name)
        .join(User, User.id == AgreementVersion.created_by_id)
        .where(AgreementVersion.agreement_id == agreement_id)
        .order_by(AgreementVersion.number)
        .limit(ROWS_MAX)
    )
    found: list[VersionLine] = []
    before: Terms | None = None
    for one, name in rows:
        terms = Terms.of_stored(one.terms)
        changed = differences(before, terms) if before is not None else []
        found.append(
            VersionLine(
                id=one.id,
                number=one.number,
                kind=one.kind,
                signed_on=one.signed_on,
                reason=one.reason,
                terms=terms,
                amount=terms.amount,
                usd=Money.of_minor(terms.usd_minor, "USD"),
                entry_id=one.entry_id,
                created_at=one.created_at,
                created_by=name,
                differences=tuple(
                    Difference(thing=thing, was=was, now=now) for thing, was, now in changed
                ),
            )
        )
        before = terms
    return found[::-1]


def terms_of(agreement: ContributionAgreement, instalments: Iterable[Instalment]) -> Terms:
    """An agreement as its rows say."""
    return Terms(
        currency=agreement.currency,
        amount_minor=agreement.amount_minor,
        usd_minor=agreement.usd_minor,
        is_core=agreement.is_core,
        earmark=Earmark.of_stored(agreement.earmark),
        eligible_from=agreement.eligible_from,
        eligible_until=agreement.eligible_until,
        provider_activity_id=agreement.provider_activity_id,
        instalments=tuple(
            InstalmentTerms(
                id=one.id,
                number=one.number,
                due_on=one.due_on,
                amount_minor=one.amount_minor,
                usd_minor=one.usd_minor,
                cancelled_minor=one.cancelled_minor,
                cancelled_usd_minor=one.cancelled_usd_minor,
            )
            for one in instalments
        ),
    )


def _conditions() -> Select[AgreementCondition, int, str, str, int, str]:
    return (
        select(
            AgreementCondition,
            ContributionAgreement.fund_id,
            ContributionAgreement.reference,
            Organisation.name,
            Instalment.number,
            User.name,
        )
        .join(ContributionAgreement, ContributionAgreement.id == AgreementCondition.agreement_id)
        .join(Organisation, Organisation.id == ContributionAgreement.donor_id)
        .outerjoin(Instalment, Instalment.id == AgreementCondition.instalment_id)
        .outerjoin(User, User.id == AgreementCondition.met_by_id)
    )


def _condition(row: Any) -> ConditionLine:
    one, fund_id, reference, donor, number, met_by = row
    return ConditionLine(
        id=one.id,
        agreement_id=one.agreement_id,
        fund_id=fund_id,
        donor=donor,
        reference=reference,
        instalment=number,
        words=one.words,
        due_on=one.due_on,
        met_on=one.met_on,
        met_by=met_by or "",
        evidence=one.evidence,
    )


def _duties() -> Select[ReportingDuty, int, str, str, str]:
    return (
        select(
            ReportingDuty,
            ContributionAgreement.fund_id,
            ContributionAgreement.reference,
            Organisation.name,
            User.name,
        )
        .join(ContributionAgreement, ContributionAgreement.id == ReportingDuty.agreement_id)
        .join(Organisation, Organisation.id == ContributionAgreement.donor_id)
        .outerjoin(User, User.id == ReportingDuty.done_by_id)
    )


def _duty(row: Any) -> DutyLine:
    one, fund_id, reference, donor, done_by = row
    return DutyLine(
        id=one.id,
        agreement_id=one.agreement_id,
        fund_id=fund_id,
        donor=donor,
        reference=reference,
        kind=one.kind,
        words=one.words,
        due_on=one.due_on,
        done_on=one.done_on,
        done_by=done_by or "",
        note=one.note,
    )
