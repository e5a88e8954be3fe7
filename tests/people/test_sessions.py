"""Passwords, sessions, and how often one may guess."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from grants.db import db, transaction
from grants.errors import NotAllowed
from grants.people import actions, queries
from grants.people.actions import TooManyAttempts, WrongPassword
from grants.people.models import Role, User, UserSession
from grants.people.permissions import Actor
from grants.people.rules import ATTEMPTS_MAX, check_attempts
from tests.make import Make

pytestmark = pytest.mark.usefixtures("app")

PASSWORD = "the quick brown fox"
START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture
def ada(make: Make) -> Actor:
    return make.person(Role.REVIEWER, password=PASSWORD)


@pytest.fixture
def later() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def address_of(actor: Actor) -> str:
    return db.session.get_one(User, actor.user_id).email


def test_the_right_password_opens_whatever_the_case_of_the_address(ada: Actor) -> None:
    found = actions.check_password(f" {address_of(ada).upper()}", PASSWORD, origin="1")
    assert found == ada.user_id


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(ada: Actor) -> None:
    with pytest.raises(WrongPassword) as wrong:
        actions.check_password(address_of(ada), "not the password", origin="1")
    with pytest.raises(WrongPassword) as unknown:
        actions.check_password("nobody@example.org", PASSWORD, origin="1")
    with pytest.raises(WrongPassword) as without:
        actions.check_password(queries.SYSTEM_EMAIL, "", origin="1")
    assert str(wrong.value) == str(unknown.value) == str(without.value)


def test_guessing_stops_after_some_tries_and_may_go_on_later(
    ada: Actor, later: time_machine.Traveller
) -> None:
    address = address_of(ada)
    with transaction():
        for _ in range(ATTEMPTS_MAX["pair"]):
            actions.note_attempt(address, origin="1", is_success=False)
    with pytest.raises(TooManyAttempts, match="Wait 15 minutes"):
        actions.check_password(address, PASSWORD, origin="1")
    # The owner, who sits elsewhere, is not locked out by a guesser.
    assert actions.check_password(address, PASSWORD, origin="2") == ada.user_id
    later.shift(timedelta(minutes=16))
    assert actions.check_password(address, PASSWORD, origin="1") == ada.user_id


@pytest.mark.parametrize("kind", ATTEMPTS_MAX)
def test_each_way_of_guessing_has_its_limit(kind: str) -> None:
    failures = dict.fromkeys(ATTEMPTS_MAX, 0)
    check_attempts({**failures, kind: ATTEMPTS_MAX[kind] - 1})
    with pytest.raises(TooManyAttempts):
        check_attempts({**failures, kind: ATTEMPTS_MAX[kind]})


def test_a_session_ends_by_itself(ada: Actor, later: time_machine.Traveller) -> None:
    with transaction():
        token = actions.open_session(ada.user_id)
    found = queries.signed_in(token)
    assert found is not None
    assert found.user_id == ada.user_id
    later.shift(timedelta(days=14))
    assert queries.signed_in(token) is None


def test_the_database_knows_no_token(ada: Actor) -> None:
    with transaction():
        token = actions.open_session(ada.user_id)
    kept = db.session.scalars(select(UserSession.token_sha256)).all()
    assert token not in kept
    assert queries.signed_in(kept[0]) is None


def test_signing_out_ends_that_session_alone(ada: Actor) -> None:
    with transaction():
        first, second = actions.open_session(ada.user_id), actions.open_session(ada.user_id)
    with transaction():
        actions.sign_out(first)
        actions.sign_out("no such token")
    assert queries.signed_in(first) is None
    assert queries.signed_in(second) is not None


def test_a_new_password_ends_all_sessions_and_the_old_password(ada: Actor) -> None:
    with transaction():
        token = actions.open_session(ada.user_id)
    with transaction():
        actions.change_password(ada, ada.user_id, "jumps over the lazy dog")
    assert queries.signed_in(token) is None
    with pytest.raises(WrongPassword):
        actions.check_password(address_of(ada), PASSWORD, origin="1")
    actions.check_password(address_of(ada), "jumps over the lazy dog", origin="1")


def test_only_an_administrator_sets_another_persons_password(make: Make, ada: Actor) -> None:
    director, administrator = make.person(Role.APPROVER), make.person(Role.ADMINISTRATOR)
    with transaction(), pytest.raises(NotAllowed):
        actions.change_password(director, ada.user_id, "a long new password")
    with transaction():
        actions.change_password(administrator, ada.user_id, "a long new password")
    actions.check_password(address_of(ada), "a long new password", origin="1")


def test_blanks_make_no_password(ada: Actor) -> None:
    with transaction(), pytest.raises(actions.WeakPassword):
        actions.change_password(ada, ada.user_id, " " * 20)
