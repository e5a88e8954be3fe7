"""The record of a grant: agreement, tranches, reports, refunds, and its money."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from grants.agreements.models import (
    GrantAgreement,
    PartnerReport,
    Refund,
    ReportLine,
    ReportState,
    Tranche,
    TrancheState,
)
from grants.agreements.queries.scope import usd
from grants.agreements.rules import CATEGORIES
from grants.db import db
from grants.errors import NotFound
from grants.funding import queries as funding
from grants.funding.models import Grant
from grants.funding.queries import GrantLine, GrantMoney, Payer
from grants.money import Money
from grants.people.models import Organisation, User
from grants.people.permissions import Actor, Verb, may


@dataclass(frozen=True, kw_only=True)
class AgreementView:
    """The agreement of a grant."""

    id: int
    amount: Money
    starts_on: date
    ends_on: date
    template_version: str
    terms_of_reference: str
    document_id: int | None
    signed_on: date | None
    signed_by_fund: str
    signed_by_grantee: str
    prepared_by: str


@dataclass(frozen=True, kw_only=True)
class TrancheView:
    """A tranche and who did what to it."""

    id: int
    grant_id: int
    reference: str
    grantee: str
    number: int
    amount: Money
    due_on: date
    condition: str
    state: str
    requested_by_id: int | None
    requested_by: str
    requested_at: datetime | None
    request_note: str
    certified_by_id: int | None
    certified_by: str
    certified_at: datetime | None
    released_by: str
    paid_on: date | None
    bank_reference: str
    advance_entry_id: int | None
    entry_id: int | None


@dataclass(frozen=True, kw_only=True)
class ReportLineView:
    """Reported spending of one category."""

    category: int
    name: str
    claimed: Money
    refused: Money
    reason: str

    @property
    def accepted(self) -> Money:
        return self.claimed - self.refused


@dataclass(frozen=True, kw_only=True)
class ReportView:
    """A partner's report."""

    id: int
    grant_id: int
    reference: str
    grantee: str
    number: int
    from_on: date
    until_on: date
    narrative: str
    is_final: bool
    state: str
    submitted_by_id: int | None
    submitted_by: str
    submitted_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    decision_note: str
    entry_id: int | None
    lines: tuple[ReportLineView, ...]

    @property
    def claimed(self) -> Money:
        return usd(sum(line.claimed.minor for line in self.lines))

    @property
    def refused(self) -> Money:
        return usd(sum(line.refused.minor for line in self.lines))


@dataclass(frozen=True, kw_only=True)
class RefundView:
    """Money that came back."""

    id: int
    unspent: Money
    refused: Money
    value_on: date
    bank_reference: str
    reason: str
    entry_id: int
    recorded_by: str


@dataclass(frozen=True, kw_only=True)
class GrantRecord:
    """One grant whole."""

    grant: GrantLine
    money: GrantMoney
    payers: tuple[Payer, ...]
    agreement: AgreementView | None
    tranches: tuple[TrancheView, ...]
    reports: tuple[ReportView, ...]
    refunds: tuple[RefundView, ...]


def record(actor: Actor, grant_id: int) -> GrantRecord:
    """A grant of a fund whose money the actor may see. Another is not there."""
    grant = funding.grant(grant_id)
    if not may(actor, Verb.SEE_MONEY, grant.fund_id):
        raise NotFound
    return _record(grant)


def my_grants(actor: Actor, *, limit: int = 100) -> list[GrantLine]:
    """The grants of the actor's own organisation, the latest approved first."""
    if actor.organisation_id is None:
        return []
    ids = db.session.scalars(
        select(Grant.id)
        .where(Grant.grantee_id == actor.organisation_id)
        .order_by(Grant.approved_on.desc(), Grant.id.desc())
        .limit(limit)
    ).all()
    return [funding.grant(grant_id) for grant_id in ids]


