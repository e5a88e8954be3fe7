"""What the bank told, held against the books."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from grants.banking.models import BankAccount, BankLine, BankMatch
from grants.db import db
from grants.ledger import chart
from grants.ledger import queries as ledger
from grants.ledger.queries import Break
from grants.money import Money


def match_breaks(fund_id: int) -> list[Break]:
    """Movements whose entries moved another amount than the bank did; empty when all is well.

    What was taken back, and what was reversed, does not count.
    """
    rows = db.session.execute(
        select(BankLine.id, BankLine.amount_minor, BankLine.currency, BankMatch.entry_id)
        .join(BankMatch, BankMatch.line_id == BankLine.id)
        .join(BankAccount, BankAccount.id == BankLine.account_id)
        .where(
            BankAccount.fund_id == fund_id,
            BankMatch.ended_at.is_(None),
            BankMatch.entry_id.is_not(None),
        )
        .order_by(BankLine.id, BankMatch.id)
    ).all()
    effects = {
        currency: dict(_effects(fund_id, currency)) for currency in {row.currency for row in rows}
    }
    told: dict[int, Money] = {}
    booked: dict[int, Money] = {}
    undone: set[int] = set()
    for row in rows:
        minor, is_undone = effects[row.currency].get(row.entry_id, (0, False))
        told[row.id] = Money.of_minor(row.amount_minor, row.currency)
        before = booked.get(row.id, Money.zero(row.currency))
        booked[row.id] = before + Money.of_minor(minor, row.currency)
        if is_undone:
            undone.add(row.id)
    return [
        Break(
            "document",
            f"bank movement {line_id}",
            f"the bank says {amount}; its entries moved {booked[line_id]}",
        )
        for line_id, amount in told.items()
        if booked[line_id] != amount and line_id not in undone
    ]


def _effects(fund_id: int, currency: str) -> Iterator[tuple[int, tuple[int, bool]]]:
    found = ledger.effects_on(fund_id, chart.cash(currency))
    rows = db.session.execute(select(found.c.entry_id, found.c.amount_minor, found.c.is_undone))
    for entry_id, amount, is_undone in rows:
        yield entry_id, (int(amount), bool(is_undone))
