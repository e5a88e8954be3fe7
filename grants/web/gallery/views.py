"""The pages of the gallery. Open to anyone, because it is registered in development only."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flask import Blueprint, abort, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.clock import now
from grants.errors import NotAllowed, Refused
from grants.money import Money
from grants.web.gallery import samples
from grants.web.kit import charts
from grants.web.kit.charts import Bar, Flow, Point, Series, Stack, Step
from grants.web.kit.desk import Desk, DeskLink, NavItem, Viewer
from grants.web.kit.formats import money_short
from grants.web.kit.paging import Page
from grants.web.kit.saving import saved_response

desk = Blueprint("gallery", __name__, url_prefix="/gallery")

DENSE = {"index", "waiting", "table", "record", "charts"}
PAGES = {
    "waiting": "Waiting for you",
    "table": "List",
    "record": "Record",
    "charts": "Charts",
    "tasks": "Task list",
    "form": "Form",
    "check": "Check your answers",
    "review": "Review",
    "messages": "Messages",
}


class NotYours(NotAllowed):
    """You prepared this request, so someone else must certify it."""


@desk.before_request
def dress() -> None:
    """What a real desk does before each request."""
    name = (request.endpoint or "").rpartition(".")[2]
    g.viewer = Viewer(
        name="Amina Diallo",
        organisation="Cities Alliance Secretariat",
        desks=[
            DeskLink("gallery", "Gallery", url_for(".index")),
            DeskLink("public", "Public pages", "/"),
        ],
        account="#account",
        sign_out=url_for(".messages"),
        zone="Africa/Nairobi",
    )
    g.desk = Desk(
        name="gallery",
        label="Gallery",
        fund="Cities Alliance Multi-Donor Fund",
        home=url_for(".index"),
        is_dense=name in DENSE,
        nav=[
            NavItem(
                label,
                url_for(f".{page}"),
                active=name == page,
                count=3 if page == "waiting" else None,
            )
            for page, label in PAGES.items()
        ],
    )


@desk.get("/")
def index() -> str:
    return render_template("gallery/index.html", pages=PAGES)


@desk.get("/waiting")
def waiting() -> str:
    return render_template("gallery/waiting.html", items=samples.waiting(), empty=[])


@desk.get("/table")
def table() -> str:
    state = samples.LIST.read()
    found = [row for row in samples.rows() if state.values["state"] in {"", row.state}]
    by = {"amount": lambda row: row.amount.minor, "due": lambda row: row.due_on}
    found.sort(key=by.get(state.sort, lambda row: row.reference), reverse=state.is_descending)
    page = Page.of(found[state.offset : state.offset + state.limit], state, total=len(found))
    whole = Money.of_minor(sum(row.amount.minor for row in page.rows), "USD")
    return render_template("gallery/table.html", page=page, whole=whole)


@desk.get("/record")
def record() -> str:
    return render_template(
        "gallery/record.html",
        row=samples.rows()[1],
        events=samples.events(),
        usd=Money(Decimal("118482.46"), "USD"),
        eur=Money(Decimal("109000.00"), "EUR"),
    )


@desk.get("/tasks")
def tasks() -> str:
    return render_template("gallery/tasks.html", at=samples.AT)


@desk.route("/form", methods=["GET", "POST"])
def form() -> ResponseReturnValue:
    shown = samples.SampleForm()
    if shown.validate_on_submit():
        flash("The form is well formed. The gallery keeps nothing.")
    page = render_template("gallery/form.html", form=shown)
    return page, 422 if shown.errors else 200


@desk.post("/save")
def save() -> ResponseReturnValue:
    """Confirm what autosave sends. The gallery keeps nothing."""
    return saved_response(now(), zone="Africa/Nairobi")


@desk.get("/check")
def check() -> str:
    return render_template(
        "gallery/check.html", amount=Money(Decimal("250000.00"), "USD"), starts_on=date(2027, 1, 15)
    )


@desk.get("/review")
def review() -> str:
    return render_template("gallery/review.html", form=samples.ScoreForm())


@desk.route("/messages", methods=["GET", "POST"])
def messages() -> str:
    if request.method == "GET" and "flash" in request.args:
        flash("Application CA-2026-002 is approved.")
        flash("The rate of EUR for this month is missing.", "warning")
        flash("The file could not be read.", "error")
    return render_template("gallery/messages.html", at=samples.AT)


@desk.get("/charts", endpoint="charts")
def charts_page() -> str:
    return render_template("gallery/charts.html", charts=_charts())


@desk.get("/refused/<int:status>")
def refused(status: int) -> ResponseReturnValue:
    """An error page of each kind."""
    if status == NotAllowed.status:
        raise NotYours
    if status == Refused.status:
        raise Refused("USD 1.2 m is earmarked to Ghana; Uganda is short by USD 300,000.")
    abort(status)


def _charts() -> list[object]:
    return [*_bar_charts(), *_other_charts()]


def _usd(amount: int) -> str:
    return money_short(Money(Decimal(amount), "USD"))


def _bar_charts() -> list[object]:
    by_country = (
        ("Uganda", 8_400_000),
        ("Ghana", 6_150_000),
        ("Viet Nam", 4_020_000),
        ("Liberia", 950_000),
    )
    donors = (
        ("Norway", 6_200_000, 1_800_000),
        ("Switzerland", 4_000_000, 0),
        ("Sida", 3_100_000, 2_400_000),
    )
    steps = (
        ("Opening balance", 12_400_000, True),
        ("Deposits", 5_200_000, False),
        ("Grants paid", -7_900_000, False),
        ("Fees", -364_000, False),
        ("Closing balance", 9_336_000, True),
    )
    return [
        charts.bar(
            "Paid by country",
            "Four Country Programmes, 2025. Uganda received most.",
            [Bar(name, Decimal(value), _usd(value), url="#") for name, value in by_country],
        ),
        charts.stacked_bar(
            "Pledged and paid by donor",
            "What has arrived and what is still to come.",
            ["Paid", "Still pledged"],
            [
                Stack(
                    name,
                    [Decimal(paid), Decimal(open_)],
                    _usd(paid + open_),
                    [_usd(paid), _usd(open_)],
                )
                for name, paid, open_ in donors
            ],
        ),
        charts.waterfall(
            "How the balance changed",
            "From the opening to the closing balance of 2025.",
            [Step(name, Decimal(value), _usd(value), total) for name, value, total in steps],
        ),
    ]


def _other_charts() -> list[object]:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    cash = (12.4, 12.1, 13.9, 13.0, 12.2, 11.0, 10.8, 11.9, 10.1, 9.9, 9.6, 9.3)
    due = (4.1, 4.4, 4.9, 5.6, 6.1, 6.0, 6.6, 6.9, 7.2, 7.1, 7.6, 8.0)
    flows = (
        ("Norway", "Core pool", 5_200_000),
        ("Switzerland", "Core pool", 4_000_000),
        ("Sida", "Uganda earmark", 3_100_000),
        ("Core pool", "Ghana", 3_900_000),
        ("Core pool", "Uganda", 2_600_000),
        ("Core pool", "Viet Nam", 2_700_000),
        ("Uganda earmark", "Uganda", 3_100_000),
    )

    def points(values: tuple[float, ...]) -> list[Point]:
        return [
            Point(month, Decimal(str(value)), f"USD {value} m")
            for month, value in zip(months, values, strict=True)
        ]

    return [
        charts.line(
            "Cash and what is due",
            "Month by month in 2025; the lines come close in December.",
            [Series("Cash", points(cash)), Series("Due", points(due))],
        ),
        charts.gauge(
            "Committed of what may be committed",
            "73 % of the programme's ceiling.",
            Decimal(73),
            Decimal(100),
            "73 %",
        ),
        charts.sankey(
            "Follow the money",
            "From donors through pools to countries, 2025.",
            [Flow(source, target, Decimal(value), _usd(value)) for source, target, value in flows],
        ),
    ]
