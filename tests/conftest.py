"""What every test starts from: a fresh, migrated database and the application on it."""

from __future__ import annotations

import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from grants.app import create_app
from grants.db import db
from grants.schema import upgrade
from grants.settings import Settings
from tests.make import Make

SERVER = os.environ.get("TEST_DATABASE_URL", "")
#: A round trip to a server costs many times a call: random histories are fewer there.
ON_SQLITE = not SERVER
_connect = socket.socket.connect


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test may reach this machine only: its own servers and the database."""

    def connect(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if self.family != socket.AF_UNIX and host not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test tried to reach {address}")
        _connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated, empty database that each test gets a copy of."""
    if not SERVER:
        path = tmp_path_factory.mktemp("template") / "template.sqlite3"
        upgrade(f"sqlite:///{path}")
        yield str(path)
        return
    name = f"template_{uuid.uuid4().hex[:12]}"
    _on_server(f'CREATE DATABASE "{name}"')
    upgrade(_database(name))
    yield name
    _on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def _place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the database of this process is: each test finds it anew at the same address."""
    if not SERVER:
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'grants.sqlite3'}"
        return
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield _database(name)
    _on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def database_url(_place: str, _template: str) -> str:
    """The address of a fresh, migrated database for one test."""
    name = str(make_url(_place).database)
    if SERVER:
        _on_server(
            f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
            f'CREATE DATABASE "{name}" TEMPLATE "{_template}" STRATEGY FILE_COPY',
        )
    else:
        for left_behind in Path(name).parent.glob("grants.sqlite3*"):
            left_behind.unlink()
        shutil.copyfile(_template, name)
    return _place


@pytest.fixture(scope="session")
def _application(_place: str, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """One for all tests of this process, so that its templates are compiled once."""
    settings = Settings(
        database_url=_place,
        secret_key="only for tests",
        var_dir=tmp_path_factory.mktemp("var"),
        is_testing=True,
    )
    app = create_app(settings)
    app.test_client_class = StrictClient
    return app


@pytest.fixture
def app(_application: Flask, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a fresh database, inside its context."""
    before = dict(_application.config)
    _application.config["VAR_DIR"] = tmp_path / "var"
    with _application.app_context():
        yield _application
        db.session.remove()
        db.engine.dispose()
    _application.config.clear()
    _application.config.update(before)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """For a test that makes an application of its own."""
    return Settings(
        database_url=database_url,
        secret_key="only for tests",
        var_dir=tmp_path / "var",
        is_testing=True,
    )


@pytest.fixture
def session(app: Flask) -> Session:
    """The session of the test; changes go through `transaction()`."""
    found: Session = db.session()
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def make(app: Flask) -> Make:
    """Arrange with real actions: see tests/makes/."""
    return Make(app)


class StrictClient(FlaskClient):
    """A browser that refuses what is not well-formed HTML."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        # What the test has read so far is old afterwards.
        db.session.remove()
        # A file that is sent is read to its end and closed.
        kwargs.setdefault("buffered", True)
        response = self._open_apart(*args, **kwargs)
        if response.mimetype == "text/html" and not response.is_streamed and response.data:
            html5lib.HTMLParser(strict=True).parse(response.get_data(as_text=True))
        return response

    def _open_apart(self, *args: Any, **kwargs: Any) -> TestResponse:
        """In a context of its own: two requests share neither `g` nor a session, as in a server."""
        if self.preserve_context:
            return super().open(*args, **kwargs)
        with self.application.app_context():
            return super().open(*args, **kwargs)


def _database(name: str) -> str:
    return make_url(SERVER).set(database=name).render_as_string(hide_password=False)


def _on_server(*statements: str) -> None:
    engine: Engine = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
