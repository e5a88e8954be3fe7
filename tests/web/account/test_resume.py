"""A session that ends while somebody types: nothing is lost, and nobody else can use it."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator

import pytest
from flask import Blueprint, Flask, Response, jsonify, request
from flask.testing import FlaskClient

from grants.app import create_app
from grants.db import db, transaction
from grants.people import actions
from grants.people.models import Role, User
from grants.people.permissions import Actor
from grants.settings import Settings
from grants.web.kit import access
from tests.conftest import StrictClient
from tests.make import Make

PASSWORD = "the quick brown fox"
HERE = {"Origin": "http://localhost"}
TYPED = {"title": 'Water & "light"', "story": "Line one\nline <two>", "place": ["Kampala", "Jinja"]}


@pytest.fixture
def guarded(settings: Settings) -> Iterator[Flask]:
    """The application with one more desk, on which reviewers write, and with its forms guarded."""
    app = create_app(settings)
    app.test_client_class = StrictClient
    app.config["WTF_CSRF_ENABLED"] = True
    desk = Blueprint("writing", __name__, url_prefix="/writing")
    access.gate(desk, Role.REVIEWER)

    @desk.route("/<int:number>", methods=["GET", "POST"])
    def write(number: int) -> Response:
        return jsonify(
            number=number,
            page=request.args.get("page"),
            who=access.actor().name,
            typed={name: request.form.getlist(name) for name in request.form},
        )

    app.register_blueprint(desk)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def ada(guarded: Flask) -> Actor:
    return Make(guarded).person(Role.REVIEWER, name="Ada", password=PASSWORD)


@pytest.fixture
def browser(guarded: Flask, ada: Actor) -> FlaskClient:
    """Ada's browser, signed in by way of the form."""
    client = guarded.test_client()
    token = token_on(client.get("/account/sign-in").text)
    response = client.post(
        "/account/sign-in",
        data={"email": address_of(ada), "password": PASSWORD, "csrf_token": token},
        headers=HERE,
    )
    assert response.status_code == 303
    return client


def address_of(actor: Actor) -> str:
    return db.session.get_one(User, actor.user_id).email


def token_on(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def kept_on(page: str) -> dict[str, list[str]]:
    """What the page keeps hidden, as the browser will send it."""
    kept: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page):
        kept.setdefault(name, []).append(html.unescape(value))
    return kept


def test_what_was_typed_goes_on_its_way_after_the_password(
    browser: FlaskClient, ada: Actor
) -> None:
    token = token_on(browser.get("/account/").text)
    end_all_sessions(ada)
    page = browser.post("/writing/7?page=2", data={**TYPED, "csrf_token": token}, headers=HERE)
    assert page.status_code == 401
    assert "You were signed out while you were writing" in page.text
    assert 'action="/writing/7?page=2"' in page.text
    kept = kept_on(page.text)
    assert kept["place"] == ["Kampala", "Jinja"]

    sent = {**kept, "resume_email": address_of(ada), "resume_password": "wrong"}
    again = browser.post("/writing/7?page=2", data=sent, headers=HERE)
    assert again.status_code == 422
    assert "do not belong together" in again.text

    sent = {**kept_on(again.text), "resume_email": address_of(ada), "resume_password": PASSWORD}
    done = browser.post("/writing/7?page=2", data=sent, headers=HERE).get_json()
    assert (done["number"], done["page"], done["who"]) == (7, "2", "Ada")
    assert done["typed"]["title"] == ['Water & "light"']
    assert done["typed"]["place"] == ["Kampala", "Jinja"]
    assert [line.strip() for line in done["typed"]["story"][0].splitlines()] == [
        "Line one",
        "line <two>",
    ]
    assert browser.get("/account/").status_code == 200


def test_a_page_from_before_signing_out_and_in_again_is_sent_at_one_click(
    browser: FlaskClient, ada: Actor
) -> None:
    old = token_on(browser.get("/account/").text)
    browser.post("/account/sign-out", data={"csrf_token": old}, headers=HERE)
    fresh = token_on(browser.get("/account/sign-in").text)
    sign_in = {"email": address_of(ada), "password": PASSWORD, "csrf_token": fresh}
    browser.post("/account/sign-in", data=sign_in, headers=HERE)
    page = browser.post("/writing/7", data={**TYPED, "csrf_token": old}, headers=HERE)
    assert page.status_code == 400
    assert "has not been sent yet" in page.text
    assert "resume_password" not in page.text
    done = browser.post("/writing/7", data=kept_on(page.text), headers=HERE)
    assert done.get_json()["typed"]["title"] == ['Water & "light"']


def test_files_are_named_so_that_they_can_be_chosen_again(browser: FlaskClient, ada: Actor) -> None:
    token = token_on(browser.get("/account/").text)
    end_all_sessions(ada)
    sent = {"title": "x", "csrf_token": token, "plan": (io.BytesIO(b"%PDF-"), "plan.pdf")}
    page = browser.post("/writing/7", data=sent, headers=HERE)
    assert "Choose these files again afterwards" in page.text
    assert "plan.pdf" in page.text
    assert 'enctype="multipart/form-data"' in page.text


def test_another_site_gets_nothing_sent(browser: FlaskClient) -> None:
    for headers in ({"Origin": "https://evil.example"}, {}):
        page = browser.post("/writing/7", data={"title": "forged"}, headers=headers)
        assert page.status_code == 400
        assert "forged" not in page.text


def test_a_password_is_never_kept_on_a_page(browser: FlaskClient) -> None:
    sent = {"email": "ada@example.org", "password": PASSWORD}
    page = browser.post("/account/sign-in", data=sent, headers=HERE)
    assert page.status_code == 400
    assert PASSWORD not in page.text


def test_a_script_is_told_in_words(browser: FlaskClient, ada: Actor) -> None:
    token = token_on(browser.get("/account/").text)
    end_all_sessions(ada)
    answer = browser.post(
        "/writing/7", data={"title": "x", "csrf_token": token}, headers={"X-Autosave": "1"}
    )
    assert answer.status_code == 401
    assert "Sign in in another tab" in answer.get_json()["error"]


def test_a_page_open_in_one_tab_stays_good_after_signing_in_in_another(
    browser: FlaskClient, ada: Actor
) -> None:
    token = token_on(browser.get("/account/").text)
    end_all_sessions(ada)
    sign_in = {"email": address_of(ada), "password": PASSWORD, "csrf_token": token}
    assert browser.post("/account/sign-in", data=sign_in, headers=HERE).status_code == 303
    done = browser.post("/writing/7", data={"title": "x", "csrf_token": token}, headers=HERE)
    assert done.get_json()["who"] == "Ada"


def test_somebody_without_the_role_finds_no_desk(guarded: Flask) -> None:
    make = Make(guarded)
    client = make.browser(make.person(Role.DONOR))
    assert client.get("/writing/7").status_code == 404


def end_all_sessions(actor: Actor) -> None:
    with transaction():
        actions.change_password(actor, actor.user_id, PASSWORD)
    db.session.remove()
