"""A real browser in front of the real application, on a fresh database."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, sync_playwright
from werkzeug.serving import make_server

PLACES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
PATIENCE_MS = 15_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of the system; it reaches this machine and nothing else."""
    found = next((path for place in PLACES if (path := shutil.which(place))), None)
    if found is None:
        missing = "there is no Chromium here: script/setup test says how to install it"
        assert not os.environ.get("CI"), missing
        pytest.skip(missing)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=found,
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )
        yield opened
        opened.close()


@pytest.fixture
def house(app: Flask) -> Iterator[str]:
    """The address at which the application of this test answers."""
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser, house: str) -> Iterator[Page]:
    """A window of the browser. Whatever its console reports as an error fails the test."""
    context = browser.new_context(base_url=house, locale="en-GB", viewport=_size(1280, 900))
    context.set_default_timeout(PATIENCE_MS)
    window = context.new_page()
    errors: list[str] = []
    window.on("pageerror", lambda error: errors.append(str(error)))
    window.on("console", lambda line: errors.append(_said(line)) if line.type == "error" else None)
    yield window
    context.close()
    assert not errors, errors


@pytest.fixture
def check_accessible() -> CheckAccessible:
    return CheckAccessible()


class CheckAccessible:
    """Ask axe about the page in a window, as an assistive technology would meet it."""

    def __init__(self) -> None:
        self.axe = Axe()

    def __call__(self, page: Page) -> None:
        found = self.axe.run(page).response["violations"]
        said = [
            f"{Path(page.url).name or '/'}: {one['id']}: {one['help']}: {one['nodes'][0]['html']}"
            for one in found
        ]
        assert not said, "\n".join(said)


def _said(line: ConsoleMessage) -> str:
    return f"{line.text} ({line.location.get('url', '')})"


def _size(width: int, height: int) -> ViewportSize:
    return {"width": width, "height": height}
