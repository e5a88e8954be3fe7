"""Languages and themes: what the visitor chose, and what follows from it.

A choice is a link (`?lang=ar`, `?theme=dark`), so it works without JavaScript; it is remembered
in a cookie. Without a choice the viewer's own language counts, then what the browser asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, Response, g, request
from flask_babel import Babel, Domain, get_locale

CATALOGUES = Path(__file__).resolve().parent.parent / "translations"
THEMES = ("light", "dark")
_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True)
class Language:
    """A language of the interface: its code in URLs, its CLDR locale, and its own name."""

    code: str
    locale: str
    name: str
    direction: str = "ltr"


LANGUAGES = (
    Language("en", "en", "English"),
    Language("fr", "fr", "Français"),
    Language("es", "es", "Español"),
    Language("pt", "pt_PT", "Português"),
    Language("ar", "ar", "العربية", "rtl"),
)
_BY_CODE = {language.code: language for language in LANGUAGES}


class CatalogueDomain(Domain):
    """The catalogues, read from their .po files once in a process, so none is compiled by hand."""

    def __init__(self) -> None:
        super().__init__(translation_directories=[str(CATALOGUES)])

    def get_translations(self) -> Translations:
        """The translations of the request's language; what is not translated stays English."""
        locale = str(get_locale() or "en")
        if locale not in self.cache:
            self.cache[locale] = _read(CATALOGUES / locale / "LC_MESSAGES" / "messages.po")
        found: Translations = self.cache[locale]
        return found


class KitBabel(Babel):
    """Flask-Babel with one lasting domain (its own reads the files anew at each request)."""

    domain = CatalogueDomain()

    @property
    def domain_instance(self) -> CatalogueDomain:
        return self.domain


def current_language() -> Language:
    """The language of this request."""
    found: Language | None = g.get("language")
    if found is None:
        found = g.language = _chosen_language()
    return found


def current_theme() -> str:
    """`light`, `dark`, or empty when the device decides."""
    chosen = request.args.get("theme") or request.cookies.get("theme", "")
    return chosen if chosen in THEMES else ""


def init_languages(app: Flask) -> None:
    """Set up Flask-Babel and remember what visitors choose."""
    KitBabel(app, locale_selector=lambda: current_language().locale)
    app.after_request(_remember_choices)


def _chosen_language() -> Language:
    viewer = g.get("viewer")
    for code in (
        request.args.get("lang", ""),
        request.cookies.get("lang", ""),
        getattr(viewer, "locale", "")[:2],
    ):
        if code in _BY_CODE:
            return _BY_CODE[code]
    best = request.accept_languages.best_match(list(_BY_CODE), default="en")
    return _BY_CODE[best or "en"]


def _remember_choices(response: Response) -> Response:
    secure = bool(request.is_secure)
    for name, allowed in (("lang", tuple(_BY_CODE)), ("theme", (*THEMES, "auto"))):
        value = request.args.get(name, "")
        if value in allowed and request.cookies.get(name) != value:
            response.set_cookie(name, value, max_age=_YEAR_SECONDS, samesite="Lax", secure=secure)
    return response


def _read(path: Path) -> Translations:
    catalogue = BytesIO()
    if path.exists():
        with path.open("rb") as file:
            write_mo(catalogue, read_po(file))
        catalogue.seek(0)
        return Translations(catalogue)
    return Translations()
