"""What is still to come of agreements, and what waits for a condition."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, func, select

from grants.db import db
from grants.donors.models import (
    AgreementCondition,
    AgreementState,
    ContributionAgreement,
    Deposit,
    DepositState,
    Instalment,
    InstalmentState,
)
from grants.donors.queries.donors import total
from grants.donors.rules import Earmark
from grants.money import Money
from grants.people.models import Organisation

ROWS_MAX: Final = 1000


@dataclass(frozen=True, kw_only=True)
class OpenInstalment:
    """An instalment that has not come in full. One that is held by a condition is not due."""

    id: int
    agreement_id: int
    fund_id: int
    donor_id: int
    donor: str
    reference: str
    number: int
    due_on: date
    left: Money
    usd: Money
    state: str
    is_held: bool
    #: What its money will be for: the earmark of the agreement.
    conditions: Earmark


def open_instalments(
    fund_ids: Collection[int] | None,
    *,
    currency: str = "",
    donor_id: int | None = None,
    due_before: date | None = None,
    is_due: bool = False,
    limit: int = 200,
) -> list[OpenInstalment]:
    """Instalments with something still to come, the earliest due first. None: in every fund.

    `is_due` leaves out those that a condition holds.
    """
    agreement = ContributionAgreement
    settled = (
        select(
            Deposit.instalment_id,
            total(Deposit.settled_minor).label("minor"),
            total(Deposit.settled_usd_minor).label("usd"),
        )
        .where(Deposit.state == DepositState.MATCHED, Deposit.instalment_id.is_not(None))
        .group_by(Deposit.instalment_id)
        .subquery("settled")
    )
    left = Instalment.amount_minor - func.coalesce(settled.c.minor, 0)
    query = (
        select(
            Instalment,
            agreement,
            Organisation.name,
            left,
            Instalment.usd_minor - func.coalesce(settled.c.usd, 0),
            is_held(),
        )
        .join(agreement, agreement.id == Instalment.agreement_id)
        .join(Organisation, Organisation.id == agreement.donor_id)
        .outerjoin(settled, settled.c.instalment_id == Instalment.id)
        .where(agreement.state == AgreementState.SIGNED, left > 0)
        .where(Instalment.state.in_([InstalmentState.SCHEDULED, InstalmentState.REQUESTED]))
        .order_by(Instalment.due_on, Instalment.id)
        .limit(min(limit, ROWS_MAX))
    )
    if fund_ids is not None:
        query = query.where(agreement.fund_id.in_(list(fund_ids)))
    if currency:
        query = query.where(agreement.currency == currency)
    if donor_id is not None:
        query = query.where(agreement.donor_id == donor_id)
    if due_before is not None:
        query = query.where(Instalment.due_on < due_before)
    if is_due:
        query = query.where(~is_held())
    return [_open(row) for row in db.session.execute(query)]


def overdue_instalments(
    fund_ids: Collection[int] | None, today: date, *, limit: int = 100
) -> list[OpenInstalment]:
    """Instalments that are past their due date and have not come in full.

    What waits for a condition is not due, and not among them.
    """
    return open_instalments(fund_ids, due_before=today, is_due=True, limit=limit)


def is_held() -> ColumnElement[bool]:
    """Whether an instalment waits for a condition that is not met: a part of a query."""
    return exists(
        select(AgreementCondition.id).where(
            AgreementCondition.agreement_id == Instalment.agreement_id,
            AgreementCondition.met_on.is_(None),
            AgreementCondition.instalment_id.is_(None)
            | (AgreementCondition.instalment_id == Instalment.id),
        )
    )


def _open(row: Any) -> OpenInstalment:
    one, agreement, donor, left, usd, held = row
    return OpenInstalment(
        id=one.id,
        agreement_id=agreement.id,
        fund_id=agreement.fund_id,
        donor_id=agreement.donor_id,
        donor=donor,
        reference=agreement.reference,
        number=one.number,
        due_on=one.due_on,
        left=Money.of_minor(int(left), agreement.currency),
        usd=Money.of_minor(int(usd), "USD"),
        state=one.state,
        is_held=bool(held),
        conditions=Earmark.of_stored(agreement.earmark),
    )
