"""Who is who: actors with their roles, funds and organisations by name."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from grants import clock
from grants.db import db
from grants.errors import NotFound
from grants.outbox.actions import Recipient
from grants.people.models import (
    Delegation,
    Fund,
    FundAlias,
    Organisation,
    OrganisationAlias,
    Role,
    RoleAssignment,
    User,
    UserSession,
)
from grants.people.permissions import Actor, DelegatedAuthority

SYSTEM_EMAIL = "system@invalid"


@dataclass(frozen=True, kw_only=True)
class FundView:
    """A fund, for reading."""

    id: int
    slug: str
    name: str
    host: str
    time_zone: str
    fee_basis_points: int
    pool_policy: str
    purpose: str


@dataclass(frozen=True, kw_only=True)
class OrganisationView:
    """An organisation, for reading."""

    id: int
    name: str
    short_name: str
    kind: str
    country_code: str | None
    constituency: str
    membership: str
    is_donor: bool


def actor_of(user_id: int) -> Actor:
    """Who a person is when acting: roles, own organisation, delegated authority.

    Refuses with NotFound somebody who is not, or no longer, active.
    """
    user = db.session.get(User, user_id)
    if user is None or not (user.is_active or user.email == SYSTEM_EMAIL):
        raise NotFound
    roles = db.session.execute(
        select(RoleAssignment.fund_id, RoleAssignment.role).where(RoleAssignment.user_id == user_id)
    )
    delegations = db.session.scalars(
        select(Delegation).where(Delegation.user_id == user_id).order_by(Delegation.id)
    )
    return Actor(
        user_id=user.id,
        name=user.name,
        organisation_id=user.organisation_id,
        roles=frozenset((fund_id, Role(role)) for fund_id, role in roles),
        delegations=tuple(
            DelegatedAuthority(
                fund_id=held.fund_id,
                ceiling_minor=held.ceiling_minor,
                valid_from=held.valid_from,
                valid_until=held.valid_until,
            )
            for held in delegations
        ),
        time_zone=user.time_zone,
        locale=user.locale,
        is_system=user.email == SYSTEM_EMAIL,
    )


def signed_in(token: str) -> Actor | None:
    """Whose session a browser's token opens, while it has neither ended nor run out."""
    user_id = db.session.scalar(
        select(UserSession.user_id).where(
            UserSession.token_sha256 == token_hash(token),
            UserSession.ended_at.is_(None),
            UserSession.expires_at > clock.now(),
        )
    )
    if user_id is None:
        return None
    try:
        return actor_of(user_id)
    except NotFound:
        return None


