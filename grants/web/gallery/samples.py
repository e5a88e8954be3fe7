"""Made-up content with which the gallery shows the components: long names, other scripts, zeros."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from flask_babel import lazy_gettext as _l

from grants.money import Money
from grants.web.kit.forms import (
    BudgetField,
    ChoiceField,
    ChoicesField,
    DateField,
    EmailField,
    Form,
    IntegerField,
    LongTextField,
    MomentField,
    MoneyField,
    Option,
    TextField,
    TickField,
    UploadField,
    YesNoField,
)
from grants.web.kit.paging import Filter, ListSpec
from grants.web.kit.parts import Event, Waiting

AT = datetime(2026, 11, 23, 11, 2, 11, tzinfo=UTC)
STATES = (
    ("In review", "accent"),
    ("Returned to you", "warn"),
    ("Approved", "good"),
    ("Declined", "bad"),
    ("Draft", ""),
)
PLACES = (
    ("Community water kiosks in West Point", "Monrovia City Corporation", "Liberia"),
    ("Participatory enumeration of informal settlements", "Jinja Municipal Council", "Uganda"),
    ("Réhabilitation des marchés de quartier", "Commune de Ouagadougou", "Burkina Faso"),
    ("تأهيل شبكة الصرف في الأحياء غير المنظمة", "بلدية طرابلس", "Lebanon"),
    ("Urban forum and city development strategy", "Tema Metropolitan Assembly", "Ghana"),
    ("Melhoria habitacional participativa", "Prefeitura Municipal de Várzea Paulista", "Brazil"),
    ("Savings groups for upgrading", "National Slum Dwellers Federation of Uganda", "Uganda"),
    ("Street lighting", "Vinh City", "Viet Nam"),
)
LIST = ListSpec(
    sorts=("reference", "amount", "due"),
    default="reference",
    per_page=20,
    filters=(
        Filter("q", _l("Search"), kind="text"),
        Filter("state", _l("State"), choices=[(words, words) for words, _tone in STATES]),
        Filter("since", _l("Since"), kind="date"),
    ),
)


@dataclass(frozen=True)
class Row:
    """A line of the sample list."""

    reference: str
    title: str
    grantee: str
    country: str
    amount: Money
    due_on: date
    state: str
    tone: str


class SampleForm(Form):
    """Every field there is."""

    title = TextField(
        "What is the project called?",
        hint="A short name that a neighbour would understand.",
        required=True,
        chars_max=120,
    )
    summary = LongTextField(
        "What will change, and for whom?",
        hint="Say who lives there now and what will be different when the money is spent.",
        words_max=60,
        required="Say what will change. This is the part that reviewers read first.",
    )
    email = EmailField("Whom do we write to?", autocomplete="email", is_needed=True)
    kind = ChoiceField(
        "What kind of organisation applies?",
        choices=[
            Option("city", "A city or municipality"),
            Option("ngo", "A non-governmental organisation", "Registered for at least two years."),
            Option("community", "A community group", "A registered partner holds the account."),
        ],
        required=True,
    )
    country = ChoiceField(
        "Country",
        look="select",
        choices=[("UG", "Uganda"), ("LR", "Liberia"), ("GH", "Ghana")],
        required=True,
    )
    themes = ChoicesField(
        "Themes", choices=[("water", "Water"), ("land", "Land and tenure"), ("waste", "Waste")]
    )
    has_land = YesNoField("Is the land settled?", is_needed=True)
    land_note = LongTextField(
        "What stands in the way?", shown_if="has_land:no", rows=3, is_needed=True
    )
    people = IntegerField("How many people benefit?", least=1, suffix="people", required=True)
    amount = MoneyField("How much do you ask for?", currency="USD", required=True)
    own = MoneyField("Own contribution", currencies=["USD", "EUR", "UGX"])
    starts_on = DateField("When does the work start?", required=True)
    closes_at = MomentField("When does the call close?", zone="Africa/Kampala")
    plan = UploadField(
        "City plan", accept=[".pdf", ".docx"], bytes_max=5_000_000, hint="One file is enough."
    )
    budget = BudgetField(
        "Budget",
        hint="One line for each thing that is bought or paid.",
        currency="USD",
        columns=[("fund", "Requested"), ("own", "Own contribution")],
        categories=[("works", "Works"), ("staff", "Staff"), ("goods", "Goods")],
        rows=4,
    )
    agrees = TickField("What stands here is true to the best of our knowledge.", required=True)


class ScoreForm(Form):
    """A reviewer's scorecard."""

    need = ChoiceField(
        "Need",
        hint="How badly is this wanted by the people who live there?",
        choices=[(str(score), str(score)) for score in range(6)],
        required=True,
    )
    ownership = ChoiceField(
        "Community ownership", choices=[(str(score), str(score)) for score in range(6)]
    )
    cost = ChoiceField("Cost", choices=[(str(score), str(score)) for score in range(6)])
    remark = LongTextField("What should the panel know?", words_max=300, is_needed=True)


def rows() -> list[Row]:
    """Seventy lines, in no particular order."""
    made = []
    for number in range(70):
        title, grantee, country = PLACES[number % len(PLACES)]
        words, tone = STATES[number * 7 % len(STATES)]
        amount = Money(Decimal(number * 7919 % 900 * 1250) + Decimal("0.50"), "USD")
        due_on = date(2026, 12, 1) + timedelta(days=number * 3 % 90)
        made.append(
            Row(f"CA-2026-{number + 1:03}", title, grantee, country, amount, due_on, words, tone)
        )
    return made


def events() -> list[Event]:
    """The life of one application."""
    return [
        Event(
            AT, "Returned for changes", "Amina Diallo", "Please split the second tranche.", "warn"
        ),
        Event(AT - timedelta(days=3), "Review received", "Reviewer B", tone="good"),
        Event(AT - timedelta(days=9), "Found eligible", "Amina Diallo"),
        Event(AT - timedelta(days=12), "Submitted", "Jinja Municipal Council", url="#receipt"),
    ]


def waiting() -> list[Waiting]:
    """What a finance officer finds in the morning."""
    return [
        Waiting(
            "Certify the second tranche of Jinja",
            "#1",
            reference="GR-2025-014-T2",
            who="Requested by Amina Diallo",
            amount=Money(Decimal("125000.00"), "USD"),
            due_on=date(2026, 11, 20),
            days_left=-3,
            state="To certify",
            tone="accent",
        ),
        Waiting(
            "Match a receipt of unknown origin",
            "#2",
            reference="NORDEA 8841",
            who="Received yesterday",
            amount=Money(Decimal("2500000.00"), "NOK"),
            due_on=date(2026, 11, 25),
            days_left=2,
            state="To match",
        ),
        Waiting(
            "Approve the change of bank details of the National Slum Dwellers Federation of Uganda",
            "#3",
            reference="BD-77",
            who="Proposed by Kwame Mensah",
            due_on=date(2026, 12, 4),
            days_left=11,
            state="Second person needed",
            tone="warn",
        ),
    ]
