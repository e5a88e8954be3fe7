"""Rates of exchange in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select

from grants.db import db
from grants.ledger.models import ExchangeRate
from grants.money import Rate
from grants.people.models import User


@dataclass(frozen=True, kw_only=True)
class KnownRate:
    """A rate as it was recorded, and by whom."""

    currency: str
    units_per_usd: str
    source: str
    effective_on: date
    recorded_at: datetime
    actor: str


def known_rates(
    *, currency: str = "", offset: int = 0, limit: int = 50
) -> tuple[list[KnownRate], int]:
    """The rates that were recorded, the newest effective date first, and how many there are."""
    query = select(ExchangeRate, User.name).join(User, User.id == ExchangeRate.actor_id)
    if currency:
        query = query.where(ExchangeRate.currency == currency)
    count = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.session.execute(
        query.order_by(
            ExchangeRate.effective_on.desc(), ExchangeRate.currency, ExchangeRate.id.desc()
        )
        .offset(offset)
        .limit(min(limit, 500))
    )
    found = [
        KnownRate(
            currency=one.currency,
            units_per_usd=one.units_per_usd,
            source=one.source,
            effective_on=one.effective_on,
            recorded_at=one.recorded_at,
            actor=actor,
        )
        for one, actor in rows
    ]
    return found, count


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
