"""Asking for an earmark: what money may pay for, as a person types it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from grants.donors.actions import Earmark
from grants.donors.rules import Ceilings, CostType, region_codes, region_name
from grants.errors import Malformed, Refused
from grants.money import Money
from grants.people.models import OrganisationKind
from grants.programmes import queries as programmes
from grants.web.kit.forms import ChoicesField, DateField, DecimalField, Form, TextField

_KINDS = (
    (OrganisationKind.GOVERNMENT, _l("Government")),
    (OrganisationKind.LOCAL_GOVERNMENT, _l("Local government")),
    (OrganisationKind.NGO, _l("Non-governmental organisation")),
    (OrganisationKind.MULTILATERAL, _l("Multilateral organisation")),
    (OrganisationKind.FOUNDATION, _l("Foundation")),
    (OrganisationKind.PRIVATE, _l("Private sector")),
    (OrganisationKind.ACADEMIC, _l("University or research centre")),
)
_COSTS = (
    (CostType.GRANT, _l("Grants")),
    (CostType.DIRECT_COST, _l("Direct cost of the secretariat")),
    (CostType.FUND_TRANSFER, _l("Transfers to other funds")),
)
_PERCENT = 100


class EarmarkFields(Form):
    """The questions of an earmark; all left empty, everything is allowed."""

    windows = ChoicesField(_l("Only for these windows"))
    countries = TextField(
        _l("Only for these countries or regions"),
        hint=_l("Names, two-letter codes or regions of the UN, by commas: Uganda, Eastern Africa"),
        chars_max=1000,
    )
    themes = TextField(_l("Only for these themes"), hint=_l("Separated by commas."), chars_max=300)
    usable_from = DateField(_l("May be used from"))
    usable_until = DateField(_l("May be used until"))
    sectors = TextField(
        _l("Only for these sectors"),
        hint=_l("DAC codes or words, by commas. 140 stands for all of water: 14010, 14030 ..."),
        chars_max=300,
    )
    recipient_kinds = ChoicesField(_l("Only for these recipients"), choices=_KINDS)
    cost_types = ChoicesField(_l("Only for these costs"), choices=_COSTS)
    excluded = TextField(
        _l("Never for"),
        hint=_l("Categories of cost, things or sectors, by commas: vehicles, 15210"),
        chars_max=300,
    )
    share_of_grant = DecimalField(
        _l("At most this share of a grant"), suffix="%", most=Decimal(_PERCENT)
    )
    per_grant = DecimalField(_l("At most for a grant"), suffix="USD")
    per_year = DecimalField(_l("At most in a year"), suffix="USD")

    @property
    def has_more(self) -> bool:
        """Whether anything is said that most earmarks do not say."""
        more = (
            self.sectors,
            self.recipient_kinds,
            self.cost_types,
            self.excluded,
            self.share_of_grant,
            self.per_grant,
            self.per_year,
        )
        return any(field.data or field.errors for field in more)


def offer_windows(form: EarmarkFields, fund_id: int) -> None:
    """Fill the choice of windows with those of the fund."""
    form.windows.choices = [(str(one.id), one.name) for one in programmes.windows_of(fund_id)]


def earmark_of(form: EarmarkFields) -> Earmark | None:
    """The earmark that was typed. Says at the field what cannot be read, and then gives None."""
    places = _places(form)
    ceilings = _ceilings(form)
    if places is None or ceilings is None:
        return None
    countries, regions = places
    try:
        return Earmark(
            windows=frozenset(int(window) for window in form.windows.data),
            countries=countries,
            regions=regions,
            themes=frozenset(_parts(form.themes.data)),
            sectors=frozenset(_parts(form.sectors.data)),
            recipient_kinds=frozenset(form.recipient_kinds.data),
            cost_types=frozenset(form.cost_types.data),
            excluded=frozenset(_parts(form.excluded.data)),
            ceilings=ceilings,
            usable_from=form.usable_from.data,
            usable_until=form.usable_until.data,
        )
    except Malformed as refusal:
        form.attach(refusal, "usable_until")
        return None


def typed_as(earmark: Earmark) -> Mapping[str, object]:
    """The answers that make this earmark: what a form starts from."""
    ceilings = earmark.ceilings
    share = ceilings.share_of_grant
    regions = [region_name(code) for code in sorted(earmark.regions)]
    return {
        "windows": [str(one) for one in sorted(earmark.windows)],
        "countries": ", ".join([*sorted(earmark.countries), *regions]),
        "themes": ", ".join(sorted(earmark.themes)),
        "usable_from": earmark.usable_from,
        "usable_until": earmark.usable_until,
        "sectors": ", ".join(sorted(earmark.sectors)),
        "recipient_kinds": sorted(earmark.recipient_kinds),
        "cost_types": sorted(earmark.cost_types),
        "excluded": ", ".join(sorted(earmark.excluded)),
        "share_of_grant": None if share is None else Decimal(share) / _PERCENT,
        "per_grant": _dollars(ceilings.per_grant_minor),
        "per_year": _dollars(ceilings.per_year_minor),
    }


def is_typed(form: EarmarkFields) -> bool:
    """Whether anything at all was said about an earmark."""
    usual = (form.windows, form.countries, form.themes, form.usable_from, form.usable_until)
    return form.has_more or any(field.data for field in usual)


def _places(form: EarmarkFields) -> tuple[frozenset[str], frozenset[str]] | None:
    named = programmes.countries()
    by_name = {name.casefold(): code for code, name in named}
    by_name |= {code.casefold(): code for code, _name in named}
    regions = {region_name(code).casefold(): code for code in region_codes()}
    regions |= {code: code for code in region_codes()}
    countries_found, regions_found = set(), set()
    for part in _parts(form.countries.data):
        if code := by_name.get(part.casefold()):
            countries_found.add(code)
        elif code := regions.get(part.casefold()):
            regions_found.add(code)
        else:
            refusal = Refused(_("%(name)s is not a country or region that we know.", name=part))
            form.attach(refusal, "countries")
            return None
    return frozenset(countries_found), frozenset(regions_found)


def _ceilings(form: EarmarkFields) -> Ceilings | None:
    share: Decimal | None = form.share_of_grant.data
    amounts = {}
    for name in ("share_of_grant", "per_grant", "per_year"):
        typed = getattr(form, name).data
        if typed is not None and typed <= 0:
            form.attach(Refused(_("Enter more than zero, or nothing.")), name)
            return None
        amounts[name] = typed
    return Ceilings(
        share_of_grant=None if share is None else int(share * _PERCENT),
        per_grant_minor=_cents(amounts["per_grant"]),
        per_year_minor=_cents(amounts["per_year"]),
    )


def _cents(dollars: Decimal | None) -> int | None:
    return None if dollars is None else Money(dollars, "USD").minor


def _dollars(cents: int | None) -> Decimal | None:
    return None if cents is None else Money.of_minor(cents, "USD").amount


def _parts(typed: str) -> list[str]:
    return [part.strip() for part in typed.split(",") if part.strip()]
