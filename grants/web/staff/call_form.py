"""The form in which a call is written: dates on the clocks of its zone, criteria row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import available_timezones

from flask import request
from flask_babel import lazy_gettext as _l

from grants.applications import queries
from grants.applications.actions import NewCall
from grants.applications.rules import Criterion, EligibilityRule
from grants.programmes import queries as programmes
from grants.web.kit.access import actor
from grants.web.kit.fields import KitField
from grants.web.kit.forms import (
    ChoiceField,
    Form,
    IntegerField,
    LongTextField,
    MomentField,
    MoneyField,
    TextField,
    make_form,
)

CRITERIA_MAX: Final = 8


@dataclass(frozen=True, kw_only=True)
class CriterionRow:
    """The three controls of a criterion."""

    number: int
    name: KitField
    help: KitField
    weight: KitField


class CallForm(Form):
    """What a call says."""

    programme = ChoiceField(
        _l("Programme that pays"), look="select", required=_l("Choose the programme.")
    )
    form_version = ChoiceField(
        _l("Form that applicants fill in"), look="select", required=_l("Choose a form.")
    )
    reference = TextField(
        _l("Reference"), chars_max=28, width="medium", required=_l("Give a reference.")
    )
    title = TextField(_l("Title"), chars_max=300, required=_l("Give a title."))
    summary = LongTextField(_l("What the call is for"), rows=4, chars_max=4000)
    year = IntegerField(_l("Year"), least=1990, most=2100, required=_l("Give the year."))
    envelope = MoneyField(_l("In all"), currency="USD")
    grant_min = MoneyField(_l("Smallest grant"), currency="USD")
    grant_max = MoneyField(_l("Largest grant"), currency="USD")
    time_zone = ChoiceField(
        _l("Time zone of the call"),
        look="select",
        required=_l("Choose the time zone."),
        hint=_l("The dates below are on the clocks of this zone."),
    )
    grace_minutes = IntegerField(
        _l("Grace"),
        least=0,
        most=1440,
        suffix=_l("minutes"),
        hint=_l("How much longer the server takes applications. It is announced with the call."),
    )
    eligibility = LongTextField(
        _l("Rules of eligibility"),
        rows=5,
        chars_max=4000,
        hint=_l("One on each line, as a sentence that is true or not."),
    )

    def criterion_rows(self) -> list[CriterionRow]:
        """The rows of criteria, filled and empty."""
        return [
            CriterionRow(
                number=number + 1,
                name=self[f"criterion-{number}-name"],
                help=self[f"criterion-{number}-help"],
                weight=self[f"criterion-{number}-weight"],
            )
            for number in range(CRITERIA_MAX)
        ]


def call_form(fund_id: int, filled: dict[str, Any]) -> CallForm:
    """The form with the fund's programmes and forms to choose from, and what is known already."""
    zone = request.form.get("time_zone", "")
    if zone not in available_timezones():
        zone = str(filled.get("time_zone") or "UTC")
    criteria: Sequence[Criterion] = filled.pop("criteria", ())
    fields: dict[str, object] = {
        "opens_at": MomentField(_l("Opens"), zone=zone),
        "closes_at": MomentField(_l("Closes"), zone=zone, required=_l("Give the deadline.")),
    }
    for number in range(CRITERIA_MAX):
        fields[f"criterion-{number}-name"] = TextField(_l("Criterion"), chars_max=120)
        fields[f"criterion-{number}-help"] = TextField(_l("What reviewers ask"), chars_max=500)
        fields[f"criterion-{number}-weight"] = IntegerField(_l("Weight"), least=1, most=1000)
    for number, criterion in enumerate(criteria[:CRITERIA_MAX]):
        filled[f"criterion-{number}-name"] = criterion.name
        filled[f"criterion-{number}-help"] = criterion.help
        filled[f"criterion-{number}-weight"] = criterion.weight
    rules: Sequence[EligibilityRule] = filled.get("eligibility", ())
    filled["eligibility"] = "\n".join(rule.rule for rule in rules)
    made = type("CallFormHere", (make_form("CallDates", fields), CallForm), {})
    # What is sent is the whole form, so that a row that was emptied stays empty.
    form: CallForm = made(data=filled if request.method == "GET" else {})
    form.programme.choices = [
        (f"{each.id}", each.name) for each in programmes.programmes_of(fund_id)
    ]
    form.form_version.choices = [(f"{key}", name) for key, name in queries.forms(actor(), fund_id)]
    form.time_zone.choices = [(each, each) for each in sorted(available_timezones())]
    return form


def new_call_of(form: CallForm) -> NewCall:
    """What the form says, as the action takes it."""
    return NewCall(
        programme_id=int(form.programme.data),
        form_version_id=int(form.form_version.data),
        reference=form.reference.data,
        title=form.title.data,
        summary=form.summary.data,
        year=form.year.data,
        envelope=form.envelope.data,
        grant_min=form.grant_min.data,
        grant_max=form.grant_max.data,
        opens_at=form["opens_at"].data,
        closes_at=form["closes_at"].data,
        time_zone=form.time_zone.data,
        grace_minutes=form.grace_minutes.data or 0,
        criteria=[
            Criterion(
                key=f"c{row.number}",
                name=row.name.data,
                help=row.help.data,
                weight=row.weight.data or 1,
            )
            for row in form.criterion_rows()
            if row.name.data
        ],
        eligibility=[
            EligibilityRule(key=f"r{number}", rule=line.strip())
            for number, line in enumerate(form.eligibility.data.splitlines(), 1)
            if line.strip()
        ],
    )
