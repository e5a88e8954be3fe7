"""The database: one Base, one session, one transaction at a time, and the only commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    event,
    false,
    select,
    type_coerce,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, registry

from grants.errors import NotFound

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC in both databases. Refuses a naive time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: What reading a damaged database comes to.
UNREADABLE = (DatabaseError, ValueError, TypeError, LookupError, ArithmeticError)

#: How SQLite keeps an instant. It would read other separators all the same.
_SPELT = "-".join(("[0-9]" * 4, "[0-9]" * 2, "[0-9]" * 2)) + " " + ":".join(["[0-9]" * 2] * 3)


def is_misspelt(column: InstrumentedAttribute[datetime]) -> ColumnElement[bool]:
    """Whether SQLite keeps an instant in another spelling than its own, though it reads alike."""
    if db.session.get_bind().dialect.name != "sqlite":
        return false()
    return type_coerce(column, String).op("NOT GLOB")(f"{_SPELT}.{'[0-9]' * 6}")


#: Keys and minor units: 64 bits everywhere (SQLite counts up only on its own INTEGER).
BigInt = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """What every table is made from."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={int: BigInt, datetime: Instant},
    )


db = SQLAlchemy(model_class=Base)

Row = TypeVar("Row", bound=Base)
Hook = Callable[[], None]


@contextmanager
def transaction() -> Iterator[Session]:
    """Do everything inside or nothing. The one place that commits; never nested.

    A write on SQLite takes its lock at the start (BEGIN IMMEDIATE), so that two writers wait for
    each other instead of failing. What was read before is read anew.
    """
    session: Session = db.session()
    assert not session.info.get("in_transaction"), "transactions do not nest"
    assert not [*session.new, *session.dirty, *session.deleted], "changes outside transaction()"
    session.rollback()
    session.info.clear()
    session.info["in_transaction"] = True
    before: list[Hook] = []
    after: list[Hook] = []
    session.info["before"], session.info["after"] = before, after
    try:
        session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
        yield session
        for hook in before:
            hook()
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["in_transaction"] = False
    for hook in after:
        hook()


@contextmanager
def attempt() -> Iterator[None]:
    """Do everything inside or nothing of it, while the transaction around it goes on.

    What was left for the end of the transaction meanwhile (audit, mails, jobs) goes with it.
    """
    session: Session = db.session()
    assert session.info.get("in_transaction"), "an attempt is part of a transaction()"
    waiting = {name: len(rows) for name, rows in session.info.items() if isinstance(rows, list)}
    try:
        with session.begin_nested():
            yield
    except BaseException:
        for name, rows in session.info.items():
            if isinstance(rows, list):
                del rows[waiting.get(name, 0) :]
        raise


@contextmanager
def snapshot() -> Iterator[Session]:
    """Read everything inside as of one moment; what is changed inside is thrown away."""
    session: Session = db.session()
    assert not session.info.get("in_transaction"), "a snapshot is not taken inside transaction()"
    session.rollback()
    try:
        if session.get_bind().dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session
    finally:
        session.rollback()


def before_commit(hook: Hook) -> None:
    """Do this last in the present transaction (the audit chain writes itself so)."""
    _hooks("before").append(hook)


def after_commit(hook: Hook) -> None:
    """Do this once the present transaction has taken effect (waking the worker)."""
    _hooks("after").append(hook)


def is_in_transaction() -> bool:
    return bool(db.session().info.get("in_transaction"))


def _hooks(name: str) -> list[Hook]:
    session = db.session()
    assert session.info.get("in_transaction"), "this belongs inside transaction()"
    hooks: list[Hook] = session.info[name]
    return hooks


def lock(model: type[Row], key: object) -> Row:
    """The row, fresh and locked until the transaction ends. Refuses with NotFound.

    Lock the things a decision is about before anything is posted: the journal comes last.
    """
    found = db.session.scalar(
        select(model)
        .where(model.__mapper__.primary_key[0] == key)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, _record: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    for pragma in (
        "foreign_keys = ON",
        "journal_mode = WAL",
        "synchronous = FULL",
        "busy_timeout = 30000",
        "recursive_triggers = ON",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")
