"""Rounds become calls of the past; grants are covered by what had come in by their approval."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from grants.applications.models import Call
from grants.db import db
from grants.funding import queries as funding
from grants.funding.models import Grant
from grants.funding.queries.totals import grant_totals
from grants.imports.rules.findings import Findings, Found
from grants.imports.rules.grants import ImportedGrant, read_grants
from grants.imports.rules.rounds import Round, read_rounds
from grants.ledger import queries as ledger
from grants.people import queries as people
from grants.people.models import Role
from grants.programmes.models import Programme, Window
from tests.imports.files import (
    GRANT,
    PAID,
    ROUND,
    Line,
    bring,
    codes,
    contributions,
    counts,
    grants,
    rounds,
)
from tests.imports.test_loading import World

EARLIER = {**PAID, "PaidDate": "2022-02-01"}


@pytest.fixture
def world(app: Flask) -> World:
    return World(app)


def _rounds(*lines: Line) -> tuple[list[Round], list[Found]]:
    findings = Findings()
    return list(read_rounds(rounds(*lines), findings).rows), findings.found


def _grants(*lines: Line) -> tuple[list[ImportedGrant], list[Found]]:
    findings = Findings()
    return list(read_grants(grants(*lines), findings).rows), findings.found


def _check_books() -> None:
    for fund in people.funds():
        found = ledger.verify(fund.id)
        assert found.holds, found.breaks
        assert funding.attribution_breaks(fund.id) == []


@pytest.mark.once
def test_a_round_is_read_with_its_span_and_its_plan() -> None:
    (one,), found = _rounds(ROUND)
    assert (one.key, one.fund, one.fund_number, one.year) == ("1/15/27", "Sudan", "15", 2022)
    assert (one.starts_on, one.ends_on) == (date(2022, 3, 19), date(2022, 4, 2))
    assert str(one.planned) == "USD 20,000,000.00"
    assert codes(found) == {("notice", "scientific_notation")}


@pytest.mark.once
def test_rounds_of_the_central_fund_are_of_one_fund() -> None:
    (one,), _found = _rounds({**ROUND, "FundTypeId": "2"})
    assert (one.fund, one.fund_number) == ("CERF", "")


@pytest.mark.once
@pytest.mark.parametrize(
    ("change", "severity", "code"),
    [
        ({"AllocationTypeId": ""}, "error", "no_key"),
        ({"AllocationYear": "soon"}, "error", "bad_year"),
        ({"PooledFundName": ""}, "error", "no_fund"),
        ({"TotalUSDPlanned": "much"}, "error", "bad_number"),
        ({"TotalProjectsApproved": "1.5"}, "error", "bad_number"),
        ({"TotalUSDPlanned": "-5"}, "warning", "negative_amount"),
        ({"PlannedStartDate": "31/12/2022"}, "warning", "bad_date"),
        ({"PlannedStartDate": "5/1/2022"}, "warning", "dates_crossed"),
        ({"PlannedEndDate": ""}, "notice", "missing_date"),
        ({"TotalUSDPlanned": "1.005"}, "notice", "rounding_usd"),
        ({"AllocationTitle": "x" * 301}, "notice", "long_title"),
        ({"AllocationTitle": ""}, "notice", "no_title"),
    ],
)
def test_what_is_odd_about_a_round_is_found(change: Line, severity: str, code: str) -> None:
    lines, found = _rounds({**ROUND, **change})
    assert (severity, code) in codes(found)
    assert bool(lines) == (severity != "error")


@pytest.mark.once
def test_the_same_number_twice_is_an_error() -> None:
    lines, found = _rounds(ROUND, ROUND)
    assert (len(lines), found[-1].code) == (1, "duplicate_key")
    more, found = _grants(GRANT, GRANT)
    assert (len(more), found[-1].code) == (1, "duplicate_key")


@pytest.mark.once
@pytest.mark.parametrize(
    ("change", "severity", "code"),
    [
        ({"PrjCode": ""}, "error", "no_key"),
        ({"PFId": ""}, "error", "no_pfid"),
        ({"OrgNm": ""}, "error", "no_orgnm"),
        ({"AllYr": ""}, "error", "bad_year"),
        ({"PrgBdg": ""}, "error", "bad_number"),
        ({"PrgBdg": "-1"}, "error", "bad_number"),
        ({"PrgBdg": "999999999999999999"}, "error", "too_large"),
        ({"PrgBdg": "0"}, "warning", "zero_row"),
        ({"PrjStsNm": "Dreaming"}, "warning", "unknown_state"),
        ({"ApprDt": ""}, "warning", "missing_date"),
        ({"AStrDt": "31/12/2022"}, "warning", "bad_date"),
        ({"AStrDt": "1/1/2023"}, "warning", "dates_crossed"),
        ({"PrjCode": " SUD-22/1 "}, "notice", "padded_code"),
        ({"PrjTitle": "x" * 994}, "notice", "long_title"),
        ({"PrgBdg": "60.005"}, "notice", "rounding_usd"),
    ],
)
def test_what_is_odd_about_a_grant_is_found(change: Line, severity: str, code: str) -> None:
    lines, found = _grants({**GRANT, **change})
    assert (severity, code) in codes(found)
    assert bool(lines) == (severity != "error")


def test_rounds_become_closed_calls_and_later_files_change_them(app: Flask) -> None:
    assert counts(bring("rounds", rounds(ROUND))) == (1, 0, 0, 0, 0)
    assert counts(bring("rounds", rounds(ROUND))) == (0, 0, 0, 1, 0)
    later = {**ROUND, "TotalUSDPlanned": "25000000", "AllocationTitle": "First, enlarged"}
    assert counts(bring("rounds", rounds(later))) == (0, 1, 0, 0, 0)
    db.session.rollback()
    (call,) = db.session.scalars(select(Call)).all()
    assert (call.state, call.is_imported, call.title) == ("closed", True, "First, enlarged")
    assert call.envelope_minor == 25_000_000_00
    other = {**ROUND, "AllocationTypeId": "28"}
    outcome = bring("rounds", rounds(other))
    assert counts(outcome) == (1, 0, 1, 0, 0)
    assert ("warning", "withdrawn") in codes(outcome.findings.found)
    assert len(db.session.scalars(select(Call)).all()) == 2


def test_a_round_whose_number_another_call_of_the_fund_bears_is_left_out_alone(app: Flask) -> None:
    bring("rounds", rounds(ROUND))
    outcome = bring("rounds", rounds(ROUND, {**ROUND, "AllocationTypeId": "28"}), source="other")
    assert counts(outcome) == (1, 0, 0, 0, 1)
    assert ("error", "not_loaded") in codes(outcome.findings.found)


def test_grants_need_the_rounds_that_name_their_fund(app: Flask) -> None:
    outcome = bring("grants", grants(GRANT))
    assert counts(outcome) == (0, 0, 0, 0, 1)
    (said,) = outcome.findings.found
    assert (said.code, said.severity) == ("unknown_fund", "error")
    assert "Import the rounds first" in said.message


def test_a_grant_is_committed_from_deposits_that_had_come_in(app: Flask) -> None:
    """
    9110 unallocated, first deposit    100.00 -> 40.00
    9140 committed to the grant          0.00 -> 60.00
    """
    bring("contributions", contributions(EARLIER, {**PAID, "ContributionCode": "later"}))
    bring("rounds", rounds(ROUND))
    assert counts(bring("grants", grants(GRANT))) == (1, 0, 0, 0, 0)
    fund = people.fund_by_name("Sudan")
    held = {
        (one.number, one.layer_id): one.balance_minor
        for one in ledger.balances(fund.id, ["9110", "9140"])
    }
    first, second = sorted({layer for _, layer in held if layer})
    assert held == {("9110", first): 4000, ("9110", second): 10000, ("9140", first): 6000}
    (grant,) = db.session.scalars(select(Grant)).all()
    assert (grant.reference, grant.state, grant.is_funded) == ("SUD-22/1", "active", True)
    assert grant.approved_on == date(2022, 4, 20)
    (programme,) = db.session.scalars(select(Programme)).all()
    assert programme.name == "Sudan"
    assert db.session.scalars(select(Window.name)).all() == ["Imported grants"]
    _check_books()


def test_a_grant_that_cannot_be_covered_is_kept_and_the_amount_short_is_said(app: Flask) -> None:
    bring("rounds", rounds(ROUND))
    outcome = bring("grants", grants(GRANT))
    assert counts(outcome) == (1, 0, 0, 0, 0)
    (said,) = [one for one in outcome.findings.found if one.code == "unfunded"]
    assert "by 20 April 2022 cannot cover USD 60.00: USD 60.00 is short" in said.message
    # The money comes in later than the approval: still short.
    bring("contributions", contributions(PAID))
    outcome = bring("grants", grants(GRANT))
    assert counts(outcome) == (0, 0, 0, 1, 0)
    assert ("warning", "unfunded") in codes(outcome.findings.found)


def test_a_grant_that_was_short_is_covered_once_its_deposits_are_here(app: Flask) -> None:
    bring("rounds", rounds(ROUND))
    bring("grants", grants(GRANT))
    bring("contributions", contributions(EARLIER))
    outcome = bring("grants", grants(GRANT))
    assert counts(outcome) == (0, 1, 0, 0, 0)
    assert codes(outcome.findings.found) == {("notice", "covered")}
    assert [str(one.funded.amount) for one in grant_totals()] == ["60.00"]
    assert counts(bring("grants", grants(GRANT))) == (0, 0, 0, 1, 0)
    _check_books()


def test_a_changed_title_leaves_the_books_alone_and_a_changed_budget_does_not(app: Flask) -> None:
    bring("contributions", contributions(EARLIER))
    bring("rounds", rounds(ROUND))
    bring("grants", grants(GRANT))
    fund_id = people.fund_by_name("Sudan").id
    before = ledger.head(fund_id).sequence
    renamed = {**GRANT, "PrjTitle": "Shelter and water", "PrjStsNm": "Reporting"}
    assert counts(bring("grants", grants(renamed))) == (0, 1, 0, 0, 0)
    assert ledger.head(fund_id).sequence == before
    assert counts(bring("grants", grants({**renamed, "PrgBdg": "70"}))) == (0, 1, 0, 0, 0)
    assert ledger.head(fund_id).sequence == before + 2
    db.session.rollback()
    (grant,) = db.session.scalars(select(Grant)).all()
    assert (grant.title, grant.state, grant.approved_minor) == (
        "Shelter and water",
        "reporting",
        7000,
    )
    _check_books()


def test_a_grant_that_is_gone_frees_its_money_for_one_that_is_new(app: Flask) -> None:
    bring("contributions", contributions(EARLIER))
    bring("rounds", rounds(ROUND))
    bring("grants", grants(GRANT))
    new = {**GRANT, "PrjCode": "SUD-22/2", "PrgBdg": "90"}
    outcome = bring("grants", grants(new))
    assert counts(outcome) == (1, 0, 1, 0, 0)
    assert [str(one.funded.amount) for one in grant_totals()] == ["90.00"]
    assert counts(bring("grants", grants(new, {**GRANT, "PrgBdg": "10"}))) == (0, 1, 0, 1, 0)
    assert [str(one.funded.amount) for one in grant_totals()] == ["100.00"]
    _check_books()


def test_a_file_of_one_year_leaves_the_grants_of_others(app: Flask) -> None:
    bring("rounds", rounds(ROUND))
    bring("grants", grants(GRANT))
    later = {**GRANT, "PrjCode": "SUD-23/1", "AllYr": "2023", "ApprDt": "1/5/2023"}
    assert counts(bring("grants", grants(later))) == (1, 0, 0, 0, 0)
    assert [(one.year, one.grants) for one in grant_totals()] == [(2022, 1), (2023, 1)]


def test_the_earliest_approved_grant_is_covered_first_wherever_it_stands(app: Flask) -> None:
    bring("contributions", contributions(EARLIER))
    bring("rounds", rounds(ROUND))
    later = {**GRANT, "PrjCode": "SUD-22/2", "ApprDt": "6/1/2022"}
    outcome = bring("grants", grants(later, GRANT))
    short = [one for one in outcome.findings.found if one.code == "unfunded"]
    assert [(one.key, "USD 20.00 is short" in one.message) for one in short] == [("SUD-22/2", True)]


def test_a_code_that_another_grant_of_the_fund_bears_is_left_out_alone(app: Flask) -> None:
    bring("rounds", rounds(ROUND), source="one")
    bring("grants", grants(GRANT), source="one")
    bring("rounds", rounds({**ROUND, "AllocationTypeId": "99"}), source="two")
    other = {**GRANT, "PrjCode": "SUD-22/9"}
    outcome = bring("grants", grants(GRANT, other), source="two")
    assert counts(outcome) == (1, 0, 0, 0, 1)
    assert "recorded already" in next(
        one.message for one in outcome.findings.found if one.code == "not_loaded"
    )


def test_rounds_and_grants_of_a_fund_of_others_are_left_out(world: World) -> None:
    bring("contributions", contributions(PAID))
    me = world.person(Role.GRANT_OFFICER, fund_id=world.fund("Mine"))
    outcome = bring("rounds", rounds(ROUND), by=me)
    assert (counts(outcome), codes(outcome.findings.found)) == (
        (0, 0, 0, 0, 1),
        {("notice", "scientific_notation"), ("error", "fund_not_yours")},
    )
    bring("rounds", rounds(ROUND))
    outcome = bring("grants", grants(GRANT), by=me)
    assert (counts(outcome), codes(outcome.findings.found)) == (
        (0, 0, 0, 0, 1),
        {("error", "fund_not_yours")},
    )
