"""Agreements with their instalments and payments."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import func, select

from grants.db import db
from grants.donors.models import (
    ContributionAgreement,
    Deposit,
    DepositState,
    Instalment,
    InstalmentState,
)
from grants.donors.queries.deposits import DepositLine, deposits_of
from grants.donors.queries.donors import total
from grants.donors.queries.instalments import is_held
from grants.donors.rules import Earmark, days_late
from grants.errors import NotFound
from grants.money import Money
from grants.people.models import Fund, Organisation

ROWS_MAX: Final = 1000


@dataclass(frozen=True, kw_only=True)
class AgreementLine:
    """An agreement in a list, with what was paid of it."""

    id: int
    fund_id: int
    donor_id: int
    donor: str
    reference: str
    is_core: bool
    amount: Money
    usd: Money
    paid: Money
    signed_on: date | None
    earmark: Earmark
    state: str


@dataclass(frozen=True, kw_only=True)
class Payment:
    """A deposit as a payment of an instalment."""

    deposit_id: int
    paid_on: date
    amount: Money
    usd: Money
    rate: str
    rate_source: str
    rate_on: date | None
    difference: Money
    days_late: int


@dataclass(frozen=True, kw_only=True)
class InstalmentLine:
    """An instalment as agreed, and what came of it."""

    id: int
    number: int
    due_on: date
    amount: Money
    usd: Money
    cancelled: Money
    state: str
    paid: Money
    paid_usd: Money
    difference: Money
    days_late: int
    #: Whether it waits for a condition: then it is not due, however long its day is past.
    is_held: bool
    payments: tuple[Payment, ...]


@dataclass(frozen=True, kw_only=True)
class AgreementPage:
    """Everything about one agreement. `others` are deposits that name no instalment."""

    id: int
    fund_id: int
    fund: str
    donor_id: int
    donor: str
    reference: str
    is_core: bool
    amount: Money
    usd: Money
    signed_on: date | None
    earmark: Earmark
    eligible_from: date | None
    eligible_until: date | None
    provider_activity_id: str
    pledge_id: int | None
    state: str
    entry_id: int | None
    instalments: tuple[InstalmentLine, ...]
    others: tuple[DepositLine, ...]
    paid: Money
    paid_usd: Money
    outstanding: Money
    difference: Money


def agreement_page(agreement_id: int, today: date) -> AgreementPage:
    """One agreement with instalments and payments. Refuses with NotFound."""
    row = db.session.execute(
        select(ContributionAgreement, Organisation.name, Fund.name)
        .join(Organisation, Organisation.id == ContributionAgreement.donor_id)
        .join(Fund, Fund.id == ContributionAgreement.fund_id)
        .where(ContributionAgreement.id == agreement_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    found, donor, fund = row
    lines, _ = deposits_of(
        found.fund_id,
        agreement_id=agreement_id,
        state=DepositState.MATCHED,
        is_descending=False,
        limit=ROWS_MAX,
    )
    instalments = _instalments(found, lines, today)
    paid = sum((line.amount.minor for line in lines), 0)
    settled = sum((line.settled.minor for line in lines), 0)
    cancelled = sum((line.cancelled.minor for line in instalments), 0)
    return AgreementPage(
        id=found.id,
        fund_id=found.fund_id,
        fund=fund,
        donor_id=found.donor_id,
        donor=donor,
        reference=found.reference,
        is_core=found.is_core,
        amount=Money.of_minor(found.amount_minor, found.currency),
        usd=_usd(found.usd_minor),
        signed_on=found.signed_on,
        earmark=Earmark.of_stored(found.earmark),
        eligible_from=found.eligible_from,
        eligible_until=found.eligible_until,
        provider_activity_id=found.provider_activity_id,
        pledge_id=found.pledge_id,
        state=found.state,
        entry_id=found.entry_id,
        instalments=tuple(instalments),
        others=tuple(line for line in lines if line.instalment_id is None),
        paid=Money.of_minor(paid, found.currency),
        paid_usd=_usd(sum(line.usd.minor for line in lines)),
        outstanding=Money.of_minor(found.amount_minor - settled - cancelled, found.currency),
        difference=_usd(sum(line.difference.minor for line in lines)),
    )


def agreements_of(
    fund_id: int, donor_id: int | None = None, *, limit: int = 200
) -> list[AgreementLine]:
    """The agreements of a fund, or of one donor in it, the latest signed first."""
    paid = (
        select(Deposit.agreement_id, total(Deposit.amount_minor).label("minor"))
        .where(Deposit.fund_id == fund_id, Deposit.state == DepositState.MATCHED)
        .group_by(Deposit.agreement_id)
        .subquery("paid")
    )
    query = (
        select(ContributionAgreement, Organisation.name, func.coalesce(paid.c.minor, 0))
        .join(Organisation, Organisation.id == ContributionAgreement.donor_id)
        .outerjoin(paid, paid.c.agreement_id == ContributionAgreement.id)
        .where(ContributionAgreement.fund_id == fund_id)
        .order_by(ContributionAgreement.signed_on.desc(), ContributionAgreement.id)
        .limit(min(limit, ROWS_MAX))
    )
    if donor_id is not None:
        query = query.where(ContributionAgreement.donor_id == donor_id)
    return [
        AgreementLine(
            id=found.id,
            fund_id=found.fund_id,
            donor_id=found.donor_id,
            donor=donor,
            reference=found.reference,
            is_core=found.is_core,
            amount=Money.of_minor(found.amount_minor, found.currency),
            usd=_usd(found.usd_minor),
            paid=Money.of_minor(int(paid_minor), found.currency),
            signed_on=found.signed_on,
            earmark=Earmark.of_stored(found.earmark),
            state=found.state,
        )
        for found, donor, paid_minor in db.session.execute(query)
    ]


def _instalments(
    agreement: ContributionAgreement, lines: list[DepositLine], today: date
) -> list[InstalmentLine]:
    by_instalment: dict[int | None, list[DepositLine]] = defaultdict(list)
    for line in lines:
        by_instalment[line.instalment_id].append(line)
    rows = db.session.execute(
        select(Instalment, is_held().label("is_held"))
        .where(Instalment.agreement_id == agreement.id)
        .order_by(Instalment.number)
        .limit(ROWS_MAX)
    )
    return [
        _instalment(one, agreement.currency, by_instalment[one.id], today, is_held=held)
        for one, held in rows
    ]


def _instalment(
    one: Instalment, currency: str, lines: list[DepositLine], today: date, *, is_held: bool
) -> InstalmentLine:
    payments = tuple(
        Payment(
            deposit_id=line.id,
            paid_on=line.value_on,
            amount=line.amount,
            usd=line.usd,
            rate=line.rate,
            rate_source=line.rate_source,
            rate_on=line.rate_on,
            difference=line.difference,
            days_late=days_late(one.due_on, line.value_on, today),
        )
        for line in lines
    )
    is_open = one.state in {InstalmentState.SCHEDULED, InstalmentState.REQUESTED}
    held = is_held and is_open
    waiting = days_late(one.due_on, None, today) if is_open and not held else 0
    return InstalmentLine(
        id=one.id,
        number=one.number,
        due_on=one.due_on,
        amount=Money.of_minor(one.amount_minor, currency),
        usd=_usd(one.usd_minor),
        cancelled=Money.of_minor(one.cancelled_minor, currency),
        state=one.state,
        paid=Money.of_minor(sum(line.amount.minor for line in lines), currency),
        paid_usd=_usd(sum(line.usd.minor for line in lines)),
        difference=_usd(sum(line.difference.minor for line in lines)),
        days_late=max([waiting, *(payment.days_late for payment in payments)]),
        is_held=held,
        payments=payments,
    )


def _usd(minor: int) -> Money:
    return Money.of_minor(minor, "USD")
