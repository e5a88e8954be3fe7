"""Security headers on every response, and compression of pages."""

from __future__ import annotations

import gzip

import brotli
from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_COMPRESSED_FROM_BYTES = 900
_COMPRESSED_TYPES = ("text/", "application/json", "image/svg+xml", "application/xml")


def init_headers(app: Flask) -> None:
    """Put the headers on everything and compress what is text.

    Pages are not kept by the browser or by anything between (shared phones), unless the desk says
    otherwise with a Cache-Control of its own.
    """
    app.after_request(_secure)
    # Registered before other hooks, so it runs after them.
    app.after_request_funcs[None].insert(0, _compress)


def encoded(body: bytes, encoding: str, *, is_static: bool = False) -> bytes:
    """The body in an encoding; what is made once is packed as tightly as it goes."""
    if encoding == "br":
        packed: bytes = brotli.compress(body, quality=11 if is_static else 4)
        return packed
    return gzip.compress(body, 9 if is_static else 6, mtime=0)


def accepted_encoding() -> str:
    """`br`, `gzip` or nothing, as the browser can read it."""
    for encoding in ("br", "gzip"):
        if request.accept_encodings.quality(encoding) > 0:
            return encoding
    return ""


def _secure(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _compress(response: Response) -> Response:
    kind = response.mimetype or ""
    if (
        response.direct_passthrough
        or response.is_streamed
        or response.status_code in {204, 206, 304}
        or "Content-Encoding" in response.headers
        or not kind.startswith(_COMPRESSED_TYPES)
    ):
        return response
    response.vary.add("Accept-Encoding")
    encoding = accepted_encoding()
    body = response.get_data()
    if encoding and len(body) >= _COMPRESSED_FROM_BYTES:
        response.set_data(encoded(body, encoding))
        response.headers["Content-Encoding"] = encoding
    return response
