"""`grants benchmark ledger`: the same columns for each size, and the past costs no more."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from grants.cli import grants


@pytest.fixture
def environment(app: Flask, monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("GRANTS_VAR", str(app.config["VAR_DIR"]))


@pytest.mark.once
def test_it_measures_each_size(environment: None) -> None:
    done = CliRunner().invoke(
        grants,
        ["benchmark", "ledger", "--moves", "600", "--moves", "1800", "--rounds", "5", "--json"],
    )
    assert done.exit_code in {0, 1}, done.output
    found: list[dict[str, Any]] = json.loads(done.output)
    assert [one["moves"] for one in found] == [600, 1800]
    assert all(one["post_per_second"] > 0 and one["donor_as_of_ms"] > 0 for one in found)
