"""Grants: lists, the money of one, who pays for it, and which a donor pays for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import BigInteger, Select, cast, func, or_, select

from grants.db import db
from grants.donors.models import Deposit
from grants.errors import NotFound
from grants.funding.models import Attribution, Grant
from grants.funding.queries.layers import usd
from grants.ledger import queries as ledger
from grants.ledger.chart import CHART, SPENT
from grants.money import Money
from grants.people.models import Organisation
from grants.programmes.models import Programme, Window
from grants.programmes.rules import country_name

ROWS_MAX: Final = 1000


@dataclass(frozen=True, kw_only=True)
class GrantLine:
    """A grant in a list."""

    id: int
    fund_id: int
    reference: str
    title: str
    grantee_id: int
    grantee: str
    programme_id: int
    programme: str
    window: str
    country_code: str | None
    country: str
    approved: Money
    approved_on: date
    programme_year: int
    starts_on: date | None
    ends_on: date | None
    state: str
    is_funded: bool
    round_name: str
    sector: str


@dataclass(frozen=True, kw_only=True)
class SpentCategory:
    """Accepted expenditure of a grant in one UNSDG category."""

    number: str
    name: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class GrantMoney:
    """Where the money of one grant stands, in US dollars.

    `net_funded` is what was advanced less what came back; `advances` is what of it the grantee
    has not accounted for; `with_other_funds` what of it went to another fund that has not reported
    it; `owed` what refused costs the grantee has to return; `payable` what the fund has approved
    and not yet paid. `expenditure` includes what the secretariat paid itself.
    """

    approved: Money
    reserved: Money
    committed: Money
    net_funded: Money
    payable: Money
    advances: Money
    with_other_funds: Money
    owed: Money
    expenditure: Money
    categories: tuple[SpentCategory, ...]

    @property
    def paid(self) -> Money:
        return self.net_funded - self.payable


@dataclass(frozen=True, kw_only=True)
class Payer:
    """What a layer pays of a grant: what it set aside less what went back to it."""

    layer_id: int
    donor_id: int
    donor: str
    value_on: date
    amount: Money
    basis: str
    rule: str


@dataclass(frozen=True, kw_only=True)
class FinancedGrant:
    """A grant that a donor's money pays for, and how much of it."""

    grant: GrantLine
    donor_id: int
    amount: Money
    tracked: Money
    notional: Money
    attributed: Money


def grants_of(
    fund_id: int,
    *,
    programme_id: int | None = None,
    state: str = "",
    year: int | None = None,
    q: str = "",
    sort: str = "approved_on",
    is_descending: bool = True,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[GrantLine], int]:
    """Grants of a fund that match, and how many there are.

    Sorts by approved_on, reference, grantee or approved.
    """
    query = _grants().where(Grant.fund_id == fund_id)
    if programme_id is not None:
        query = query.where(Grant.programme_id == programme_id)
    if state:
        query = query.where(Grant.state == state)
    if year is not None:
        query = query.where(Grant.programme_year == year)
    if q:
        query = query.where(
            or_(
                Grant.reference.icontains(q, autoescape=True),
                Grant.title.icontains(q, autoescape=True),
                Organisation.name.icontains(q, autoescape=True),
            )
        )
    count = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    key = {
        "reference": Grant.reference,
        "grantee": Organisation.name,
        "approved": Grant.approved_minor,
    }.get(sort, Grant.approved_on)
    rows = db.session.execute(
        query.order_by(key.desc() if is_descending else key.asc(), Grant.id)
        .offset(offset)
        .limit(min(limit, ROWS_MAX))
    )
    return [_line(row) for row in rows], count


def grant(grant_id: int) -> GrantLine:
    """One grant. Refuses with NotFound."""
    row = db.session.execute(_grants().where(Grant.id == grant_id)).one_or_none()
    if row is None:
        raise NotFound
    return _line(row)


