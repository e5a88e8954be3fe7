"""The public desk: open to everybody."""

from flask import Blueprint

desk = Blueprint("public", __name__)

from grants.web.public import fund, health, verify  # noqa: E402 - the views need the desk

__all__ = ["desk", "fund", "health", "verify"]
