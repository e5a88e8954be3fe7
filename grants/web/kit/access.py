"""Who is signed in, which fund they look at, and the gate before each desk."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from grants.errors import NotFound
from grants.people import queries as people
from grants.people.models import Role
from grants.people.permissions import Actor
from grants.people.queries import FundView
from grants.web.kit.desk import DeskLink, Viewer

STAFF_ROLES = (
    Role.GRANT_OFFICER,
    Role.PROGRAMME_MANAGER,
    Role.FINANCE_OFFICER,
    Role.CERTIFYING_OFFICER,
    Role.APPROVER,
    Role.AUDITOR,
)

#: Which desk is open to whom, and its name: the first that is open is where one lands.
DESKS: tuple[tuple[str, str, str, tuple[Role, ...]], ...] = (
    ("staff", "Secretariat", "staff.home", STAFF_ROLES),
    ("reviewer", "Reviews", "reviewer.home", (Role.REVIEWER,)),
    ("donor", "Contributions", "donor.home", (Role.DONOR,)),
    ("applicant", "Applications", "applicant.home", (Role.APPLICANT,)),
)

login_manager = LoginManager()


class SignedIn:
    """A session as Flask-Login wants to see it: its id is the token, not the person."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, token: str, actor: Actor) -> None:
        self.token = token
        self.actor = actor

    def get_id(self) -> str:
        return self.token


def init_access(app: Flask) -> None:
    """Load whoever is signed in, and tell the pages about them."""
    login_manager.init_app(app)
    login_manager.user_loader(_load)
    login_manager.session_protection = None
    app.before_request(_know_viewer)


def actor() -> Actor:
    """Whoever is signed in. Only behind a gate, which has made sure that somebody is."""
    found = signed_in()
    assert found is not None, "this page stands before its gate"
    return found


def signed_in() -> Actor | None:
    """Whoever is signed in, or nobody."""
    return current_user.actor if current_user.is_authenticated else None


def remember(token: str) -> None:
    """Have this browser keep a session's token."""
    session.clear()
    session.permanent = True
    found = people.signed_in(token)
    assert found is not None
    login_user(SignedIn(token, found))


def forget() -> str | None:
    """Have this browser forget its session. Returns the token that should be ended."""
    token = current_user.get_id() if current_user.is_authenticated else None
    logout_user()
    session.clear()
    return token


def desks_of(who: Actor) -> list[DeskLink]:
    """The desks that are open to somebody."""
    return [
        DeskLink(name=name, label=label, url=url_for(endpoint))
        for name, label, endpoint, roles in DESKS
        if _is_open(who, roles) and endpoint in current_app.view_functions
    ]


def gate(desk: Blueprint, *roles: Role) -> None:
    """Let only people with one of the roles (in any fund) onto a desk.

    Nobody signed in: to the sign-in page, and back afterwards. Signed in without the role: the
    desk is not there for them (404).
    """

    def check() -> Response | None:
        who = signed_in()
        if who is None:
            return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")), 303)
        if not _is_open(who, roles):
            raise NotFound
        return None

    check.is_gate = True  # type: ignore[attr-defined] # the house test looks for it
    desk.before_request(check)


def current_fund() -> FundView:
    """The fund that the person looks at: the one chosen before, or the first of theirs."""
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
    return next((fund for fund in mine if fund.id == chosen), mine[0])


def _is_open(who: Actor, roles: tuple[Role, ...]) -> bool:
    return any(who.has_any_fund_role(role) for role in roles)


def _load(token: str) -> SignedIn | None:
    found = people.signed_in(token)
    return SignedIn(token, found) if found else None


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
