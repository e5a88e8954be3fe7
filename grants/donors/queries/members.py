"""The members of a fund, what each contributes in a year, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from grants.db import db
from grants.donors.models import Deposit, DepositState, InvoiceState, MembershipInvoice
from grants.donors.queries.donors import total
from grants.errors import NotFound
from grants.money import Money
from grants.people.models import Fund, Membership, MembershipFee, Organisation

ROWS_MAX: Final = 1000


@dataclass(frozen=True, kw_only=True)
class MemberLine:
    """A membership and its contribution of one year; without an invoice, nothing is asked yet."""

    id: int
    fund_id: int
    donor_id: int
    name: str
    country_code: str | None
    kind: str
    constituency: str
    income_group: str
    joined_on: date
    left_on: date | None
    invoice_id: int | None
    asked: Money | None
    paid: Money | None
    due_on: date | None
    #: paid | part | unpaid | none
    standing: str


@dataclass(frozen=True, kw_only=True)
class ConstituencyLine:
    """A constituency in a year: its members, and in US dollars what was asked and what came."""

    constituency: str
    full: int
    associate: int
    asked: Money
    paid: Money


@dataclass(frozen=True, kw_only=True)
class InvoiceLine:
    """The contribution of a member for a year."""

    id: int
    fund_id: int
    membership_id: int
    donor_id: int
    donor: str
    year: int
    amount: Money
    paid: Money
    paid_usd: Money
    left: Money
    issued_on: date
    due_on: date
    state: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class FeeLine:
    """What a group contributes from a year on."""

    id: int
    kind: str
    constituency: str
    income_group: str
    from_year: int
    amount: Money


def member_list(
    fund_id: int,
    year: int,
    *,
    q: str = "",
    constituency: str = "",
    kind: str = "",
    standing: str = "",
    sort: str = "name",
    is_descending: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[MemberLine], int]:
    """The members of a year, each with its contribution, and how many there are. Two statements.

    Sorts by name, constituency, joined_on or paid.
    """
    query = _members(fund_id, year)
    if q:
        query = query.where(Organisation.name.icontains(q, autoescape=True))
    if constituency:
        query = query.where(Membership.constituency == constituency)
    if kind:
        query = query.where(Membership.kind == kind)
    if standing:
        query = query.where(_standing() == standing)
    count = db.session.scalar(
        select(func.count()).select_from(query.with_only_columns(Membership.id).subquery())
    )
    key = _SORTS.get(sort, Organisation.name)
    rows = db.session.execute(
        query.order_by(key.desc() if is_descending else key, Organisation.name, Membership.id)
        .offset(offset)
        .limit(min(limit, ROWS_MAX))
    )
    return [_member(row) for row in rows], count or 0


def constituencies(fund_id: int, year: int) -> list[ConstituencyLine]:
    """The members of a year by constituency, with the sums in US dollars. One statement."""
    is_full = case((Membership.kind == "full", 1), else_=0)
    rows = db.session.execute(
        _members(fund_id, year)
        .with_only_columns(
            Membership.constituency,
            total(is_full),
            func.count(),
            total(func.coalesce(MembershipInvoice.usd_minor, 0)),
            total(func.coalesce(_PAID.c.usd, 0)),
        )
        .group_by(Membership.constituency)
    )
    return [
        ConstituencyLine(
            constituency=constituency,
            full=full,
            associate=members - full,
            asked=Money.of_minor(int(asked), "USD"),
            paid=Money.of_minor(int(paid), "USD"),
        )
        for constituency, full, members, asked, paid in rows
    ]


def member(membership_id: int) -> MemberLine:
    """One membership, with its contribution of the latest year. Refuses with NotFound."""
    found = db.session.get(Membership, membership_id)
    if found is None:
        raise NotFound
    year = db.session.scalar(
        select(func.max(MembershipInvoice.year)).where(
            MembershipInvoice.membership_id == membership_id
        )
    )
    row = db.session.execute(
        _joined(found.fund_id, year or found.joined_on.year).where(Membership.id == membership_id)
    ).one()
    return _member(row)


def invoices_of(membership_id: int) -> list[InvoiceLine]:
    """The invoices of a member, the latest year first."""
    rows = db.session.execute(
        _invoices()
        .where(MembershipInvoice.membership_id == membership_id)
        .order_by(MembershipInvoice.year.desc(), MembershipInvoice.id.desc())
        .limit(ROWS_MAX)
    )
    return [_invoice(row) for row in rows]


def invoice(invoice_id: int) -> InvoiceLine:
    """One invoice. Refuses with NotFound."""
    row = db.session.execute(_invoices().where(MembershipInvoice.id == invoice_id)).one_or_none()
    if row is None:
        raise NotFound
    return _invoice(row)


def invoice_paid_by(deposit_id: int) -> InvoiceLine | None:
    """The membership contribution that a deposit pays, if it pays one."""
    row = db.session.execute(
        _invoices().where(
            MembershipInvoice.id.in_(select(Deposit.invoice_id).where(Deposit.id == deposit_id))
        )
    ).one_or_none()
    return _invoice(row) if row else None


def open_invoices(
    fund_id: int, *, due_before: date | None = None, limit: int = 500
) -> list[InvoiceLine]:
    """Invoices with something still to come, the earliest due first."""
    query = _invoices().where(
        MembershipInvoice.fund_id == fund_id,
        MembershipInvoice.state == InvoiceState.ISSUED,
        MembershipInvoice.amount_minor > func.coalesce(_PAID.c.minor, 0),
    )
    if due_before is not None:
        query = query.where(MembershipInvoice.due_on < due_before)
    rows = db.session.execute(
        query.order_by(MembershipInvoice.due_on, MembershipInvoice.id).limit(min(limit, ROWS_MAX))
    )
    return [_invoice(row) for row in rows]


def membership_fees(fund_id: int) -> list[FeeLine]:
    """What the fund has set, by kind, constituency and group, the latest year first."""
    rows = db.session.scalars(
        select(MembershipFee)
        .where(MembershipFee.fund_id == fund_id)
        .order_by(
            MembershipFee.constituency,
            MembershipFee.kind.desc(),
            MembershipFee.income_group,
            MembershipFee.from_year.desc(),
        )
        .limit(ROWS_MAX)
    )
    return [
        FeeLine(
            id=one.id,
            kind=one.kind,
            constituency=one.constituency,
            income_group=one.income_group,
            from_year=one.from_year,
            amount=Money.of_minor(one.amount_minor, one.currency),
        )
        for one in rows
    ]


_PAID: Final = (
    select(
        Deposit.invoice_id,
        total(Deposit.amount_minor).label("minor"),
        total(Deposit.usd_minor).label("usd"),
    )
    .where(Deposit.invoice_id.is_not(None), Deposit.state == DepositState.MATCHED)
    .group_by(Deposit.invoice_id)
    .subquery("paid")
)

_SORTS: Final[dict[str, ColumnElement[Any] | Any]] = {
    "name": Organisation.name,
    "constituency": Membership.constituency,
    "joined_on": Membership.joined_on,
    "paid": func.coalesce(_PAID.c.usd, 0),
}


def _members(
    fund_id: int, year: int
) -> Select[Membership, str, str | None, MembershipInvoice, Any, str]:
    return _joined(fund_id, year).where(
        Membership.fund_id == fund_id,
        Membership.joined_on <= date(year, 12, 31),
        or_(Membership.left_on.is_(None), Membership.left_on >= date(year, 1, 1)),
    )


def _joined(
    fund_id: int, year: int
) -> Select[Membership, str, str | None, MembershipInvoice, Any, str]:
    return (
        select(
            Membership,
            Organisation.name,
            Organisation.country_code,
            MembershipInvoice,
            func.coalesce(_PAID.c.minor, 0),
            _standing(),
        )
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .outerjoin(
            MembershipInvoice,
            and_(
                MembershipInvoice.membership_id == Membership.id,
                MembershipInvoice.fund_id == fund_id,
                MembershipInvoice.year == year,
                MembershipInvoice.state == InvoiceState.ISSUED,
            ),
        )
        .outerjoin(_PAID, _PAID.c.invoice_id == MembershipInvoice.id)
    )


def _standing() -> ColumnElement[str]:
    paid = func.coalesce(_PAID.c.minor, 0)
    return case(
        (MembershipInvoice.id.is_(None), "none"),
        (paid >= MembershipInvoice.amount_minor, "paid"),
        (paid > 0, "part"),
        else_="unpaid",
    )


def _member(row: Any) -> MemberLine:
    one, name, country_code, asked, paid, standing = row
    return MemberLine(
        id=one.id,
        fund_id=one.fund_id,
        donor_id=one.organisation_id,
        name=name,
        country_code=country_code,
        kind=one.kind,
        constituency=one.constituency,
        income_group=one.income_group,
        joined_on=one.joined_on,
        left_on=one.left_on,
        invoice_id=asked.id if asked else None,
        asked=Money.of_minor(asked.amount_minor, asked.currency) if asked else None,
        paid=Money.of_minor(int(paid), asked.currency) if asked else None,
        due_on=asked.due_on if asked else None,
        standing=standing,
    )


def _invoices() -> Select[MembershipInvoice, str, Any, Any]:
    return (
        select(
            MembershipInvoice,
            Organisation.name,
            func.coalesce(_PAID.c.minor, 0),
            func.coalesce(_PAID.c.usd, 0),
        )
        .join(Organisation, Organisation.id == MembershipInvoice.donor_id)
        .join(Fund, Fund.id == MembershipInvoice.fund_id)
        .outerjoin(_PAID, _PAID.c.invoice_id == MembershipInvoice.id)
    )


def _invoice(row: Any) -> InvoiceLine:
    one, donor, paid, paid_usd = row
    return InvoiceLine(
        id=one.id,
        fund_id=one.fund_id,
        membership_id=one.membership_id,
        donor_id=one.donor_id,
        donor=donor,
        year=one.year,
        amount=Money.of_minor(one.amount_minor, one.currency),
        paid=Money.of_minor(int(paid), one.currency),
        paid_usd=Money.of_minor(int(paid_usd), "USD"),
        left=Money.of_minor(max(one.amount_minor - int(paid), 0), one.currency),
        issued_on=one.issued_on,
        due_on=one.due_on,
        state=one.state,
        reason=one.reason,
    )
