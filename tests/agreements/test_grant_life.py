"""A grant from its agreement to its closure, with its postings."""

from __future__ import annotations

import pdfplumber
import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from grants.agreements import actions
from grants.agreements import queries as agreements
from grants.agreements.actions import NewAgreement, NewTranche, RefusedCost
from grants.agreements.models import Tranche
from grants.agreements.rules import (
    CannotClose,
    EarlierTrancheOpen,
    MoreThanAdvanced,
    NotAThirdPerson,
    NotEnoughSpent,
    OwnRequest,
    TranchesDoNotSum,
    WrongMoment,
)
from grants.db import db, transaction
from grants.errors import Malformed, NotAllowed, NotFound, Refused
from grants.files import queries as files
from grants.funding import queries as funding
from grants.jobs import runner
from grants.ledger import queries as ledger
from grants.ledger.chart import EXPENDITURE
from grants.people.models import Role
from tests.agreements.conftest import Make
from tests.makes.agreements import ENDS
from tests.makes.donors import DAY, money


def _held(make: Make, *numbers: str) -> str:
    found = ledger.sum_usd(ledger.balances(make.books(), numbers))
    return f"{found.amount:,}"


def _grant(make: Make, amount: str = "250,000.00") -> int:
    make.deposit("940,000.00")
    make.allocation("600,000.00")
    return make.reserved_grant(amount)


def test_the_worked_example_from_signature_to_refund(make: Make) -> None:
    """
    9    signed         Dr 9130 / Cr 9140                              250,000
    10   certified      Dr 1200 / Cr 2010    Dr 9140 / Cr 9150         100,000
         released       Dr 2010 / Cr 1010                              100,000
    11   accepted       Dr 5010 9,400, 5040 55,000, 5050 10,000, 5080 5,600 / Cr 1200
    11b  refused        Dr 1250 / Cr 1200                                3,000
    12   refund         Dr 1010 19,000 / Cr 1200 17,000, Cr 1250 2,000
                        Dr 9150 / Cr 9120                               19,000
    13   given back     Dr 9140 / Cr 9120                              150,000
    """
    grant_id = _grant(make)
    first, _second = make.signed(grant_id, "100,000.00", "150,000.00")
    assert (_held(make, "9130"), _held(make, "9140")) == ("0.00", "250,000.00")

    make.paid(first)
    assert (_held(make, "1200"), _held(make, "2010")) == ("100,000.00", "0.00")
    assert (_held(make, "9140"), _held(make, "9150")) == ("150,000.00", "100,000.00")
    assert _held(make, "1010") == "840,000.00"

    report_id = make.reported(
        grant_id, {1: "9,400.00", 4: "58,000.00", 5: "10,000.00", 8: "5,600.00"}
    )
    officer = make.officer()
    with transaction():
        actions.accept_report(
            officer,
            report_id,
            on=DAY,
            refused=[RefusedCost(category=4, amount=money("3,000.00"), reason="No receipt")],
        )
    assert _held(make, *EXPENDITURE) == "80,000.00"
    assert (_held(make, "1250"), _held(make, "1200")) == ("3,000.00", "17,000.00")

    treasurer = make.treasurer()
    with transaction():
        actions.record_refund(
            treasurer,
            grant_id,
            unspent=money("17,000.00"),
            refused=money("2,000.00"),
            value_on=DAY,
            bank_reference="BACK-1",
        )
    assert (_held(make, "1200"), _held(make, "1250")) == ("0.00", "1,000.00")
    with transaction():
        rest = actions.decommit_rest(officer, grant_id, on=DAY, reason="Works are done")
    assert str(rest) == "USD 150,000.00"
    assert (_held(make, "9120"), _held(make, "9150")) == ("519,000.00", "81,000.00")
    assert ledger.verify(make.books()).holds
    assert funding.attribution_breaks(make.books()) == []


def test_tranches_must_come_to_the_grant(make: Make) -> None:
    grant_id = _grant(make)
    with pytest.raises(TranchesDoNotSum, match=r"USD 240,000.00; the grant is USD 250,000.00"):
        make.prepared(grant_id, "100,000.00", "140,000.00")


