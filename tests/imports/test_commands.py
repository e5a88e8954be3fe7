"""`grants import` and `grants totals`: what is asked for in JSON, and a sentence otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from grants.cli import grants as command
from grants.cli import main
from grants.people import queries as people
from tests.imports.files import GRANT, PAID, PLEDGED, ROUND, contributions, grants, rounds

NAMELESS = {**PLEDGED, "ContributionCode": "N-1", "DonorName": "", "PledgeAmt": "10.0049"}
BLANK = {**PAID, "ContributionCode": "B-1", "DonorName": "Norway", "PaidAmtLocalCurrency": ""}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("GRANTS_VAR", str(tmp_path / "var"))


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


def _file(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    return str(path)


def _json(*arguments: str) -> dict[str, Any]:
    result = _run(*arguments, "--json")
    assert result.exit_code == 0
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_an_import_answers_in_json(app: Flask, tmp_path: Path) -> None:
    path = _file(tmp_path, contributions(PAID, {**PLEDGED, "ContributionCode": ""}))
    report = _json("import", "contributions", path)
    numbers = {name: report[name] for name in ("read", "loaded", "updated", "withdrawn")}
    assert numbers == {"read": 2, "loaded": 1, "updated": 0, "withdrawn": 0}
    assert (report["unchanged"], report["refused"], report["dry_run"]) == (0, 1, False)
    (error,) = [one for one in report["findings"] if one["severity"] == "error"]
    assert error == {
        "row": 3,
        "key": "",
        "severity": "error",
        "code": "no_key",
        "column": "ContributionCode",
        "message": "The line has no ContributionCode.",
    }
    assert _json("import", "contributions", path)["unchanged"] == 1


def test_a_dry_run_keeps_nothing(app: Flask, tmp_path: Path) -> None:
    path = _file(tmp_path, contributions(PAID))
    report = _json("import", "contributions", path, "--dry-run")
    assert (report["loaded"], report["dry_run"]) == (1, True)
    assert people.funds() == []
    assert (
        "Tried out; nothing was kept: 1 read"
        in _run("import", "contributions", path, "--dry-run").stdout
    )


def test_an_import_answers_in_words_with_the_first_of_each_kind(app: Flask, tmp_path: Path) -> None:
    lines = [{**BLANK, "ContributionCode": f"B-{number}"} for number in range(9)]
    result = _run("import", "contributions", _file(tmp_path, contributions(PAID, *lines)))
    assert "Done: 10 read, 10 loaded, 0 updated" in result.stdout
    assert "  warning  unknown_currency            9\n" in result.stdout
    assert "  row 3 B-0: No currency is given" in result.stdout
    assert "... and 4 more of unknown_currency; --json lists all." in result.stdout


def test_a_file_that_is_refused_is_one_sentence_and_exit_code_1(
    app: Flask,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = _file(tmp_path, rounds(ROUND))
    monkeypatch.setattr("sys.argv", ["grants", "import", "contributions", path])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("This is not a file of contributions: the column ContributionCode")
    assert "It looks like a file of allocation rounds." in said


def test_totals_of_contributions_say_all_in_dollars_and_in_the_original_currency(
    app: Flask, tmp_path: Path
) -> None:
    _run("import", "contributions", _file(tmp_path, contributions(PAID, NAMELESS, BLANK)))
    totals = _json("totals", "contributions")
    assert (totals["paid_usd"], totals["pledged_usd"]) == ("200.00", "10.00")
    assert totals["paid"] == {"": "1000.00", "SEK": "1000.00"}
    assert totals["by_fund"]["Sudan"]["paid_usd"] == "200.00"
    # What the source leaves blank stands under "".
    assert totals["by_donor"][""]["pledged_usd"] == "10.00"
    assert totals["by_donor"]["Sweden"] == {
        "paid_usd": "100.00",
        "pledged_usd": "0.00",
        "paid": {"SEK": "1000.00"},
        "pledged": {},
    }
    assert totals["by_currency"]["SEK"] == {
        "paid_usd": "100.00",
        "pledged_usd": "10.00",
        "paid": "1000.00",
        "pledged": "1000.00",
    }
    assert totals["rounding"] == {
        "lines": 1,
        "usd": "0.0049",
        "usd_by_fund": {"Sudan": "0.0049"},
        "by_currency": {},
    }
    words = _run("totals", "contributions").stdout
    assert "Rounding to cents took USD 0.0049 in 1 lines" in words


def test_totals_can_be_of_one_fund(app: Flask, tmp_path: Path) -> None:
    other = {**PAID, "ContributionCode": "Y-1", "PooledFundName": "Yemen"}
    _run("import", "contributions", _file(tmp_path, contributions(PAID, other)))
    assert _json("totals", "contributions", "--fund", "Yemen")["paid_usd"] == "100.00"
    assert _json("totals", "contributions")["paid_usd"] == "200.00"


def test_totals_of_grants_are_by_fund_and_year(app: Flask, tmp_path: Path) -> None:
    _run(
        "import", "contributions", _file(tmp_path, contributions({**PAID, "PaidDate": "2022-1-1"}))
    )
    _run("import", "rounds", _file(tmp_path, rounds(ROUND)))
    _run("import", "grants", _file(tmp_path, grants(GRANT, {**GRANT, "PrjCode": "SUD-22/2"})))
    totals = _json("totals", "grants")
    assert (totals["grants"], totals["approved_usd"]) == (2, "120.00")
    assert totals["by_fund"]["Sudan"]["2022"]["approved_usd"] == "120.00"
    assert totals["by_year"]["2022"]["grants"] == 2
    assert totals["numbers_of_funds"] == {"Sudan": ["15"]}
    assert "Sudan" in _run("totals", "grants").stdout
