"""Rates of exchange, as their sources publish them."""

from __future__ import annotations

from sqlalchemy import select

from grants import clock
from grants.db import db
from grants.errors import Refused
from grants.ledger.models import ExchangeRate
from grants.money import Rate
from grants.people.permissions import Actor, Verb, require


def record_rate(actor: Actor, fund_id: int, rate: Rate) -> None:
    """Keep a rate of exchange from its source. The same source, day and currency is kept once."""
    require(actor, Verb.RECORD_CONTRIBUTION, fund_id)
    known = db.session.scalar(
        select(ExchangeRate.units_per_usd).where(
            ExchangeRate.currency == rate.currency,
            ExchangeRate.source == rate.source,
            ExchangeRate.effective_on == rate.on,
        )
    )
    if known == str(rate.units_per_usd):
        return
    if known is not None:
        raise Refused(
            f"{rate.source} already has {known} {rate.currency} per US dollar from {rate.on} on."
        )
    db.session.add(
        ExchangeRate(
            currency=rate.currency,
            units_per_usd=str(rate.units_per_usd),
            source=rate.source,
            effective_on=rate.on,
            recorded_at=clock.now(),
            actor_id=actor.user_id,
        )
    )
    db.session.flush()