def my_grant(actor: Actor, grant_id: int) -> GrantRecord:
    """One's own organisation's grant. Another's is not there."""
    grant = funding.grant(grant_id)
    if actor.organisation_id is None or grant.grantee_id != actor.organisation_id:
        raise NotFound
    return _record(grant)


def report_page(actor: Actor, report_id: int) -> ReportView:
    """A report, for the grantee who writes it and the staff who read it."""
    found = _reports(select(PartnerReport.id).where(PartnerReport.id == report_id))
    if not found:
        raise NotFound
    grant = funding.grant(found[0].grant_id)
    is_own = actor.organisation_id is not None and grant.grantee_id == actor.organisation_id
    is_staff = may(actor, Verb.SEE_MONEY, grant.fund_id) and found[0].submitted_at is not None
    if not is_own and not is_staff:
        raise NotFound
    return found[0]


def waiting_tranches(fund_id: int, state: str, *, limit: int = 50) -> list[TrancheView]:
    """Tranches of a fund in a state, the earliest due first."""
    return _tranches(
        _tranche_query()
        .where(Tranche.fund_id == fund_id, Tranche.state == state)
        .order_by(Tranche.due_on, Tranche.id)
        .limit(limit)
    )


def waiting_reports(fund_id: int, *, limit: int = 50) -> list[ReportView]:
    """Reports of a fund that wait to be accepted, the earliest submitted first."""
    return _reports(
        select(PartnerReport.id)
        .where(PartnerReport.fund_id == fund_id, PartnerReport.state == ReportState.SUBMITTED)
        .order_by(PartnerReport.submitted_at, PartnerReport.id)
        .limit(limit)
    )


def agreement_paper(agreement_id: int) -> GrantRecord:
    """All that the document of an agreement says (for the worker)."""
    grant_id = db.session.scalar(
        select(GrantAgreement.grant_id).where(GrantAgreement.id == agreement_id)
    )
    if grant_id is None:
        raise NotFound
    return _record(funding.grant(grant_id))


def _record(grant: GrantLine) -> GrantRecord:
    return GrantRecord(
        grant=grant,
        money=funding.grant_money(grant.id),
        payers=tuple(funding.attribution_of(grant.id)),
        agreement=_agreement(grant.id),
        tranches=tuple(
            _tranches(_tranche_query().where(Tranche.grant_id == grant.id).order_by(Tranche.number))
        ),
        reports=tuple(
            _reports(
                select(PartnerReport.id)
                .where(PartnerReport.grant_id == grant.id)
                .order_by(PartnerReport.number)
            )
        ),
        refunds=tuple(_refunds(grant.id)),
    )


def _agreement(grant_id: int) -> AgreementView | None:
    row = db.session.execute(
        select(GrantAgreement, User.name)
        .join(User, User.id == GrantAgreement.prepared_by_id)
        .where(GrantAgreement.grant_id == grant_id)
    ).one_or_none()
    if row is None:
        return None
    found, prepared_by = row
    return AgreementView(
        id=found.id,
        amount=usd(found.amount_minor),
        starts_on=found.starts_on,
        ends_on=found.ends_on,
        template_version=found.template_version,
        terms_of_reference=found.terms_of_reference,
        document_id=found.document_id,
        signed_on=found.signed_on,
        signed_by_fund=found.signed_by_fund,
        signed_by_grantee=found.signed_by_grantee,
        prepared_by=prepared_by,
    )


_REQUESTER, _CERTIFIER, _RELEASER = aliased(User), aliased(User), aliased(User)


def _tranche_query() -> Select[Tranche, str, str, str, str, str]:
    return (
        select(
            Tranche,
            Grant.reference,
            Organisation.name,
            _REQUESTER.name,
            _CERTIFIER.name,
            _RELEASER.name,
        )
        .join(Grant, Grant.id == Tranche.grant_id)
        .join(Organisation, Organisation.id == Grant.grantee_id)
        .outerjoin(_REQUESTER, _REQUESTER.id == Tranche.requested_by_id)
        .outerjoin(_CERTIFIER, _CERTIFIER.id == Tranche.certified_by_id)
        .outerjoin(_RELEASER, _RELEASER.id == Tranche.released_by_id)
    )


