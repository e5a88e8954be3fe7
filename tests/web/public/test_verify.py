"""Verifying a document: by its code, by its fingerprint, by the file itself."""

from __future__ import annotations

import hashlib
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants.db import db, transaction
from grants.files.models import StoredFile
from grants.jobs import runner
from grants.reports import actions, queries
from tests.reports.conftest import ReportWorld


@pytest.fixture
def books(app: Flask, monkeypatch: pytest.MonkeyPatch) -> ReportWorld:
    monkeypatch.setattr(
        "grants.jobs.statements.render_papers",
        lambda made: {
            ending: f"{ending} {made.cover.version} {made.cover.state}".encode()
            for ending in ("pdf", "xlsx", "csv", "json")
        },
    )
    made = ReportWorld(app)
    for prepare in (made.treasurer, made.steward, made.certifier, made.donor_named):
        prepare()
    made.deposit("500.00")
    return made


def test_a_code_shows_what_was_issued_and_no_figure(
    books: ReportWorld, client: FlaskClient
) -> None:
    line = queries.issued_statement(books.treasurer(), books.certified())
    answer = client.post("/verify", data={"code": f" {line.verification_code.lower()} "})
    assert answer.status_code == 303
    page = client.get(answer.location).get_data(as_text=True)
    for text in ("The fund issued this statement", "Sweden", line.number, "Certified", "SHA-256"):
        assert text in page
    assert "500.00" not in page


def test_the_file_itself_is_compared_and_not_kept(books: ReportWorld, client: FlaskClient) -> None:
    report_id = books.issued()
    content = queries.statement_file(books.treasurer(), report_id, "pdf").read()
    kept = db.session.query(StoredFile).count()
    answer = client.post("/verify", data={"file": (io.BytesIO(content), "mine.pdf")})
    assert answer.location.endswith(hashlib.sha256(content).hexdigest())
    page = client.get(answer.location).get_data(as_text=True)
    assert "The file is unchanged" in page
    assert "TF-2026-SWEDEN-0001-v1.pdf" in page
    assert db.session.query(StoredFile).count() == kept


def test_a_changed_file_is_not_one_of_the_funds(books: ReportWorld, client: FlaskClient) -> None:
    report_id = books.issued()
    content = queries.statement_file(books.treasurer(), report_id, "pdf").read() + b" "
    answer = client.post(
        "/verify", data={"file": (io.BytesIO(content), "mine.pdf")}, follow_redirects=True
    )
    assert answer.status_code == 404
    assert "has not issued this file" in answer.get_data(as_text=True)


def test_a_paper_from_before_certification_is_told_apart(
    books: ReportWorld, client: FlaskClient
) -> None:
    report_id = books.issued()
    content = queries.statement_file(books.treasurer(), report_id, "pdf").read()
    with transaction():
        actions.certify(books.certifier(), report_id)
    runner.run_waiting()
    page = client.get(f"/verify/{hashlib.sha256(content).hexdigest()}").get_data(as_text=True)
    assert "before the statement was certified" in page


def test_an_old_version_points_to_the_new_one(books: ReportWorld, client: FlaskClient) -> None:
    first = queries.issued_statement(books.treasurer(), books.issued())
    books.deposit("1.00")
    books.issued()
    page = client.get(f"/verify/{first.verification_code}").get_data(as_text=True)
    assert "There is a newer version" in page
    assert "Version 2 has been issued since" in page


@pytest.mark.parametrize("code", ["nonsense", "ABCD-EFGH-JKLM", "0" * 64, "é" * 40])
def test_a_code_that_nobody_issued_is_refused_and_kept(client: FlaskClient, code: str) -> None:
    answer = client.post("/verify", data={"code": code}, follow_redirects=True)
    assert answer.status_code == 404
    page = answer.get_data(as_text=True)
    assert "has issued no statement" in page or "has not issued this file" in page
    assert f'value="{code}"' in page


def test_nothing_given_is_asked_for(client: FlaskClient) -> None:
    answer = client.post("/verify", data={})
    assert answer.status_code == 422
    assert "Enter the code" in answer.get_data(as_text=True)
    assert client.get("/verify").status_code == 200
