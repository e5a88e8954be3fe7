"""Registering people, giving them roles and authority, and removing what is personal."""

from __future__ import annotations

from datetime import date
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed, Refused
from grants.money import Money
from grants.outbox import actions as outbox
from grants.people.actions.sessions import end_sessions, hashed_password
from grants.people.models import Delegation, Role, RoleAssignment, User
from grants.people.permissions import Actor, Verb, require
from grants.people.rules import NameTaken


def register_user(
    actor: Actor,
    *,
    email: str,
    name: str,
    password: str | None = None,
    organisation_id: int | None = None,
    locale: str = "en",
    time_zone: str = "UTC",
) -> User:
    """Register a person. Without a password nobody can sign in as them yet."""
    require(actor, Verb.ADMINISTER)
    address = _clean_email(email)
    if db.session.scalar(select(User.id).where(User.email == address)) is not None:
        raise NameTaken(what="a person", name=address)
    user = User(
        email=address,
        name=name,
        password_hash=hashed_password(password) if password else "",
        organisation_id=organisation_id,
        locale=locale,
        time_zone=time_zone,
        created_at=clock.now(),
    )
    db.session.add(user)
    db.session.flush()
    audit.record(actor, "user.registered", "user", user.id)
    return user


def give_role(actor: Actor, user_id: int, role: Role, fund_id: int | None = None) -> None:
    """Give a person a role, for one fund or for all. Held already: nothing changes."""
    require(actor, Verb.ADMINISTER, fund_id)
    held = db.session.scalar(
        select(RoleAssignment.id).where(
            RoleAssignment.user_id == user_id,
            RoleAssignment.role == role,
            RoleAssignment.fund_id.is_(None)
            if fund_id is None
            else RoleAssignment.fund_id == fund_id,
        )
    )
    if held is None:
        db.session.add(RoleAssignment(user_id=user_id, fund_id=fund_id, role=role))
        db.session.flush()
        audit.record(actor, "role.given", "user", user_id, fund_id=fund_id, role=role)


def delegate(
    actor: Actor,
    user_id: int,
    fund_id: int,
    ceiling: Money,
    *,
    valid_from: date,
    valid_until: date | None = None,
    reason: str = "",
) -> Delegation:
    """Delegate authority to decide up to a ceiling in US dollars, between two dates."""
    require(actor, Verb.ADMINISTER, fund_id)
    if user_id == actor.user_id:
        raise Refused("Nobody delegates authority to themselves.")
    assert ceiling.currency == "USD"
    delegation = Delegation(
        user_id=user_id,
        fund_id=fund_id,
        ceiling_minor=ceiling.minor,
        valid_from=valid_from,
        valid_until=valid_until,
        reason=reason,
    )
    db.session.add(delegation)
    db.session.flush()
    audit.record(actor, "authority.delegated", "user", user_id, fund_id=fund_id, ceiling=ceiling)
    return delegation


def choose_settings(actor: Actor, *, locale: str, time_zone: str) -> None:
    """Set one's own language and time zone."""
    user = lock(User, actor.user_id)
    if time_zone not in available_timezones():
        raise Malformed(f"{time_zone} is not a time zone of the IANA list.")
    user.locale = locale
    user.time_zone = time_zone


def anonymise(actor: Actor, user_id: int, *, reason: str) -> None:
    """Blank what is personal about somebody and sign them out. What they did stays in the books."""
    require(actor, Verb.ADMINISTER)
    user = lock(User, user_id)
    user.email = f"removed-{user_id}@invalid"
    user.name = f"Former user {user_id}"
    user.password_hash = ""
    user.is_active = False
    user.anonymised_at = clock.now()
    end_sessions(user_id)
    outbox.forget(actor, user_id)
    audit.record(actor, "user.anonymised", "user", user_id, reason=reason)


def _clean_email(email: str) -> str:
    try:
        found = validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Malformed(f"{email} is not an e-mail address. {error}") from error
    return found.normalized.lower()
