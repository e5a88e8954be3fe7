"""Files of banks with what was found in them, and the statements that they brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, Date, case, func, select

from grants.banking.models import (
    BankAccount,
    BankFinding,
    BankImport,
    BankLine,
    BankStatement,
    ImportState,
)
from grants.banking.queries.lines import is_settled
from grants.db import db
from grants.errors import NotFound
from grants.money import Money
from grants.people.models import User

ROWS_MAX: Final = 1000
FINDINGS_MAX: Final = 100_000
_GRAVITY: Final = {"error": 0, "warning": 1, "notice": 2}


@dataclass(frozen=True, kw_only=True)
class ImportView:
    """A file that was loaded, tried out or refused."""

    id: int
    account_id: int
    fund_id: int
    file_id: int
    file_name: str
    sha256: str
    format: str
    encoding: str
    state: str
    is_trial: bool
    statements: int
    lines_read: int
    lines_new: int
    lines_known: int
    at: datetime
    actor: str


@dataclass(frozen=True, kw_only=True)
class FindingView:
    """One finding of a file."""

    row_number: int
    severity: str
    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class StatementView:
    """A statement in a list; `gap` is what lies between the one before and this."""

    id: int
    account_id: int
    import_id: int
    number: str
    from_on: date
    to_on: date
    opening: Money
    closing: Money
    has_balances: bool
    lines: int
    open_lines: int
    gap: Money | None


def imports_of(
    account_id: int, *, offset: int = 0, limit: int = 25
) -> tuple[list[ImportView], int]:
    """The files of an account, the latest first, and how many there are."""
    mine = BankImport.account_id == account_id
    count = db.session.scalar(select(func.count(BankImport.id)).where(mine)) or 0
    return _imports(mine, offset, limit), count


def import_view(import_id: int) -> ImportView:
    """One file. Refuses with NotFound."""
    found = _imports(BankImport.id == import_id, 0, 1)
    if not found:
        raise NotFound
    return found[0]


def loaded_as(found: ImportView) -> int | None:
    """The import in which a file that was tried out was loaded, if it was."""
    return db.session.scalar(
        select(BankImport.id).where(
            BankImport.account_id == found.account_id,
            BankImport.sha256 == found.sha256,
            BankImport.state == ImportState.LOADED,
        )
    )


def findings_of(
    import_id: int, *, severity: str = "", offset: int = 0, limit: int = 100
) -> tuple[list[FindingView], int]:
    """What was found in a file, errors first, each kind by its lines; and how many there are."""
    where: list[ColumnElement[bool]] = [BankFinding.import_id == import_id]
    if severity:
        where.append(BankFinding.severity == severity)
    count = db.session.scalar(select(func.count(BankFinding.id)).where(*where)) or 0
    rows = db.session.scalars(
        select(BankFinding)
        .where(*where)
        .order_by(
            case(_GRAVITY, value=BankFinding.severity, else_=len(_GRAVITY)),
            BankFinding.row_number,
            BankFinding.id,
        )
        .offset(offset)
        .limit(min(limit, FINDINGS_MAX))
    )
    return [
        FindingView(
            row_number=one.row_number, severity=one.severity, code=one.code, message=one.message
        )
        for one in rows
    ], count


def statements_of(
    account_id: int, *, offset: int = 0, limit: int = 25
) -> tuple[list[StatementView], int]:
    """The statements of an account, the latest first, and how many there are."""
    mine = BankStatement.account_id == account_id
    count = db.session.scalar(select(func.count(BankStatement.id)).where(mine)) or 0
    return _statements(account_id, None, offset, limit), count


def statement(statement_id: int) -> StatementView:
    """One statement. Refuses with NotFound."""
    found = db.session.get(BankStatement, statement_id)
    if found is None:
        raise NotFound
    return _statements(found.account_id, statement_id, 0, 1)[0]


def _imports(where: ColumnElement[bool], offset: int, limit: int) -> list[ImportView]:
    rows = db.session.execute(
        select(BankImport, BankAccount.fund_id, User.name)
        .join(BankAccount, BankAccount.id == BankImport.account_id)
        .join(User, User.id == BankImport.actor_id)
        .where(where)
        .order_by(BankImport.id.desc())
        .offset(offset)
        .limit(min(limit, ROWS_MAX))
    )
    return [
        ImportView(
            id=found.id,
            account_id=found.account_id,
            fund_id=fund_id,
            file_id=found.file_id,
            file_name=found.file_name,
            sha256=found.sha256,
            format=found.format,
            encoding=found.encoding,
            state=found.state,
            is_trial=found.is_trial,
            statements=found.statements,
            lines_read=found.lines_read,
            lines_new=found.lines_new,
            lines_known=found.lines_known,
            at=found.at,
            actor=name,
        )
        for found, fund_id, name in rows
    ]


def _statements(
    account_id: int, statement_id: int | None, offset: int, limit: int
) -> list[StatementView]:
    """Each with what its movements are, and the closing balance of the one that ended before."""
    own = BankStatement
    before = func.lag(own.closing_minor).over(order_by=(own.to_on, own.id))
    last_day = func.lag(own.to_on, type_=Date).over(order_by=(own.to_on, own.id))
    ordered = (
        select(own.id, before.label("before"), last_day.label("last_day"))
        .where(own.account_id == account_id)
        .subquery("ordered")
    )
    lines = select(func.count()).where(BankLine.statement_id == own.id)
    query = (
        select(
            own,
            BankAccount.currency,
            ordered.c.before,
            ordered.c.last_day,
            lines.scalar_subquery(),
            lines.where(~is_settled()).scalar_subquery(),
        )
        .join(ordered, ordered.c.id == own.id)
        .join(BankAccount, BankAccount.id == own.account_id)
        .order_by(own.to_on.desc(), own.id.desc())
        .offset(offset)
        .limit(min(limit, ROWS_MAX))
    )
    if statement_id is not None:
        query = query.where(own.id == statement_id)
    found = []
    for one, currency, closing, last, count, still_open in db.session.execute(query):
        # Statements that overlap begin before the last one ended: their balances do not meet.
        is_next = closing is not None and one.has_balances and one.from_on >= last
        gap = one.opening_minor - closing if is_next else 0
        found.append(_statement(one, currency, count, still_open, gap))
    return found


def _statement(
    one: BankStatement, currency: str, count: int, still_open: int, gap: int
) -> StatementView:
    return StatementView(
        id=one.id,
        account_id=one.account_id,
        import_id=one.import_id,
        number=one.number,
        from_on=one.from_on,
        to_on=one.to_on,
        opening=Money.of_minor(one.opening_minor, currency),
        closing=Money.of_minor(one.closing_minor, currency),
        has_balances=one.has_balances,
        lines=count,
        open_lines=still_open,
        gap=Money.of_minor(gap, currency) if gap else None,
    )
