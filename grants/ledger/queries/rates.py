"""Rates of exchange in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from grants.db import UNREADABLE, db, is_misspelt
from grants.ledger.models import ExchangePolicy, ExchangeRate, RateConfirmation
from grants.ledger.queries.kept import Break
from grants.ledger.queries.reference_rates import reference_rate_on
from grants.ledger.rules import seal_rate
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
    id: int
    revision: int
    reason: str
    #: Held: not used until another person confirms it.
    is_held: bool
    confirmed_by: str


@dataclass(frozen=True, kw_only=True)
class PolicyView:
    """Who bears exchange differences from a day on, and how old a rate may be."""

    id: int
    from_on: date
    bearer: str
    allows_fallback: bool
    rate_days_max: int
    set_by: str
    set_by_id: int
    approved_by: str


#: What holds while a fund has said nothing: the donor's layer bears, and no other source stands in.
BEARER, RATE_DAYS_MAX = "contributor", 3_660


def known_rates(
    *, currency: str = "", offset: int = 0, limit: int = 50
) -> tuple[list[KnownRate], int]:
    """The rates that were recorded, the newest effective date first, and how many there are."""
    other = aliased(User)
    query = (
        select(ExchangeRate, User.name, RateConfirmation.rate_id, other.name.label("confirmed"))
        .join(User, User.id == ExchangeRate.actor_id)
        .outerjoin(RateConfirmation, RateConfirmation.rate_id == ExchangeRate.id)
        .outerjoin(other, other.id == RateConfirmation.by_id)
    )
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
            id=one.id,
            revision=one.revision,
            reason=one.reason,
            is_held=one.is_held and confirmation is None,
            confirmed_by=confirmed or "",
        )
        for one, actor, confirmation, confirmed in rows
    ]
    return found, count


def rate_on(
    currency: str, on: date, *, source: str | None = None, known_at: datetime | None = None
) -> Rate | None:
    """The rate in force on a day: the newest effective date not after it, its last revision.

    With `known_at`, as it was known at that moment. What is held and not confirmed is not used.
    """
    if currency == "USD":
        return Rate(currency="USD", units_per_usd=Decimal(1), source="itself", on=on)
    confirmed = select(RateConfirmation.rate_id)
    query = select(ExchangeRate).where(
        ExchangeRate.currency == currency, ExchangeRate.effective_on <= on
    )
    if source is not None:
        query = query.where(ExchangeRate.source == source)
    if known_at is not None:
        query = query.where(ExchangeRate.recorded_at <= known_at)
        confirmed = confirmed.where(RateConfirmation.at <= known_at)
    found = db.session.scalar(
        query.where(ExchangeRate.is_held.is_(False) | ExchangeRate.id.in_(confirmed))
        .order_by(ExchangeRate.effective_on.desc(), ExchangeRate.id.desc())
        .limit(1)
    )
    if found is None:
        return None
    return Rate(
        currency=currency,
        units_per_usd=Decimal(found.units_per_usd),
        source=found.source,
        on=found.effective_on,
    )


def rate_for(fund_id: int, currency: str, on: date) -> Rate | None:
    """The rate that a fund uses on a day: its own while it is young enough, else a fallback.

    The fund's policy says how old a rate may be, and whether the reference rate of the European
    Central Bank may stand in. The rate names its source and its own day.
    """
    found = rate_on(currency, on)
    policy = policy_on(fund_id, on)
    days_max = policy.rate_days_max if policy else RATE_DAYS_MAX
    if found is not None and (on - found.on).days <= days_max:
        return found
    if policy is not None and policy.allows_fallback:
        return reference_rate_on(currency, on)
    return None


def policies_of(fund_id: int) -> list[PolicyView]:
    """The exchange policies of a fund, the newest first, approved or not."""
    setter, approver = aliased(User), aliased(User)
    rows = db.session.execute(
        select(ExchangePolicy, setter.name, approver.name)
        .join(setter, setter.id == ExchangePolicy.set_by_id)
        .outerjoin(approver, approver.id == ExchangePolicy.approved_by_id)
        .where(ExchangePolicy.fund_id == fund_id)
        .order_by(ExchangePolicy.from_on.desc(), ExchangePolicy.id.desc())
    )
    return [
        PolicyView(
            id=found.id,
            from_on=found.from_on,
            bearer=found.bearer,
            allows_fallback=found.allows_fallback,
            rate_days_max=found.rate_days_max,
            set_by=by,
            set_by_id=found.set_by_id,
            approved_by=approved or "",
        )
        for found, by, approved in rows
    ]


def policy_on(fund_id: int, on: date) -> PolicyView | None:
    """The policy in force on a day: approved, and the newest that has begun."""
    return next(
        (one for one in policies_of(fund_id) if one.approved_by and one.from_on <= on), None
    )


def rate_history(currency: str, *, since: date) -> list[Rate]:
    """The rates of a currency in force since a day, the oldest first, for a chart."""
    rows = db.session.scalars(
        select(ExchangeRate)
        .where(
            ExchangeRate.currency == currency,
            ExchangeRate.effective_on >= since,
            ExchangeRate.is_held.is_(False) | ExchangeRate.id.in_(select(RateConfirmation.rate_id)),
        )
        .order_by(ExchangeRate.effective_on, ExchangeRate.id)
    )
    return [
        Rate(
            currency=currency,
            units_per_usd=Decimal(one.units_per_usd),
            source=one.source,
            on=one.effective_on,
        )
        for one in rows
    ]


def sealed_rate(row: ExchangeRate) -> list[object]:
    """A rate as it is hashed."""
    return [
        row.currency,
        row.units_per_usd,
        row.source,
        row.effective_on.isoformat(),
        row.revision,
        row.reason,
        bool(row.is_held),
        row.recorded_at.isoformat(timespec="microseconds"),
        row.actor_id,
    ]


def sealed_confirmation(row: RateConfirmation) -> list[object]:
    """A confirmation as it is hashed."""
    return [row.rate_id, row.by_id, row.at.isoformat(timespec="microseconds"), row.reason]


def rate_breaks() -> list[Break]:
    """Rates and confirmations that are not what was sealed, of all funds together."""
    try:
        return list(_rate_breaks())
    except UNREADABLE as error:
        db.session.rollback()
        return [Break("readable", "rates", f"they cannot be read: {type(error).__name__}")]


def _rate_breaks() -> Iterator[Break]:
    misspelt = set(
        db.session.scalars(select(ExchangeRate.id).where(is_misspelt(ExchangeRate.recorded_at)))
    )
    previous, seals = "", {}
    for row in db.session.scalars(
        select(ExchangeRate).order_by(ExchangeRate.id).execution_options(populate_existing=True)
    ):
        where = f"rate {row.currency} {row.effective_on}"
        if seal_rate(sealed_rate(row), previous) != row.seal or row.id in misspelt:
            yield Break("rate", where, "it is not what was sealed")
            return
        previous = seals[row.id] = row.seal
    late = set(
        db.session.scalars(select(RateConfirmation.rate_id).where(is_misspelt(RateConfirmation.at)))
    )
    for one in db.session.scalars(
        select(RateConfirmation).execution_options(populate_existing=True)
    ):
        made = seal_rate(sealed_confirmation(one), seals.get(one.rate_id, ""))
        if made != one.seal or one.rate_id in late:
            yield Break("rate", f"confirmation {one.rate_id}", "it is not what was sealed")
