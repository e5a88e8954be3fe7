"""Signing in and out, and one's own settings."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants.db import transaction
from grants.errors import Refused
from grants.outbox import queries as outbox
from grants.people import actions
from grants.people import queries as people
from grants.people.actions import TooManyAttempts, WrongPassword
from grants.people.models import Role
from grants.web.account import desk
from grants.web.kit import access
from grants.web.kit.desk import Desk
from grants.web.kit.forms import ChoiceField, EmailField, Form, PasswordField
from grants.web.kit.languages import LANGUAGES

_WORDS = {
    "staff": _l("Donors, programmes, applications, grants and the books of the fund"),
    "reviewer": _l("Applications that wait for your review"),
    "donor": _l("What your contributions did, and your statements"),
    "applicant": _l("Calls, your applications, your grants and their reports"),
}


@dataclass(frozen=True)
class _DeskCard:
    label: str
    url: str
    words: str


class SignInForm(Form):
    """Address and password."""

    email = EmailField(_l("E-mail address"), required=_l("Give your e-mail address."))
    password = PasswordField(_l("Password"), required=_l("Give your password."))


class PasswordForm(Form):
    """One's own new password."""

    present = PasswordField(_l("Present password"), required=True)
    new = PasswordField(
        _l("New password"),
        is_new=True,
        required=True,
        hint=_l("At least 12 characters. A short sentence is easy to remember."),
    )


class SettingsForm(Form):
    """One's own language and time zone."""

    locale = ChoiceField(_l("Language"), look="select", required=True)
    time_zone = ChoiceField(_l("Time zone"), look="select", required=True)


@desk.before_request
def _dress() -> None:
    first = next(iter(people.funds(limit=1)), None)
    g.desk = Desk(
        name="account",
        label=_("Your account"),
        fund=first.name if first else "",
        sign_in="" if request.endpoint == "account.sign_in" else url_for("account.sign_in"),
    )


@desk.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response | tuple[str, int]:
    """Ask for address and password, and go on to where the person wanted to be."""
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form, 422 if form.errors else 200)
    try:
        who = access.sign_in(form.email.data, form.password.data)
    except TooManyAttempts as refusal:
        form.attach(str(refusal), field="email")
        return _sign_in_page(form, refusal.status)
    except WrongPassword as refusal:
        form.attach(str(refusal), field="password")
        return _sign_in_page(form, refusal.status)
    return redirect(_own_page(request.args.get("next")) or access.landing_page(who), 303)


@desk.post("/sign-out")
def sign_out() -> Response:
    """End this session, on the server too."""
    token = access.forget()
    if token is not None:
        with transaction():
            actions.sign_out(token)
    return redirect(url_for("public.home"), 303)


@desk.route("/", methods=["GET", "POST"])
def settings() -> Response | str | tuple[str, int]:
    """Language, time zone, desks and messages of the person."""
    who = access.signed_in()
    if who is None:
        return redirect(url_for("account.sign_in", next=request.path), 303)
    form = SettingsForm(data={"locale": who.locale, "time_zone": who.time_zone})
    form.locale.choices = [(language.code, language.name) for language in LANGUAGES]
    form.time_zone.choices = [(zone, zone) for zone in sorted(available_timezones())]
    if form.validate_on_submit():
        with transaction():
            actions.choose_settings(who, locale=form.locale.data, time_zone=form.time_zone.data)
        flash(_("Saved."))
        return redirect(url_for("account.settings"), 303)
    page = render_template(
        "account/settings.html",
        form=form,
        who=who,
        is_administrator=who.has_any_fund_role(Role.ADMINISTRATOR),
        desks=[
            _DeskCard(link.label, link.url, str(_WORDS[link.name])) for link in access.desks_of(who)
        ],
        messages=outbox.messages_of(who.user_id),
    )
    return page, 422 if form.errors else 200


@desk.route("/password", methods=["GET", "POST"])
def password() -> Response | str | tuple[str, int]:
    """Change one's password; every other session of the person ends."""
    who = access.signed_in()
    if who is None:
        return redirect(url_for("account.sign_in", next=request.path), 303)
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            actions.check_own_password(who, form.present.data)
            with transaction():
                actions.change_password(who, who.user_id, form.new.data)
                token = actions.open_session(who.user_id)
        except Refused as refusal:
            form.attach(str(refusal), field="new" if refusal.status == 422 else "present")
            return render_template("account/password.html", form=form), refusal.status
        access.remember(token)
        flash(_("Your password is changed. You are signed out everywhere else."))
        return redirect(url_for("account.settings"), 303)
    return render_template("account/password.html", form=form), 422 if form.errors else 200


def _sign_in_page(form: SignInForm, status: int) -> tuple[str, int]:
    goes_on = _own_page(request.args.get("next"))
    return render_template("account/sign_in.html", form=form, goes_on=goes_on), status


def _own_page(target: str | None) -> str | None:
    """The address if it is a page of this site, so that nobody is sent elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None
