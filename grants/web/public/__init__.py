"""The public desk: open to everybody."""

from flask import Blueprint

desk = Blueprint("public", __name__)

from grants.web.public import calls, fund, health, verify  # noqa: E402 - the views need the desk

__all__ = ["calls", "desk", "fund", "health", "verify"]
