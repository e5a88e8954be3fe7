"""`grants benchmark funding`: each way beside its floor, books only read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from grants.cli import grants
from tests.funding.conftest import FundingWorld


@pytest.mark.once
def test_it_measures_each_way_beside_its_floor(
    app: Flask, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("GRANTS_VAR", str(app.config["VAR_DIR"]))
    world = FundingWorld(app)
    world.deposit("100")
    world.allocation("100")
    world.reserved_grant("60")
    asked = ["--layers", "30", "--demands", "50", "--rounds", "1", "--books", database_url]
    done = CliRunner().invoke(grants, ["benchmark", "funding", *asked, "--json"])
    assert done.exit_code in {0, 1}, done.output
    found: list[dict[str, Any]] = json.loads(done.output)
    assert [(one["name"], one["demands"]) for one in found] == [
        ("portfolio, pro rata", 50),
        ("portfolio, first in first out", 50),
        ("one approval", 1),
        ("one refusal with its ways out", 1),
        ("The Fund", 1),
    ]
    assert all(one["floor_seconds"] >= 0 for one in found)
    assert found[-1]["shares"] == 1
