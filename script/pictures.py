"""Takes the pictures of the documents: called by script/pictures while the server runs."""

from __future__ import annotations

import io
import shutil
import sys
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from grants.cli.demo.cast import PASSWORD, address_of

#: Whose desk, which page, how wide, and the name of the picture.
PICTURES = (
    ("finance", "/staff/contributions", 1280, "finance-desk"),
    ("finance", "/staff/", 360, "finance-desk-narrow"),
    ("director", "/staff/programmes/1", 1280, "programme"),
    ("applicant", "/applicant/", 360, "applicant-narrow"),
    ("donor", "/donor/", 1280, "donor-desk"),
    ("", "/", 1280, "public"),
)
COLOURS = 128
WAIT_SECONDS = 30


def main(address: str, folder: Path) -> None:
    """Wait for the server, then take each picture in a window of its own."""
    _wait_for(address)
    folder.mkdir(parents=True, exist_ok=True)
    found = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        for who, path, width, name in PICTURES:
            context = browser.new_context(
                base_url=address, locale="en-GB", viewport={"width": width, "height": 800}
            )
            page = context.new_page()
            if who:
                _sign_in(page, who)
            page.goto(path)
            _keep(page.screenshot(), folder / f"{name}.png")
            context.close()
        browser.close()


def _sign_in(page: Page, who: str) -> None:
    page.goto("/account/sign-in")
    page.get_by_label("E-mail address").fill(address_of(who))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def _keep(content: bytes, path: Path) -> None:
    """Few colours are enough for a page, and make a small file."""
    picture = Image.open(io.BytesIO(content)).convert("RGB").quantize(COLOURS)
    picture.save(path, optimize=True)


def _wait_for(address: str) -> None:
    for _ in range(WAIT_SECONDS):
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(1)
    sys.exit("The server did not come up.")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