def test_a_draft_can_be_prepared_anew_until_it_is_signed(make: Make) -> None:
    grant_id = _grant(make)
    make.prepared(grant_id, "100,000.00", "150,000.00")
    make.signed(grant_id, "250,000.00")
    with pytest.raises(WrongMoment):
        make.prepared(grant_id, "250,000.00")


def test_nothing_is_requested_before_the_signature(make: Make) -> None:
    grant_id, officer = _grant(make), make.officer()
    make.prepared(grant_id, "250,000.00")
    record = agreements.record(officer, grant_id)
    with pytest.raises(WrongMoment, match="not signed"), transaction():
        actions.request_tranche(officer, record.tranches[0].id)


def test_three_different_people_pay_a_tranche(make: Make) -> None:
    """Somebody who holds every role still cannot act twice on the same tranche."""
    (tranche_id,) = make.signed(_grant(make), "250,000.00")
    everything = make.person_with_all_money_roles()
    certifier = make.certifier()
    with transaction():
        actions.request_tranche(everything, tranche_id)
    with pytest.raises(OwnRequest, match="someone else must certify"), transaction():
        actions.certify_tranche(everything, tranche_id, on=DAY)
    with transaction():
        actions.certify_tranche(certifier, tranche_id, on=DAY)
    with pytest.raises(NotAThirdPerson), transaction():
        actions.release_tranche(everything, tranche_id, paid_on=DAY, bank_reference="B")
    with pytest.raises(NotAllowed), transaction():
        actions.release_tranche(certifier, tranche_id, paid_on=DAY, bank_reference="B")


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ({"certified_by_id": "requester"}, "certifier_is_not_the_requester"),
        ({"released_by_id": "requester"}, "releaser_is_a_third_person"),
        ({"released_by_id": "certifier"}, "releaser_is_a_third_person"),
        ({"state": "released"}, "released_only_with_its_entry"),
    ],
)
def test_the_database_refuses_it_too(make: Make, columns: dict[str, str], name: str) -> None:
    (tranche_id,) = make.signed(_grant(make), "250,000.00")
    officer, certifier = make.officer(), make.certifier()
    with transaction():
        actions.request_tranche(officer, tranche_id)
    with transaction():
        actions.certify_tranche(certifier, tranche_id, on=DAY)
    people = {"requester": officer.user_id, "certifier": certifier.user_id}
    values = {column: people.get(value, value) for column, value in columns.items()}
    with pytest.raises(IntegrityError, match=name), transaction() as session:
        session.execute(update(Tranche).where(Tranche.id == tranche_id).values(**values))


def test_the_next_tranche_waits_for_the_one_before_and_its_spending(make: Make) -> None:
    grant_id, officer = _grant(make), make.officer()
    first, second = make.signed(grant_id, "100,000.00", "150,000.00")
    with pytest.raises(EarlierTrancheOpen), transaction():
        actions.request_tranche(officer, second)
    make.paid(first)
    with pytest.raises(NotEnoughSpent, match=r"75,000.00 \(75 %\) is needed"), transaction():
        actions.request_tranche(officer, second)
    report_id = make.reported(grant_id, {4: "75,000.00"})
    with transaction():
        actions.accept_report(officer, report_id, on=DAY)
    with transaction():
        actions.request_tranche(officer, second)


def test_a_report_claims_no_more_than_was_advanced(make: Make) -> None:
    grant_id = _grant(make)
    (tranche_id,) = make.signed(grant_id, "250,000.00")
    make.paid(tranche_id)
    with pytest.raises(MoreThanAdvanced, match=r"USD 250,000.00"):
        make.reported(grant_id, {4: "250,000.01"})
    assert agreements.record(make.officer(), grant_id).reports[0].state == "draft"


