"""Rates of exchange: recorded, revised, held and confirmed; and who bears their differences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import select, text

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed, NotFound, Refused
from grants.ledger import rules
from grants.ledger.models import ExchangePolicy, ExchangeRate, RateConfirmation
from grants.ledger.queries.rates import rate_on, sealed_confirmation, sealed_rate
from grants.money import Rate
from grants.people.permissions import Actor, Verb, require


class Bearer(StrEnum):
    """Who bears exchange differences: whose money it was, the fund's own pot, or all layers."""

    CONTRIBUTOR = "contributor"
    FUND = "fund"
    SHARED = "shared"


@dataclass(frozen=True)
class RecordedRate:
    """What became of a rate: its number, whether it is new, and why it is held, if it is."""

    id: int
    is_new: bool
    revision: int
    held: str


def record_rate(actor: Actor, fund_id: int | None, rate: Rate, *, reason: str = "") -> RecordedRate:
    """Keep a rate of exchange from its source. The same figure for the same day is kept once.

    Another figure for a day that the source has already is a revision, and wants a reason. A rate
    far from the one in force before is held until another person confirms it.
    """
    require(actor, Verb.RECORD_CONTRIBUTION, fund_id)
    _queue()
    known = _known(rate)
    if known is not None and Decimal(known.units_per_usd) == rate.units_per_usd:
        return RecordedRate(known.id, is_new=False, revision=known.revision, held="")
    if known is not None and not reason.strip():
        raise rules.RateIsKnown(
            source=rate.source,
            known=known.units_per_usd,
            currency=rate.currency,
            day=rate.on.isoformat(),
        )
    before = rate_on(rate.currency, rate.on)
    held = rules.why_held(rate.units_per_usd, before.units_per_usd if before else None)
    row = ExchangeRate(
        currency=rate.currency,
        units_per_usd=str(rate.units_per_usd),
        source=rate.source,
        effective_on=rate.on,
        revision=known.revision + 1 if known else 1,
        reason=reason.strip(),
        is_held=bool(held),
        recorded_at=clock.now(),
        actor_id=actor.user_id,
    )
    previous = db.session.scalar(
        select(ExchangeRate.seal).order_by(ExchangeRate.id.desc()).limit(1)
    )
    row.seal = rules.seal_rate(sealed_rate(row), previous or "")
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor,
        "rate.recorded",
        "exchange_rate",
        row.id,
        fund_id=fund_id,
        reason=row.reason,
        currency=rate.currency,
        units=row.units_per_usd,
        seal=row.seal,
    )
    return RecordedRate(row.id, is_new=True, revision=row.revision, held=held)


def _known(rate: Rate) -> ExchangeRate | None:
    """What the source said of that day last."""
    return db.session.scalars(
        select(ExchangeRate)
        .where(
            ExchangeRate.currency == rate.currency,
            ExchangeRate.source == rate.source,
            ExchangeRate.effective_on == rate.on,
        )
        .order_by(ExchangeRate.revision.desc())
        .limit(1)
    ).one_or_none()


def confirm_rate(actor: Actor, fund_id: int, rate_id: int, *, reason: str) -> None:
    """Say that a rate that was held is right: from now on it is used.

    By another person than recorded it, with the reason. Refuses one that is not held.
    """
    require(actor, Verb.APPROVE_ADJUSTMENT, fund_id)
    row = db.session.get(ExchangeRate, rate_id)
    if row is None:
        raise NotFound
    if not row.is_held or db.session.get(RateConfirmation, rate_id) is not None:
        raise Refused("This rate is in use already.")
    if row.actor_id == actor.user_id:
        raise Refused("You recorded this rate. Another person must confirm it.")
    if not reason.strip():
        raise Malformed("Say where you saw that the rate is right.")
    confirmation = RateConfirmation(
        rate_id=rate_id, by_id=actor.user_id, at=clock.now(), reason=reason.strip()
    )
    confirmation.seal = rules.seal_rate(sealed_confirmation(confirmation), row.seal)
    db.session.add(confirmation)
    db.session.flush()
    audit.record(
        actor, "rate.confirmed", "exchange_rate", rate_id, fund_id=fund_id, reason=reason.strip()
    )


def propose_policy(
    actor: Actor,
    fund_id: int,
    *,
    from_on: date,
    bearer: Bearer,
    allows_fallback: bool,
    rate_days_max: int,
) -> int:
    """Propose who bears exchange differences from a day on. In force once it is approved."""
    require(actor, Verb.POST_ADJUSTMENT, fund_id)
    policy = ExchangePolicy(
        fund_id=fund_id,
        from_on=from_on,
        bearer=Bearer(bearer),
        allows_fallback=allows_fallback,
        rate_days_max=rate_days_max,
        set_by_id=actor.user_id,
        set_at=clock.now(),
    )
    db.session.add(policy)
    db.session.flush()
    audit.record(actor, "exchange_policy.proposed", "exchange_policy", policy.id, fund_id=fund_id)
    return policy.id


def approve_policy(actor: Actor, policy_id: int) -> None:
    """Put a policy into force; by another person than proposed it."""
    policy = lock(ExchangePolicy, policy_id)
    require(actor, Verb.APPROVE_ADJUSTMENT, policy.fund_id)
    if policy.approved_by_id is not None:
        raise Refused("This policy is approved already.")
    if policy.set_by_id == actor.user_id:
        raise Refused("You proposed this policy. Another person must approve it.")
    policy.approved_by_id = actor.user_id
    policy.approved_at = clock.now()
    db.session.flush()
    audit.record(
        actor, "exchange_policy.approved", "exchange_policy", policy_id, fund_id=policy.fund_id
    )


def _queue() -> None:
    """One rate after the other: each is sealed to the one before."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE exchange_rate IN SHARE UPDATE EXCLUSIVE MODE"))
