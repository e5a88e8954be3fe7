"""The reviewer's desk: declare a conflict or none, read, score, hand in, go on to the next."""

from flask import Blueprint, g, url_for
from flask_babel import gettext as _

from grants.people.models import Role
from grants.web.kit.access import gate
from grants.web.kit.desk import Desk, NavItem

desk = Blueprint("reviewer", __name__, url_prefix="/reviews")
gate(desk, Role.REVIEWER)


@desk.before_request
def _dress() -> None:
    g.desk = Desk(
        name="reviewer",
        label=_("Reviews"),
        home=url_for("reviewer.home"),
        nav=[NavItem(_("My reviews"), url_for("reviewer.home"), active=True)],
    )


from grants.web.reviewer import reviews  # noqa: E402 - the pages need the desk

__all__ = ["desk", "reviews"]