def grant_money(grant_id: int) -> GrantMoney:
    """Where the money of a grant stands now. Two statements."""
    found = grant(grant_id)
    held = {
        line.number: line.usd_minor
        for line in ledger.balance_sums(found.fund_id, grant_id=grant_id)
    }
    categories = [
        SpentCategory(number=number, name=CHART[number].name, amount=usd(held[number]))
        for number in SPENT
        if held.get(number)
    ]
    return GrantMoney(
        approved=found.approved,
        reserved=usd(held.get("9130", 0)),
        committed=usd(held.get("9140", 0)),
        net_funded=usd(held.get("9150", 0)),
        payable=usd(held.get("2010", 0)),
        advances=usd(held.get("1200", 0)),
        with_other_funds=usd(held.get("1210", 0)),
        owed=usd(held.get("1250", 0)),
        expenditure=usd(sum(one.amount.minor for one in categories)),
        categories=tuple(categories),
    )


def attribution_of(grant_id: int) -> list[Payer]:
    """Who pays for a grant now, the largest part first. Layers that got all back are left out."""
    amount = _sum(Attribution.amount_minor)
    rows = db.session.execute(
        select(
            Attribution.layer_id,
            Deposit.donor_id,
            Organisation.name,
            Deposit.value_on,
            amount,
            func.min(Attribution.basis),
            func.min(Attribution.rule).filter(Attribution.amount_minor > 0),
        )
        .join(Deposit, Deposit.id == Attribution.layer_id)
        .join(Organisation, Organisation.id == Deposit.donor_id)
        .where(Attribution.grant_id == grant_id)
        .group_by(Attribution.layer_id, Deposit.donor_id, Organisation.name, Deposit.value_on)
        .having(amount != 0)
        .order_by(amount.desc(), Attribution.layer_id)
    )
    found = []
    for layer_id, donor_id, donor, value_on, minor, basis, rule in rows:
        assert donor_id is not None
        found.append(
            Payer(
                layer_id=layer_id,
                donor_id=donor_id,
                donor=donor,
                value_on=value_on,
                amount=usd(minor),
                basis=basis,
                rule=rule,
            )
        )
    return found


def grants_financed_by(
    fund_id: int,
    donor_id: int | None = None,
    *,
    on: date | None = None,
    last_entry_id: int | None = None,
    offset: int = 0,
    limit: int = 1000,
) -> list[FinancedGrant]:
    """The grants that a donor's layers pay for (or all donors'), by donor and reference.

    `on` leaves out grants approved later; `last_entry_id` reads the attribution as it was known
    when that entry was the last of the fund. Three statements.
    """
    parts = _parts(fund_id, donor_id, last_entry_id)
    wanted = {grant_id for grant_id, _ in parts}
    lines = {
        line.id: line
        for line in grants_by_id(fund_id, wanted)
        if on is None or line.approved_on <= on
    }
    whole = _attributed(fund_id, wanted, last_entry_id)
    found = [
        FinancedGrant(
            grant=lines[grant_id],
            donor_id=payer,
            amount=usd(sum(by_basis.values())),
            tracked=usd(by_basis.get("tracked", 0)),
            notional=usd(by_basis.get("notional", 0)),
            attributed=usd(whole[grant_id]),
        )
        for (grant_id, payer), by_basis in parts.items()
        if grant_id in lines
    ]
    found.sort(key=lambda one: (one.donor_id, one.grant.reference, one.grant.id))
    return found[offset : offset + limit]


def grants_by_id(fund_id: int, wanted: Collection[int]) -> list[GrantLine]:
    """These grants of a fund, by number."""
    query = _grants().where(Grant.fund_id == fund_id).order_by(Grant.id)
    if len(wanted) <= 500:
        query = query.where(Grant.id.in_(list(wanted)))
    return [_line(row) for row in db.session.execute(query) if row[0].id in wanted]


