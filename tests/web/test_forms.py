"""Forms check shape, keep what was typed, and say in words what is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask, render_template_string

from grants.money import Money
from grants.web.kit.forms import (
    BudgetField,
    BudgetLine,
    ChoiceField,
    ChoicesField,
    DateField,
    DecimalField,
    EmailField,
    Form,
    IntegerField,
    LongTextField,
    MomentField,
    MoneyField,
    TextField,
    TickField,
    UploadField,
    YesNoField,
    make_form,
)
from tests.web.kit_app import PAGE, kit_app


class Every(Form):
    name = TextField("Name", chars_max=5, required=True)
    text = LongTextField("Text", words_max=3)
    mail = EmailField("Mail")
    people = IntegerField("People", least=1, most=100)
    ratio = DecimalField("Ratio", places=1)
    amount = MoneyField("Amount", currency="USD", required="Say how much.")
    other = MoneyField("Other", currencies=["EUR", "UGX"])
    on = DateField("On")
    at = MomentField("At", zone="Europe/Brussels")
    colour = ChoiceField("Colour", choices=[("r", "Red"), ("b", "Blue")])
    many = ChoicesField("Many", choices=[("1", "One"), ("2", "Two")])
    is_so = YesNoField("Is it so?")
    why = TextField("Why not?", shown_if="is_so:no", required=True)
    really = TextField("Really?", shown_if="why:because", required=True)
    agrees = TickField("I agree")
    file = UploadField("File", accept=[".pdf"], bytes_max=10)
    budget = BudgetField(
        "Budget", columns=[("fund", "Asked"), ("own", "Own")], categories=[("w", "Works")], rows=2
    )


GOOD = {"name": "Jinja", "amount": "1 250.50"}


@pytest.fixture(scope="module")
def kit() -> Flask:
    app = kit_app()
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def posted(kit: Flask, **typed: object) -> Every:
    with kit.test_request_context("/", method="POST", data={**GOOD, **typed}):
        form = Every()
        form.validate_on_submit()
        return form


def errors(kit: Flask, **typed: object) -> dict[str, str]:
    with kit.test_request_context("/?lang=en", method="POST", data={**GOOD, **typed}):
        form = Every()
        assert form.validate_on_submit() is not bool(form.errors)
        return {name: str(found[0]) for name, found in form.errors.items()}


def test_what_is_well_formed_becomes_values(kit: Flask) -> None:
    form = posted(
        kit,
        people="1,200".replace(",", "")[:2],
        ratio="0,5",
        other="5000",
        **{"other-currency": "UGX", "at": "2026-07-01", "at-time": "23:59"},
        on="2026-12-31",
        colour="b",
        many=["1", "2"],
        is_so="yes",
        agrees="yes",
    )
    assert form.errors == {}
    assert form.amount.data == Money(Decimal("1250.50"), "USD")
    assert form.other.data == Money(Decimal(5000), "UGX")
    assert (form.people.data, form.ratio.data) == (12, Decimal("0.5"))
    assert form.on.data == date(2026, 12, 31)
    assert form.at.data == datetime(2026, 7, 1, 21, 59, tzinfo=UTC)
    assert (form.colour.data, form.many.data, form.is_so.data) == ("b", ["1", "2"], True)
    assert form.agrees.data is True


def test_nothing_typed_is_nothing(kit: Flask) -> None:
    form = posted(kit)
    assert (form.text.data, form.people.data, form.other.data, form.on.data) == (
        "",
        None,
        None,
        None,
    )
    assert (form.at.data, form.colour.data, form.many.data, form.is_so.data) == (None, "", [], None)
    assert (form.agrees.data, form.file.data, form.budget.data) == (False, None, ())


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": ""}, "name", "Please answer: Name"),
        ({"name": "Jinja Town"}, "name", "at most 5 characters"),
        ({"text": "one two three four"}, "text", "This has 4 words; the limit is 3"),
        ({"mail": "nobody"}, "mail", "name@example.org"),
        ({"people": "0"}, "people", "Enter 1 or more"),
        ({"people": "1.5"}, "people", "whole number"),
        ({"people": "NaN"}, "people", "Enter a number"),
        ({"people": "1e99"}, "people", "Enter a number"),
        ({"ratio": "0.55"}, "ratio", "at most 1 decimal"),
        ({"amount": ""}, "amount", "Say how much."),
        ({"amount": "12.345"}, "amount", "such as 12,500.50"),
        ({"amount": "-5"}, "amount", "above zero"),
        ({"amount": "0"}, "amount", "above zero"),
        ({"other": "1.5", "other-currency": "UGX"}, "other", "in UGX, such as 12,500"),
        ({"on": "31.12.2026"}, "on", "such as 2026-12-31"),
        ({"on": "0001-01-01"}, "on", "Check the year"),
        ({"at": "2026-07-01", "at-time": ""}, "at", "both the day and the time"),
        ({"at": "2026-03-29", "at-time": "02:30"}, "at", "the clocks skip that time"),
        ({"colour": "green"}, "colour", "one of the answers"),
        ({"many": ["1", "3"]}, "many", "only from the answers"),
        ({"is_so": "perhaps"}, "is_so", "one of the answers"),
        ({"is_so": "no"}, "why", "Please answer: Why not?"),
    ],
)
def test_what_is_not_well_formed_is_refused_in_words(
    kit: Flask, typed: dict[str, object], field: str, sentence: str
) -> None:
    assert sentence in errors(kit, **typed)[field]


def test_a_question_that_is_not_asked_need_not_be_answered(kit: Flask) -> None:
    assert errors(kit, is_so="yes") == {}
    assert errors(kit, is_so="no", why="reasons") == {}
    # Hidden below a hidden one: what was typed there does not matter.
    assert errors(kit, is_so="yes", why="because") == {}
    assert set(errors(kit, is_so="no", why="because")) == {"really"}


def test_a_file_is_checked_for_kind_and_size(kit: Flask) -> None:
    assert errors(kit, file=(BytesIO(b"%PDF"), "plan.PDF")) == {}
    assert "PDF" in errors(kit, file=(BytesIO(b"x"), "plan.exe"))["file"]
    assert "limit is 10" in errors(kit, file=(BytesIO(b"x" * 11), "plan.pdf"))["file"]
    assert "empty" in errors(kit, file=(BytesIO(b""), "plan.pdf"))["file"]


def test_a_budget_reads_its_lines_and_adds_them_up(kit: Flask) -> None:
    lines = {
        "budget-0-category": "w",
        "budget-0-description": "Pipes",
        "budget-0-fund": "1,000.10",
        "budget-0-own": "200",
        "budget-1-category": "",
        "budget-1-description": "",
        "budget-1-fund": "",
        "budget-2-category": "w",
        "budget-2-description": "Taps",
        "budget-2-fund": "0.90",
    }
    form = posted(kit, **lines)
    assert form.errors == {}
    assert [line.description for line in form.budget.data] == ["Pipes", "Taps"]
    assert form.budget.totals == {
        "fund": Money(Decimal("1001.00"), "USD"),
        "own": Money(Decimal("200.00"), "USD"),
    }


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ({"description": "", "fund": "5"}, "Say what this line is for."),
        ({"description": "Pipes", "fund": ""}, "Give an amount for this line."),
        ({"description": "Pipes", "fund": "5", "category": ""}, "Choose a category"),
        ({"description": "Pipes", "fund": "5x"}, "Enter an amount in USD"),
        ({"description": "Pipes", "fund": "-5"}, "zero or more"),
    ],
)
def test_a_budget_line_says_what_it_lacks_and_keeps_what_was_typed(
    kit: Flask, line: dict[str, str], sentence: str
) -> None:
    typed = {f"budget-0-{key}": value for key, value in {"category": "w", **line}.items()}
    with kit.test_request_context("/?lang=en", method="POST", data={**GOOD, **typed}):
        form = Every()
        assert not form.validate_on_submit()
        page = render_template_string(
            PAGE.replace("MAIN", "{{ ui.field(form.budget) }}"), form=form
        )
    assert "need attention" in form.budget.error
    assert sentence in page
    assert f'value="{line["fund"]}"' in page


def test_asking_for_more_lines_is_not_sending_the_form(kit: Flask) -> None:
    typed = {**GOOD, "add_row": "budget", "budget-0-description": "Pipes"}
    with kit.test_request_context("/", method="POST", data=typed):
        form = Every()
        assert not form.validate_on_submit()
        assert form.errors == {}
        assert len(form.budget.rows) == 7
        assert form.budget.rows[0].description == "Pipes"


def test_what_was_saved_is_shown_again(kit: Flask) -> None:
    line = BudgetLine("w", "Pipes", {"fund": Money(Decimal(5), "USD")})
    kept = {
        "name": "Jinja",
        "amount": Money(Decimal("1250.5"), "USD"),
        "other": Money(Decimal(7), "UGX"),
        "at": datetime(2026, 7, 1, 21, 59, tzinfo=UTC),
        "on": date(2026, 12, 31),
        "is_so": False,
        "many": ["2"],
        "budget": (line,),
    }
    with kit.test_request_context("/"):
        form = Every(data=kept)
        assert (form.amount.typed, form.other.typed, form.other.currency) == ("1250.50", "7", "UGX")
        assert (form.at.typed, form.at.typed_time, form.on.typed) == (
            "2026-07-01",
            "23:59",
            "2026-12-31",
        )
        assert form.is_so.is_chosen("no")
        assert form.many.is_chosen("2")
        assert form.budget.rows[0].cells[0].typed == "5.00"
        assert len(form.budget.rows) == 2


def test_autosave_carries_only_what_changed(kit: Flask) -> None:
    with kit.test_request_context("/", method="POST", data={"text": "one", "many": ""}):
        form = Every(data={"name": "Jinja", "many": ["1"]})
        assert set(form.sent) == {"text", "many"}
        assert form.many.data == []


def test_a_refusal_of_the_rules_stands_at_its_field(kit: Flask) -> None:
    with kit.test_request_context("/", method="POST", data=GOOD):
        form = Every()
        assert form.validate_on_submit()
        form.attach("Only 40.00 USD is left.", field="amount")
        form.attach("The call has closed.")
        lines = [(line.target, line.sentence) for line in form.error_lines]
    assert lines == [("", "The call has closed."), ("amount", "Only 40.00 USD is left.")]


def test_a_stored_form_is_made_of_the_same_fields(kit: Flask) -> None:
    stored = make_form({"q1": TextField("What?", required=True), "q2": YesNoField("Yes?")})
    with kit.test_request_context("/", method="POST", data={"q1": "", "q2": "no"}):
        form = stored()
        assert not form.validate_on_submit()
        assert list(form.errors) == ["q1"]
        assert [field.name for field in form.visible] == ["q1", "q2"]


def test_what_somebody_types_is_never_markup(kit: Flask) -> None:
    with kit.test_request_context("/", method="POST", data={"name": '"><script>x</script>'}):
        form = Every()
        form.validate_on_submit()
        page = render_template_string(PAGE.replace("MAIN", "{{ ui.fields(form) }}"), form=form)
    assert "<script>x" not in page
    assert "&lt;script&gt;" in page
