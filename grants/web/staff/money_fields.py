"""Currencies and days as the money pages of the desk ask for them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, localcontext

import iso4217
from babel.numbers import format_decimal
from flask_babel import get_locale
from flask_babel import gettext as _

from grants import clock
from grants.errors import Refused
from grants.money import NotMoney, Rate
from grants.web.kit.access import actor
from grants.web.kit.forms import DateField, DecimalField, Form
from grants.web.staff import desk

_FIRST = ("USD", "EUR", "GBP", "SEK", "NOK", "DKK", "CHF", "CAD", "AUD", "JPY")
_UNIONS = ("XAF", "XCD", "XOF", "XPF")

#: Every currency that money can come in, those of large donors first.
CURRENCIES: tuple[str, ...] = (
    *_FIRST,
    *sorted(
        code
        for code in iso4217.raw_table
        if code and code not in _FIRST and (not code.startswith("X") or code in _UNIONS)
    ),
)


def is_in_the_future(form: Form, field: DateField) -> bool:
    """Whether a day has not come yet; says so at the field."""
    if field.data is None or field.data <= clock.today(actor().time_zone):
        return False
    form.attach(Refused(_("This day has not come yet. Check the year.")), str(field.name))
    return True


def rate_of(
    form: Form, field: DecimalField, *, currency: str, source: str, on: date
) -> Rate | None:
    """The rate that was typed, in units of the currency for one US dollar; None if none was."""
    typed: Decimal | None = field.data
    if typed is None or currency == "USD":
        return None
    try:
        return Rate(currency=currency, units_per_usd=typed, source=source, on=on)
    except NotMoney:
        form.attach(Refused(_("Enter a rate above zero.")), str(field.name))
        return None


@desk.app_template_filter("rate_figures")
def rate_figures(units: str) -> str:
    """A rate to seven figures, as long as it need be: 10.6383 or 0.92."""
    with localcontext() as context:
        context.prec = 7
        rounded = +Decimal(units)
    return format_decimal(
        rounded, format="#,##0.##########", locale=get_locale(), decimal_quantization=False
    )
