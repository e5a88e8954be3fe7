"""`grants import bank`: findings in words or JSON, and an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grants.cli import grants as command
from tests.banking import files
from tests.banking.conftest import BankWorld
from tests.banking.files import Booking
from tests.makes.banking import IBAN


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("GRANTS_VAR", str(tmp_path / "var"))


def _run(tmp_path: Path, content: bytes, *options: str) -> Result:
    path = tmp_path / "march.xml"
    path.write_bytes(content)
    arguments = ["import", "bank", str(path), "--account", f"{IBAN[:4]} {IBAN[4:]}", *options]
    return CliRunner().invoke(command, arguments)


def test_a_statement_is_tried_out_loaded_and_refused_the_second_time(
    world: BankWorld, tmp_path: Path
) -> None:
    content = files.camt(Booking(amount="250.00"), Booking(amount="5.00", state="PDNG"))
    tried = _run(tmp_path, content, "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert "Tried out; nothing was kept: camt.053, UTF-8: 1 statements, 1 movements, 1 new" in (
        tried.output
    )
    assert "notice   not_booked" in tried.output
    assert "line 4: The entry is not booked yet (PDNG)" in tried.output
    loaded = json.loads(_run(tmp_path, content, "--json").stdout)
    numbers = {name: loaded[name] for name in ("state", "read", "new", "known", "dry_run")}
    assert numbers == {"state": "loaded", "read": 1, "new": 1, "known": 0, "dry_run": False}
    assert [one["code"] for one in loaded["findings"]] == ["not_booked"]
    again = _run(tmp_path, content)
    assert (again.exit_code, "This very file was loaded on" in again.output) == (1, True)


def test_an_account_that_is_not_known_is_said_so(world: BankWorld, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(b"x")
    result = CliRunner().invoke(command, ["import", "bank", str(path), "--account", "X1"])
    assert result.exit_code == 1
    assert "No account X1 is known" in str(result.exception)
