"""When a session ended while somebody was typing: nothing is lost, and they go on where they were.

What was sent is laid into a new page that asks for the password. That page is sent to the very
address that the first one was meant for; the gate signs the person in, and the desk goes on.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as AnyResponse

from grants.errors import Refused
from grants.web.kit.errors import form_expired, wants_json
from grants.web.kit.forms import EmailField, Form, PasswordField
from grants.web.kit.signing import sign_in, signed_in

_OURS = ("csrf_token", "resume_email", "resume_password")


class SignedOut(Refused):
    """You were signed out. Sign in in another tab; what you typed is kept on this page."""

    status = 401


class ResumeForm(Form):
    """Address and password, beside what was typed before."""

    resume_email = EmailField(_l("E-mail address"), required=_l("Give your e-mail address."))
    resume_password = PasswordField(_l("Password"), required=_l("Give your password."))


def init_resume(app: Flask) -> None:
    """Keep what was typed when the session that protected a form is gone."""
    app.register_error_handler(CSRFError, _protection_gone)


def ask_to_sign_in() -> AnyResponse | None:
    """Ask for the password of somebody who is not signed in. Nothing, once they gave it.

    A page that was asked for comes after the sign-in page. What was sent is kept meanwhile.
    """
    if request.method in {"GET", "HEAD"}:
        return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")), 303)
    if wants_json():
        raise SignedOut
    form = ResumeForm()
    if "resume_password" not in request.form:
        return _page(form, 401)
    if not form.validate():
        return _page(form, 422)
    try:
        sign_in(form.resume_email.data, form.resume_password.data)
    except Refused as refusal:
        form.attach(str(refusal), field="resume_password")
        return _page(form, refusal.status)
    return None


def _protection_gone(error: CSRFError) -> Response:
    """A form of ours from before somebody signed out or in anew: ask whether to send it."""
    has_password = any("password" in name for name in request.form if name not in _OURS)
    if wants_json() or has_password or not request.form or not _is_from_here():
        return form_expired(error)
    return _page(ResumeForm() if signed_in() is None else None, 400)


def _is_from_here() -> bool:
    """Whether the browser says that one of our own pages sent this."""
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(origin).netloc == request.host


def _page(form: ResumeForm | None, status: int) -> Response:
    typed = [pair for pair in request.form.items(multi=True) if pair[0] not in _OURS]
    g.setdefault("desk", None)
    page = render_template(
        "account/resume.html",
        form=form or Form(),
        has_to_sign_in=form is not None,
        target=request.full_path.rstrip("?"),
        typed=typed,
        shown=[value for _name, value in typed if value.strip()],
        files=[upload.filename for upload in request.files.values() if upload.filename],
        is_multipart=request.mimetype == "multipart/form-data",
    )
    response = make_response(page)
    response.status_code = status
    return response
