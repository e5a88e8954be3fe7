"""Passwords and sessions."""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import func, select, update

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.people.models import SignInAttempt, User, UserSession
from grants.people.permissions import Actor, Verb, require
from grants.people.queries import token_hash
from grants.people.rules import (
    ATTEMPT_WINDOW,
    SESSION_LENGTH,
    WrongPassword,
    attempt_keys,
    check_attempts,
    check_password_is_strong,
)

_hasher = PasswordHasher()
#: Checked when there is no such person, so that the answer takes as long.
_DECOY = _hasher.hash(secrets.token_hex(16))


def check_password(email: str, password: str, *, origin: str) -> int:
    """The person whom an address and a password belong to. Writes nothing, and takes its time.

    Refuses with WrongPassword, in the same words and the same time for an unknown address, and
    with TooManyAttempts after several failures in a quarter hour. Call it outside a transaction,
    and `note_attempt` afterwards in one.
    """
    check_attempts(_failures(email, origin))
    user = db.session.scalar(select(User).where(User.email == email.strip().lower()))
    stored = user.password_hash if user is not None and user.password_hash else _DECOY
    is_right = _is_password(stored, password)
    if user is None or not user.is_active or stored is _DECOY or not is_right:
        raise WrongPassword
    return user.id


def note_attempt(email: str, *, origin: str, is_success: bool) -> None:
    """Count a try to sign in, for the address and for where it came from."""
    at = clock.now()
    for key in attempt_keys(email, origin).values():
        db.session.add(SignInAttempt(key=_kept(key), at=at, is_success=is_success))


def open_session(user_id: int) -> str:
    """A new session for somebody whose password was checked.

    Returns the token that the browser keeps; here only its hash is kept.
    """
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


def check_own_password(actor: Actor, password: str) -> None:
    """Refuse with WrongPassword unless this is the actor's own present password."""
    stored = db.session.scalar(select(User.password_hash).where(User.id == actor.user_id))
    if not stored or not _is_password(stored, password):
        raise WrongPassword("This is not your present password.")


def change_password(actor: Actor, user_id: int, password: str) -> None:
    """Set a new password and sign the person out everywhere. One's own, or as administrator."""
    if actor.user_id != user_id:
        require(actor, Verb.ADMINISTER)
    hashed = hashed_password(password)
    user = lock(User, user_id)
    user.password_hash = hashed
    end_sessions(user_id)
    audit.record(actor, "password.changed", "user", user_id)


def end_sessions(user_id: int) -> None:
    """Sign a person out everywhere."""
    db.session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def hashed_password(password: str) -> str:
    """What is kept of a password. Refuses a weak one."""
    check_password_is_strong(password)
    return _hasher.hash(password)


def _failures(email: str, origin: str) -> dict[str, int]:
    keys = {kind: _kept(key) for kind, key in attempt_keys(email, origin).items()}
    rows = db.session.execute(
        select(SignInAttempt.key, func.count(SignInAttempt.id))
        .where(
            SignInAttempt.key.in_(keys.values()),
            SignInAttempt.at >= clock.now() - ATTEMPT_WINDOW,
            SignInAttempt.is_success.is_(False),
        )
        .group_by(SignInAttempt.key)
    )
    counted = {row[0]: row[1] for row in rows}
    return {kind: counted.get(key, 0) for kind, key in keys.items()}


def _is_password(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _kept(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
