"""Choosing accounts by number and dimension: the pieces that the other queries are made of."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement

from grants.ledger.chart import AccountRef
from grants.ledger.models import Account

IDENTITY = (
    Account.number,
    Account.currency,
    Account.donor_id,
    Account.layer_id,
    Account.programme_id,
    Account.grant_id,
)


def ref_of(account: Account) -> AccountRef:
    """The reference that names a stored account."""
    return AccountRef(
        account.number,
        account.currency,
        donor_id=account.donor_id,
        layer_id=account.layer_id,
        programme_id=account.programme_id,
        grant_id=account.grant_id,
    )


def numbered(numbers: Sequence[str]) -> list[ColumnElement[bool]]:
    return [Account.number.in_(list(numbers))] if numbers else []


def dimensioned(
    donor_id: int | None, layer_id: int | None, programme_id: int | None, grant_id: int | None
) -> list[ColumnElement[bool]]:
    wanted = (
        (Account.donor_id, donor_id),
        (Account.layer_id, layer_id),
        (Account.programme_id, programme_id),
        (Account.grant_id, grant_id),
    )
    return [column == value for column, value in wanted if value is not None]