def test_refusing_a_cost_needs_its_reason(make: Make) -> None:
    grant_id, officer = _grant(make), make.officer()
    (tranche_id,) = make.signed(grant_id, "250,000.00")
    make.paid(tranche_id)
    report_id = make.reported(grant_id, {4: "10.00"})
    for refused in (
        RefusedCost(category=4, amount=money("1.00"), reason=" "),
        RefusedCost(category=4, amount=money("11.00"), reason="Too much"),
    ):
        with pytest.raises(Malformed), transaction():
            actions.accept_report(officer, report_id, on=DAY, refused=[refused])


def test_a_returned_report_comes_back_with_its_reason(make: Make) -> None:
    grant_id, officer = _grant(make), make.officer()
    (tranche_id,) = make.signed(grant_id, "250,000.00")
    make.paid(tranche_id)
    report_id = make.reported(grant_id, {4: "10.00"})
    with transaction():
        actions.return_report(officer, report_id, reason="Say where the kiosks stand")
    report = agreements.my_grant(make.grantee_person(), grant_id).reports[0]
    assert (report.state, report.decision_note) == ("returned", "Say where the kiosks stand")


def test_a_grant_is_closed_only_when_nothing_is_open(make: Make) -> None:
    grant_id, officer = _grant(make), make.officer()
    (tranche_id,) = make.signed(grant_id, "250,000.00")
    make.paid(tranche_id)
    with pytest.raises(CannotClose, match="final report"), transaction():
        actions.close_grant(officer, grant_id)
    report_id = make.reported(grant_id, {4: "249,000.00"})
    with transaction():
        actions.accept_report(officer, report_id, on=DAY)
    with transaction():
        actions.close_grant(officer, grant_id)
    with pytest.raises(CannotClose, match=r"USD 1,000.00 is still advanced"), transaction():
        actions.close_grant(officer, grant_id)
    treasurer = make.treasurer()
    with transaction():
        actions.record_refund(
            treasurer,
            grant_id,
            unspent=money("1,000.00"),
            refused=money("0.00"),
            value_on=DAY,
            bank_reference="BACK-1",
        )
    with transaction():
        actions.close_grant(officer, grant_id)
    assert agreements.record(officer, grant_id).grant.state == "closed"


def test_another_organisation_sees_nothing_of_a_grant(make: Make) -> None:
    grant_id = _grant(make)
    make.signed(grant_id, "250,000.00")
    stranger = make.acting(Role.APPLICANT, number=9)
    with pytest.raises(NotFound):
        agreements.my_grant(stranger, grant_id)
    with pytest.raises(NotFound):
        agreements.record(stranger, grant_id)
    with pytest.raises(Refused), transaction():
        actions.start_report(stranger, grant_id, from_on=DAY, until_on=DAY)


def test_only_an_officer_prepares_and_signs(make: Make) -> None:
    grant_id, reviewer = _grant(make), make.acting(Role.REVIEWER)
    new = NewAgreement(
        starts_on=DAY,
        ends_on=ENDS,
        tranches=[NewTranche(amount=money("250,000.00"), due_on=DAY)],
    )
    with pytest.raises(NotAllowed), transaction():
        actions.prepare_agreement(reviewer, grant_id, new)
    make.prepared(grant_id, "250,000.00")
    with pytest.raises(NotAllowed), transaction():
        actions.sign(reviewer, grant_id, signed_on=DAY, for_fund="A", for_grantee="B")
    db.session.rollback()


def test_the_document_says_who_signed(make: Make) -> None:
    grant_id, officer = _grant(make), make.officer()
    make.prepared(grant_id, "250,000.00")
    runner.run_waiting()
    draft = _document(agreements.record(officer, grant_id))
    assert "Not yet signed" in draft
    assert "Annex F" in draft
    make.signed(grant_id, "250,000.00")
    runner.run_waiting()
    signed = _document(agreements.record(officer, grant_id))
    assert "Signed on 10 March 2026" in signed
    assert "Mayor" in signed


def _document(record: agreements.GrantRecord) -> str:
    assert record.agreement is not None
    assert record.agreement.document_id is not None
    stored = files.open_file(record.agreement.document_id)
    with pdfplumber.open(stored.path) as document:
        return "\n".join(page.extract_text() for page in document.pages)
