"""Pledges, open and closed, and the agreements that they became."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select

from grants.db import db
from grants.donors.models import ContributionAgreement, Pledge
from grants.donors.rules import expected_by
from grants.errors import NotFound
from grants.money import Money
from grants.people.models import Organisation

ROWS_MAX: Final = 1000


@dataclass(frozen=True, kw_only=True)
class PledgeLine:
    """A pledge, open or closed, and the agreement that was signed for it."""

    id: int
    fund_id: int
    donor_id: int
    donor: str
    reference: str
    amount: Money
    usd: Money
    pledged_on: date
    fiscal_year: int
    #: When the money is hoped for: by the end of the fiscal year unless the donor said a day.
    expected_on: date
    closed_on: date | None
    state: str
    entry_id: int | None
    agreement_id: int | None
    agreement: str


def pledges_of(
    fund_id: int, donor_id: int | None = None, *, state: str = "", limit: int = 200
) -> list[PledgeLine]:
    """The pledges of a fund, or of one donor in it, the latest first."""
    query = _pledges().where(Pledge.fund_id == fund_id)
    if donor_id is not None:
        query = query.where(Pledge.donor_id == donor_id)
    if state:
        query = query.where(Pledge.state == state)
    query = query.order_by(Pledge.pledged_on.desc(), Pledge.id).limit(min(limit, ROWS_MAX))
    return [_pledge(row) for row in db.session.execute(query)]


def pledge_list(
    fund_id: int,
    *,
    q: str = "",
    state: str = "",
    year: int | None = None,
    sort: str = "pledged_on",
    is_descending: bool = True,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[PledgeLine], int]:
    """A page of the pledges of a fund, and how many there are. Two statements.

    Sorts by pledged_on, donor, usd, fiscal_year or state.
    """
    query = _pledges().where(Pledge.fund_id == fund_id)
    if q:
        query = query.where(
            Organisation.name.icontains(q, autoescape=True)
            | Pledge.reference.icontains(q, autoescape=True)
        )
    if state:
        query = query.where(Pledge.state == state)
    if year is not None:
        query = query.where(Pledge.fiscal_year == year)
    count = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    key = _SORTS.get(sort, Pledge.pledged_on)
    rows = db.session.execute(
        query.order_by(key.desc() if is_descending else key, Pledge.id)
        .offset(offset)
        .limit(min(limit, ROWS_MAX))
    )
    return [_pledge(row) for row in rows], count


def pledge(pledge_id: int) -> PledgeLine:
    """One pledge. Refuses with NotFound."""
    row = db.session.execute(_pledges().where(Pledge.id == pledge_id)).one_or_none()
    if row is None:
        raise NotFound
    return _pledge(row)


_SORTS: Final[dict[str, ColumnElement[Any] | Any]] = {
    "pledged_on": Pledge.pledged_on,
    "donor": Organisation.name,
    "usd": Pledge.usd_minor,
    "fiscal_year": Pledge.fiscal_year,
    "state": Pledge.state,
}


def _pledges() -> Select[Pledge, str, int, str]:
    return (
        select(
            Pledge,
            Organisation.name,
            ContributionAgreement.id.label("agreement_id"),
            ContributionAgreement.reference.label("agreement"),
        )
        .join(Organisation, Organisation.id == Pledge.donor_id)
        .outerjoin(ContributionAgreement, ContributionAgreement.pledge_id == Pledge.id)
    )


def _pledge(row: Any) -> PledgeLine:
    found, donor, agreement_id, agreement = row
    return PledgeLine(
        id=found.id,
        fund_id=found.fund_id,
        donor_id=found.donor_id,
        donor=donor,
        reference=found.reference,
        amount=Money.of_minor(found.amount_minor, found.currency),
        usd=Money.of_minor(found.usd_minor, "USD"),
        pledged_on=found.pledged_on,
        fiscal_year=found.fiscal_year,
        expected_on=expected_by(found.expected_on, found.fiscal_year),
        closed_on=found.closed_on,
        state=found.state,
        entry_id=found.entry_id,
        agreement_id=agreement_id,
        agreement=agreement or "",
    )
