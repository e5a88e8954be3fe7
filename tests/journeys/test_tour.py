"""The tour of the readme, in a real browser: from a donor's pledge to a verified statement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from grants.db import db, transaction
from grants.jobs import runner
from grants.ledger import queries as ledger
from grants.people import actions as people
from grants.people import queries as who
from grants.people.models import Role
from grants.people.permissions import Actor
from tests.journeys.conftest import PATIENCE_MS
from tests.make import MakeBase
from tests.makes.applications import ApplicationMakes
from tests.makes.people import PeopleMakes

pytestmark = pytest.mark.journey


class Tour(ApplicationMakes, PeopleMakes, MakeBase):
    """A fund with its people and an open call, and nothing else yet."""

    def donor_person(self) -> Actor:
        key = "person of Sweden"
        if key not in self.made:
            fund_id, donor_id = self.books(), self.donor_named()
            with transaction():
                system = who.system_actor()
                user = people.register_user(
                    system, email="aid@sweden.example", name="Astrid", organisation_id=donor_id
                )
                people.give_role(system, user.id, Role.DONOR, fund_id)
                self.made[key] = who.actor_of(user.id)
        found = self.made[key]
        assert isinstance(found, Actor)
        return found

    def second_treasurer(self) -> Actor:
        return self.acting(Role.FINANCE_OFFICER, number=2)

    def certifier(self) -> Actor:
        return self.acting(Role.CERTIFYING_OFFICER)


@pytest.fixture
def tour(app: Flask) -> Tour:
    made = Tour(app)
    for prepare in (made.treasurer, made.steward, made.officer, made.applicant, made.reviewer):
        prepare()
    for person in (made.director, made.certifier, made.donor_person, made.second_treasurer):
        person()
    made.call()
    return made


class Visitor:
    """Opens a window in which somebody is signed in, as if they had just done so."""

    def __init__(self, app: Flask, browser: Browser, house: str) -> None:
        self.app = app
        self.browser = browser
        self.house = house

    @contextmanager
    def signed_in(self, actor: Actor | None) -> Iterator[Page]:
        context = self.browser.new_context(
            base_url=self.house, locale="en-GB", viewport={"width": 1280, "height": 900}
        )
        context.set_default_timeout(PATIENCE_MS)
        if actor is not None:
            context.add_cookies(
                [{"name": "session", "value": self._cookie(actor), "url": self.house}]
            )
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        context.close()
        assert not errors, errors

    def _cookie(self, actor: Actor) -> str:
        with transaction():
            token = people.open_session(actor.user_id)
        signer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined] # Flask's own cookie sessions
        value: str = signer.dumps({"_user_id": token, "_fresh": True, "_permanent": True})
        return value


@pytest.fixture
def visitor(app: Flask, browser: Browser, house: str) -> Visitor:
    return Visitor(app, browser, house)


@pytest.mark.slow
def test_the_tour_of_the_readme(tour: Tour, visitor: Visitor, tmp_path: Path) -> None:
    _1_the_public_reads(visitor)
    _2_finance_records_money(tour, visitor)
    _3_the_director_allocates(tour, visitor)
    _4_an_applicant_writes_and_submits(tour, visitor)
    _5_the_officer_screens_and_assigns(tour, visitor)
    _6_the_reviewer_declares_and_scores(tour, visitor)
    _7_the_director_approves(tour, visitor)
    _8_three_people_pay_a_tranche(tour, visitor)
    _9_the_grantee_reports(tour, visitor)
    code = _10_the_donor_gets_a_statement(tour, visitor, tmp_path)
    with visitor.signed_in(None) as page:
        page.goto(f"/verify/{code}")
        expect(page.get_by_role("heading", level=1)).to_contain_text("issued this statement")
    db.session.rollback()
    assert ledger.verify(tour.books()).holds


def _1_the_public_reads(visitor: Visitor) -> None:
    with visitor.signed_in(None) as page:
        page.goto("/")
        expect(page.get_by_text("Books in balance")).to_be_visible()
        page.get_by_role("link", name="Community Upgrading Fund 2026").first.click()
        expect(page.get_by_text("Kampala").first).to_be_visible()


def _2_finance_records_money(tour: Tour, visitor: Visitor) -> None:
    with visitor.signed_in(tour.treasurer()) as page:
        page.goto("/staff/contributions")
        page.get_by_role("link", name="Pledge", exact=True).click()
        _fill_pledge(page)
        expect(page.get_by_text("The pledge is recorded.")).to_be_visible()
        page.goto("/staff/contributions/deposits/new")
        page.get_by_label("Donor").select_option(label="Sweden")
        page.locator("#amount").fill("100,000")
        page.locator("#bank_reference").fill("SWE 2026/1")
        page.get_by_role("button", name=re.compile("Record")).click()
        expect(page.get_by_text("100,000.00").first).to_be_visible()


def _fill_pledge(page: Page) -> None:
    page.get_by_label("Donor").select_option(label="Sweden")
    page.locator("#amount").fill("250,000")
    page.get_by_role("button", name="Record").click()


def _3_the_director_allocates(tour: Tour, visitor: Visitor) -> None:
    with visitor.signed_in(tour.director()) as page:
        page.goto("/staff/programmes")
        page.get_by_role("link", name="Uganda Country Programme").first.click()
        page.get_by_role("link", name="Allocate").click()
        page.locator("#amount").fill("60,000")
        page.locator("#decided_by").fill("Management Board")
        page.get_by_role("button", name=re.compile("Allocate|Show|See|Preview")).first.click()
        expect(page.get_by_role("heading", name="Who would pay")).to_be_visible()
        expect(page.get_by_text("Sweden").first).to_be_visible()
        page.get_by_role("button", name=re.compile("Allocate|Confirm|Set aside")).first.click()
        expect(page.get_by_text("The allocation is made.")).to_be_visible()


def _4_an_applicant_writes_and_submits(tour: Tour, visitor: Visitor) -> None:
    applicant = tour.applicant()
    with visitor.signed_in(applicant) as page:
        page.goto("/calls")
        page.get_by_role("link", name="Community Upgrading Fund 2026").first.click()
        page.get_by_role("button", name="Begin an application").first.click()
        expect(page.get_by_text("Your organisation").first).to_be_visible()
        address = page.url
        page.get_by_role("link", name="The project").first.click()
        page.locator("#title").fill("Water kiosks for Masese")
        page.get_by_text(re.compile(r"Saved \d\d:\d\d")).first.wait_for()
    with visitor.signed_in(applicant) as page:
        page.goto(address)
        for section in page.locator("main a[href*='/sections/']").evaluate_all(
            "links => [...new Set(links.map(link => link.getAttribute('href')))]"
        ):
            page.goto(section)
            _answer(page)
            page.get_by_role("button", name=re.compile("Save and")).first.click()
        page.goto(f"{address}/check")
        page.get_by_role("button", name="Submit application").click()
        expect(page.get_by_text(re.compile(r"R-\d{8}-")).first).to_be_visible()


ANSWERS = {
    "contact_name": "Grace Nakato, town clerk",
    "title": "Water kiosks for Masese",
    "place": "Jinja, Masese settlement",
    "problem": "Most people of Masese fetch water from the lake.",
    "approach": "Twelve kiosks, each run by a savings group.",
    "people_reached": "12000",
    "starts_on": "2027-02-01",
    "months": "12",
    "own_contribution": "0",
    "budget-0-description": "Kiosks",
    "budget-0-quantity": "12",
    "budget-0-unit_cost": "1000",
}
CHOICES = {
    "organisation_kind": "local_government",
    "has_partner": "no",
    "moves_people": "no",
}


def _answer(page: Page) -> None:
    for name, value in ANSWERS.items():
        control = page.locator(f"[name='{name}']")
        if control.count() and control.first.is_visible():
            control.first.fill(value)
    for name, value in CHOICES.items():
        radio = page.locator(f"input[type=radio][name='{name}'][value='{value}']")
        if radio.count():
            _choose(page, radio.first)
        elif page.locator(f"select[name='{name}']").count():
            page.locator(f"select[name='{name}']").select_option(value)
    category = page.locator("select[name='budget-0-category']")
    if category.count():
        category.select_option("2")


def _choose(page: Page, radio: Locator) -> None:
    """Choose as a person does: by the words beside the button."""
    around = radio.locator("xpath=ancestor::label[1]")
    beside = page.locator(f"label[for='{radio.get_attribute('id')}']")
    (around if around.count() else beside).first.click()
    expect(radio).to_be_checked()


def _5_the_officer_screens_and_assigns(tour: Tour, visitor: Visitor) -> None:
    with visitor.signed_in(tour.officer()) as page:
        page.goto("/staff/applications")
        page.get_by_role("link", name=re.compile("CA-2026-01")).first.click()
        page.get_by_role("link", name="Eligibility").click()
        for radio in page.locator("input[type=radio][value=yes]").all():
            _choose(page, radio)
        page.get_by_role("button", name="Save the result").click()
        page.get_by_role("link", name=re.compile("^Reviews")).click()
        page.locator("select[name='reviewer']").select_option(index=1)
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page.get_by_text("The reviewer is asked.")).to_be_visible()


def _6_the_reviewer_declares_and_scores(tour: Tour, visitor: Visitor) -> None:
    with visitor.signed_in(tour.reviewer()) as page:
        page.goto("/reviews/")
        page.locator("main a[href*='/reviews/']").first.click()
        expect(page.get_by_text("Twelve kiosks")).to_have_count(0)
        _choose(page, page.locator("[name='has_conflict'][value='no']"))
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_text("Twelve kiosks").first).to_be_visible()
        names = page.locator("#scorecard input[type=radio]").evaluate_all(
            "radios => [...new Set(radios.map(radio => radio.name))]"
        )
        for name in names:
            _choose(page, page.locator(f"#scorecard [name='{name}']").last)
        page.locator("[name='comment']").fill("Sound, and run by those who need it.")
        page.get_by_role("button", name="Hand in and go on").click()
        expect(page.locator("main")).to_contain_text(
            re.compile("handed in|Thank|done", re.IGNORECASE)
        )


def _7_the_director_approves(tour: Tour, visitor: Visitor) -> None:
    with visitor.signed_in(tour.director()) as page:
        page.goto("/staff/")
        page.get_by_role("link", name="Water kiosks for Masese").first.click()
        _choose(page, page.locator("input[name='outcome'][value^='appro']"))
        page.locator("[name='amount']").fill("12,000")
        page.locator("[name='reason']").fill("It is well thought out and close to its people.")
        page.get_by_role("button", name="See what it will do").click()
        expect(page.get_by_text("Sweden").first).to_be_visible()
        page.get_by_role("button", name=re.compile("Approve with USD.12,000.00")).click()
        expect(page.get_by_text(re.compile("[Aa]pproved")).first).to_be_visible()


def _8_three_people_pay_a_tranche(tour: Tour, visitor: Visitor) -> None:
    with visitor.signed_in(tour.officer()) as page:
        page.goto("/staff/grants")
        page.get_by_role("link", name=re.compile("CA-2026-01")).first.click()
        page.get_by_role("link", name="Prepare the agreement").click()
        page.locator("#ends_on").fill("2028-01-31")
        page.get_by_role("button", name="Prepare").click()
        page.get_by_role("link", name="Record the signatures").click()
        page.get_by_label("Signed for the fund by").fill("Director")
        page.get_by_label("Signed for the grantee by").fill("Town clerk of Jinja")
        page.get_by_role("button", name="Commit the money").click()
        page.get_by_role("link", name="Request", exact=True).click()
        page.get_by_role("button", name="Request").click()
        expect(page.get_by_text("someone else must certify it")).to_have_count(1)
        address = page.url
    with visitor.signed_in(tour.certifier()) as page:
        page.goto(address)
        page.get_by_role("link", name="Certify").first.click()
        page.get_by_role("button", name="Certify").click()
        expect(page.get_by_text("Certified", exact=True).first).to_be_visible()
    with visitor.signed_in(tour.treasurer()) as page:
        page.goto(address)
        page.get_by_role("link", name="Release").first.click()
        page.get_by_label("Bank reference").fill("BANK 77")
        page.get_by_role("button", name="Release").click()
        expect(page.get_by_text("Paid", exact=True).first).to_be_visible()
    runner.run_waiting()


def _9_the_grantee_reports(tour: Tour, visitor: Visitor) -> None:
    with visitor.signed_in(tour.applicant()) as page:
        page.goto("/applicant/grants")
        page.get_by_role("link", name="Water kiosks for Masese").click()
        expect(page.get_by_role("link", name=re.compile("Grant agreement"))).to_be_visible()
        page.get_by_role("button", name="Write a report").click()
        page.locator("[name='narrative']").fill("Twelve kiosks stand and are run by their groups.")
        page.locator("[name='category_2']").fill("11,500")
        page.get_by_role("button", name="Save and submit").click()
        expect(page.get_by_text("Your report is submitted").first).to_be_visible()
    with visitor.signed_in(tour.officer()) as page:
        page.goto("/staff/")
        page.get_by_role("link", name="Read a report").first.click()
        page.get_by_role("link", name="Accept").click()
        page.get_by_role("button", name="Accept").click()
        expect(page.get_by_text("The report is accepted").first).to_be_visible()
    with visitor.signed_in(tour.treasurer()) as page:
        page.goto("/staff/grants")
        page.get_by_role("link", name=re.compile("CA-2026-01")).first.click()
        page.get_by_role("link", name="Record a refund").click()
        page.locator("#unspent").fill("500")
        page.get_by_role("button", name="Record").click()
        expect(page.get_by_text("The refund is recorded").first).to_be_visible()


def _10_the_donor_gets_a_statement(tour: Tour, visitor: Visitor, folder: Path) -> str:
    with visitor.signed_in(tour.donor_person()) as page:
        page.goto("/donor/")
        expect(page.get_by_text("USD 100,000.00").first).to_be_visible()
        page.get_by_role("link", name="Statements").first.click()
        page.get_by_role("button", name=re.compile("Make")).click()
        expect(page.get_by_text("Being made").first).to_be_visible()
    runner.run_waiting()
    with visitor.signed_in(tour.certifier()) as page:
        page.goto("/staff/statements")
        page.get_by_role("button", name="Certify").first.click()
    runner.run_waiting()
    with visitor.signed_in(tour.donor_person()) as page:
        page.goto("/donor/statements")
        expect(page.get_by_text("Certified").first).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="PDF").first.click()
        path = folder / "statement.pdf"
        download.value.save_as(path)
    return _code_in(path)


def _code_in(path: Path) -> str:
    import pdfplumber

    with pdfplumber.open(path) as document:
        text = "\n".join(page.extract_text() for page in document.pages)
    assert "100,000.00" in text
    found = re.search(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}\b", text)
    assert found is not None
    return found[0]
