"""Pledges, agreements and deposits, held against what the books hold for them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from grants.db import db
from grants.donors.models import (
    ContributionAgreement,
    Deposit,
    DepositState,
    Instalment,
    Pledge,
    PledgeState,
)
from grants.donors.queries.donors import total
from grants.ledger import queries as ledger
from grants.ledger.queries import Break
from grants.money import Money

#: Where the worth of a deposit stands: income of three kinds, or not yet known whose.
_RECEIVED = ("4010", "4020", "4030", "2900")
_PROMISED = ("9011",)
#: Where stands what was agreed, until it is paid.
_AGREED = ("2100",)
_NOTHING = (0, 0)


def document_breaks(fund_id: int) -> list[Break]:
    """Documents that say something else than their entries; empty when all is well.

    A deposit that stands is income, or unidentified, in its own currency and in US dollars; one
    that was reversed is nothing. A pledge is outstanding while it is open, and then no more.
    """
    return [
        *_deposit_breaks(fund_id),
        *_pledge_breaks(fund_id),
        *_agreement_breaks(fund_id),
    ]


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


def _agreement_breaks(fund_id: int) -> Iterator[Break]:
    """An agreement is what was signed and amended, less what will not come of it."""
    booked = ledger.document_sums(fund_id, "agreement", _AGREED)
    agreement = ContributionAgreement
    cancelled = (
        select(
            Instalment.agreement_id,
            total(Instalment.cancelled_minor).label("minor"),
            total(Instalment.cancelled_usd_minor).label("usd"),
        )
        .group_by(Instalment.agreement_id)
        .subquery("cancelled")
    )
    rows = db.session.execute(
        select(
            agreement.id,
            agreement.currency,
            agreement.amount_minor - func.coalesce(cancelled.c.minor, 0),
            agreement.usd_minor - func.coalesce(cancelled.c.usd, 0),
        )
        .outerjoin(cancelled, cancelled.c.agreement_id == agreement.id)
        .where(agreement.fund_id == fund_id, agreement.entry_id.is_not(None))
        .order_by(agreement.id)
    )
    for key, currency, minor, usd in rows:
        said = (int(minor), int(usd))
        yield from _compared("agreement", key, currency, said, booked.pop(key, _NOTHING))
    yield from _orphans("agreement", booked)


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
