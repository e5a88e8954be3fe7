"""Opening funds, registering organisations and people, giving roles and authority."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from datetime import date, timedelta
from zoneinfo import available_timezones

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select, update

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed, Refused
from grants.money import Money
from grants.people.models import (
    Delegation,
    Fund,
    FundAlias,
    Organisation,
    OrganisationAlias,
    OrganisationKind,
    PoolPolicy,
    Role,
    RoleAssignment,
    SignInAttempt,
    User,
    UserSession,
)
from grants.people.queries import token_hash
from grants.people.permissions import Actor, Verb, require

PASSWORD_LENGTH_MIN = 12
ATTEMPTS_MAX = 8
ATTEMPT_WINDOW = timedelta(minutes=15)
SESSION_LENGTH = timedelta(days=14)
_hasher = PasswordHasher()
#: Checked when there is no such person, so that the answer takes as long.
_DECOY = _hasher.hash(secrets.token_hex(8))


class NameTaken(Refused):
    """There is already {what} named {name}."""


class WrongPassword(Refused):
    """This address and this password do not belong together. Check both and try again."""

    status = 422


class TooManyAttempts(Refused):
    """There were too many tries. Wait {minutes} minutes, or ask the administrator for help."""

    status = 429


class WeakPassword(Malformed):
    """A password needs at least {length} characters. A short sentence is easy to remember."""


def open_fund(
    actor: Actor,
    *,
    name: str,
    slug: str | None = None,
    host: str = "",
    time_zone: str = "UTC",
    fee_basis_points: int = 0,
    pool_policy: PoolPolicy = PoolPolicy.PRO_RATA,
    purpose: str = "",
) -> Fund:
    """Open a fund with books of its own. The fee is in hundredths of a per cent of each deposit."""
    require(actor, Verb.ADMINISTER)
    if db.session.scalar(select(Fund.id).where(Fund.name == name)) is not None:
        raise NameTaken(what="a fund", name=name)
    fund = Fund(
        slug=_free_slug(slug or name),
        name=name,
        host=host,
        time_zone=time_zone,
        fee_basis_points=fee_basis_points,
        pool_policy=pool_policy,
        purpose=purpose,
        created_at=clock.now(),
    )
    db.session.add(fund)
    db.session.flush()
    audit.record(actor, "fund.opened", "fund", fund.id, fund_id=fund.id, name=name)
    return fund


def alias_fund(actor: Actor, fund_id: int, *, source: str, external_key: str) -> None:
    """Note under which name or number another system knows a fund. Known ones stay as they are."""
    require(actor, Verb.IMPORT, fund_id)
    known = db.session.scalar(
        select(FundAlias.fund_id).where(
            FundAlias.source == source, FundAlias.external_key == external_key
        )
    )
    if known is None:
        db.session.add(FundAlias(fund_id=fund_id, source=source, external_key=external_key))
        db.session.flush()
    elif known != fund_id:
        raise Refused(f"{source} already uses {external_key} for another fund.")


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
        password_hash=_hashed(password) if password else "",
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


def sign_in(email: str, password: str, *, origin: str) -> str:
    """Check a password and open a session. Returns the token that the browser keeps.

    Refuses with WrongPassword, in the same words and time for an unknown address; and with
    TooManyAttempts after several failures for the same address and origin in a quarter hour.
    Call `note_attempt` in a transaction of its own when this refuses.
    """
    address = email.strip().lower()
    since = clock.now() - ATTEMPT_WINDOW
    failures = db.session.scalar(
        select(func.count(SignInAttempt.id)).where(
            SignInAttempt.key.in_([_attempt_key(address), _attempt_key(origin)]),
            SignInAttempt.at >= since,
            SignInAttempt.is_success.is_(False),
        )
    )
    if (failures or 0) >= 2 * ATTEMPTS_MAX:
        raise TooManyAttempts(minutes=int(ATTEMPT_WINDOW.total_seconds() // 60))
    user = db.session.scalar(select(User).where(User.email == address))
    stored = user.password_hash if user is not None and user.password_hash else _DECOY
    is_right = _is_password(stored, password)
    if user is None or not user.is_active or stored == _DECOY or not is_right:
        raise WrongPassword
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)
    return open_session(user.id)


def note_attempt(email: str, *, origin: str, is_success: bool) -> None:
    """Count a try to sign in, for the address and for where it came from."""
    for key in {email.strip().lower(), origin}:
        db.session.add(SignInAttempt(key=_attempt_key(key), at=clock.now(), is_success=is_success))


def open_session(user_id: int) -> str:
    """A new session for somebody whose password was checked; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    at = clock.now()
    db.session.add(
        UserSession(
            user_id=user_id,
            token_sha256=token_hash(token),
            created_at=at,
            expires_at=at + SESSION_LENGTH,
        )
    )
    db.session.flush()
    return token


def sign_out(token: str) -> None:
    """End one session. An unknown token changes nothing."""
    db.session.execute(
        update(UserSession)
        .where(UserSession.token_sha256 == token_hash(token), UserSession.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def choose_settings(actor: Actor, *, locale: str, time_zone: str) -> None:
    """Set one's own language and time zone."""
    user = lock(User, actor.user_id)
    if time_zone not in available_timezones():
        raise Malformed(f"{time_zone} is not a time zone of the IANA list.")
    user.locale = locale
    user.time_zone = time_zone


def check_own_password(actor: Actor, password: str) -> None:
    """Refuse with WrongPassword unless this is the actor's own present password."""
    user = lock(User, actor.user_id)
    if not user.password_hash or not _is_password(user.password_hash, password):
        raise WrongPassword("This is not your present password.")


def change_password(actor: Actor, user_id: int, password: str) -> None:
    """Set a new password and sign the person out everywhere. One's own, or as administrator."""
    user = lock(User, user_id)
    if actor.user_id != user_id:
        require(actor, Verb.ADMINISTER)
    user.password_hash = _hashed(password)
    _end_sessions(user_id)
    audit.record(actor, "password.changed", "user", user_id)


def anonymise(actor: Actor, user_id: int, *, reason: str) -> None:
    """Blank what is personal about somebody and sign them out. What they did stays in the books."""
    require(actor, Verb.ADMINISTER)
    user = lock(User, user_id)
    user.email = f"removed-{user_id}@invalid"
    user.name = f"Former user {user_id}"
    user.password_hash = ""
    user.is_active = False
    user.anonymised_at = clock.now()
    _end_sessions(user_id)
    audit.record(actor, "user.anonymised", "user", user_id, reason=reason)


def _end_sessions(user_id: int) -> None:
    db.session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def _alias_organisation(organisation_id: int, name: str, source: str) -> None:
    known = db.session.scalar(
        select(OrganisationAlias.id).where(
            OrganisationAlias.source == source, OrganisationAlias.name == name
        )
    )
    if known is None:
        db.session.add(OrganisationAlias(organisation_id=organisation_id, source=source, name=name))


def _hashed(password: str) -> str:
    if len(password) < PASSWORD_LENGTH_MIN:
        raise WeakPassword(length=PASSWORD_LENGTH_MIN)
    return _hasher.hash(password)


def _is_password(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _attempt_key(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _clean_email(email: str) -> str:
    try:
        found = validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Malformed(f"{email} is not an e-mail address. {error}") from error
    return found.normalized.lower()


def _free_slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:70] or "fund"
    slug, number = stem, 1
    while db.session.scalar(select(Fund.id).where(Fund.slug == slug)) is not None:
        number += 1
        slug = f"{stem}-{number}"
    return slug
