"""Every route stands behind its desk's gate, and who gets through is written down in routes.txt."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from flask import Flask, g, session
from werkzeug.routing import Rule
from werkzeug.routing.converters import AnyConverter, NumberConverter

from grants.db import transaction
from grants.errors import NotAllowed, NotFound
from grants.people import actions
from grants.people.models import Role
from tests.house.tree import ROOT
from tests.make import Make

pytestmark = pytest.mark.once

#: Desks without a gate, and why.
OPEN_DESKS = {
    "public": "open to everybody",
    "account": "signing in, and one's own settings; the pages of a signed-in person ask for one",
    "kit": "style sheets and scripts",
    "gallery": "the components, in development only",
}
OPEN_ENDPOINTS = {"static", "kit_assets"}
SNAPSHOT = ROOT / "tests" / "house" / "routes.txt"


def test_every_desk_has_its_gate(app: Flask) -> None:
    open_to_all = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in OPEN_ENDPOINTS
        and _desk(rule) not in OPEN_DESKS
        and not _has_gate(app, _desk(rule))
    ]
    assert not open_to_all


def test_who_gets_through_which_gate_is_as_written_down(app: Flask, make: Make) -> None:
    """Run with UPDATE_SNAPSHOTS=1 to write it down anew, and read the difference."""
    matrix = "\n".join(_matrix(app, make)) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(matrix, encoding="utf-8")
    assert matrix == SNAPSHOT.read_text(encoding="utf-8")


def test_whoever_may_change_something_does_so_by_a_form(app: Flask) -> None:
    """A link or a prefetching browser must never change anything."""
    verbs = {"delete", "remove", "approve", "decline", "submit", "release", "certify", "withdraw"}
    for rule in app.url_map.iter_rules():
        if verbs & set(rule.rule.strip("/").split("/")[-1:]) and "POST" not in (rule.methods or ()):
            pytest.fail(f"{rule.rule} changes something at a GET")


def _matrix(app: Flask, make: Make) -> Iterator[str]:
    fund_id = make.fund()
    tokens: dict[str, str] = {"nobody": ""}
    for role in Role:
        person = make.person(role, fund_id=fund_id)
        with transaction():
            tokens[role.value] = actions.open_session(person.user_id)
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        if rule.endpoint in OPEN_ENDPOINTS:
            continue
        methods = " ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        through = [name for name, token in tokens.items() if _gets_through(app, rule, token)]
        who = "everybody" if len(through) == len(tokens) else " ".join(through) or "nobody"
        yield f"{rule.rule} [{methods}]: {who}"


def _gets_through(app: Flask, rule: Rule, token: str) -> bool:
    """Whether the gates before a route let somebody on to it."""
    arguments = {name: _any_value(rule, name) for name in rule.arguments}
    path = rule.build(arguments, append_unknown=False)
    assert path is not None
    method = "GET" if "GET" in (rule.methods or ()) else "POST"
    with app.test_request_context(path[1], method=method):
        for name in ("_login_user", "viewer", "fund"):
            g.pop(name, None)
        if token:
            session["_user_id"] = token
        try:
            return app.preprocess_request() is None
        except (NotAllowed, NotFound):
            return False


def _any_value(rule: Rule, name: str) -> object:
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if isinstance(converter, NumberConverter) else "x"


def _desk(rule: Rule) -> str:
    return str(rule.endpoint).split(".")[0]


def _has_gate(app: Flask, desk: str) -> bool:
    checks = app.before_request_funcs.get(desk, [])
    return any(getattr(check, "is_gate", False) for check in checks)
