"""Amending an agreement, and its versions side by side."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants.donors import actions
from grants.donors import queries as donors
from grants.donors.actions import AmendedInstalment, Amendment
from grants.donors.queries import AgreementPage, Difference, InstalmentLine, VersionLine
from grants.donors.rules import Earmark
from grants.errors import NotFound, Refused
from grants.funding import queries as funding
from grants.money import Money, NotMoney
from grants.people.permissions import Verb, may
from grants.web.kit import formats
from grants.web.kit.access import actor
from grants.web.kit.forms import DateField, DecimalField, LongTextField, TextField
from grants.web.staff import desk
from grants.web.staff.acting import FormPage, allow, done, form_page
from grants.web.staff.agreement_instalments import crumbs_of, page_of
from grants.web.staff.earmarks import EarmarkFields, earmark_of, offer_windows, typed_as
from grants.web.staff.money_fields import is_in_the_future, rate_of

#: Rows for instalments that are still open, and for new ones.
ROWS = 12
NEW_ROWS = 3


class AmendmentForm(EarmarkFields):
    """What both sides signed to change; it begins with everything as it is."""

    signed_on = DateField(_l("Signed on"), required=True)
    reason = LongTextField(
        _l("What the amendment is about"),
        rows=3,
        chars_max=500,
        required=_l("Say what the amendment is about."),
    )
    amount = DecimalField(
        _l("Amount of the whole agreement"), places=3, required=True, width="medium"
    )
    rate = DecimalField(
        _l("Rate of exchange"),
        places=12,
        hint=_l("Of an increase. Left empty: the rate known on the day of the signature."),
    )
    eligible_from = DateField(_l("Spending counts from"))
    eligible_until = DateField(_l("Spending counts until"))
    provider_activity_id = TextField(
        _l("The donor's own activity identifier"), chars_max=120, width="medium"
    )


for _number in range(1, ROWS + 1):
    setattr(AmendmentForm, f"due_{_number}", DateField(_l("Due on")))
    setattr(AmendmentForm, f"part_{_number}", DecimalField(_l("Amount"), places=3))


@desk.route("/contributions/agreements/<int:agreement_id>/amend", methods=["GET", "POST"])
def amend_agreement(agreement_id: int) -> Response | tuple[str, int]:
    """Record an amendment as the next version of an agreement."""
    page = page_of(agreement_id)
    allow(Verb.RECORD_CONTRIBUTION, page.fund_id)
    still_open = _still_open(page)
    form = AmendmentForm(data=_as_it_is(page, still_open))
    offer_windows(form, page.fund_id)
    if form.validate_on_submit():
        new = _read(form, page, still_open)
        if new is not None and done(
            form, lambda: actions.amend_agreement(actor(), agreement_id, new)
        ):
            flash(_("The amendment is recorded as a new version."))
            return redirect(url_for(".agreement_versions", agreement_id=agreement_id), 303)
    around = FormPage(
        title=_("Record an amendment"),
        submit=_("Record the amendment"),
        cancel=url_for(".agreement", agreement_id=agreement_id),
        lead=_(
            "Change what both sides signed to change and leave the rest. The version before stays"
            " as it was; the books follow with a new entry."
        ),
        crumbs=crumbs_of(page),
    )
    rows = min(len(still_open) + NEW_ROWS, ROWS)
    parts = [
        (
            still_open[number - 1] if number <= len(still_open) else None,
            form[f"due_{number}"],
            form[f"part_{number}"],
        )
        for number in range(1, rows + 1)
    ]
    for line, due, part in parts:
        label = _("No. %(number)s", number=line.number) if line else _("New")
        due.label.text = _("%(which)s: due on", which=label)
        part.label.text = _("%(which)s: amount", which=label)
    closed = [one for one in page.instalments if one not in still_open]
    return form_page(
        form,
        around,
        "staff/contributions/amend.html",
        agreement=page,
        parts=parts,
        closed=closed,
    )


@desk.get("/contributions/agreements/<int:agreement_id>/versions")
def agreement_versions(agreement_id: int) -> str:
    """All versions of an agreement, each with what it changed."""
    page = page_of(agreement_id)
    versions = donors.versions_of(agreement_id)
    names = funding.window_names(page.fund_id)
    return render_template(
        "staff/contributions/versions.html",
        page=page,
        versions=[(one, _told(one.differences, names)) for one in versions],
        may_record=may(actor(), Verb.RECORD_CONTRIBUTION, page.fund_id),
    )


@desk.get("/contributions/agreements/<int:agreement_id>/versions/<int:number>")
def agreement_version(agreement_id: int, number: int) -> str:
    """One version of an agreement in full, as it was frozen."""
    page = page_of(agreement_id)
    found = [one for one in donors.versions_of(agreement_id) if one.number == number]
    if not found:
        raise NotFound
    version: VersionLine = found[0]
    names = funding.window_names(page.fund_id)
    return render_template(
        "staff/contributions/version.html",
        page=page,
        version=version,
        earmark=funding.words_of(version.terms.earmark, names),
        told=_told(version.differences, names),
        instalments=[
            (
                one,
                Money.of_minor(one.amount_minor, version.terms.currency),
                Money.of_minor(one.usd_minor, "USD"),
                Money.of_minor(one.cancelled_minor, version.terms.currency),
            )
            for one in version.terms.instalments
        ],
    )


def _still_open(page: AgreementPage) -> list[InstalmentLine]:
    found = [one for one in page.instalments if one.state in {"scheduled", "requested"}]
    return found[: ROWS - 1]


def _as_it_is(page: AgreementPage, still_open: list[InstalmentLine]) -> dict[str, Any]:
    found: dict[str, Any] = {
        **typed_as(page.earmark),
        "signed_on": None,
        "amount": page.amount.amount,
        "eligible_from": page.eligible_from,
        "eligible_until": page.eligible_until,
        "provider_activity_id": page.provider_activity_id,
    }
    for number, one in enumerate(still_open, 1):
        found[f"due_{number}"] = one.due_on
        found[f"part_{number}"] = one.amount.amount
    return found


def _read(
    form: AmendmentForm, page: AgreementPage, still_open: list[InstalmentLine]
) -> Amendment | None:
    is_in_the_future(form, form.signed_on)
    earmark = earmark_of(form)
    amount = _money(form, form.amount, page.amount.currency)
    rate = rate_of(
        form,
        form.rate,
        currency=page.amount.currency,
        source=_("entered by hand"),
        on=form.signed_on.data,
    )
    instalments = _parts(form, page.amount.currency, still_open)
    if form.error_lines or earmark is None or amount is None:
        return None
    eligible = (form.eligible_from.data, form.eligible_until.data)
    as_now = tuple(
        AmendedInstalment(number=one.number, due_on=one.due_on, amount=one.amount)
        for one in still_open
    )
    return Amendment(
        signed_on=form.signed_on.data,
        reason=form.reason.data,
        amount=amount if amount != page.amount else None,
        rate=rate,
        instalments=instalments if instalments != as_now else None,
        earmark=earmark if earmark != page.earmark else None,
        eligible=eligible if eligible != (page.eligible_from, page.eligible_until) else None,
        provider_activity_id=form.provider_activity_id.data,
    )


def _parts(
    form: AmendmentForm, currency: str, still_open: list[InstalmentLine]
) -> tuple[AmendedInstalment, ...]:
    """The instalments as typed: a row left empty is no instalment (any more)."""
    found = []
    for row in range(1, ROWS + 1):
        due, part = form[f"due_{row}"], form[f"part_{row}"]
        if part.data is None:
            continue
        amount = _money(form, part, currency)
        if due.data is None:
            form.attach(Refused(_("Say when this instalment is due.")), due.name)
        elif amount is not None and amount:
            number = still_open[row - 1].number if row <= len(still_open) else None
            found.append(AmendedInstalment(number=number, due_on=due.data, amount=amount))
    return tuple(found)


def _money(form: AmendmentForm, field: DecimalField, currency: str) -> Money | None:
    if field.data is None:
        return None
    try:
        amount = Money(field.data, currency)
    except NotMoney:
        sentence = _("%(currency)s has fewer decimals.", currency=currency)
        form.attach(Refused(sentence), str(field.name))
        return None
    if amount.minor < 0:
        form.attach(Refused(_("Enter an amount of zero or more.")), str(field.name))
        return None
    return amount


def _told(differences: tuple[Difference, ...], names: dict[int, str]) -> list[tuple[str, str, str]]:
    """What changed, in words: the thing, as it was, as it is."""
    return [
        (_thing(one.thing), _words(one.was, names), _words(one.now, names)) for one in differences
    ]


def _thing(thing: str) -> str:
    name, _space, number = thing.partition(" ")
    words = {
        "amount": _("Amount"),
        "earmark": _("May pay for"),
        "eligible_from": _("Spending counts from"),
        "eligible_until": _("Spending counts until"),
        "provider_activity_id": _("The donor's own activity identifier"),
        "instalment": _("Instalment %(number)s", number=number),
        "withdrawn": _("Withdrawn of instalment %(number)s", number=number),
    }
    return str(words[name])


def _words(value: object, names: dict[int, str]) -> str:
    if isinstance(value, Earmark):
        told = funding.words_of(value, names) or _("everything")
        days = [
            _("from %(day)s", day=formats.day(value.usable_from)) if value.usable_from else "",
            _("until %(day)s", day=formats.day(value.usable_until)) if value.usable_until else "",
        ]
        return ", ".join([told, *(day for day in days if day)])
    if isinstance(value, tuple):
        due_on, amount = value
        return f"{formats.money(amount)}, {formats.day(due_on)}"
    if isinstance(value, Money):
        return formats.money(value)
    if isinstance(value, date):
        return formats.day(value)
    return str(value or "–")
