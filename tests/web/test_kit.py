"""What every desk may rely on: headers, files, lists, words, amounts and error pages."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from grants.app import create_app
from grants.money import Money
from grants.settings import Settings
from grants.web.kit import formats
from grants.web.kit.assets import Assets
from grants.web.kit.desk import Viewer
from grants.web.kit.headers import CONTENT_SECURITY_POLICY
from grants.web.kit.paging import PAGE_MAX, Filter, ListSpec, Page, url_with
from grants.web.kit.saving import saved_response
from grants.web.kit.words import count_words
from tests.web.kit_app import kit_app, strict

PAGES = ("", "waiting", "table", "record", "charts", "tasks", "form", "check", "review", "messages")
SPEC = ListSpec(
    sorts=("name", "amount"),
    default="-amount",
    per_page=10,
    filters=(
        Filter("q", "Search", kind="text"),
        Filter("state", "State", choices=[("open", "Open")]),
        Filter("since", "Since", kind="date"),
    ),
)


@pytest.fixture(scope="module")
def kit() -> Flask:
    return kit_app()


@pytest.fixture
def visitor(kit: Flask) -> FlaskClient:
    return kit.test_client()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["en", "fr", "es", "pt", "ar"])
def test_every_page_of_the_gallery_is_well_formed_in_every_language(
    visitor: FlaskClient, name: str, language: str
) -> None:
    page = strict(visitor.get(f"/gallery/{name}?lang={language}")).get_data(as_text=True)
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}"' in page
    assert "style=" not in page
    assert "<script>" not in page
    assert not re.search(r"\son\w+=", page)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_weighs_more_than_a_slow_telephone_can_bear(
    visitor: FlaskClient, kit: Flask, name: str
) -> None:
    packed = visitor.get(f"/gallery/{name}", headers={"Accept-Encoding": "gzip"}).data
    assert len(packed) + len(_asset(kit, "style.css", "gzip")) < 30 * 1024


def test_headers_stand_on_pages_files_and_errors(visitor: FlaskClient, kit: Flask) -> None:
    with kit.test_request_context():
        style = kit.jinja_env.globals["static_url"]("style.css")  # type: ignore[operator] # a function
    for path in ("/gallery/", style, "/nothing"):
        headers = visitor.get(path).headers
        assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
    assert visitor.get("/gallery/").headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in visitor.get("/gallery/").headers
    secure = visitor.get("/gallery/", base_url="https://localhost")
    assert "Strict-Transport-Security" in secure.headers


def test_files_are_kept_for_a_year_under_their_hash_and_not_under_another(
    visitor: FlaskClient,
) -> None:
    page = visitor.get("/gallery/").get_data(as_text=True)
    found = re.search(r'href="(/assets/[0-9a-f]{12}/style\.css)"', page)
    assert found is not None
    response = visitor.get(found[1], headers={"Accept-Encoding": "br, gzip"})
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Encoding"] == "br"
    packed = visitor.get(found[1], headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == visitor.get(found[1]).data
    again = visitor.get(found[1], headers={"If-None-Match": packed.headers["ETag"]})
    assert again.status_code in {200, 304}
    old = visitor.get("/assets/0123456789ab/style.css")
    assert (old.status_code, old.headers["Cache-Control"]) == (200, "no-cache")
    assert visitor.get("/assets/0123456789ab/../kit/desk.py").status_code == 404
    assert visitor.get("/assets/0123456789ab/css/10-tokens.css").status_code == 404


def test_style_and_scripts_stay_within_their_budgets(kit: Flask) -> None:
    assets: Assets = kit.extensions["kit_assets"]
    assert len(_asset(kit, "style.css", "gzip")) <= 12 * 1024
    scripts = [name for name in assets.files if name.endswith(".js")]
    assert sum(len(_asset(kit, name, "gzip")) for name in scripts) <= 12 * 1024


def test_a_fund_rebrands_with_tokens_and_nothing_else() -> None:
    branded = Assets({"accent": "#7a2e4d"})
    assert branded.files["style.css"].plain.endswith(b":root{--accent:#7a2e4d;}\n")
    assert branded.hash != Assets().hash
    with pytest.raises(ValueError, match="not a brand token"):
        Assets({"accent": "red;} body{display:none"})
    with pytest.raises(ValueError, match="not a brand token"):
        Assets({"line": "red"})


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/refused", 409, "Uganda is short by USD 300,000."),
        ("/forbidden", 403, "someone else must certify it"),
        ("/nothing", 404, "Check the address"),
        ("/gallery/refused/410", 410, "has been withdrawn"),
        ("/gallery/refused/413", 413, "Make it smaller"),
        ("/gallery/refused/422", 422, "Nothing was changed"),
        ("/gallery/refused/429", 429, "Wait a few minutes"),
        ("/broken", 500, "our mistake, not yours"),
    ],
)
def test_an_error_says_what_happened_and_what_to_do(
    visitor: FlaskClient, path: str, status: int, words: str
) -> None:
    response = strict(visitor.get(path))
    assert response.status_code == status
    assert words in response.get_data(as_text=True)


def test_a_script_gets_its_refusal_as_json(visitor: FlaskClient) -> None:
    response = visitor.get("/refused", headers={"Accept": "application/json"})
    assert response.status_code == 409
    assert response.get_json()["error"] == "Uganda is short by USD 300,000."
    # A post without the form's token is refused in words too.
    saved = visitor.post("/gallery/save", headers={"X-Autosave": "1"})
    assert saved.status_code == 400
    assert "can no longer tell" in saved.get_json()["error"]


def test_language_and_theme_are_links_that_are_remembered(visitor: FlaskClient) -> None:
    assert 'lang="fr"' in visitor.get(
        "/gallery/", headers={"Accept-Language": "fr-CA, en;q=0.5"}
    ).get_data(as_text=True)
    visitor.get("/gallery/?lang=ar&theme=dark")
    page = visitor.get("/gallery/").get_data(as_text=True)
    assert '<html lang="ar" dir="rtl" data-theme="dark">' in page
    visitor.get("/gallery/?lang=en&theme=auto")
    assert '<html lang="en" dir="ltr">' in visitor.get("/gallery/?lang=xx").get_data(as_text=True)


def test_a_list_reads_its_state_from_the_url_within_bounds() -> None:
    state = SPEC.read(MultiDict({"page": "3", "sort": "name", "state": "open", "q": " kiosk "}))
    assert (state.limit, state.offset, state.sort, state.is_descending) == (10, 20, "name", False)
    assert state.values == {"q": "kiosk", "state": "open", "since": None}
    assert [each.name for each, _value in state.active] == ["q", "state"]
    assert (state.sort_param("name"), state.sort_param("amount")) == ("-name", "amount")
    assert (state.direction("name"), state.direction("amount")) == ("ascending", "none")


@pytest.mark.parametrize(
    "typed",
    [
        {"page": "-1"},
        {"page": "1e9", "sort": "password"},
        {"page": "²", "state": "<script>"},
        {"since": "2026-02-30"},
        {"sort": "--amount"},
    ],
)
def test_a_list_falls_back_to_its_default_for_what_it_does_not_know(typed: dict[str, str]) -> None:
    state = SPEC.read(MultiDict(typed))
    assert (state.page, state.sort, state.is_descending) == (1, "amount", True)
    assert state.active == []


def test_a_list_never_reaches_further_than_its_last_page() -> None:
    assert SPEC.read(MultiDict({"page": "999999999"})).page == PAGE_MAX
    assert ListSpec(per_page=100_000).read(MultiDict()).limit == 200


def test_a_page_knows_where_it_lies() -> None:
    state = SPEC.read(MultiDict({"page": "5"}))
    page = Page.of(list(range(10)), state, total=123)
    assert (page.first, page.last, page.pages, page.has_more) == (41, 50, 13, True)
    assert page.numbers == [1, None, 4, 5, 6, None, 13]
    assert Page.of([], state, total=0).numbers == [1]
    assert Page.of([1, 2], SPEC.read(MultiDict()), has_more=False).pages is None


def test_url_with_changes_one_thing_and_goes_back_to_the_first_page(kit: Flask) -> None:
    with kit.test_request_context("/list?q=a%26b&page=7&sort=name"):
        assert url_with(sort="-name") == "/list?q=a%26b&sort=-name"
        assert url_with(page=8) == "/list?q=a%26b&sort=name&page=8"
        assert url_with(q=None, sort=None) == "/list"


def test_amounts_days_and_instants_are_written_as_people_read_them(kit: Flask) -> None:
    amount = Money(Decimal("-1234567.5"), "USD")
    at = datetime(2026, 12, 12, 11, 2, 11, tzinfo=UTC)
    with kit.test_request_context("/?lang=en"):
        g.viewer = Viewer(name="Ada Lovelace", zone="Africa/Nairobi")
        assert formats.money(amount) == "USD\xa0−1,234,567.50"
        assert formats.money(Money(Decimal(5000), "UGX")) == "UGX\xa05,000"
        assert formats.money(Money(Decimal("1.5"), "TND")) == "TND\xa01.500"
        assert formats.money(None) == "–"
        assert formats.percent(Decimal("0.375")) == "37.5\xa0%"
        assert formats.basis_points(100) == "1\xa0%"
        assert formats.day(date(2026, 12, 12)) == "12 Dec 2026"
        assert "12 Dec 2026, 14:02\xa0Nairobi</time>" in formats.instant(at)
        assert 'datetime="2026-12-12T11:02:11Z"' in formats.instant(at, "America/New_York")
        assert formats.filesize(2_400_000) == "2.4\xa0MB"
        assert formats.paragraphs("a <b>\n\nc\nd") == "<p>a &lt;b&gt;</p><p>c<br>d</p>"
    with kit.test_request_context("/?lang=fr"):
        assert formats.money(amount) == "USD\xa0−1\u202f234\u202f567,50"
    with kit.test_request_context("/?lang=ar"):
        assert "1,234,567.50" in formats.money(amount)


def test_saving_tells_the_time_of_the_server_in_words(kit: Flask) -> None:
    at = datetime(2026, 12, 12, 11, 2, 11, tzinfo=UTC)
    with kit.test_request_context("/"):
        answer = saved_response(at, "Africa/Nairobi", version=7).get_json()
    assert answer == {
        "saved_at": "2026-12-12T11:02:11+00:00",
        "zone": "Africa/Nairobi",
        "text": "Saved 14:02:11 Nairobi",
        "version": 7,
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("   \n\t ", 0),
        ("one", 1),
        ("one\u00a0two\u2003three", 3),
        ("l'eau-même\x1cdeux", 2),
        ("تأهيل شبكة", 2),
    ],
)
def test_words_are_runs_without_white_space(text: str, words: int) -> None:
    assert count_words(text) == words


def test_the_gallery_is_open_in_development_only(settings: Settings) -> None:
    assert create_app(settings).test_client().get("/gallery/").status_code == 404
    developing = create_app(replace(settings, is_development=True))
    assert developing.test_client().get("/gallery/").status_code == 200


def _asset(app: Flask, name: str, encoding: str) -> bytes:
    assets: Assets = app.extensions["kit_assets"]
    return assets.files[name].bodies[encoding]
