"""Pledges and deposits, held against what the books hold for them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from grants.db import db
from grants.donors.models import Deposit, DepositState, Pledge, PledgeState
from grants.ledger import queries as ledger
from grants.ledger.queries import Break
from grants.money import Money

#: Where the worth of a deposit stands: income of three kinds, or not yet known whose.
_RECEIVED = ("4010", "4020", "4030", "2900")
_PROMISED = ("9011",)
_NOTHING = (0, 0)


def document_breaks(fund_id: int) -> list[Break]:
    """Pledges and deposits that say something else than their entries; empty when all is well.

    A deposit that stands is income, or unidentified, in its own currency and in US dollars; one
    that was reversed is nothing. A pledge is outstanding while it is open, and then no more.
    """
    return [*_deposit_breaks(fund_id), *_pledge_breaks(fund_id)]


def _deposit_breaks(fund_id: int) -> Iterator[Break]:
    booked = ledger.document_sums(fund_id, "deposit", _RECEIVED)
    rows = db.session.execute(
        select(Deposit.id, Deposit.currency, Deposit.amount_minor, Deposit.usd_minor, Deposit.state)
        .where(Deposit.fund_id == fund_id)
        .order_by(Deposit.id)
    )
    for row in rows:
        stands = row.state in {DepositState.MATCHED, DepositState.UNIDENTIFIED}
        said = (row.amount_minor, row.usd_minor) if stands else _NOTHING
        yield from _compared("deposit", row.id, row.currency, said, booked.pop(row.id, _NOTHING))
    yield from _orphans("deposit", booked)


def _pledge_breaks(fund_id: int) -> Iterator[Break]:
    booked = ledger.document_sums(fund_id, "pledge", _PROMISED)
    rows = db.session.execute(
        select(Pledge.id, Pledge.currency, Pledge.amount_minor, Pledge.usd_minor, Pledge.state)
        .where(Pledge.fund_id == fund_id)
        .order_by(Pledge.id)
    )
    for row in rows:
        is_open = row.state == PledgeState.OPEN
        said = (row.amount_minor, row.usd_minor) if is_open else _NOTHING
        yield from _compared("pledge", row.id, row.currency, said, booked.pop(row.id, _NOTHING))
    yield from _orphans("pledge", booked)


def _compared(
    kind: str, key: int, currency: str, said: tuple[int, int], booked: tuple[int, int]
) -> Iterator[Break]:
    if said != booked:
        ours, books = (
            f"{Money.of_minor(minor, currency)} (USD {Money.of_minor(usd, 'USD').amount:,})"
            for minor, usd in (said, booked)
        )
        yield Break("document", f"{kind} {key}", f"it says {ours}; the books hold {books}")


def _orphans(kind: str, booked: dict[int, tuple[int, int]]) -> Iterator[Break]:
    for key in sorted(booked):
        yield Break("document", f"{kind} {key}", "the books have entries of it, but it is not here")