def token_hash(token: str) -> str:
    """What is kept of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def system_actor() -> Actor:
    """The system itself, as which imports from the command line and the worker act."""
    user_id = db.session.scalar(select(User.id).where(User.email == SYSTEM_EMAIL))
    assert user_id is not None, "the migrations make the system's user"
    return actor_of(user_id)


def user_by_email(email: str) -> int:
    """The id of whoever signs in with this address. Refuses with NotFound."""
    found = db.session.scalar(select(User.id).where(User.email == email.strip().lower()))
    if found is None:
        raise NotFound(f"Nobody signs in as {email}.")
    return found


def fund(fund_id: int) -> FundView:
    """A fund by its id. Refuses with NotFound."""
    found = db.session.get(Fund, fund_id)
    if found is None:
        raise NotFound
    return _fund_view(found)


def fund_by_name(name: str) -> FundView:
    """A fund by slug, name or alias, whatever the case. Refuses with the closest names."""
    wanted = name.strip().lower()
    found = db.session.scalar(
        select(Fund).where(or_(Fund.slug == wanted, func.lower(Fund.name) == wanted)).limit(1)
    )
    if found is None:
        found = db.session.scalar(
            select(Fund)
            .join(FundAlias, FundAlias.fund_id == Fund.id)
            .where(func.lower(FundAlias.external_key) == wanted)
            .order_by(Fund.id)
            .limit(1)
        )
    if found is None:
        names = list(db.session.scalars(select(Fund.name).order_by(Fund.name).limit(500)))
        raise NotFound(f"There is no fund named {name}.{_closest(name, names)}")
    return _fund_view(found)


def funds(*, limit: int = 200) -> list[FundView]:
    """All funds by name."""
    found = db.session.scalars(select(Fund).order_by(Fund.name).limit(limit))
    return [_fund_view(row) for row in found]


def organisation(organisation_id: int) -> OrganisationView:
    """An organisation by its id. Refuses with NotFound."""
    found = db.session.get(Organisation, organisation_id)
    if found is None:
        raise NotFound
    return _organisation_view(found)


def organisation_by_name(name: str) -> OrganisationView:
    """An organisation by name, short name or alias, whatever the case; or the closest names."""
    wanted = " ".join(name.split()).lower()
    found = db.session.scalar(
        select(Organisation)
        .where(
            or_(
                func.lower(Organisation.name) == wanted,
                func.lower(Organisation.short_name) == wanted,
            )
        )
        .order_by(Organisation.id)
        .limit(1)
    )
    if found is None:
        found = db.session.scalar(
            select(Organisation)
            .join(OrganisationAlias, OrganisationAlias.organisation_id == Organisation.id)
            .where(func.lower(OrganisationAlias.name) == wanted)
            .order_by(Organisation.id)
            .limit(1)
        )
    if found is None:
        names = list(
            db.session.scalars(select(Organisation.name).order_by(Organisation.name).limit(2000))
        )
        raise NotFound(f"There is no organisation named {name}.{_closest(name, names)}")
    return _organisation_view(found)


def organisation_names(organisation_ids: Collection[int]) -> dict[int, str]:
    """The names of organisations by their ids."""
    wanted = sorted(set(organisation_ids))
    found: dict[int, str] = {}
    for start in range(0, len(wanted), 500):
        rows = db.session.execute(
            select(Organisation.id, Organisation.name).where(
                Organisation.id.in_(wanted[start : start + 500])
            )
        )
        found.update({row.id: row.name for row in rows})
    return found


def donors_choice(*, limit: int = 1000) -> list[tuple[int, str]]:
    """Donors by name, for choosing one."""
    rows = db.session.execute(
        select(Organisation.id, Organisation.name)
        .where(Organisation.is_donor)
        .order_by(Organisation.name)
        .limit(limit)
    )
    return [(row.id, row.name) for row in rows]


def organisations_choice(*, limit: int = 2000) -> list[tuple[int, str]]:
    """All organisations by name, for choosing one."""
    rows = db.session.execute(
        select(Organisation.id, Organisation.name).order_by(Organisation.name).limit(limit)
    )
    return [(row.id, row.name) for row in rows]


def people_with(role: Role, fund_id: int, *, limit: int = 500) -> list[tuple[int, str]]:
    """Active people who hold a role in a fund, by name, for choosing one."""
    rows = db.session.execute(
        select(User.id, User.name)
        .join(RoleAssignment, RoleAssignment.user_id == User.id)
        .where(
            RoleAssignment.role == role,
            or_(RoleAssignment.fund_id == fund_id, RoleAssignment.fund_id.is_(None)),
            User.is_active,
        )
        .distinct()
        .order_by(User.name, User.id)
        .limit(limit)
    )
    return [(row.id, row.name) for row in rows]


def recipient(user_id: int) -> Recipient:
    """Somebody as whom a message is for."""
    user = db.session.get_one(User, user_id)
    return Recipient(user_id=user.id, email=user.email, name=user.name, locale=user.locale)


def recipients(role: Role, fund_id: int, organisation_id: int | None = None) -> list[Recipient]:
    """Active people of a role in a fund (and of an organisation), as whom messages are for."""
    query = (
        select(User)
        .join(RoleAssignment, RoleAssignment.user_id == User.id)
        .where(
            RoleAssignment.role == role,
            or_(RoleAssignment.fund_id == fund_id, RoleAssignment.fund_id.is_(None)),
            User.is_active,
        )
        .order_by(User.id)
        .limit(500)
    )
    if organisation_id is not None:
        query = query.where(User.organisation_id == organisation_id)
    return [
        Recipient(user_id=user.id, email=user.email, name=user.name, locale=user.locale)
        for user in db.session.scalars(query).unique()
    ]


def _closest(name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    return f" Did you mean {' or '.join(close)}?" if close else ""


def _fund_view(found: Fund) -> FundView:
    return FundView(
        id=found.id,
        slug=found.slug,
        name=found.name,
        host=found.host,
        time_zone=found.time_zone,
        fee_basis_points=found.fee_basis_points,
        pool_policy=found.pool_policy,
        purpose=found.purpose,
    )


def _organisation_view(found: Organisation) -> OrganisationView:
    return OrganisationView(
        id=found.id,
        name=found.name,
        short_name=found.short_name,
        kind=found.kind,
        country_code=found.country_code,
        constituency=found.constituency,
        membership=found.membership,
        is_donor=found.is_donor,
    )
