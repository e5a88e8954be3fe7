"""Error pages: what happened, in plain words, and what to do now."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from grants.errors import Refused


@dataclass(frozen=True)
class Explanation:
    """The words for one status."""

    title: str
    sentence: str
    advice: str


EXPLANATIONS = {
    400: Explanation(
        _l("We could not read that"),
        _l("The request was incomplete or damaged on its way."),
        _l("Go back, reload the page and try once more. Nothing was changed."),
    ),
    401: Explanation(
        _l("Please sign in"),
        _l("This page is only for people who are signed in."),
        _l("Sign in and open the link again."),
    ),
    403: Explanation(
        _l("You cannot do this"),
        _l("Your role does not allow this."),
        _l("If you think it should, ask the administrator of the fund. Nothing was changed."),
    ),
    404: Explanation(
        _l("There is nothing here"),
        _l("The address may be mistyped, or this is something that you may not see."),
        _l("Check the address, or start again from the first page."),
    ),
    405: Explanation(
        _l("This address does not work that way"),
        _l("The page was asked for in a way that it does not understand."),
        _l("Start again from the first page. Nothing was changed."),
    ),
    409: Explanation(
        _l("This cannot be done as things stand"),
        _l("Something else changed first, or a rule of the fund stands against it."),
        _l("Go back, look at the present state and decide anew. Nothing was changed."),
    ),
    410: Explanation(
        _l("This is no longer here"),
        _l("It was here once, and has been withdrawn."),
        _l("Links to it end here. Ask the fund if you need what it contained."),
    ),
    413: Explanation(
        _l("That file is too large"),
        _l("The file is larger than what can be received here."),
        _l("Make it smaller (for example save pictures at a lower quality) and send it again."),
    ),
    422: Explanation(
        _l("Something in the form is not right"),
        _l("What was sent cannot be understood."),
        _l("Go back, correct it and send it again. Nothing was changed."),
    ),
    429: Explanation(
        _l("Too many tries in a short time"),
        _l("To keep everyone safe, there is a limit to how often this can be done."),
        _l("Wait a few minutes and try again."),
    ),
    500: Explanation(
        _l("Something went wrong on our side"),
        _l("This is our mistake, not yours. It has been recorded."),
        _l("Nothing was changed. Try again in a few minutes; if it happens again, tell the fund."),
    ),
}
_FORM_EXPIRED = _l(
    "The page was open for so long, or you signed in anew, that we can no longer tell whether this "
    "came from you."
)


def init_errors(app: Flask) -> None:
    """Turn refusals of the fund and errors of HTTP into pages (or JSON for scripts)."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(CSRFError, form_expired)
    app.register_error_handler(HTTPException, _http_error)


def _refused(error: Refused) -> Response:
    return _answer(error.status, str(error))


def form_expired(_error: CSRFError) -> Response:
    """The page for a form whose protection is gone."""
    return _answer(400, str(_FORM_EXPIRED))


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    is_ours = isinstance(error, InternalServerError) or error.code >= 500
    own_words = "" if is_ours or _is_standard(error) else error.description or ""
    response = _answer(error.code, own_words)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            response.headers[name] = value
    return response


def _is_standard(error: HTTPException) -> bool:
    return error.description == type(error).description


def _answer(status: int, sentence: str) -> Response:
    known = EXPLANATIONS.get(status, EXPLANATIONS[500 if status >= 500 else 400])
    sentence = sentence or str(known.sentence)
    if wants_json():
        response = jsonify(status=status, title=str(known.title), error=sentence)
    else:
        page = render_template(
            "errors/plain.html" if status >= 500 else "errors/error.html",
            status=status,
            title=known.title,
            sentence=sentence,
            advice=known.advice,
            code=_("Error %(status)s", status=status),
        )
        response = make_response(page)
    response.status_code = status
    return response


def wants_json() -> bool:
    """Whether a script asks, to which a page would mean nothing."""
    accepted = request.accept_mimetypes
    return "X-Autosave" in request.headers or (
        accepted.quality("application/json") > accepted.quality("text/html")
    )
