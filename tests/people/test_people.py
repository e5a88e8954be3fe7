"""Funds, organisations, persons, roles and authority."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from grants.audit import queries as audit
from grants.db import db, transaction
from grants.errors import Malformed, NotAllowed, NotFound, Refused
from grants.money import Money
from grants.outbox import actions as outbox
from grants.outbox import queries as told
from grants.people import actions, queries
from grants.people.models import Role, User
from grants.people.permissions import Verb, may, require
from tests.make import Make

pytestmark = pytest.mark.usefixtures("app")

DAY = date(2026, 3, 10)


def usd(text: str) -> Money:
    return Money(Decimal(text), "USD")


def test_an_administrator_opens_a_fund_under_a_name_for_addresses(make: Make) -> None:
    administrator = make.person(Role.ADMINISTRATOR)
    with transaction():
        fund_id = actions.open_fund(administrator, name="Fonds des Villes, Été").id
    assert queries.fund(fund_id).slug == "fonds-des-villes-ete"
    assert queries.fund_by_name("FONDS-DES-VILLES-ETE").id == fund_id


def test_nobody_else_opens_a_fund(make: Make) -> None:
    director = make.person(Role.APPROVER)
    with transaction(), pytest.raises(NotAllowed, match="Only a administrator"):
        actions.open_fund(director, name="My own fund")


def test_two_funds_never_bear_one_name(make: Make) -> None:
    make.fund("The Fund")
    with transaction(), pytest.raises(actions.NameTaken, match="already a fund named The Fund"):
        actions.open_fund(queries.system_actor(), name="The Fund")


def test_an_unknown_fund_is_answered_with_the_closest_names(make: Make) -> None:
    make.fund("Cities Fund")
    with pytest.raises(NotFound, match="Did you mean Cities Fund"):
        queries.fund_by_name("Citties Fund")


def test_another_systems_number_of_a_fund_finds_it_and_never_two(make: Make) -> None:
    first, second = make.fund("First"), make.fund("Second")
    system = queries.system_actor()
    with transaction():
        actions.alias_fund(system, first, source="erp", external_key="CAF00")
        actions.alias_fund(system, first, source="erp", external_key="CAF00")
    assert queries.fund_by_name("caf00").id == first
    with transaction(), pytest.raises(Refused, match="already uses CAF00"):
        actions.alias_fund(system, second, source="erp", external_key="CAF00")


def test_a_renamed_organisation_is_still_found_under_its_old_name() -> None:
    system = queries.system_actor()
    with transaction():
        made = actions.register_organisation(system, name="DFID", is_donor=True)
        actions.rename_organisation(system, made.id, "FCDO", source="register")
        made_id = made.id
    assert queries.organisation_by_name("dfid").id == made_id
    assert queries.organisation_by_name("FCDO").name == "FCDO"


def test_a_name_of_an_organisation_is_taken_once_and_never_empty(make: Make) -> None:
    system = queries.system_actor()
    with transaction():
        actions.register_organisation(system, name="Sida")
    with transaction(), pytest.raises(actions.NameTaken):
        actions.register_organisation(system, name="  Sida ")
    with transaction(), pytest.raises(Malformed):
        actions.register_organisation(system, name="   ")
    reviewer = make.person(Role.REVIEWER)
    with transaction(), pytest.raises(NotAllowed):
        actions.register_organisation(reviewer, name="Mine")


def test_an_address_belongs_to_one_person_whatever_its_case(make: Make) -> None:
    system = queries.system_actor()
    with transaction():
        actions.register_user(system, email="Ada@Example.org", name="Ada")
    with transaction(), pytest.raises(actions.NameTaken):
        actions.register_user(system, email="ada@example.ORG", name="Another Ada")
    with transaction(), pytest.raises(Malformed, match="is not an e-mail address"):
        actions.register_user(system, email="ada at example", name="Ada")


def test_a_role_counts_in_its_fund_only(make: Make) -> None:
    here, there = make.fund("Here"), make.fund("There")
    person = make.person(Role.FINANCE_OFFICER, fund_id=here)
    assert may(person, Verb.RECORD_CONTRIBUTION, here)
    assert not may(person, Verb.RECORD_CONTRIBUTION, there)
    assert person.funds_with(Verb.RECORD_CONTRIBUTION) == {here}
    with pytest.raises(NotAllowed, match="Only a finance officer of this fund may record"):
        require(person, Verb.RECORD_CONTRIBUTION, there)


def test_a_role_given_twice_is_held_once(make: Make) -> None:
    person, administrator = make.person(Role.REVIEWER), make.person(Role.ADMINISTRATOR)
    with transaction():
        actions.give_role(administrator, person.user_id, Role.REVIEWER)
    assert queries.actor_of(person.user_id).roles == {(None, Role.REVIEWER)}


def test_authority_ends_with_its_amount_and_its_days(make: Make) -> None:
    fund_id, director = make.fund(), make.person(Role.APPROVER)
    with transaction():
        actions.delegate(
            queries.system_actor(),
            director.user_id,
            fund_id,
            usd("50000.00"),
            valid_from=DAY,
            valid_until=date(2026, 12, 31),
        )
    director = queries.actor_of(director.user_id)
    require(director, Verb.APPROVE, fund_id, amount=usd("50000.00"), on=DAY)
    with pytest.raises(NotAllowed, match="above your delegated authority"):
        require(director, Verb.APPROVE, fund_id, amount=usd("50000.01"), on=DAY)
    for day in (date(2026, 3, 9), date(2027, 1, 1)):
        with pytest.raises(NotAllowed):
            require(director, Verb.APPROVE, fund_id, amount=usd("1.00"), on=day)


def test_nobody_delegates_to_themselves(make: Make) -> None:
    fund_id, administrator = make.fund(), make.person(Role.ADMINISTRATOR)
    with transaction(), pytest.raises(Refused, match="themselves"):
        actions.delegate(administrator, administrator.user_id, fund_id, usd("1.00"), valid_from=DAY)


def test_the_system_never_decides() -> None:
    system = queries.system_actor()
    assert may(system, Verb.IMPORT)
    for verb in (Verb.APPROVE, Verb.REVIEW, Verb.CERTIFY_TRANCHE, Verb.RELEASE_TRANCHE):
        assert not may(system, verb)


def test_somebody_removed_leaves_deeds_but_nothing_personal(make: Make) -> None:
    administrator = make.person(Role.ADMINISTRATOR)
    ada = make.person(Role.REVIEWER, name="Ada Lovelace", password="a long enough password")
    with transaction():
        token = actions.open_session(ada.user_id)
        outbox.tell(
            outbox.Recipient(user_id=ada.user_id, email="ada@example.org", name="Ada"),
            template="hello",
            subject="Dear Ada",
            body="Lovelace",
        )
    with transaction():
        actions.anonymise(administrator, ada.user_id, reason="asked for it")
    user = db.session.get_one(User, ada.user_id)
    assert "Ada" not in f"{user.name}{user.email}{user.password_hash}"
    assert queries.signed_in(token) is None
    assert told.messages_of(ada.user_id)[0].body == ""
    with pytest.raises(NotFound):
        queries.actor_of(ada.user_id)
    assert audit.trail_of("user", ada.user_id)[-1].verb == "user.anonymised"
    director = make.person(Role.APPROVER)
    with transaction(), pytest.raises(NotAllowed):
        actions.anonymise(director, administrator.user_id, reason="spite")


def test_people_for_a_choice_are_those_of_the_fund_and_still_here(make: Make) -> None:
    fund_id, other = make.fund(), make.fund("Other")
    here = make.person(Role.REVIEWER, fund_id=fund_id, name="Here")
    make.person(Role.REVIEWER, fund_id=other, name="Elsewhere")
    gone = make.person(Role.REVIEWER, name="Gone")
    administrator = make.person(Role.ADMINISTRATOR)
    with transaction():
        actions.anonymise(administrator, gone.user_id, reason="left")
    assert queries.people_with(Role.REVIEWER, fund_id) == [(here.user_id, "Here")]


def test_own_settings_take_a_real_time_zone_only(make: Make) -> None:
    ada = make.person(Role.REVIEWER)
    with transaction():
        actions.choose_settings(ada, locale="fr", time_zone="Africa/Monrovia")
    assert queries.actor_of(ada.user_id).time_zone == "Africa/Monrovia"
    with transaction(), pytest.raises(Malformed, match="Africa/Atlantis"):
        actions.choose_settings(ada, locale="fr", time_zone="Africa/Atlantis")


def test_what_is_refused_leaves_no_trace(make: Make) -> None:
    administrator = make.person(Role.ADMINISTRATOR)
    before = db.session.scalar(select(func.count(User.id)))
    with pytest.raises(actions.WeakPassword, match="12 characters"), transaction():
        actions.register_user(administrator, email="x@example.org", name="X", password="short")
    assert db.session.scalar(select(func.count(User.id))) == before
    assert audit.verify().holds
