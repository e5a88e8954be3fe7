"""Words that do not stand in this house, and how long its files and functions are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.tree import files, functions, python_files, text_of

pytestmark = pytest.mark.once

#: What must not be written, where, and where it may all the same (with the reason).
BANNED: tuple[tuple[str, str, dict[str, str]], ...] = (
    (r"\.commit\(\)", "grants", {"grants/db.py": "the one place that commits"}),
    (r"\bfloat\(", "grants", {}),
    (
        r"datetime\.now\(|datetime\.utcnow\(|date\.today\(",
        "grants",
        {"grants/clock.py": "the clock"},
    ),
    (r"\|\s*safe\b", "grants", {}),
    (r"\|\s*safe\b", "templates", {}),
    (r"\bMarkup\(", "templates", {}),
    (
        r"except (Base)?Exception|except:",
        "grants",
        {
            "grants/db.py": "whatever happens, a transaction is undone",
            "grants/jobs/runner.py": "whatever a job does, the worker lives on",
        },
    ),
    (r"\b(TODO|FIXME|XXX)\b(?!.*#\d)", "grants", {}),
    (r"# type: ignore(\[[\w, -]+\])?\s*$", "grants", {}),
    (r"# noqa(: [A-Z0-9, ]+)?\s*$", "grants", {}),
)

#: Written apart, so that this file does not name them itself.
REGISTRIES = (
    "py" + "pi.org",
    "python" + "hosted",
    "registry." + "npm",
    "files." + "python",
    "deb." + "debian",
)

LINES_MAX = {"grants": 400, "migrations": 600, "tests": 600, "script": 400}
FUNCTION_LINES_MAX = 50


@pytest.mark.parametrize(("pattern", "folder", "allowed"), BANNED, ids=[row[0] for row in BANNED])
def test_banned_words_stand_nowhere(pattern: str, folder: str, allowed: dict[str, str]) -> None:
    found = []
    for path in files():
        if path.parts[0] != folder or path.as_posix() in allowed:
            continue
        for number, line in enumerate((text_of(path) or "").splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{path}:{number}: {line.strip()}")
    assert not found, "\n".join(found)


def test_no_file_names_a_package_registry() -> None:
    found = [
        f"{path}: {host}"
        for path in files()
        for host in REGISTRIES
        if host in (text_of(path) or "")
    ]
    assert not found


def test_files_are_short_enough_to_be_read_in_one_go() -> None:
    long = []
    for path in python_files(*LINES_MAX):
        lines = (text_of(path) or "").count("\n")
        if lines > LINES_MAX[path.parts[0]]:
            long.append(f"{path}: {lines} lines")
    assert not long, "\n".join(long)


def test_functions_fit_a_screen() -> None:
    long = [
        f"{path}:{function.lineno} {function.name}: {length} lines"
        for path in python_files("grants", "script")
        for function in functions(path)
        if (length := _lines(function)) > FUNCTION_LINES_MAX
    ]
    assert not long, "\n".join(long)


def test_no_module_has_a_name_that_says_nothing() -> None:
    nothing = {"utils", "util", "helpers", "helper", "common", "misc", "services", "manager"}
    assert not [path for path in files() if nothing & {part.split(".")[0] for part in path.parts}]


def test_pictures_and_fonts_are_our_own() -> None:
    fonts = {".woff", ".woff2", ".ttf", ".otf", ".eot"}
    assert not [path for path in files() if path.suffix in fonts]


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How long it is, not counting what its docstring promises."""
    first = function.body[0]
    promised = 0
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        promised = (first.end_lineno or 0) - first.lineno + 1
    return (function.end_lineno or 0) - function.lineno + 1 - promised


def test_every_python_file_says_what_it_is() -> None:
    silent: list[Path] = []
    for path in python_files("grants", "migrations", "script"):
        text = text_of(path) or ""
        if text.strip() and not ast.get_docstring(ast.parse(text)):
            silent.append(path)
    assert not silent
