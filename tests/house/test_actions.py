"""Every action takes the actor first, promises something and says what it returns."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.tree import ROOT, python_files

pytestmark = pytest.mark.once

WORKER = "the worker goes on with what an actor asked for; the request holds the actor"

#: Actions without an actor, and why.
NO_ACTOR = {
    ("outbox", "enqueue"): "the outbox serves an action that has its actor already",
    ("outbox", "tell"): "the outbox serves an action that has its actor already",
    ("outbox", "wake_with"): "wires the transport when the application starts",
    ("people", "check_password"): "nobody is signed in yet",
    ("people", "note_attempt"): "nobody is signed in yet",
    ("people", "open_session"): "nobody is signed in yet",
    ("people", "sign_out"): "the token is all that a browser has",
    ("imports", "run_import"): WORKER,
    ("agreements", "keep_document"): WORKER,
    ("ledger", "lock_journal"): "holds a place for a decision and changes nothing",
}


def test_every_action_takes_its_actor_first_and_says_what_it_does() -> None:
    wrong = []
    for room, function in _actions():
        arguments = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        name = f"{room}.{function.name}"
        if arguments[:1] != ["actor"] and (room, function.name) not in NO_ACTOR:
            wrong.append(f"{name}: the actor comes first")
        if not ast.get_docstring(function):
            wrong.append(f"{name}: no docstring")
        if function.returns is None:
            wrong.append(f"{name}: no return type")
    assert not wrong, "\n".join(wrong)


def test_the_list_of_exceptions_is_not_longer_than_needed() -> None:
    known = {(room, function.name) for room, function in _actions()}
    assert not set(NO_ACTOR) - known


def _actions() -> list[tuple[str, ast.FunctionDef]]:
    """The public functions of each room's actions: where they are a folder, those it hands out."""
    found = []
    for path in python_files("grants"):
        if path.parts[2:] == ("actions.py",):
            found += [(path.parts[1], function) for function in _defined(path)]
        elif path.parts[2:3] == ("actions",) and path.name != "__init__.py":
            handed_out = _handed_out(path.with_name("__init__.py"))
            found += [(path.parts[1], f) for f in _defined(path) if f.name in handed_out]
    assert found
    return found


def _defined(path: Path) -> list[ast.FunctionDef]:
    body = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
    return [
        node for node in body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


def _handed_out(path: Path) -> set[str]:
    body = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
    return {
        name.asname or name.name for n in body if isinstance(n, ast.ImportFrom) for name in n.names
    }
