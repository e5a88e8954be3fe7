"""Grants in all, by fund and year, to be held against their source."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import BigInteger, case, cast, func, select

from grants.db import db
from grants.funding.models import Grant, GrantState
from grants.money import Money
from grants.people.models import Fund


@dataclass(frozen=True, kw_only=True)
class GrantTotal:
    """The grants of a fund and programme year: how many, approved, and covered by its deposits."""

    fund_id: int
    fund: str
    year: int
    grants: int
    approved: Money
    funded: Money


def grant_totals(fund_id: int | None = None) -> list[GrantTotal]:
    """Totals by fund and year, in that order; cancelled grants do not count."""
    covered = case((Grant.is_funded, Grant.approved_minor), else_=0)
    query = (
        select(
            Grant.fund_id,
            Fund.name,
            Grant.programme_year,
            func.count(Grant.id).label("grants"),
            cast(func.sum(Grant.approved_minor), BigInteger).label("approved"),
            cast(func.sum(covered), BigInteger).label("funded"),
        )
        .join(Fund, Fund.id == Grant.fund_id)
        .where(Grant.state != GrantState.CANCELLED)
        .group_by(Grant.fund_id, Fund.name, Grant.programme_year)
        .order_by(Fund.name, Grant.programme_year)
    )
    if fund_id is not None:
        query = query.where(Grant.fund_id == fund_id)
    return [
        GrantTotal(
            fund_id=row.fund_id,
            fund=row.name,
            year=row.programme_year,
            grants=row.grants,
            approved=Money.of_minor(row.approved, "USD"),
            funded=Money.of_minor(row.funded, "USD"),
        )
        for row in db.session.execute(query)
    ]
