"""`grants statement` and `grants benchmark statement`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from grants.cli import grants
from grants.db import db
from grants.errors import Malformed, NotFound, Refused
from grants.reports import queries
from tests.reports.conftest import ReportWorld


@pytest.fixture
def world(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str
) -> ReportWorld:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("GRANTS_VAR", str(tmp_path / "var"))
    made = ReportWorld(app)
    made.treasurer()
    made.deposit("500.00")
    return made


def test_a_statement_is_written_in_each_form(world: ReportWorld, tmp_path: Path) -> None:
    for ending, start in (
        ("pdf", b"%PDF"),
        ("xlsx", b"PK"),
        ("csv", b"\xef\xbb\xbf"),
        ("json", b"{"),
    ):
        path = tmp_path / f"statement.{ending}"
        done = _run("--format", ending, "-o", str(path))
        assert path.read_bytes().startswith(start)
        assert "TF-2026-SWEDEN-0001, version 1 (provisional)" in done.output
        assert "received USD 500.00, balance USD 500.00" in done.output
    figures = json.loads((tmp_path / "statement.json").read_text(encoding="utf-8"))
    assert figures["closing_balance"] == {"amount": "500.00", "currency": "USD"}
    code = figures["cover"]["verification_code"]
    db.session.rollback()
    assert queries.verified(code).number == "TF-2026-SWEDEN-0001"


def test_names_that_nobody_knows_are_answered_with_close_ones(
    world: ReportWorld, tmp_path: Path
) -> None:
    path = str(tmp_path / "x.pdf")
    with pytest.raises(NotFound, match="Did you mean Sweden"):
        _run("-o", path, donor="Sweeden")
    with pytest.raises(NotFound, match="Did you mean The Fund"):
        _run("-o", path, fund="The Found")
    world.donor_named("Norway")
    with pytest.raises(Refused, match="Norway has neither pledged"):
        _run("-o", path, donor="Norway")
    with pytest.raises(Malformed, match="not begun"):
        _run("-o", path, year="2199")
    with pytest.raises(Refused, match="There is no folder"):
        _run("-o", str(tmp_path / "nowhere" / "x.pdf"))


@pytest.mark.once
@pytest.mark.slow
def test_the_benchmark_prints_the_same_columns_for_each(world: ReportWorld) -> None:
    assert world.app
    done = CliRunner().invoke(
        grants, ["benchmark", "statement", "--lines", "30", "--rounds", "1", "--json"]
    )
    assert done.exit_code in {0, 1}, done.output
    found: dict[str, Any] = json.loads(done.output)
    names = [one["name"] for one in found["ways"]]
    assert names[0].startswith("ours")
    assert "plain WeasyPrint, automatic columns" in names
    assert all(one["seconds"] > 0 for one in found["ways"])


def _run(
    *arguments: str, fund: str = "the-fund", donor: str = "Sweden", year: str = "2026"
) -> Result:
    given = ["statement", "--fund", fund, "--donor", donor, "--year", year, *arguments]
    return CliRunner().invoke(grants, given, catch_exceptions=False)
