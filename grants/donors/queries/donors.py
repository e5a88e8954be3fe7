"""The donors of a fund, each with what was pledged, agreed, paid and is outstanding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, cast, func, select

from grants.db import db
from grants.donors.models import (
    AgreementState,
    ContributionAgreement,
    Deposit,
    DepositState,
    Instalment,
    Pledge,
    PledgeState,
)
from grants.errors import NotFound
from grants.money import Money
from grants.people.models import Organisation

ROWS_MAX: Final = 1000


@dataclass(frozen=True, kw_only=True)
class DonorLine:
    """A donor in one fund; amounts in US dollars, agreed and outstanding at the agreed value."""

    donor_id: int
    name: str
    constituency: str
    country_code: str | None
    pledged: Money
    agreed: Money
    paid: Money
    outstanding: Money
    deposits: int
    last_paid_on: date | None


@dataclass(frozen=True, kw_only=True)
class DonorSums:
    """All donors that match, together."""

    donors: int
    pledged: Money
    agreed: Money
    paid: Money
    outstanding: Money


def donor_list(
    fund_id: int,
    *,
    q: str = "",
    sort: str = "name",
    is_descending: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[DonorLine], DonorSums]:
    """Donors with anything recorded in the fund, and the sums of all that match.

    Sorts by name, pledged, agreed, paid, outstanding or last_paid_on. Two statements.
    """
    found = _donors(fund_id, q).subquery()
    key = found.c[sort if sort in _SORTS else "name"]
    rows = db.session.execute(
        select(found)
        .order_by(*_ordered(key, is_descending=is_descending), found.c.donor_id)
        .offset(offset)
        .limit(min(limit, ROWS_MAX))
    )
    return [_line(row) for row in rows], _sums(found)


def donor_line(fund_id: int, donor_id: int) -> DonorLine:
    """One donor in one fund, with nothing yet if nothing is recorded. Refuses with NotFound."""
    row = db.session.execute(_all_donors(fund_id).where(Organisation.id == donor_id)).one_or_none()
    if row is None:
        raise NotFound
    return _line(row)


_SORTS: Final = frozenset({"name", "pledged", "agreed", "paid", "outstanding", "last_paid_on"})


def _donors(fund_id: int, q: str) -> Select[Any]:
    pledged, agreed, paid, _ = _parts(fund_id)
    query = _all_donors(fund_id).where(
        Organisation.id.in_(
            select(pledged.c.donor_id).union(
                select(agreed.c.donor_id),
                select(paid.c.donor_id),
            )
        )
    )
    if q:
        query = query.where(
            Organisation.name.icontains(q, autoescape=True)
            | Organisation.short_name.icontains(q, autoescape=True)
        )
    return query


def _all_donors(fund_id: int) -> Select[Any]:
    pledged, agreed, paid, cancelled = _parts(fund_id)
    agreed_usd = func.coalesce(agreed.c.usd, 0) - func.coalesce(cancelled.c.usd, 0)
    return (
        select(
            Organisation.id.label("donor_id"),
            Organisation.name.label("name"),
            Organisation.constituency.label("constituency"),
            Organisation.country_code.label("country_code"),
            func.coalesce(pledged.c.usd, 0).label("pledged"),
            agreed_usd.label("agreed"),
            func.coalesce(paid.c.usd, 0).label("paid"),
            (agreed_usd - func.coalesce(paid.c.settled_usd, 0)).label("outstanding"),
            func.coalesce(paid.c.deposits, 0).label("deposits"),
            paid.c.last_paid_on.label("last_paid_on"),
        )
        .outerjoin(pledged, pledged.c.donor_id == Organisation.id)
        .outerjoin(agreed, agreed.c.donor_id == Organisation.id)
        .outerjoin(cancelled, cancelled.c.donor_id == Organisation.id)
        .outerjoin(paid, paid.c.donor_id == Organisation.id)
    )


def _parts(fund_id: int) -> tuple[Subquery, Subquery, Subquery, Subquery]:
    agreement = ContributionAgreement
    pledged = (
        select(Pledge.donor_id, total(Pledge.usd_minor).label("usd"))
        .where(Pledge.fund_id == fund_id, Pledge.state == PledgeState.OPEN)
        .group_by(Pledge.donor_id)
        .subquery("pledged")
    )
    agreed = (
        select(agreement.donor_id, total(agreement.usd_minor).label("usd"))
        .where(agreement.fund_id == fund_id, agreement.state == AgreementState.SIGNED)
        .group_by(agreement.donor_id)
        .subquery("agreed")
    )
    cancelled = (
        select(agreement.donor_id, total(Instalment.cancelled_usd_minor).label("usd"))
        .join(Instalment, Instalment.agreement_id == agreement.id)
        .where(agreement.fund_id == fund_id, agreement.state == AgreementState.SIGNED)
        .group_by(agreement.donor_id)
        .subquery("cancelled")
    )
    paid = (
        select(
            Deposit.donor_id,
            total(Deposit.usd_minor).label("usd"),
            total(Deposit.settled_usd_minor).label("settled_usd"),
            func.count().label("deposits"),
            func.max(Deposit.value_on).label("last_paid_on"),
        )
        .where(Deposit.fund_id == fund_id, Deposit.state == DepositState.MATCHED)
        .group_by(Deposit.donor_id)
        .subquery("paid")
    )
    return pledged, agreed, paid, cancelled


def total(column: ColumnElement[int] | Any) -> ColumnElement[int]:
    """A sum that stays a whole number in both databases."""
    return cast(func.sum(column), BigInteger)


def _ordered(key: ColumnElement[Any], *, is_descending: bool) -> list[ColumnElement[Any]]:
    """Nothing stands at the end either way."""
    return [key.is_(None), key.desc() if is_descending else key]


def _line(row: Any) -> DonorLine:
    return DonorLine(
        donor_id=row.donor_id,
        name=row.name,
        constituency=row.constituency,
        country_code=row.country_code,
        pledged=_usd(row.pledged),
        agreed=_usd(row.agreed),
        paid=_usd(row.paid),
        outstanding=_usd(row.outstanding),
        deposits=row.deposits,
        last_paid_on=row.last_paid_on,
    )


def _sums(found: Subquery) -> DonorSums:
    row = db.session.execute(
        select(
            func.count(),
            *(
                func.coalesce(total(found.c[name]), 0)
                for name in ("pledged", "agreed", "paid", "outstanding")
            ),
        ).select_from(found)
    ).one()
    return DonorSums(
        donors=row[0],
        pledged=_usd(row[1]),
        agreed=_usd(row[2]),
        paid=_usd(row[3]),
        outstanding=_usd(row[4]),
    )


def _usd(minor: int) -> Money:
    return Money.of_minor(int(minor), "USD")
