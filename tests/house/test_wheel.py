"""The package can be built and runs from its wheel alone, away from this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.tree import ROOT

pytestmark = pytest.mark.once

PROGRAM = """
import pathlib, sys
from grants.settings import ROOT, Settings
from grants.schema import upgrade
from grants.app import create_app
here = pathlib.Path(sys.argv[1])
settings = Settings(database_url=f"sqlite:///{here / 'w.sqlite3'}", secret_key="w", var_dir=here)
upgrade(settings.database_url)
response = create_app(settings).test_client().get("/healthz")
print(ROOT, response.status_code)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_puts_nothing_but_the_package_on_the_path(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"grants"}
    assert {"grants/templates/layout.html", "grants/migrations/env.py"} <= set(names)
    assert "class Settings" in zipfile.ZipFile(wheel).read("grants/settings.py").decode()


def test_the_house_runs_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(place)
    # The checkout is on the path as well, for the tests; in front of it lies the wheel.
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(place / "grants"), "200"]
