"""What went through each number of the chart, by kind of event: where a fund's report begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from grants.db import db
from grants.ledger.models import Account
from grants.ledger.queries.accounts import numbered
from grants.ledger.queries.turnover import accounts_of, summed, turnover


@dataclass(frozen=True, kw_only=True)
class Flow:
    """What one kind of event moved on all accounts of a number, in US cents."""

    number: str
    event: str
    debit_minor: int
    credit_minor: int


def flows(
    fund_id: int, numbers: Sequence[str] = (), *, until_on: date, known_at: int
) -> list[Flow]:
    """Debits and credits up to the end of a day, as the journal up to entry `known_at` has them.

    As happenings(), but for the fund as a whole: as many rows as there are numbers and events,
    however many donors, layers and grants. A reversal is an event of its own (`.reversed`).
    """
    sides = turnover(
        fund_id,
        accounts_of(fund_id, *numbered(numbers)),
        from_on=None,
        until_on=until_on,
        known_at=known_at,
        by_event=True,
    )
    keys = (Account.number, sides.c.event)
    rows = db.session.execute(
        select(
            *keys,
            summed(sides.c.debit_usd).label("debit_minor"),
            summed(sides.c.credit_usd).label("credit_minor"),
        )
        .join(Account, Account.id == sides.c.account_id)
        .group_by(*keys)
        .order_by(*keys)
    )
    return [Flow(**row._mapping) for row in rows]
