"""What a deposit may pay for: inherited, narrowed, and changed by two people."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from grants.db import db, transaction
from grants.donors import actions, queries, rules
from grants.donors.rules import (
    Ceilings,
    Earmark,
    countries_in,
    countries_of,
    region_codes,
    region_name,
)
from grants.errors import Malformed, NotAllowed
from grants.people.models import Role
from tests.donors.conftest import DonorWorld
from tests.makes.donors import money
from tests.makes.solving import earmarks

UGANDA = Earmark(countries=frozenset({"UG"}))
EAST_AFRICA = Earmark(regions=frozenset({"014"}))


def proposed(world: DonorWorld, deposit_id: int, new: Earmark, reason: str = "Letter") -> int:
    treasurer = world.treasurer()
    with transaction():
        return actions.propose_conditions(treasurer, deposit_id, new, reason=reason).id


def test_regions_are_those_of_the_united_nations() -> None:
    assert region_name("014") == "Eastern Africa"
    assert {"UG", "KE", "ET"} <= countries_of("014") <= countries_of("002")
    assert countries_of("999") == frozenset()
    assert region_name("999") == "999"
    assert countries_in(["014", "011"]) >= {"UG", "GH"}
    assert len(region_codes()) == 32
    with pytest.raises(Malformed, match="M49"):
        Earmark(regions=frozenset({"Atlantis"}))


@pytest.mark.parametrize(
    ("narrow", "wide", "fits"),
    [
        (UGANDA, EAST_AFRICA, True),
        (EAST_AFRICA, UGANDA, False),
        (Earmark(sectors=frozenset({"14030"})), Earmark(sectors=frozenset({"140"})), True),
        (Earmark(sectors=frozenset({"140"})), Earmark(sectors=frozenset({"14030"})), False),
        (
            Earmark(excluded=frozenset({"Vehicles"})),
            Earmark(excluded=frozenset({"vehicles"})),
            True,
        ),
        (Earmark(), Earmark(excluded=frozenset({"vehicles"})), False),
        (
            Earmark(ceilings=Ceilings(share_of_grant=2000)),
            Earmark(ceilings=Ceilings(share_of_grant=3000)),
            True,
        ),
        (Earmark(), Earmark(ceilings=Ceilings(per_year_minor=5)), False),
    ],
)
def test_narrower_is_within(narrow: Earmark, wide: Earmark, *, fits: bool) -> None:
    assert narrow.is_within(wide) is fits


@pytest.mark.parametrize("ceilings", [{"share_of_grant": 0}, {"share_of_grant": 10_001}])
def test_a_share_is_a_share(ceilings: dict[str, int]) -> None:
    with pytest.raises(Malformed, match="at most 100 %"):
        Ceilings(**ceilings)
    with pytest.raises(Malformed, match="above zero"):
        Ceilings(per_grant_minor=0)


@given(earmarks(), earmarks())
def test_what_inherits_is_narrower_than_what_it_said(one: Earmark, other: Earmark) -> None:
    assert Earmark.of_stored(one.stored_with_dates()) == one
    assert one.is_within(one)
    assert Earmark().inheriting(other) == other
    try:
        narrowed = one.inheriting(other)
    except Malformed:
        return  # the days of one end before those of the other begin
    assert narrowed.is_within(one)


def test_old_rows_read_as_before() -> None:
    old = {"windows": [1], "countries": ["UG"], "themes": [], "until": "2026-12-31"}
    assert Earmark.of_stored(old) == Earmark(
        windows=frozenset({1}), countries=frozenset({"UG"}), usable_until=date(2026, 12, 31)
    )


def test_two_people_widen_what_a_deposit_may_pay_for(world: DonorWorld) -> None:
    """
    Sweden gave for Uganda, and writes that Ghana is as good
    """
    deposit_id = world.deposit("100", conditions=UGANDA)
    both = Earmark(countries=frozenset({"UG", "GH"}))
    change_id = proposed(world, deposit_id, both, "Letter of 3 May")
    assert queries.deposit(deposit_id).conditions == UGANDA
    (waiting,) = queries.conditions_waiting([world.books()])
    assert (waiting.was, waiting.becomes, waiting.reason) == (UGANDA, both, "Letter of 3 May")
    with pytest.raises(rules.ChangeIsWaiting):
        proposed(world, deposit_id, Earmark())
    certifier = world.acting(Role.CERTIFYING_OFFICER)
    with transaction():
        actions.confirm_conditions(certifier, change_id)
    assert queries.deposit(deposit_id).conditions == both
    assert queries.conditions_waiting(None) == []
    (line,) = queries.condition_changes(deposit_id)
    assert (line.state, bool(line.decided_by)) == ("in_force", True)
    with pytest.raises(rules.ChangeIsDecided, match="in force already"), transaction():
        actions.refuse_conditions(certifier, change_id)


def test_whoever_proposes_does_not_decide(world: DonorWorld) -> None:
    deposit_id = world.deposit("100", conditions=UGANDA)
    change_id = proposed(world, deposit_id, EAST_AFRICA)
    treasurer = world.treasurer()
    with pytest.raises(NotAllowed), transaction():
        actions.confirm_conditions(treasurer, change_id)
    both_roles = world.acting(Role.CERTIFYING_OFFICER)
    with pytest.raises(NotAllowed), transaction():
        actions.propose_conditions(both_roles, deposit_id, UGANDA, reason="x")
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(
            text(
                "UPDATE condition_change SET state = 'in_force', decided_by_id = proposed_by_id,"
                " decided_at = proposed_at"
            )
        )


def test_a_decided_change_is_never_altered(world: DonorWorld) -> None:
    change_id = proposed(world, world.deposit("100", conditions=UGANDA), EAST_AFRICA)
    certifier = world.acting(Role.CERTIFYING_OFFICER)
    with transaction():
        actions.refuse_conditions(certifier, change_id)
    for statement in (
        "UPDATE condition_change SET state = 'proposed', decided_by_id = NULL, decided_at = NULL",
        "UPDATE condition_change SET reason = 'other'",
        "DELETE FROM condition_change",
    ):
        with pytest.raises(IntegrityError, match="condition_changes"), transaction():
            db.session.execute(text(statement))
    assert queries.condition_change(change_id).state == "refused"


def test_the_agreement_and_the_state_set_the_limits(world: DonorWorld) -> None:
    agreement_id = world.agreement(money("100"), earmark=EAST_AFRICA)
    deposit_id = world.deposit("40", agreement_id=agreement_id)
    with pytest.raises(rules.WiderThanEarmark, match="SWE-1"):
        proposed(world, deposit_id, Earmark(countries=frozenset({"GH"})))
    with pytest.raises(rules.NothingChanges):
        proposed(world, deposit_id, Earmark())
    with pytest.raises(rules.SayWhy):
        proposed(world, deposit_id, UGANDA, " ")
    unknown = world.deposit("40", donor=None)
    with pytest.raises(rules.NobodysMoney):
        proposed(world, unknown, UGANDA)
    core = world.deposit("40", donor="Norway")
    with pytest.raises(rules.CoreWithEarmark):
        proposed(world, core, UGANDA)
    dated = Earmark(usable_until=date(2030, 1, 1))
    assert proposed(world, core, dated)


def test_a_deposit_that_has_changed_since_is_proposed_again(world: DonorWorld) -> None:
    deposit_id = world.deposit("100", conditions=UGANDA)
    change_id = proposed(world, deposit_id, EAST_AFRICA)
    with transaction():
        db.session.execute(text("UPDATE deposit SET usable_until = '2031-01-01'"))
    certifier = world.acting(Role.CERTIFYING_OFFICER)
    with pytest.raises(rules.ConditionsHaveChanged), transaction():
        actions.confirm_conditions(certifier, change_id)
