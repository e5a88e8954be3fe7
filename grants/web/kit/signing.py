"""Signing a browser in and out: it keeps a token, and the server its hash."""

from __future__ import annotations

from flask import Flask, request, session
from flask_login import LoginManager, current_user, login_user, logout_user

from grants.db import transaction
from grants.people import actions, queries
from grants.people.actions import WrongPassword
from grants.people.permissions import Actor

login_manager = LoginManager()


class SignedIn:
    """A session as Flask-Login wants to see it: its id is the token, not the person."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, token: str, actor: Actor) -> None:
        self.token = token
        self.actor = actor

    def get_id(self) -> str:
        return self.token


def init_signing(app: Flask) -> None:
    """Load whoever is signed in."""
    login_manager.init_app(app)
    login_manager.user_loader(_load)
    login_manager.session_protection = None


def signed_in() -> Actor | None:
    """Whoever is signed in, or nobody."""
    return current_user.actor if current_user.is_authenticated else None


def sign_in(email: str, password: str) -> Actor:
    """Sign somebody in and have this browser remember it.

    Refuses with WrongPassword or TooManyAttempts; every try is counted.
    """
    origin = request.remote_addr or ""
    try:
        user_id = actions.check_password(email, password, origin=origin)
    except WrongPassword:
        with transaction():
            actions.note_attempt(email, origin=origin, is_success=False)
        raise
    with transaction():
        actions.note_attempt(email, origin=origin, is_success=True)
        token = actions.open_session(user_id)
    return remember(token)


def remember(token: str) -> Actor:
    """Have this browser keep a session's token. Pages that are open in it stay good."""
    kept = session.get("csrf_token")
    session.clear()
    if kept is not None:
        session["csrf_token"] = kept
    session.permanent = True
    found = queries.signed_in(token)
    assert found is not None
    login_user(SignedIn(token, found))
    return found


def forget() -> str | None:
    """Have this browser forget its session. Returns the token that should be ended."""
    token = current_user.get_id() if current_user.is_authenticated else None
    logout_user()
    session.clear()
    return token


def _load(token: str) -> SignedIn | None:
    found = queries.signed_in(token)
    return SignedIn(token, found) if found else None
