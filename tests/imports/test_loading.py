"""Contributions come into the books once, and later files change them by reversals."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.audit import queries as audit
from grants.audit.models import AuditEvent
from grants.db import db, transaction
from grants.donors import queries as donors
from grants.donors.models import Deposit, Pledge
from grants.errors import Malformed, NotAllowed, NotFound
from grants.imports import actions
from grants.imports import queries as imports
from grants.imports.actions.running import BROKEN_OFF, KINDS
from grants.imports.models import ImportedRow
from grants.ledger import actions as periods
from grants.ledger import queries as ledger
from grants.people import queries as people
from grants.people.models import Role
from tests.imports.files import PAID, PLEDGED, bring, codes, contributions, counts
from tests.make import MakeBase
from tests.makes.donors import money
from tests.makes.funding import FundingMakes
from tests.makes.people import PeopleMakes

SECOND = {**PAID, "ContributionCode": "25-DC-NOR-002", "DonorName": "Norway", "PaidAmt": "50"}
SECOND |= {"PaidAmtLocal": "500"}


class World(FundingMakes, PeopleMakes, MakeBase):
    """People and funds to import for."""

    def close_year(self, fund_id: int, year: int) -> None:
        treasurer = self.treasurer()
        with transaction():
            period_id = periods.open_period(
                treasurer,
                fund_id,
                name=str(year),
                starts_on=date(year, 1, 1),
                ends_on=date(year, 12, 31),
            )
            periods.soft_close_period(treasurer, period_id)
        second = self.acting(Role.CERTIFYING_OFFICER, number=2)
        with transaction():
            periods.close_period(second, period_id, reason="Audited")


@pytest.fixture
def world(app: Flask) -> World:
    return World(app)


def _totals() -> dict[tuple[str, str, str], tuple[str, str]]:
    """Paid and pledged in dollars by fund, donor and currency."""
    return {
        (one.fund, one.donor, one.currency): (
            str(one.paid_usd.amount),
            str(one.pledged_usd.amount),
        )
        for one in donors.contribution_totals()
        if one.paid or one.pledged
    }


def _entries() -> list[tuple[str, str]]:
    """Every entry of the fund: event and reason."""
    fund = people.fund_by_name("Sudan")
    found, _total = ledger.entries(fund.id, limit=100)
    return sorted((one.event, one.reason) for one in found)


def _check_books() -> None:
    for fund in people.funds():
        found = ledger.verify(fund.id)
        assert found.holds, found.breaks
    assert audit.verify().holds


def test_a_payment_and_a_pledge_come_into_the_books(app: Flask) -> None:
    outcome = bring("contributions", contributions(PAID, {**PLEDGED, "ContributionCode": "P-1"}))
    assert counts(outcome) == (2, 0, 0, 0, 0)
    assert _totals() == {("Sudan", "Sweden", "SEK"): ("100.00", "100.00")}
    fund = people.fund_by_name("Sudan")
    assert (fund.pool_policy, fund.fee_basis_points) == ("fifo", 0)
    _check_books()


def test_the_same_file_again_changes_nothing(app: Flask) -> None:
    content = contributions(PAID, PLEDGED, {**PAID, "PaidAmt": "0", "PledgeAmt": "0"})
    bring("contributions", content)
    before = (_totals(), _entries(), ledger.head(people.fund_by_name("Sudan").id).hash)
    assert counts(bring("contributions", content)) == (0, 0, 0, 3, 0)
    assert (_totals(), _entries(), ledger.head(people.fund_by_name("Sudan").id).hash) == before


def test_a_pledge_that_was_paid_is_settled_by_its_mirror_and_a_deposit(app: Flask) -> None:
    bring("contributions", contributions(PLEDGED))
    assert counts(bring("contributions", contributions(PAID))) == (0, 1, 0, 0, 0)
    assert _totals() == {("Sudan", "Sweden", "SEK"): ("100.00", "0.00")}
    assert [event for event, _ in _entries()] == ["deposit", "pledge", "pledge.reversed"]
    assert db.session.scalars(select(Pledge.state)).all() == ["paid"]
    _check_books()


def test_a_changed_amount_is_a_new_entry_and_a_mirror_for_the_same_layer(app: Flask) -> None:
    bring("contributions", contributions(PAID))
    (layer,) = db.session.scalars(select(Deposit.id)).all()
    outcome = bring("contributions", contributions({**PAID, "PaidAmt": "110"}))
    assert counts(outcome) == (0, 1, 0, 0, 0)
    assert _totals() == {("Sudan", "Sweden", "SEK"): ("110.00", "0.00")}
    assert [event for event, _ in _entries()] == ["deposit", "deposit", "deposit.reversed"]
    assert db.session.scalars(select(Deposit.id)).all() == [layer]
    _check_books()


def test_a_changed_year_alone_reaches_the_deposit(app: Flask) -> None:
    bring("contributions", contributions(PAID))
    bring("contributions", contributions({**PAID, "FiscalYear": "2026"}))
    db.session.rollback()
    assert db.session.scalars(select(Deposit.programming_year)).all() == [2026]
    _check_books()


def test_a_donor_who_changed_its_name_keeps_its_record_and_its_entries(app: Flask) -> None:
    lines = [{**PAID, "DonorName": "Turkey"}, {**SECOND, "DonorName": "Turkey"}]
    bring("contributions", contributions(*lines))
    before = _entries()
    outcome = bring(
        "contributions", contributions(*[{**line, "DonorName": "Türkiye"} for line in lines])
    )
    assert counts(outcome) == (0, 2, 0, 0, 0)
    assert ("notice", "donor_renamed") in codes(outcome.findings.found)
    assert _totals() == {("Sudan", "Türkiye", "SEK"): ("150.00", "0.00")}
    assert _entries() == before
    # The old name is still understood.
    assert people.organisation_by_name("Turkey").name == "Türkiye"


def test_a_fund_that_changed_its_name_keeps_its_books(app: Flask) -> None:
    bring("contributions", contributions(PAID, SECOND))
    fund_id = people.fund_by_name("Sudan").id
    renamed = [{**line, "PooledFundName": "Sudan (HF)"} for line in (PAID, SECOND)]
    outcome = bring("contributions", contributions(*renamed))
    assert ("notice", "fund_renamed") in codes(outcome.findings.found)
    assert people.fund_by_name("Sudan (HF)").id == fund_id
    assert len(people.funds()) == 1
    assert ledger.head(fund_id).sequence == 2


def test_a_contribution_that_was_another_donors_moves_there(app: Flask) -> None:
    bring("contributions", contributions(PAID, SECOND))
    bring("contributions", contributions({**PAID, "DonorName": "Norway"}, SECOND))
    assert _totals() == {("Sudan", "Norway", "SEK"): ("150.00", "0.00")}
    _check_books()


def test_one_that_moves_to_another_fund_is_reversed_there_and_recorded_here(app: Flask) -> None:
    bring("contributions", contributions(PAID, SECOND))
    bring("contributions", contributions({**PAID, "PooledFundName": "Yemen"}, SECOND))
    assert _totals() == {
        ("Sudan", "Norway", "SEK"): ("50.00", "0.00"),
        ("Yemen", "Sweden", "SEK"): ("100.00", "0.00"),
    }
    _check_books()


def test_an_instalment_that_is_gained_leaves_the_others_alone(app: Flask) -> None:
    bring("contributions", contributions(PAID))
    later = {**PAID, "PaidDate": "2025-09-02", "PaidAmt": "40", "PaidAmtLocal": "400"}
    assert counts(bring("contributions", contributions(later, PAID))) == (1, 0, 0, 1, 0)
    assert _totals() == {("Sudan", "Sweden", "SEK"): ("140.00", "0.00")}
    keys = db.session.execute(select(ImportedRow.key, ImportedRow.occurrence))
    assert sorted(tuple(row) for row in keys) == [("25-DC-SWE-001", 1), ("25-DC-SWE-001", 2)]


def test_a_line_that_is_gone_is_reversed_and_one_that_comes_back_is_recorded(app: Flask) -> None:
    bring("contributions", contributions(PAID, SECOND))
    outcome = bring("contributions", contributions(PAID))
    assert counts(outcome) == (0, 0, 1, 1, 0)
    assert ("notice", "withdrawn") in codes(outcome.findings.found)
    assert _totals() == {("Sudan", "Sweden", "SEK"): ("100.00", "0.00")}
    assert counts(bring("contributions", contributions(PAID))) == (0, 0, 0, 1, 0)
    assert counts(bring("contributions", contributions(PAID, SECOND))) == (0, 1, 0, 1, 0)
    assert _totals()["Sudan", "Norway", "SEK"] == ("50.00", "0.00")
    _check_books()


def test_two_sources_do_not_withdraw_each_others_lines(app: Flask) -> None:
    bring("contributions", contributions(PAID), source="one")
    bring("contributions", contributions(SECOND), source="two")
    assert len(_totals()) == 2


def test_a_line_that_cannot_be_read_now_keeps_what_it_brought(app: Flask) -> None:
    bring("contributions", contributions(PAID, SECOND))
    outcome = bring("contributions", contributions({**PAID, "PaidAmt": "1.000,5"}, SECOND))
    assert counts(outcome) == (0, 0, 0, 1, 1)
    assert {("error", "bad_number"), ("notice", "not_withdrawn")} <= codes(outcome.findings.found)
    assert _totals()["Sudan", "Sweden", "SEK"] == ("100.00", "0.00")
    # A line that does not say which one it is may be any of those that are missing.
    outcome = bring("contributions", contributions({**PAID, "ContributionCode": ""}, SECOND))
    assert ("warning", "not_withdrawn") in codes(outcome.findings.found)
    assert _totals()["Sudan", "Sweden", "SEK"] == ("100.00", "0.00")


def test_a_trial_keeps_its_findings_and_nothing_else(app: Flask) -> None:
    outcome = bring("contributions", contributions(PAID, PAID), is_dry_run=True)
    assert counts(outcome) == (2, 0, 0, 0, 0)
    assert people.funds() == []
    system = people.system_actor()
    (run,), _total = imports.runs(system)
    assert (run.is_dry_run, run.rows_loaded, run.state) == (True, 2, "done")
    _found, total = imports.findings(system, run.id)
    assert total == 2


def test_a_file_that_is_refused_leaves_its_reason(app: Flask) -> None:
    with pytest.raises(Malformed, match="it is empty"):
        bring("contributions", b"")
    (run,), _total = imports.runs(people.system_actor())
    assert (run.state, run.rows_read) == ("failed", 0)
    assert "it is empty" in run.error


def test_a_fault_of_ours_leaves_a_run_that_is_over_and_no_books(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(KINDS, "contributions", break_off)
    with pytest.raises(ZeroDivisionError):
        bring("contributions", contributions(PAID))
    (run,), _total = imports.runs(people.system_actor())
    assert (run.state, run.error) == ("failed", BROKEN_OFF)
    assert people.funds() == []


def test_money_that_is_set_aside_is_not_withdrawn_and_its_neighbours_are(world: World) -> None:
    """
    9110 unallocated of Sweden's layer  0.00: all of it is allocated.
    """
    bring("contributions", contributions(PAID, SECOND))
    fund_id = people.fund_by_name("Sudan").id
    world.made["books The Fund"] = fund_id
    world.allocation("100")
    outcome = bring("contributions", contributions({**SECOND, "ContributionCode": "other"}))
    refused = [one.key for one in outcome.findings.found if one.code == "not_withdrawn"]
    assert len(refused) == 1
    assert (outcome.rows_loaded, outcome.rows_withdrawn) == (1, 1)
    withdrawn = db.session.scalar(
        select(func.count(AuditEvent.sequence)).where(AuditEvent.verb == "deposit.reversed")
    )
    assert withdrawn == 1
    _check_books()


def test_a_line_of_a_closed_period_is_left_out_alone(world: World) -> None:
    bring("contributions", contributions(PAID))
    fund_id = people.fund_by_name("Sudan").id
    world.close_year(fund_id, 2024)
    old = {**SECOND, "PaidDate": "2024-06-01", "ContributionCode": "old"}
    outcome = bring("contributions", contributions(PAID, old, SECOND))
    assert counts(outcome) == (1, 0, 0, 1, 1)
    (said,) = [one for one in outcome.findings.found if one.code == "not_loaded"]
    assert (said.key, said.row) == ("old", 3)
    _check_books()


def test_an_earlier_file_and_many_missing_lines_are_warned_of(app: Flask) -> None:
    lines = [{**PAID, "ContributionCode": f"C-{number}"} for number in range(30)]
    first, second = contributions(*lines), contributions(*lines[:15])
    bring("contributions", first)
    outcome = bring("contributions", second, is_dry_run=True)
    assert ("warning", "many_withdrawn") in codes(outcome.findings.found)
    bring("contributions", second)
    outcome = bring("contributions", first, is_dry_run=True)
    assert ("warning", "earlier_file") in codes(outcome.findings.found)
    assert outcome.rows_updated == 15


def test_whoever_may_not_import_anywhere_is_refused(world: World) -> None:
    with pytest.raises(NotAllowed, match="may import books"):
        bring("contributions", contributions(PAID), by=world.person(Role.AUDITOR))
    with pytest.raises(Malformed, match="cannot be imported"):
        bring("wishes", contributions(PAID))
    for source in ("", " ", "x" * 41):
        with pytest.raises(Malformed, match="whose file this is"):
            bring("contributions", contributions(PAID), source=source)


def test_an_import_touches_no_fund_in_which_one_may_not_import(world: World) -> None:
    bring("contributions", contributions(PAID, SECOND))
    mine = world.fund("Mine")
    me = world.person(Role.FINANCE_OFFICER, fund_id=mine)
    in_mine = {**PAID, "ContributionCode": "M-1", "PooledFundName": "Mine"}
    outcome = bring("contributions", contributions(in_mine, {**PAID, "PaidAmt": "9"}), by=me)
    assert counts(outcome) == (1, 0, 0, 0, 1)
    assert ("error", "fund_not_yours") in codes(outcome.findings.found)
    assert _totals() == {
        ("Mine", "Sweden", "SEK"): ("100.00", "0.00"),
        ("Sudan", "Norway", "SEK"): ("50.00", "0.00"),
        ("Sudan", "Sweden", "SEK"): ("100.00", "0.00"),
    }


def test_a_line_cannot_be_drawn_from_a_fund_of_others_into_ones_own(world: World) -> None:
    bring("contributions", contributions(PAID))
    me = world.person(Role.FINANCE_OFFICER, fund_id=world.fund("Mine"))
    outcome = bring("contributions", contributions({**PAID, "PooledFundName": "Mine"}), by=me)
    assert counts(outcome) == (0, 0, 0, 0, 1)
    assert _totals() == {("Sudan", "Sweden", "SEK"): ("100.00", "0.00")}


def test_whoever_brings_in_a_new_fund_works_in_it_with_the_same_role(world: World) -> None:
    me = world.person(Role.FINANCE_OFFICER, fund_id=world.fund("Mine"))
    bring("contributions", contributions(PAID), by=me)
    fund_id = people.fund_by_name("Sudan").id
    assert people.actor_of(me.user_id).has_role(Role.FINANCE_OFFICER, fund_id)
    assert not people.actor_of(me.user_id).has_role(Role.GRANT_OFFICER, fund_id)
    # The next file of the same source is theirs to bring.
    assert bring("contributions", contributions({**PAID, "PaidAmt": "90"}), by=me).rows_updated == 1


def test_a_run_is_seen_by_its_starter_and_by_colleagues_of_its_one_fund(world: World) -> None:
    mine = world.fund("Mine")
    me = world.person(Role.FINANCE_OFFICER, fund_id=mine)
    colleague = world.person(Role.GRANT_OFFICER, fund_id=mine)
    stranger = world.person(Role.FINANCE_OFFICER, fund_id=world.fund("Theirs"))
    in_mine = {**PAID, "PooledFundName": "Mine"}
    bring("contributions", contributions(in_mine), by=me)
    bring("contributions", contributions(in_mine, SECOND), by=me)
    both, one = [run.id for run in imports.runs(me)[0]]
    assert [run.id for run in imports.runs(colleague)[0]] == [one]
    assert imports.runs(stranger) == ([], 0)
    for who, run_id in ((colleague, both), (stranger, one)):
        for look in (imports.run, imports.findings, imports.findings_by_code):
            with pytest.raises(NotFound):
                look(who, run_id)


def test_rounding_is_summed_by_fund_and_by_currency(app: Flask) -> None:
    odd = {**PLEDGED, "PledgeAmt": "100.0049"}
    crowns = {**SECOND, "PaidAmtLocalCurrency": "ISK", "PaidAmtLocal": "1000.29"}
    bring("contributions", contributions(odd, crowns))
    found = imports.rounding_of("contributions")
    assert (found.lines, found.usd) == (2, Decimal("0.0049"))
    assert dict(found.usd_by_fund) == {"Sudan": Decimal("0.0049")}
    assert dict(found.by_currency) == {"ISK": Decimal("0.29")}
    assert imports.rounding_of("contributions", 999).lines == 0


def test_a_pledge_that_became_an_agreement_is_left_to_it(world: World) -> None:
    bring("contributions", contributions(PLEDGED))
    fund_id = people.fund_by_name("Sudan").id
    (pledge,) = db.session.scalars(select(Pledge)).all()
    world.made |= {"books The Fund": fund_id, "donor Sweden": pledge.donor_id}
    world.agreement(money("100"), donor="Sweden", pledge_id=pledge.id)
    outcome = bring("contributions", contributions({**PLEDGED, "PledgeAmt": "120"}))
    assert counts(outcome) == (0, 0, 0, 0, 1)
    assert "has become a contribution agreement" in outcome.findings.found[-1].message


def test_two_files_at_once_do_not_bring_a_line_twice(app: Flask) -> None:
    content = contributions(PAID, SECOND)
    outcomes = []

    def work() -> None:
        with app.app_context():
            outcomes.append(counts(bring("contributions", content)))
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [(0, 0, 0, 2, 0), (2, 0, 0, 0, 0)]
    assert len(_totals()) == 2


def test_progress_goes_up_to_all_lines(app: Flask) -> None:
    seen: list[tuple[int, int]] = []
    lines = [{**PAID, "ContributionCode": f"C-{number}"} for number in range(1200)]
    content = contributions(*lines)
    with transaction():
        run_id = actions.start_run(
            people.system_actor(),
            kind="contributions",
            source="pfmb",
            file_name="x.csv",
            content=content,
            is_dry_run=False,
        )
    actions.run_import(run_id, content, lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == ((0, 1200), (1200, 1200))
    assert len(seen) > 3
