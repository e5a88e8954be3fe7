"""The fund at a glance: who pays in, where it goes, whether the books balance."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.reports.conftest import ReportWorld


@pytest.fixture
def books(app: Flask) -> ReportWorld:
    made = ReportWorld(app)
    for prepare in (made.treasurer, made.steward, made.donor_named):
        prepare()
    return made


def test_a_single_fund_is_shown_at_once(books: ReportWorld, client: FlaskClient) -> None:
    books.deposit("600.00")
    books.deposit("400.00", donor="Norway")
    books.allocation("1,000")
    books.active_grant("250.00")
    page = client.get("/").get_data(as_text=True)
    for text in ("The Fund", "Books in balance", "Sweden", "Norway", "Uganda Country Programme"):
        assert text in page
    assert "from 2 donors" in page
    assert page.count("USD\N{NO-BREAK SPACE}1,000.00") >= 1
    assert page.count("USD\N{NO-BREAK SPACE}250.00") >= 2


def test_of_several_funds_each_has_its_line_and_its_page(
    books: ReportWorld, client: FlaskClient
) -> None:
    books.deposit("600.00")
    books.deposit("70.00", fund="Another Fund")
    page = client.get("/").get_data(as_text=True)
    assert "USD\N{NO-BREAK SPACE}670.00" in page
    assert 'href="/funds/another-fund"' in page
    other = client.get("/funds/another-fund").get_data(as_text=True)
    assert "USD\N{NO-BREAK SPACE}70.00" in other
    assert "600.00" not in other
    assert client.get("/funds/nothing").status_code == 404


def test_an_empty_house_and_an_empty_fund_say_so(books: ReportWorld, client: FlaskClient) -> None:
    assert client.get("/").status_code == 200
    books.books()
    page = client.get("/").get_data(as_text=True)
    assert "Nothing has been received yet." in page


def test_everybody_may_read_it_and_nobody_signed_in_is_needed(
    books: ReportWorld, client: FlaskClient
) -> None:
    books.deposit("600.00")
    assert client.get("/").status_code == 200
    assert "Sign in" in client.get("/").get_data(as_text=True)
