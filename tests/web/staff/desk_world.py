"""What tests of the staff desk start from: a fund, browsers, and counted statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from grants.db import db
from grants.ledger import queries as ledger
from grants.people.models import Role
from grants.people.permissions import Actor
from tests.make import MakeBase
from tests.makes.funding import FundingMakes
from tests.makes.people import PeopleMakes


class StaffWorld(FundingMakes, PeopleMakes, MakeBase):
    """A fund and those who work for it."""

    def finance(self) -> FlaskClient:
        return self.browser(self.treasurer())

    def managing(self) -> FlaskClient:
        return self.browser(self.steward())

    def auditing(self) -> FlaskClient:
        return self.browser(self.acting(Role.AUDITOR))

    def seen_by(self, who: Actor, path: str) -> str:
        """The page as somebody sees it."""
        response = self.browser(who).get(path)
        assert response.status_code == 200, response.text
        return response.text

    def prove(self) -> None:
        found = ledger.verify(self.books())
        assert found.holds, found.breaks


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "SAVEPOINT")):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def statements_of(client: FlaskClient, path: str) -> int:
    """How many statements a page needs. The first request is not counted: it fills caches."""
    client.get(path)
    with counted() as sent:
        response: TestResponse = client.get(path)
    assert response.status_code == 200, response.text
    return len(sent)


def does_not_grow(client: FlaskClient, path: str, more: Callable[[], object]) -> int:
    """The number of statements of a page, which stays the same when there are more rows."""
    before = statements_of(client, path)
    more()
    after = statements_of(client, path)
    assert after == before, f"{path}: {before} statements became {after}"
    return before
