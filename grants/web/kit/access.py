"""Who is signed in, which fund they look at, and the gate before each desk."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, current_app, g, request, session, url_for
from werkzeug.wrappers import Response

from grants.errors import NotFound
from grants.people import queries as people
from grants.people.models import Role
from grants.people.permissions import Actor
from grants.people.queries import FundView
from grants.web.kit.desk import DeskLink, Viewer
from grants.web.kit.resume import ask_to_sign_in, init_resume
from grants.web.kit.signing import forget, init_signing, remember, sign_in, signed_in

STAFF_ROLES = (
    Role.GRANT_OFFICER,
    Role.PROGRAMME_MANAGER,
    Role.FINANCE_OFFICER,
    Role.CERTIFYING_OFFICER,
    Role.APPROVER,
    Role.AUDITOR,
)

__all__ = [
    "STAFF_ROLES",
    "actor",
    "current_fund",
    "desks_of",
    "forget",
    "funds_of",
    "gate",
    "init_access",
    "landing_page",
    "remember",
    "sign_in",
    "signed_in",
    "switch_fund",
]

#: Which desk is open to whom, and its name: the first that is open is where one lands.
DESKS: tuple[tuple[str, str, str, tuple[Role, ...]], ...] = (
    ("staff", "Secretariat", "staff.home", STAFF_ROLES),
    ("reviewer", "Reviews", "reviewer.home", (Role.REVIEWER,)),
    ("donor", "Contributions", "donor.home", (Role.DONOR,)),
    ("applicant", "Applications", "applicant.home", (Role.APPLICANT,)),
)


def init_access(app: Flask) -> None:
    """Load whoever is signed in, and tell the pages about them."""
    init_signing(app)
    init_resume(app)
    app.before_request(_know_viewer)


def actor() -> Actor:
    """Whoever is signed in. Only behind a gate, which has made sure that somebody is."""
    found = signed_in()
    assert found is not None, "this page stands before its gate"
    return found


def desks_of(who: Actor) -> list[DeskLink]:
    """The desks that are open to somebody."""
    return [
        DeskLink(name=name, label=label, url=url_for(endpoint))
        for name, label, endpoint, roles in DESKS
        if _is_open(who, roles) and endpoint in current_app.view_functions
    ]


def gate(desk: Blueprint, *roles: Role) -> None:
    """Let only people with one of the roles (in any fund) onto a desk.

    Nobody signed in: to the sign-in page, and back afterwards; what was sent is kept meanwhile.
    Signed in without the role: the desk is not there for them (404).
    """

    def check() -> Response | None:
        if signed_in() is None:
            answer = ask_to_sign_in()
            if answer is not None:
                return answer
            _know_viewer()
        if not _is_open(actor(), roles):
            raise NotFound
        return None

    check.is_gate = True  # type: ignore[attr-defined] # the house test looks for it
    desk.before_request(check)


def current_fund() -> FundView:
    """The fund that the person looks at: the one chosen before, or that of theirs opened first."""
    found: FundView | None = g.get("fund")
    if found is None:
        found = _choose_fund()
        g.fund = found
    return found


def funds_of(who: Actor) -> list[FundView]:
    """The funds that somebody has any role in."""
    held = {fund_id for fund_id, _ in who.roles}
    every = people.funds()
    return every if None in held else [fund for fund in every if fund.id in held]


def switch_fund(slug: str) -> FundView:
    """Look at another fund from now on. Refuses with NotFound one that is not theirs."""
    for fund in funds_of(actor()):
        if fund.slug == slug:
            session["fund"] = fund.id
            g.fund = fund
            return fund
    raise NotFound


def _choose_fund() -> FundView:
    mine = funds_of(actor())
    if not mine:
        raise NotFound("You have no role in any fund yet. Ask the administrator for one.")
    chosen = session.get("fund")
    oldest = min(mine, key=lambda fund: fund.id)
    return next((fund for fund in mine if fund.id == chosen), oldest)


def _is_open(who: Actor, roles: tuple[Role, ...]) -> bool:
    return any(who.has_any_fund_role(role) for role in roles)


def _know_viewer() -> None:
    if request.endpoint in {None, "static", "kit_assets", "public.healthz"}:
        return
    who = signed_in()
    if who is None:
        return
    organisation = people.organisation(who.organisation_id).name if who.organisation_id else ""
    g.viewer = Viewer(
        name=who.name,
        organisation=organisation,
        desks=desks_of(who),
        account=url_for("account.settings"),
        sign_out=url_for("account.sign_out"),
        locale=who.locale,
        zone=who.time_zone,
    )


LandingPage = Callable[[Actor], str]


def landing_page(who: Actor) -> str:
    """Where somebody arrives after signing in."""
    links = desks_of(who)
    return links[0].url if links else url_for("account.settings")
