"""What tests of the donor's desk begin with."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.reports.conftest import ReportWorld


@pytest.fixture
def world(app: Flask) -> ReportWorld:
    made = ReportWorld(app)
    for prepare in (made.treasurer, made.steward, made.officer, made.certifier, made.donor_named):
        prepare()
    return made


@pytest.fixture(autouse=True)
def _quick_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """How papers look is tested where they are made."""
    monkeypatch.setattr(
        "grants.jobs.statements.render_papers",
        lambda made: {
            "pdf": f"%PDF {made.cover.donor} {made.cover.version} {made.cover.state}".encode(),
            "xlsx": b"PK",
            "csv": b"a,b",
            "json": b"{}",
        },
    )
