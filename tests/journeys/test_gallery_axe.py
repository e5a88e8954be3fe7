"""The gallery in a real browser: accessible in each look, and alive with and without JavaScript."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from grants.web.kit.words import count_words
from tests.web.kit_app import kit_app

PAGES = ("", "waiting", "table", "record", "charts", "tasks", "form", "check", "review", "messages")
WIDE, NARROW = 1280, 360
LOOKS: list[tuple[int, Literal["light", "dark"], str]] = [
    (WIDE, "light", "en"),
    (WIDE, "dark", "ar"),
    (NARROW, "dark", "en"),
    (NARROW, "light", "ar"),
]
#: Measured against WCAG 2.2 AA and what axe holds to be good practice.
OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


#: What the gallery shows does not come from the database.
pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, kit_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/gallery/"
    server.shutdown()
    thread.join()


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_axe_finds_nothing_in_any_look(
    browser: Browser, address: str, width: int, scheme: Literal["light", "dark"], language: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda said: broken.append(said.text) if said.type == "error" else None)
    found: list[str] = []
    for name in (*PAGES, "messages?flash=1"):
        mark = "&" if "?" in name else "?"
        page.goto(f"{address}{name}{mark}lang={language}", wait_until="networkidle")
        page.evaluate(
            "document.querySelectorAll('.chart details').forEach((one) => one.open = true)"
        )
        found += [f"{name}: {line}" for line in _violations(page)]
        sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(sideways) <= 0, f"{name} scrolls sideways"
    context.close()
    assert found == []
    assert broken == []


def test_axe_finds_nothing_in_a_form_full_of_errors(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}form?lang=en", wait_until="networkidle")
    page.fill("#amount", "abc")
    page.click(".form-actions button")
    page.wait_for_selector(".error-summary")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    assert page.input_value("#amount") == "abc"
    assert _violations(page) == []
    page.click(".error-summary a[href='#amount']")
    assert page.evaluate("document.activeElement.id") == "amount"
    page.close()


def test_thirteen_rows_and_the_key_figures_are_seen_at_once(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": WIDE, "height": 800})
    page.goto(f"{address}table?lang=en", wait_until="networkidle")
    rows = page.locator(".table").first.locator("tbody tr")
    box = rows.nth(12).bounding_box()
    assert box is not None
    assert box["height"] == 41
    assert box["y"] + box["height"] <= 800
    page.close()


def test_what_is_typed_is_saved_and_survives_a_broken_line(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}form?lang=en", wait_until="networkidle")
    page.fill("#title", "Water kiosks")
    page.wait_for_selector("[data-saved]:has-text('Nairobi')")
    context.set_offline(True)
    page.fill("#summary", "Twelve kiosks")
    page.wait_for_selector("[data-saved]:has-text('kept on this device')")
    context.route("**/save", lambda route: route.abort())
    context.set_offline(False)
    page.reload(wait_until="networkidle")
    page.click("text=Put it back")
    assert page.input_value("#summary") == "Twelve kiosks"
    context.close()


def test_questions_appear_words_are_counted_and_lines_added_up(
    browser: Browser, address: str
) -> None:
    page = browser.new_page()
    page.goto(f"{address}form?lang=en", wait_until="networkidle")
    assert page.is_hidden("#land_note-field")
    page.check("input[name=has_land][value=no]")
    assert page.is_visible("#land_note-field")
    page.fill("#budget-0-fund", "1,250.50")
    page.fill("#budget-1-fund", "0.50")
    assert page.inner_text("[data-total='0']") == "1,251.00"
    for text in ("", " \u00a0", "one two\u2003three", "a\x1cb\x85c", "\ufeffone", "تأهيل شبكة"):
        script = (
            f"(text) => import('{_module(page, 'wordcount')}').then((one) => one.countWords(text))"
        )
        assert page.evaluate(script, text) == count_words(text), repr(text)
    page.close()


def test_every_page_works_without_javascript(browser: Browser, address: str) -> None:
    context: BrowserContext = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}form?lang=en")
    assert page.is_visible("#land_note-field")
    rows = page.locator("table.budget tbody tr").count()
    page.click("[name=add_row]")
    assert page.locator("table.budget tbody tr").count() == rows + 5
    assert page.locator(".error-summary").count() == 0
    page.click(".form-actions button")
    assert page.locator(".error-summary").count() == 1
    page.goto(f"{address}table?lang=en")
    page.click("th a:has-text('Asked for')")
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("Asked for")
    page.click(".menu >> nth=1")
    page.click("a[hreflang=ar]")
    assert page.get_attribute("html", "dir") == "rtl"
    context.close()


def test_the_theme_changes_at_once_and_is_remembered(browser: Browser, address: str) -> None:
    page = browser.new_page(color_scheme="light")
    page.goto(f"{address}?lang=en", wait_until="networkidle")
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(colour)
    page.click("[data-theme-choice=dark]")
    dark = page.evaluate(colour)
    assert dark != light
    page.reload()
    assert page.evaluate(colour) == dark
    page.close()


def _module(page: Page, name: str) -> str:
    source: str = page.get_attribute("script[type=module]", "src") or ""
    return source.replace("app.js", f"{name}.js")


def _violations(page: Page) -> list[str]:
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [
        f"{each['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for each in found
        for node in each["nodes"]
    ]
