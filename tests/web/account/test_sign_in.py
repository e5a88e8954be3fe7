"""Signing in and out, and one's own settings."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from grants.db import db, transaction
from grants.outbox import actions as outbox
from grants.people import actions, queries
from grants.people.models import Role, User
from grants.people.permissions import Actor
from grants.people.rules import ATTEMPTS_MAX
from tests.make import Make

PASSWORD = "the quick brown fox"


@pytest.fixture
def ada(make: Make) -> Actor:
    return make.person(Role.REVIEWER, name="Ada Lovelace", password=PASSWORD)


def address_of(actor: Actor) -> str:
    return db.session.get_one(User, actor.user_id).email


def sign_in(
    client: FlaskClient, email: str, password: str = PASSWORD, after: str = ""
) -> TestResponse:
    target = f"/account/sign-in?next={after}" if after else "/account/sign-in"
    return client.post(target, data={"email": email, "password": password})


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account/").status_code == 200


def test_signing_in_and_out(client: FlaskClient, ada: Actor) -> None:
    assert not is_signed_in(client)
    response = sign_in(client, address_of(ada))
    assert response.status_code == 303
    page = client.get("/account/").text
    assert "Ada Lovelace" in page
    assert client.post("/account/sign-out").status_code == 303
    assert not is_signed_in(client)


def test_signing_out_ends_the_session_on_the_server_too(app: Flask, ada: Actor) -> None:
    client = app.test_client()
    sign_in(client, address_of(ada))
    cookie = client.get_cookie("session")
    assert cookie is not None
    client.post("/account/sign-out")
    client.set_cookie("session", cookie.value)
    assert not is_signed_in(client)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    client: FlaskClient, ada: Actor
) -> None:
    header = sign_in(client, address_of(ada)).headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header


def test_a_wrong_password_keeps_the_address_typed(client: FlaskClient, ada: Actor) -> None:
    wrong = sign_in(client, address_of(ada), "something else")
    unknown = sign_in(client, "nobody@example.org", "something else")
    for response, typed in ((wrong, address_of(ada)), (unknown, "nobody@example.org")):
        assert response.status_code == 422
        assert "do not belong together" in response.text
        assert f'value="{typed}"' in response.text
        assert "something else" not in response.text


def test_guessing_is_stopped_with_what_to_do(client: FlaskClient, ada: Actor) -> None:
    with transaction():
        for _ in range(ATTEMPTS_MAX["pair"]):
            actions.note_attempt(address_of(ada), origin="127.0.0.1", is_success=False)
    response = sign_in(client, address_of(ada))
    assert response.status_code == 429
    assert "Wait 15 minutes" in response.text


def test_each_wrong_try_is_counted(client: FlaskClient, ada: Actor) -> None:
    for _ in range(ATTEMPTS_MAX["pair"]):
        assert sign_in(client, address_of(ada), "wrong").status_code == 422
    assert sign_in(client, address_of(ada)).status_code == 429


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
        "evil",
    ],
)
def test_nobody_is_sent_to_another_site(client: FlaskClient, ada: Actor, target: str) -> None:
    response = sign_in(client, address_of(ada), after=target)
    assert response.status_code == 303
    assert "evil" not in response.location
    assert "javascript" not in response.location


def test_a_page_asked_for_comes_after_signing_in(client: FlaskClient, ada: Actor) -> None:
    asked = client.get("/account/password")
    assert asked.status_code == 303
    assert asked.location == "/account/sign-in?next=/account/password"
    page = client.get(asked.location).text
    assert "You go on to the page that you asked for." in page
    found = re.search(r'method="post" action="([^"]+)"', page)
    assert found is not None
    response = client.post(
        html.unescape(found.group(1)), data={"email": address_of(ada), "password": PASSWORD}
    )
    assert response.location == "/account/password"


def test_changing_the_password_signs_out_everywhere_else(
    app: Flask, client: FlaskClient, ada: Actor
) -> None:
    elsewhere = app.test_client()
    for browser in (client, elsewhere):
        sign_in(browser, address_of(ada))
    new = "jumps over the lazy dog"
    response = client.post("/account/password", data={"present": PASSWORD, "new": new})
    assert response.status_code == 303
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)
    assert sign_in(elsewhere, address_of(ada)).status_code == 422
    assert sign_in(elsewhere, address_of(ada), new).status_code == 303


@pytest.mark.parametrize(
    ("present", "new", "words"),
    [
        ("not mine at all", "jumps over the lazy dog", "not your present password"),
        (PASSWORD, "short", "at least 12 characters"),
    ],
)
def test_a_password_is_changed_by_its_owner_to_a_good_one_only(
    client: FlaskClient, ada: Actor, present: str, new: str, words: str
) -> None:
    sign_in(client, address_of(ada))
    response = client.post("/account/password", data={"present": present, "new": new})
    assert response.status_code == 422
    assert words in response.text
    assert is_signed_in(client)


def test_language_and_time_zone_are_kept(client: FlaskClient, ada: Actor) -> None:
    sign_in(client, address_of(ada))
    sent = {"locale": "fr", "time_zone": "Africa/Monrovia"}
    assert client.post("/account/", data=sent).status_code == 303
    kept = queries.actor_of(ada.user_id)
    assert (kept.locale, kept.time_zone) == ("fr", "Africa/Monrovia")
    response = client.post("/account/", data={**sent, "time_zone": "Africa/Atlantis"})
    assert response.status_code == 422


def test_what_one_was_told_is_read_under_ones_account(client: FlaskClient, ada: Actor) -> None:
    with transaction():
        outbox.tell(
            outbox.Recipient(user_id=ada.user_id, email="ada@example.org", name="Ada"),
            template="hello",
            subject="Your review is wanted",
            body="By <Friday>.",
        )
    sign_in(client, address_of(ada))
    page = client.get("/account/").text
    assert "Your review is wanted" in page
    assert "By &lt;Friday&gt;." in page


def test_each_person_finds_the_desks_that_are_theirs(app: Flask, make: Make) -> None:
    fund_id = make.fund()
    expected = {
        Role.FINANCE_OFFICER: "Secretariat",
        Role.ADMINISTRATOR: "grants user add",
        Role.DONOR: "Your desks",
    }
    for role, words in expected.items():
        browser = make.browser(make.person(role, fund_id=fund_id))
        assert words in browser.get("/account/").text
    nobody = make.browser(make.person())
    assert "You have no role in a fund yet" in nobody.get("/account/").text


def test_somebody_removed_is_out_at_once(client: FlaskClient, make: Make, ada: Actor) -> None:
    administrator = make.person(Role.ADMINISTRATOR)
    sign_in(client, address_of(ada))
    with transaction():
        actions.anonymise(administrator, ada.user_id, reason="asked for it")
    assert not is_signed_in(client)


def test_the_server_says_that_it_is_up(client: FlaskClient) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.get_json() == {"status": "up"}
