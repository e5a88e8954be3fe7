"""Freezing an agreement as it stands, as a new version. For the actions of this room."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from grants import clock
from grants.db import db
from grants.donors.models import (
    AgreementVersion,
    ContributionAgreement,
    Instalment,
    VersionKind,
)
from grants.donors.queries.terms import terms_of
from grants.donors.rules import Terms
from grants.people.permissions import Actor

_BEFORE_VERSIONS = "As it stood before versions were kept"


def terms_now(agreement: ContributionAgreement) -> Terms:
    """The agreement as its rows say at this moment."""
    rows = db.session.scalars(
        select(Instalment)
        .where(Instalment.agreement_id == agreement.id)
        .order_by(Instalment.number)
    )
    return terms_of(agreement, rows)


def latest_version(actor: Actor, agreement: ContributionAgreement) -> AgreementVersion:
    """The latest version of a locked agreement; where there is none yet, its first is written."""
    found = db.session.scalar(
        select(AgreementVersion)
        .where(AgreementVersion.agreement_id == agreement.id)
        .order_by(AgreementVersion.number.desc())
        .limit(1)
    )
    if found is not None:
        return found
    signed_on = agreement.signed_on or agreement.created_at.date()
    return write_version(
        actor, agreement, VersionKind.SIGNED, signed_on, _BEFORE_VERSIONS, agreement.entry_id, 1
    )


def write_version(
    actor: Actor,
    agreement: ContributionAgreement,
    kind: VersionKind,
    signed_on: date,
    reason: str,
    entry_id: int | None,
    number: int,
) -> AgreementVersion:
    """Freeze the agreement as it stands now under the next number."""
    db.session.flush()
    version = AgreementVersion(
        agreement_id=agreement.id,
        number=number,
        kind=kind,
        signed_on=signed_on,
        reason=reason,
        terms=terms_now(agreement).stored(),
        entry_id=entry_id,
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    db.session.add(version)
    db.session.flush()
    return version
