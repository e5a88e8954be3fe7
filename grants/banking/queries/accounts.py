"""The accounts of a fund at banks, and how their banks lay out CSV."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import aliased

from grants.banking.models import BankAccount, BankLayout, BankLine, BankStatement
from grants.banking.queries.lines import is_settled
from grants.banking.rules import Layout, plain_number
from grants.db import db
from grants.errors import NotFound
from grants.money import Money
from grants.people.permissions import Actor, Verb

ACCOUNTS_MAX: Final = 200


@dataclass(frozen=True, kw_only=True)
class AccountView:
    """An account at a bank: what its latest statement closed with, and what waits on it."""

    id: int
    fund_id: int
    number: str
    currency: str
    bank: str
    bic: str
    holder: str
    tolerance: Money
    layout_id: int | None
    layout: str
    statements: int
    open_lines: int
    until_on: date | None
    closing: Money | None

    @property
    def shown_number(self) -> str:
        """In groups of four, as it is written on paper."""
        return " ".join(self.number[at : at + 4] for at in range(0, len(self.number), 4))


@dataclass(frozen=True, kw_only=True)
class LayoutView:
    """A bank's CSV."""

    id: int
    fund_id: int
    name: str
    layout: Layout


def accounts_of(fund_id: int) -> list[AccountView]:
    """The accounts of a fund, by currency. One statement."""
    return _accounts(BankAccount.fund_id == fund_id)


def account(account_id: int) -> AccountView:
    """An account. Refuses with NotFound."""
    found = _accounts(BankAccount.id == account_id)
    if not found:
        raise NotFound
    return found[0]


def account_by_number(number: str) -> AccountView:
    """The account with this number, however it is spelt. Refuses with NotFound, saying which."""
    found = _accounts(BankAccount.number == plain_number(number))
    if not found:
        raise NotFound(f"No account {number} is known. Enter it in the Bank pages first.")
    return found[0]


def layouts_of(fund_id: int) -> list[LayoutView]:
    """How banks of the fund lay out their CSV, by name."""
    rows = db.session.scalars(
        select(BankLayout)
        .where(BankLayout.fund_id == fund_id)
        .order_by(BankLayout.name)
        .limit(ACCOUNTS_MAX)
    )
    return [_layout(row) for row in rows]


def layout(layout_id: int) -> LayoutView:
    """One of them. Refuses with NotFound."""
    found = db.session.get(BankLayout, layout_id)
    if found is None:
        raise NotFound
    return _layout(found)


def open_lines(actor: Actor) -> list[AccountView]:
    """The accounts with movements that wait for this person."""
    fund_ids = actor.funds_with(Verb.RECORD_CONTRIBUTION)
    mine = true() if fund_ids is None else BankAccount.fund_id.in_(fund_ids)
    return [one for one in _accounts(mine) if one.open_lines]


def _accounts(where: ColumnElement[bool]) -> list[AccountView]:
    every = aliased(BankStatement)
    waiting = (
        select(func.count(BankLine.id))
        .where(BankLine.account_id == BankAccount.id, ~is_settled())
        .correlate(BankAccount)
        .scalar_subquery()
    )
    statements = (
        select(func.count(every.id))
        .where(every.account_id == BankAccount.id)
        .correlate(BankAccount)
        .scalar_subquery()
    )
    newest = (
        select(every.id)
        .where(every.account_id == BankAccount.id)
        .order_by(every.to_on.desc(), every.id.desc())
        .limit(1)
        .correlate(BankAccount)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(BankAccount, BankLayout.name, statements, waiting, BankStatement)
        .outerjoin(BankLayout, BankLayout.id == BankAccount.layout_id)
        .outerjoin(BankStatement, BankStatement.id == newest)
        .where(where)
        .order_by(BankAccount.currency, BankAccount.id)
        .limit(ACCOUNTS_MAX)
    )
    return [
        AccountView(
            id=found.id,
            fund_id=found.fund_id,
            number=found.number,
            currency=found.currency,
            bank=found.bank,
            bic=found.bic,
            holder=found.holder,
            tolerance=Money.of_minor(found.tolerance_minor, found.currency),
            layout_id=found.layout_id,
            layout=name or "",
            statements=count,
            open_lines=still_open,
            until_on=last.to_on if last else None,
            closing=Money.of_minor(last.closing_minor, found.currency) if last else None,
        )
        for found, name, count, still_open, last in rows
    ]


def _layout(found: BankLayout) -> LayoutView:
    return LayoutView(
        id=found.id,
        fund_id=found.fund_id,
        name=found.name,
        layout=Layout.of_stored(found.layout),
    )