def _tranches(query: Select[Tranche, str, str, str, str, str]) -> list[TrancheView]:
    return [
        TrancheView(
            id=found.id,
            grant_id=found.grant_id,
            reference=reference,
            grantee=grantee,
            number=found.number,
            amount=usd(found.amount_minor),
            due_on=found.due_on,
            condition=found.condition,
            state=found.state,
            requested_by_id=found.requested_by_id,
            requested_by=requester or "",
            requested_at=found.requested_at,
            request_note=found.request_note,
            certified_by_id=found.certified_by_id,
            certified_by=certifier or "",
            certified_at=found.certified_at,
            released_by=releaser or "",
            paid_on=found.paid_on,
            bank_reference=found.bank_reference,
            advance_entry_id=found.advance_entry_id,
            entry_id=found.entry_id,
        )
        for found, reference, grantee, requester, certifier, releaser in db.session.execute(query)
    ]


def _reports(ids: Select[int]) -> list[ReportView]:
    wanted = list(db.session.scalars(ids))
    if not wanted:
        return []
    submitter, decider = aliased(User), aliased(User)
    lines: dict[int, list[ReportLineView]] = defaultdict(list)
    for line in db.session.scalars(
        select(ReportLine).where(ReportLine.report_id.in_(wanted)).order_by(ReportLine.category)
    ):
        lines[line.report_id].append(
            ReportLineView(
                category=line.category,
                name=CATEGORIES[line.category],
                claimed=usd(line.claimed_minor),
                refused=usd(line.refused_minor),
                reason=line.reason,
            )
        )
    rows = db.session.execute(
        select(PartnerReport, Grant.reference, Organisation.name, submitter.name, decider.name)
        .join(Grant, Grant.id == PartnerReport.grant_id)
        .join(Organisation, Organisation.id == Grant.grantee_id)
        .outerjoin(submitter, submitter.id == PartnerReport.submitted_by_id)
        .outerjoin(decider, decider.id == PartnerReport.decided_by_id)
        .where(PartnerReport.id.in_(wanted))
    )
    found = {
        report.id: ReportView(
            id=report.id,
            grant_id=report.grant_id,
            reference=reference,
            grantee=grantee,
            number=report.number,
            from_on=report.from_on,
            until_on=report.until_on,
            narrative=report.narrative,
            is_final=report.is_final,
            state=report.state,
            submitted_by_id=report.submitted_by_id,
            submitted_by=submitted_by or "",
            submitted_at=report.submitted_at,
            decided_by=decided_by or "",
            decided_at=report.decided_at,
            decision_note=report.decision_note,
            entry_id=report.entry_id,
            lines=tuple(lines[report.id]),
        )
        for report, reference, grantee, submitted_by, decided_by in rows
    }
    return [found[report_id] for report_id in wanted]


def _refunds(grant_id: int) -> list[RefundView]:
    rows = db.session.execute(
        select(Refund, User.name)
        .join(User, User.id == Refund.recorded_by_id)
        .where(Refund.grant_id == grant_id)
        .order_by(Refund.value_on, Refund.id)
    )
    return [
        RefundView(
            id=found.id,
            unspent=usd(found.unspent_minor),
            refused=usd(found.refused_minor),
            value_on=found.value_on,
            bank_reference=found.bank_reference,
            reason=found.reason,
            entry_id=found.entry_id,
            recorded_by=recorded_by,
        )
        for found, recorded_by in rows
    ]


#: For desks that list what waits.
REQUESTED, CERTIFIED, PLANNED = (
    TrancheState.REQUESTED,
    TrancheState.CERTIFIED,
    TrancheState.PLANNED,
)
