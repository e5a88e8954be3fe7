"""Rates of exchange: those known, and a new one."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.ledger import actions as ledger
from grants.ledger import queries as books
from grants.money import Rate
from grants.people.permissions import Verb, may
from grants.web.kit import charts, formats
from grants.web.kit.access import actor, current_fund
from grants.web.kit.forms import ChoiceField, DateField, DecimalField, Form, TextField
from grants.web.kit.paging import Filter, ListSpec, Page
from grants.web.kit.parts import Crumb
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, allow, form_page, tried
from grants.web.staff.money_fields import CURRENCIES, rate_figures

#: A line of fewer rates says nothing.
MIN_POINTS = 3
RATES = ListSpec(
    per_page=50,
    filters=(
        Filter("currency", _l("Currency"), choices=[(code, code) for code in CURRENCIES[1:]]),
    ),
)


class RateForm(Form):
    """What one US dollar is in a currency, as its source publishes it."""

    currency = ChoiceField(
        _l("Currency"),
        look="select",
        required=True,
        choices=[(code, code) for code in CURRENCIES[1:]],
    )
    units = DecimalField(
        _l("Units for one US dollar"),
        places=12,
        required=True,
        hint=_l("As the United Nations publish their operational rates: 0.92 for the euro."),
    )
    source = TextField(
        _l("Source"), chars_max=60, required=True, width="medium", default="UN operational rate"
    )
    effective_on = DateField(_l("In force from"), required=True)
    reason = TextField(
        _l("Reason"),
        chars_max=200,
        hint=_l("Where the source states a rate of that day anew: why."),
    )


@desk.get("/contributions/rates")
def rates() -> str:
    """The rates known, the newest first."""
    fund = current_fund()
    look_at(fund.id)
    state = RATES.read()
    rows, total = books.known_rates(
        currency=str(state.values["currency"]), offset=state.offset, limit=state.limit
    )
    return render_template(
        "staff/contributions/rates.html",
        page=Page.of(rows, state, total=total),
        chart=_chart(str(state.values["currency"])),
        may_record=may(actor(), Verb.RECORD_CONTRIBUTION, fund.id),
        may_confirm=may(actor(), Verb.APPROVE_ADJUSTMENT, fund.id),
    )


@desk.route("/contributions/rates/new", methods=["GET", "POST"])
def new_rate() -> Response | tuple[str, int]:
    """Record a rate. One that is known already stays as it is."""
    fund = current_fund()
    allow(Verb.RECORD_CONTRIBUTION, fund.id)
    form = RateForm(data={"effective_on": clock.today(fund.time_zone)})
    if form.validate_on_submit() and form.units.data <= 0:
        form.attach(_("Enter a rate above zero."), "units")
    elif form.validate_on_submit():
        rate = Rate(
            currency=form.currency.data,
            units_per_usd=form.units.data,
            source=form.source.data,
            on=form.effective_on.data,
        )
        made = tried(
            form,
            lambda: ledger.record_rate(actor(), fund.id, rate, reason=form.reason.data or ""),
        )
        if made is not None:
            held = _("The rate is held until another person confirms it.")
            flash(f"{held} {made.held}" if made.held else _("The rate is recorded."))
            return redirect(url_for(".rates"), 303)
    page = FormPage(
        title=_("Record a rate of exchange"),
        submit=_("Record"),
        cancel=url_for(".rates"),
        crumbs=[
            Crumb(_("Contributions"), url_for(".contributions")),
            Crumb(_("Rates of exchange"), url_for(".rates")),
        ],
    )
    return form_page(form, page)


def _chart(currency: str) -> object:
    """The rates of one currency over three years; nothing while none is chosen."""
    if not currency:
        return ""
    since = clock.today() - timedelta(days=3 * 366)
    rates = books.rate_history(currency, since=since)
    if len(rates) < MIN_POINTS:
        return ""
    points = [
        charts.Point(formats.day(one.on), one.units_per_usd, rate_figures(str(one.units_per_usd)))
        for one in rates
    ]
    words = _("Units of %(currency)s for one US dollar", currency=currency)
    return charts.line(words, words, points)
