"""Deposits as lines, and as layers of spendable money."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, extract, func, or_, select

from grants.db import db
from grants.donors.models import (
    ContributionAgreement,
    Deposit,
    DepositState,
    Instalment,
)
from grants.donors.rules import Earmark, exchange_difference
from grants.errors import NotFound
from grants.money import Money, share_minor
from grants.people.models import Organisation

ROWS_MAX: Final = 1000
_IDS_AT_ONCE: Final = 500


@dataclass(frozen=True, kw_only=True)
class DepositLine:
    """A deposit with its rate, its value, and how that differs from what was agreed."""

    id: int
    fund_id: int
    donor_id: int | None
    donor: str
    agreement_id: int | None
    agreement: str
    instalment_id: int | None
    instalment: int | None
    value_on: date
    programming_year: int
    amount: Money
    stated_currency: str | None
    stated_amount: str
    usd: Money
    rate: str
    rate_source: str
    rate_on: date | None
    fee: Money
    settled: Money
    agreed_usd: Money
    difference: Money
    is_core: bool
    conditions: Earmark
    state: str
    remitter: str
    bank_reference: str
    entry_id: int | None


@dataclass(frozen=True, kw_only=True)
class Layer:
    """What funding must know of a deposit to spend what is left of it."""

    layer_id: int
    donor_id: int
    donor: str
    value_on: date
    usd: Money
    is_core: bool
    conditions: Earmark
    agreement_id: int | None


def deposits_of(
    fund_id: int,
    donor_id: int | None = None,
    *,
    agreement_id: int | None = None,
    state: str = "",
    year: int | None = None,
    q: str = "",
    sort: str = "value_on",
    is_descending: bool = True,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[DepositLine], int]:
    """Deposits of a fund that match, and how many there are.

    Sorts by value_on, donor, amount or usd. Without a state, reversed ones are left out.
    """
    query = _matching(fund_id, donor_id, agreement_id=agreement_id, state=state, year=year, words=q)
    count = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    key = {
        "donor": Organisation.name,
        "amount": Deposit.amount_minor,
        "usd": Deposit.usd_minor,
    }.get(sort, Deposit.value_on)
    rows = db.session.execute(
        query.order_by(key.desc() if is_descending else key.asc(), Deposit.id)
        .offset(offset)
        .limit(min(limit, ROWS_MAX))
    )
    return [_line(row) for row in rows], count


def deposit(deposit_id: int) -> DepositLine:
    """One deposit. Refuses with NotFound."""
    row = db.session.execute(_lines().where(Deposit.id == deposit_id)).one_or_none()
    if row is None:
        raise NotFound
    return _line(row)


def unidentified(fund_ids: Collection[int] | None, *, limit: int = 100) -> list[DepositLine]:
    """Receipts nobody has been found for, the oldest first. None means in every fund."""
    query = _lines().where(Deposit.state == DepositState.UNIDENTIFIED)
    if fund_ids is not None:
        query = query.where(Deposit.fund_id.in_(list(fund_ids)))
    rows = db.session.execute(
        query.order_by(Deposit.value_on, Deposit.id).limit(min(limit, ROWS_MAX))
    )
    return [_line(row) for row in rows]


def layers(fund_id: int, layer_ids: Collection[int] | None = None) -> list[Layer]:
    """The identified deposits of a fund as layers; only these if ids are given."""
    query = (
        select(Deposit, Organisation.name)
        .join(Organisation, Organisation.id == Deposit.donor_id)
        .where(Deposit.fund_id == fund_id, Deposit.state != DepositState.UNIDENTIFIED)
        .order_by(Deposit.id)
    )
    if layer_ids is not None and len(layer_ids) <= _IDS_AT_ONCE:
        query = query.where(Deposit.id.in_(list(layer_ids)))
    wanted = None if layer_ids is None else set(layer_ids)
    return [
        _layer(found, donor)
        for found, donor in db.session.execute(query)
        if wanted is None or found.id in wanted
    ]


def _layer(found: Deposit, donor: str) -> Layer:
    assert found.donor_id is not None
    return Layer(
        layer_id=found.id,
        donor_id=found.donor_id,
        donor=donor,
        value_on=found.value_on,
        usd=Money.of_minor(found.usd_minor, "USD"),
        is_core=found.is_core,
        conditions=Earmark.of_stored(found.conditions, found.usable_from, found.usable_until),
        agreement_id=found.agreement_id,
    )


def _lines() -> Select[Deposit, str, str, int]:
    return (
        select(
            Deposit,
            func.coalesce(Organisation.name, "").label("donor"),
            func.coalesce(ContributionAgreement.reference, "").label("agreement"),
            Instalment.number.label("instalment"),
        )
        .outerjoin(Organisation, Organisation.id == Deposit.donor_id)
        .outerjoin(ContributionAgreement, ContributionAgreement.id == Deposit.agreement_id)
        .outerjoin(Instalment, Instalment.id == Deposit.instalment_id)
    )


def _matching(
    fund_id: int,
    donor_id: int | None,
    *,
    agreement_id: int | None,
    state: str,
    year: int | None,
    words: str,
) -> Select[Deposit, str, str, int]:
    query = _lines().where(Deposit.fund_id == fund_id)
    query = query.where(Deposit.state == state if state else Deposit.state != DepositState.REVERSED)
    if donor_id is not None:
        query = query.where(Deposit.donor_id == donor_id)
    if agreement_id is not None:
        query = query.where(Deposit.agreement_id == agreement_id)
    if year is not None:
        query = query.where(extract("year", Deposit.value_on) == year)
    if words:
        query = query.where(
            or_(
                Organisation.name.icontains(words, autoescape=True),
                Deposit.bank_reference.icontains(words, autoescape=True),
                Deposit.remitter.icontains(words, autoescape=True),
                ContributionAgreement.reference.icontains(words, autoescape=True),
            )
        )
    return query


def _line(row: Any) -> DepositLine:
    found: Deposit = row[0]
    usd = Money.of_minor(found.usd_minor, "USD")
    agreed = Money.of_minor(found.settled_usd_minor, "USD")
    return DepositLine(
        id=found.id,
        fund_id=found.fund_id,
        donor_id=found.donor_id,
        donor=row.donor,
        agreement_id=found.agreement_id,
        agreement=row.agreement,
        instalment_id=found.instalment_id,
        instalment=row.instalment,
        value_on=found.value_on,
        programming_year=found.programming_year,
        amount=Money.of_minor(found.amount_minor, found.currency),
        stated_currency=found.stated_currency,
        stated_amount=found.stated_amount,
        usd=usd,
        rate=found.rate,
        rate_source=found.rate_source,
        rate_on=found.rate_on,
        fee=Money.of_minor(found.fee_minor, "USD"),
        settled=Money.of_minor(found.settled_minor, found.currency),
        agreed_usd=agreed,
        difference=exchange_difference(_settled_usd(found), agreed),
        is_core=found.is_core,
        conditions=Earmark.of_stored(found.conditions, found.usable_from, found.usable_until),
        state=found.state,
        remitter=found.remitter,
        bank_reference=found.bank_reference,
        entry_id=found.entry_id,
    )


def _settled_usd(found: Deposit) -> Money:
    """What the settling part of the deposit brought: all of it, but where more came than agreed."""
    weights = [found.settled_minor, found.amount_minor - found.settled_minor]
    return Money.of_minor(share_minor(found.usd_minor, weights)[0], "USD")
