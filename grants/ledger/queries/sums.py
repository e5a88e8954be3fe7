"""Balances added up by the database, so that a page costs the same however many accounts it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import BigInteger, cast, func, select

from grants.db import db
from grants.ledger.models import Account, Balance
from grants.ledger.queries.accounts import dimensioned, numbered

Dimension = Literal["donor_id", "layer_id", "programme_id", "grant_id", "currency"]

_COLUMNS: Final = {
    "donor_id": Account.donor_id,
    "layer_id": Account.layer_id,
    "programme_id": Account.programme_id,
    "grant_id": Account.grant_id,
    "currency": Account.currency,
}


@dataclass(frozen=True, kw_only=True)
class BalanceSum:
    """What all accounts of a number (and of one donor, layer ... or currency) hold together."""

    number: str
    key: int | str | None
    balance_minor: int
    usd_minor: int


def balance_sums(
    fund_id: int,
    numbers: Sequence[str] = (),
    *,
    by: Dimension | None = None,
    donor_id: int | None = None,
    layer_id: int | None = None,
    programme_id: int | None = None,
    grant_id: int | None = None,
) -> list[BalanceSum]:
    """Kept balances summed by account number and, if asked, by one dimension. One statement.

    `balance_minor` means something only where one currency is summed.
    """
    keys = [Account.number] if by is None else [Account.number, _COLUMNS[by]]
    rows = db.session.execute(
        select(
            *keys,
            cast(func.sum(Balance.balance_minor), BigInteger).label("minor"),
            cast(func.sum(Balance.usd_minor), BigInteger).label("usd_minor"),
        )
        .join(Balance, Balance.account_id == Account.id)
        .where(Account.fund_id == fund_id, *numbered(numbers))
        .where(*dimensioned(donor_id, layer_id, programme_id, grant_id))
        .where((Balance.balance_minor != 0) | (Balance.usd_minor != 0))
        .group_by(*keys)
        .order_by(*keys)
    )
    return [
        BalanceSum(
            number=row[0],
            key=None if by is None else row[1],
            balance_minor=row.minor,
            usd_minor=row.usd_minor,
        )
        for row in rows
    ]
