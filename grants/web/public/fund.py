"""The fund at a glance."""

from __future__ import annotations

from flask import g, render_template, url_for
from flask_babel import gettext as _

from grants.web.kit.desk import Desk
from grants.web.public import desk


@desk.before_request
def _dress() -> None:
    g.desk = Desk(name="public", label=_("Open to everybody"), sign_in=url_for("account.sign_in"))


@desk.get("/")
def home() -> str:
    """Where the money comes from and where it goes."""
    return render_template("public/home.html")
