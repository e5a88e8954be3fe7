"""Rates of exchange in force."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from grants.db import db
from grants.ledger.models import ExchangeRate
from grants.money import Rate


def rate_on(currency: str, on: date, *, source: str | None = None) -> Rate | None:
    """The rate in force on a day: the newest effective date not after it, latest recorded first."""
    if currency == "USD":
        return Rate(currency="USD", units_per_usd=Decimal(1), source="itself", on=on)
    query = select(ExchangeRate).where(
        ExchangeRate.currency == currency, ExchangeRate.effective_on <= on
    )
    if source is not None:
        query = query.where(ExchangeRate.source == source)
    found = db.session.scalar(
        query.order_by(ExchangeRate.effective_on.desc(), ExchangeRate.id.desc()).limit(1)
    )
    if found is None:
        return None
    return Rate(
        currency=currency,
        units_per_usd=Decimal(found.units_per_usd),
        source=found.source,
        on=found.effective_on,
    )
