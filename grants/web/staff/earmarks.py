"""Asking for an earmark: windows, countries, themes and dates, as a person types them."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from grants.donors.actions import Earmark
from grants.errors import Malformed, Refused
from grants.programmes import queries as programmes
from grants.web.kit.forms import ChoicesField, DateField, Form, TextField


class EarmarkFields(Form):
    """The questions of an earmark; all left empty, everything is allowed."""

    windows = ChoicesField(_l("Only for these windows"))
    countries = TextField(
        _l("Only for these countries"),
        hint=_l("Names or two-letter codes, separated by commas: Uganda, GH"),
        chars_max=1000,
    )
    themes = TextField(_l("Only for these themes"), hint=_l("Separated by commas."), chars_max=300)
    usable_from = DateField(_l("May be used from"))
    usable_until = DateField(_l("May be used until"))


def offer_windows(form: EarmarkFields, fund_id: int) -> None:
    """Fill the choice of windows with those of the fund."""
    form.windows.choices = [(str(one.id), one.name) for one in programmes.windows_of(fund_id)]


def earmark_of(form: EarmarkFields) -> Earmark | None:
    """The earmark that was typed. Says at the field what cannot be read, and then gives None."""
    countries = _countries(form)
    if countries is None:
        return None
    try:
        return Earmark(
            windows=frozenset(int(window) for window in form.windows.data),
            countries=countries,
            themes=frozenset(_parts(form.themes.data)),
            usable_from=form.usable_from.data,
            usable_until=form.usable_until.data,
        )
    except Malformed as refusal:
        form.attach(refusal, "usable_until")
        return None


def is_typed(form: EarmarkFields) -> bool:
    """Whether anything at all was said about an earmark."""
    return any(
        (
            form.windows.data,
            form.countries.data,
            form.themes.data,
            form.usable_from.data,
            form.usable_until.data,
        )
    )


def _countries(form: EarmarkFields) -> frozenset[str] | None:
    named = programmes.countries()
    by_name = {name.casefold(): code for code, name in named}
    by_name |= {code.casefold(): code for code, _name in named}
    found = set()
    for part in _parts(form.countries.data):
        code = by_name.get(part.casefold())
        if code is None:
            form.attach(
                Refused(_("%(name)s is not a country that we know.", name=part)), "countries"
            )
            return None
        found.add(code)
    return frozenset(found)


def _parts(typed: str) -> list[str]:
    return [part.strip() for part in typed.split(",") if part.strip()]
