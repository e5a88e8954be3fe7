"""Balances now, as of any day, and as they were known at any entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from grants.db import db
from grants.ledger.chart import CHART, AccountRef
from grants.ledger.models import Account, Balance
from grants.ledger.queries.accounts import IDENTITY, dimensioned, numbered
from grants.ledger.queries.turnover import accounts_of, summed, turnover
from grants.money import Money


@dataclass(frozen=True, kw_only=True)
class AccountBalance:
    """What an account holds on its normal side, in its currency and in US dollars."""

    number: str
    currency: str
    donor_id: int | None
    layer_id: int | None
    programme_id: int | None
    grant_id: int | None
    balance_minor: int
    usd_minor: int

    @property
    def ref(self) -> AccountRef:
        return AccountRef(
            self.number,
            self.currency,
            donor_id=self.donor_id,
            layer_id=self.layer_id,
            programme_id=self.programme_id,
            grant_id=self.grant_id,
        )


@dataclass(frozen=True, kw_only=True)
class AccountTurnover:
    """What went in and out of an account between two days."""

    number: str
    currency: str
    donor_id: int | None
    layer_id: int | None
    programme_id: int | None
    grant_id: int | None
    debit_minor: int
    credit_minor: int
    debit_usd_minor: int
    credit_usd_minor: int


def balance(fund_id: int, account: AccountRef) -> Money:
    """What one account holds now, on its normal side; nothing if it was never used."""
    held = db.session.scalar(
        select(Balance.balance_minor)
        .join(Account, Account.id == Balance.account_id)
        .where(Account.fund_id == fund_id, Account.key == account.key)
    )
    return Money.of_minor(held or 0, account.currency)


def balances(
    fund_id: int,
    numbers: Sequence[str] = (),
    *,
    donor_id: int | None = None,
    layer_id: int | None = None,
    programme_id: int | None = None,
    grant_id: int | None = None,
) -> list[AccountBalance]:
    """Kept balances that are not nothing, of the accounts with these numbers and dimensions."""
    where = dimensioned(donor_id, layer_id, programme_id, grant_id)
    rows = db.session.execute(
        select(*IDENTITY, Balance.balance_minor, Balance.usd_minor)
        .join(Balance, Balance.account_id == Account.id)
        .where(Account.fund_id == fund_id, *numbered(numbers), *where)
        .where((Balance.balance_minor != 0) | (Balance.usd_minor != 0))
        .order_by(Account.number, Account.id)
    )
    return [AccountBalance(**row._mapping) for row in rows]


def balances_as_of(
    fund_id: int,
    numbers: Sequence[str] = (),
    *,
    on: date,
    known_at: int | None = None,
    layer_id: int | None = None,
    programme_id: int | None = None,
    grant_id: int | None = None,
    donor_id: int | None = None,
) -> list[AccountBalance]:
    """Balances at the end of a day, as the journal up to entry `known_at` has them."""
    turnovers = totals_between(
        fund_id,
        numbers,
        from_on=None,
        until_on=on,
        known_at=known_at,
        layer_id=layer_id,
        programme_id=programme_id,
        grant_id=grant_id,
        donor_id=donor_id,
    )
    held = []
    for turned in turnovers:
        side = CHART[turned.number].side
        minor = (turned.debit_minor - turned.credit_minor) * side
        usd_minor = (turned.debit_usd_minor - turned.credit_usd_minor) * side
        if minor or usd_minor:
            held.append(
                AccountBalance(
                    number=turned.number,
                    currency=turned.currency,
                    donor_id=turned.donor_id,
                    layer_id=turned.layer_id,
                    programme_id=turned.programme_id,
                    grant_id=turned.grant_id,
                    balance_minor=minor,
                    usd_minor=usd_minor,
                )
            )
    return held


def totals_between(
    fund_id: int,
    numbers: Sequence[str] = (),
    *,
    from_on: date | None,
    until_on: date,
    known_at: int | None = None,
    donor_id: int | None = None,
    layer_id: int | None = None,
    programme_id: int | None = None,
    grant_id: int | None = None,
) -> list[AccountTurnover]:
    """Debits and credits by value date, both days included, of accounts with these dimensions.

    With `known_at`, only entries up to that sequence number: the books as they were known then.
    """
    chosen = accounts_of(
        fund_id,
        *numbered(numbers),
        *dimensioned(donor_id, layer_id, programme_id, grant_id),
    )
    sides = turnover(fund_id, chosen, from_on=from_on, until_on=until_on, known_at=known_at)
    rows = db.session.execute(
        select(
            *IDENTITY,
            summed(sides.c.debit).label("debit_minor"),
            summed(sides.c.credit).label("credit_minor"),
            summed(sides.c.debit_usd).label("debit_usd_minor"),
            summed(sides.c.credit_usd).label("credit_usd_minor"),
        )
        .join(Account, Account.id == sides.c.account_id)
        .group_by(*IDENTITY, Account.id)
        .having(summed(sides.c.debit_usd + sides.c.credit_usd) != 0)
        .order_by(Account.number, Account.id)
    )
    return [AccountTurnover(**row._mapping) for row in rows]


def sum_usd(found: Sequence[AccountBalance]) -> Money:
    """The balances together, in US dollars."""
    return Money.of_minor(sum(held.usd_minor for held in found), "USD")
