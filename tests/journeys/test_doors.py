"""In at the front door, and out again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from grants.people.models import Role
from tests.journeys.conftest import CheckAccessible
from tests.make import Make

pytestmark = pytest.mark.journey

PASSWORD = "a short sentence is easy"


def test_a_visitor_reads_and_signs_in_and_out(
    page: Page, make: Make, check_accessible: CheckAccessible
) -> None:
    make.person(Role.FINANCE_OFFICER, fund_id=make.fund(), name="Ada", password=PASSWORD)

    page.goto("/account/sign-in")
    check_accessible(page)

    page.get_by_label("E-mail address").fill("person-2@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_url(re.compile("sign-in"))
    check_accessible(page)

    page.locator("summary", has_text="Ada").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/account/")
    expect(page).to_have_url(re.compile("sign-in"))
