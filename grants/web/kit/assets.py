"""Stylesheet, scripts and pictures: hashed, packed once, kept by the browser for a year.

All files of a release stand below one hash (`/assets/<hash>/js/app.js`), so that modules may name
each other by relative paths and a new release never meets an old half. The parts of the stylesheet
are files in `static/css/`, joined in the order of their names into `style.css`.
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort, current_app, request

from grants.web.kit.headers import accepted_encoding, encoded

STATIC = Path(__file__).resolve().parent.parent / "static"
_FOREVER = "public, max-age=31536000, immutable"
_TEXT = {"text/css", "text/javascript", "image/svg+xml"}
#: The tokens by which a fund re-brands; see static/css/10-tokens.css.
BRAND_TOKENS = (
    "accent",
    "on-accent",
    "accent-dark",
    "on-accent-dark",
    "paper",
    "ink",
    "font-text",
    "font-title",
)
_BRAND_VALUE = re.compile(r"^[#\w\s.,%()\"'-]{1,200}$")


@dataclass(frozen=True)
class Asset:
    """A static file, as it is and packed."""

    media_type: str
    bodies: dict[str, bytes]

    @property
    def plain(self) -> bytes:
        return self.bodies[""]


class Assets:
    """All static files of this release, read and packed once in a process."""

    def __init__(self, brand: Mapping[str, str] | None = None) -> None:
        self.files = _read_all(STATIC, brand or {})
        digest = hashlib.sha256()
        for name in sorted(self.files):
            digest.update(name.encode() + b"\0" + self.files[name].plain)
        self.hash = digest.hexdigest()[:12]

    def url(self, name: str) -> str:
        """The address of a file. Refuses a name that does not exist, so a typing error is seen."""
        if name not in self.files:
            raise KeyError(name)
        return f"/assets/{self.hash}/{name}"


def static_url(name: str) -> str:
    """The hashed address of a static file, as `static_url("js/app.js")` in templates."""
    return _assets(current_app).url(name)


def init_assets(app: Flask, brand: Mapping[str, str] | None = None) -> None:
    """Serve the static files. `brand` maps some of BRAND_TOKENS to a fund's own values."""
    app.extensions["kit_assets"] = Assets(brand)
    app.add_url_rule("/assets/<release>/<path:name>", "kit_assets", _serve)
    app.add_template_global(static_url)


def _serve(release: str, name: str) -> Response:
    assets = _assets(current_app)
    asset = assets.files.get(name)
    if asset is None:
        abort(404)
    encoding = accepted_encoding()
    if encoding not in asset.bodies:
        encoding = ""
    response = Response(asset.bodies[encoding], mimetype=asset.media_type)
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.vary.add("Accept-Encoding")
    # An old page may still ask for an old release: it gets today's file, but does not keep it.
    is_current = release == assets.hash
    response.headers["Cache-Control"] = _FOREVER if is_current else "no-cache"
    response.set_etag(f"{assets.hash}-{encoding or 'plain'}")
    response.make_conditional(request)
    return response


def _assets(app: Flask) -> Assets:
    assets: Assets = app.extensions["kit_assets"]
    return assets


def _read_all(folder: Path, brand: Mapping[str, str]) -> dict[str, Asset]:
    found: dict[str, bytes] = {}
    sheets = sorted((folder / "css").glob("*.css"))
    found["style.css"] = b"".join(_tightened(sheet.read_text("utf-8")) for sheet in sheets)
    found["style.css"] += _brand_rules(brand).encode()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".css":
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return {name: _packed(name, body) for name, body in found.items()}


def _packed(name: str, body: bytes) -> Asset:
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    media_type = "text/javascript" if name.endswith(".js") else guessed
    bodies = {"": body}
    if media_type in _TEXT:
        bodies |= {each: encoded(body, each, is_static=True) for each in ("br", "gzip")}
    return Asset(media_type, bodies)


def _tightened(sheet: str) -> bytes:
    """Without comments and indentation. Strings with comment marks do not occur in our sheets."""
    bare = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    return "\n".join(line.strip() for line in bare.splitlines() if line.strip()).encode() + b"\n"


def _brand_rules(brand: Mapping[str, str]) -> str:
    for token, value in brand.items():
        if token not in BRAND_TOKENS or not _BRAND_VALUE.match(value):
            raise ValueError(f"{token}: {value!r} is not a brand token that can be set")
    rules = "".join(f"--{token}:{value};" for token, value in brand.items())
    return f":root{{{rules}}}\n" if rules else ""
