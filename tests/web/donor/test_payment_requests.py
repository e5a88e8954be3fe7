"""Letters that ask a donor to pay, on the donor's own desk and on no other."""

from __future__ import annotations

from datetime import date

import pytest

from grants.db import transaction
from grants.donors import actions
from grants.donors import queries as donors
from grants.donors.actions import NewCondition
from grants.jobs import runner
from grants.people.models import Role
from tests.makes.donors import money
from tests.reports.conftest import ReportWorld


@pytest.fixture(autouse=True)
def _quick_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "grants.jobs.payment_requests.render_payment_request",
        lambda letter: f"%PDF {letter.number}".encode(),
    )


def test_a_donor_takes_its_letters_and_nobody_elses(world: ReportWorld) -> None:
    world.agreement(
        money("100"),
        instalments=[(date(2030, 1, 1), money("40")), (date(2031, 1, 1), money("60"))],
    )
    first, second = donors.open_instalments(None)
    request_id = world.asked(first.id)
    with transaction():
        actions.add_condition(
            world.treasurer(), second.agreement_id, NewCondition(words="A plan", instalment=2)
        )
    browser = world.browser(world.donor_person())
    path = f"/donor/requests/{request_id}.pdf"
    assert "Payment requests" not in browser.get("/donor/").text
    assert browser.get(path).status_code == 404
    runner.run_waiting()
    page = browser.get("/donor/").text
    assert path in page
    assert "Waits for a condition" in page
    assert browser.get(path).data == f"%PDF {donors.letter(request_id).number}".encode()
    other = world.person(Role.DONOR, organisation_id=world.donor_named("Norway"))
    assert world.browser(other).get(path).status_code == 404
    without = world.person(Role.DONOR, organisation_id=None)
    assert world.browser(without).get(path).status_code == 404
