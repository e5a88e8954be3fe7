"""What a newcomer reads is there, and its links lead somewhere."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files, text_of

pytestmark = pytest.mark.once

NEEDED = (
    "README.md",
    "CHANGES.md",
    "LICENSE",
    "docs/architecture.md",
    "docs/decisions.md",
    "docs/glossary.md",
)
COMMANDS = ("script/server", "script/test", "script/setup", "script/lock", ".ci/run")


@pytest.mark.parametrize("name", NEEDED)
def test_the_documents_are_there(name: str) -> None:
    assert (text_of(Path(name)) or "").strip()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_commands_can_be_run(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)


def test_the_readme_names_the_two_commands() -> None:
    readme = text_of(Path("README.md")) or ""
    assert "script/server" in readme
    assert "script/test" in readme


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        f"{path}: {link}"
        for path in files()
        if path.suffix == ".md"
        for link in re.findall(r"\]\(([^)#\s]+)", text_of(path) or "")
        if "://" not in link and not (ROOT / path.parent / link).exists()
    ]
    assert not broken


def test_the_licence_is_the_one_that_is_named() -> None:
    licence = text_of(Path("LICENSE")) or ""
    assert licence.startswith("GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3")
    assert 'license = "AGPL-3.0-or-later"' in (text_of(Path("pyproject.toml")) or "")


def test_the_locks_pin_every_package_by_its_hash() -> None:
    for name in ("requirements/base.txt", "requirements/test.txt"):
        text = re.sub(r"\\\n", " ", text_of(Path(name)) or "")
        pins = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert len(pins) > 40
        assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)
        assert "://" not in text