def paid_from(layer_id: int, *, limit: int = 200) -> list[tuple[GrantLine, Money]]:
    """The grants that a layer pays for and how much, the latest approved first."""
    part = (
        select(Attribution.grant_id, _sum(Attribution.amount_minor).label("minor"))
        .where(Attribution.layer_id == layer_id)
        .group_by(Attribution.grant_id)
        .subquery("part")
    )
    rows = db.session.execute(
        _grants()
        .add_columns(part.c.minor)
        .join(part, part.c.grant_id == Grant.id)
        .where(part.c.minor != 0)
        .order_by(Grant.approved_on.desc(), Grant.id)
        .limit(min(limit, ROWS_MAX))
    )
    return [(_line(row[:4]), usd(row[4])) for row in rows]


def layers_paid(grant_ids: Collection[int]) -> dict[int, set[int]]:
    """The layers that pay for each of these grants."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = db.session.execute(
        select(Attribution.grant_id, Attribution.layer_id)
        .where(Attribution.grant_id.in_(list(grant_ids)))
        .group_by(Attribution.grant_id, Attribution.layer_id)
        .having(func.sum(Attribution.amount_minor) != 0)
    )
    for grant_id, layer_id in rows:
        found[grant_id].add(layer_id)
    return dict(found)


def grants_paid_by(layer_id: int) -> list[int]:
    """The grants that a layer pays for, the latest approved first: what stands in its way."""
    return list(
        db.session.scalars(
            select(Attribution.grant_id)
            .join(Grant, Grant.id == Attribution.grant_id)
            .where(Attribution.layer_id == layer_id)
            .group_by(Attribution.grant_id, Grant.approved_on)
            .having(func.sum(Attribution.amount_minor) != 0)
            .order_by(Grant.approved_on.desc(), Attribution.grant_id.desc())
        )
    )


def _parts(
    fund_id: int, donor_id: int | None, last_entry_id: int | None
) -> dict[tuple[int, int], dict[str, int]]:
    query = (
        select(
            Attribution.grant_id,
            Deposit.donor_id,
            Attribution.basis,
            _sum(Attribution.amount_minor),
        )
        .join(Deposit, Deposit.id == Attribution.layer_id)
        .where(Attribution.fund_id == fund_id)
        .group_by(Attribution.grant_id, Deposit.donor_id, Attribution.basis)
    )
    if donor_id is not None:
        query = query.where(Deposit.donor_id == donor_id)
    if last_entry_id is not None:
        query = query.where(Attribution.entry_id <= last_entry_id)
    parts: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    for grant_id, payer, basis, minor in db.session.execute(query):
        if minor and payer is not None:
            parts[(grant_id, payer)][basis] = minor
    return parts


def _attributed(fund_id: int, wanted: set[int], last_entry_id: int | None) -> dict[int, int]:
    query = (
        select(Attribution.grant_id, _sum(Attribution.amount_minor))
        .where(Attribution.fund_id == fund_id)
        .group_by(Attribution.grant_id)
    )
    if last_entry_id is not None:
        query = query.where(Attribution.entry_id <= last_entry_id)
    return {grant_id: minor for grant_id, minor in db.session.execute(query) if grant_id in wanted}


def _grants() -> Select[Grant, str, Programme, str]:
    return (
        select(Grant, Organisation.name, Programme, Window.name.label("window"))
        .join(Organisation, Organisation.id == Grant.grantee_id)
        .join(Programme, Programme.id == Grant.programme_id)
        .join(Window, Window.id == Programme.window_id)
    )


def _line(row: Any) -> GrantLine:
    found, grantee, programme, window = row
    return GrantLine(
        id=found.id,
        fund_id=found.fund_id,
        reference=found.reference,
        title=found.title,
        grantee_id=found.grantee_id,
        grantee=grantee,
        programme_id=programme.id,
        programme=programme.name,
        window=window,
        country_code=programme.country_code,
        country=country_name(programme.country_code),
        approved=usd(found.approved_minor),
        approved_on=found.approved_on,
        programme_year=found.programme_year,
        starts_on=found.starts_on,
        ends_on=found.ends_on,
        state=found.state,
        is_funded=found.is_funded,
        round_name=found.round_name,
        sector=found.sector,
    )


def _sum(column: Any) -> Any:
    """A sum that stays a whole number in both databases."""
    return cast(func.sum(column), BigInteger)
