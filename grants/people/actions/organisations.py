"""Registering organisations, under names that no other bears."""

from __future__ import annotations

from sqlalchemy import select

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed
from grants.people.models import Organisation, OrganisationAlias, OrganisationKind
from grants.people.permissions import Actor, Verb, require
from grants.people.rules import NameTaken


def register_organisation(
    actor: Actor,
    *,
    name: str,
    kind: OrganisationKind = OrganisationKind.OTHER,
    country_code: str | None = None,
    is_donor: bool = False,
    constituency: str = "",
    membership: str = "",
    short_name: str = "",
) -> Organisation:
    """Register a donor, member, grantee or other body under a name that no other bears."""
    if not actor.is_system and actor.funds_with(Verb.IMPORT) == set():
        require(actor, Verb.ADMINISTER)
    name = " ".join(name.split())
    if not name:
        raise Malformed("An organisation needs a name.")
    if db.session.scalar(select(Organisation.id).where(Organisation.name == name)) is not None:
        raise NameTaken(what="an organisation", name=name)
    organisation = Organisation(
        name=name,
        short_name=short_name,
        kind=kind,
        country_code=country_code,
        is_donor=is_donor,
        constituency=constituency,
        membership=membership,
        created_at=clock.now(),
    )
    db.session.add(organisation)
    db.session.flush()
    audit.record(actor, "organisation.registered", "organisation", organisation.id, name=name)
    return organisation


def rename_organisation(
    actor: Actor, organisation_id: int, name: str, *, source: str
) -> Organisation:
    """Give an organisation a new name; the old one stays known as an alias of the source."""
    organisation = lock(Organisation, organisation_id)
    if not actor.is_system and actor.funds_with(Verb.IMPORT) == set():
        require(actor, Verb.ADMINISTER)
    before = organisation.name
    if before == name:
        return organisation
    if db.session.scalar(select(Organisation.id).where(Organisation.name == name)) is not None:
        raise NameTaken(what="an organisation", name=name)
    _alias_organisation(organisation_id, before, source)
    organisation.name = name
    db.session.flush()
    audit.record(
        actor, "organisation.renamed", "organisation", organisation_id, before=before, after=name
    )
    return organisation


def _alias_organisation(organisation_id: int, name: str, source: str) -> None:
    known = db.session.scalar(
        select(OrganisationAlias.id).where(
            OrganisationAlias.source == source, OrganisationAlias.name == name
        )
    )
    if known is None:
        db.session.add(OrganisationAlias(organisation_id=organisation_id, source=source, name=name))
