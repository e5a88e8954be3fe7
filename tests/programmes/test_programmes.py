"""Windows and programmes."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from grants.db import transaction
from grants.errors import Malformed, NotAllowed, NotFound
from grants.programmes import actions, queries, rules
from grants.programmes.actions import NewProgramme
from tests.make import MakeBase
from tests.makes.programmes import ProgrammeMakes


class World(ProgrammeMakes, MakeBase):
    """A fund with programmes."""


@pytest.fixture
def world(app: Flask) -> World:
    return World(app)


def test_programme_stands_in_a_window(world: World) -> None:
    programme_id = world.programme_named(theme="water")
    view = queries.programme(programme_id)
    assert (view.name, view.window, view.country) == (
        "Uganda Country Programme",
        "Country Window",
        "Uganda",
    )
    assert view.themes == {"water"}
    assert queries.themes_of(world.books()) == ["water"]
    assert [one.id for one in queries.programmes_of(world.books())] == [programme_id]
    assert queries.programmes_of([], window_id=view.window_id) == []
    assert [one.name for one in queries.windows_of(world.books())] == ["Country Window"]
    assert queries.allocations_of(programme_id) == []


def test_name_is_taken_once_in_a_fund(world: World) -> None:
    world.programme_named()
    fund_id, steward = world.books(), world.steward()
    with pytest.raises(rules.NameTaken, match="A window called Country Window"), transaction():
        actions.open_window(steward, fund_id, name=" Country  Window ")
    new = NewProgramme(
        fund_id=fund_id, window_id=world.window_named(), name="Uganda Country Programme"
    )
    with pytest.raises(rules.NameTaken), transaction():
        actions.open_programme(steward, new)
    assert world.programme_named(fund="Another Fund")


def test_window_belongs_to_the_fund_of_its_programme(world: World) -> None:
    elsewhere = world.window_named(fund="Another Fund")
    new = NewProgramme(fund_id=world.books(), window_id=elsewhere, name="Ghana")
    steward = world.steward()
    with pytest.raises(rules.NotOfThisFund), transaction():
        actions.open_programme(steward, new)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "  "},
        {"name": "X", "country_code": "Uganda"},
        {"name": "X", "country_code": "QQ"},
        {"name": "X", "starts_on": date(2026, 2, 1), "ends_on": date(2026, 1, 1)},
    ],
)
def test_programme_makes_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        NewProgramme(fund_id=1, window_id=1, **wrong)  # type: ignore[arg-type] # a table of wrongs


def test_only_programme_managers_and_approvers_open_programmes(world: World) -> None:
    fund_id, treasurer = world.books(), world.treasurer()
    steward = world.steward()
    with pytest.raises(NotAllowed, match="programme manager"), transaction():
        actions.open_window(treasurer, fund_id, name="X")
    with transaction():
        actions.open_window(steward, fund_id, name="X")
    with pytest.raises(NotFound), transaction():
        actions.open_window(steward, 999, name="Y")
    with pytest.raises(NotFound):
        queries.programme(999)


def test_countries_are_named() -> None:
    countries = dict(queries.countries())
    assert countries["UG"] == "Uganda"
    assert "EU" not in countries
    assert rules.country_name(None) == ""
    assert rules.country_name("QQ") == "QQ"
