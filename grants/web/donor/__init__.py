"""The donor's desk: what its money did, two clicks to the statement."""

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _

from grants.people.models import Role
from grants.web.kit.access import gate
from grants.web.kit.desk import Desk, NavItem

desk = Blueprint("donor", __name__, url_prefix="/donor")
gate(desk, Role.DONOR)


@desk.before_request
def _dress() -> None:
    places = (
        (_("My contributions"), "donor.home", {"donor.home", "donor.fund"}),
        (_("Grants financed"), "donor.grants", {"donor.grants"}),
        (_("Statements"), "donor.statements", {"donor.statements"}),
    )
    g.desk = Desk(
        name="donor",
        label=_("Contributions"),
        home=url_for("donor.home"),
        nav=[
            NavItem(label, url_for(endpoint), active=request.endpoint in endpoints)
            for label, endpoint, endpoints in places
        ],
        is_dense=True,
    )


from grants.web.donor import contributions, grants, statements  # noqa: E402 - they need the desk

__all__ = ["contributions", "desk", "grants", "statements"]
