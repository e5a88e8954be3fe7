"""Signing in and out, and one's own settings."""

from flask import Blueprint

desk = Blueprint("account", __name__, url_prefix="/account")

from grants.web.account import views  # noqa: E402 - the views need the desk

__all__ = ["desk", "views"]
