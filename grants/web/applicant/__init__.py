"""The applicant's desk: write applications, submit them, follow what becomes of them."""

from flask import Blueprint, current_app, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from grants.people.models import Role
from grants.web.kit.access import gate
from grants.web.kit.desk import Desk, NavItem

desk = Blueprint("applicant", __name__, url_prefix="/applicant")
gate(desk, Role.APPLICANT)

#: Label, endpoint, and the modules whose pages belong to it. A place that is not there is left out.
PLACES: list[tuple[object, str, tuple[str, ...]]] = [
    (
        _l("My applications"),
        "applicant.home",
        ("home", "sections", "submitting", "history"),
    ),
    (_l("My grants"), "applicant.grants", ("grants",)),
    (_l("Open calls"), "public.calls", ()),
]


@desk.before_request
def _dress() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    here = view.__module__.rpartition(".")[2] if view else ""
    g.desk = Desk(
        name="applicant",
        label=_("Applications"),
        home=url_for("applicant.home"),
        nav=[
            NavItem(label=str(label), url=url_for(endpoint), active=here in modules)
            for label, endpoint, modules in PLACES
            if endpoint in current_app.view_functions
        ],
    )


from grants.web.applicant import (  # noqa: E402 - the pages need the desk
    grants,
    history,
    home,
    sections,
    submitting,
)

__all__ = ["desk", "grants", "history", "home", "sections", "submitting"]
