"""What was paid and pledged, to be held against the source that it came from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, literal_column, select

from grants.db import db
from grants.donors.models import Deposit, DepositState, Pledge, PledgeState
from grants.donors.queries.donors import total
from grants.money import Money, decimals
from grants.people.models import Fund, Organisation


@dataclass(frozen=True, kw_only=True)
class ContributionTotal:
    """Paid and pledged of a donor in a fund and a currency; what was withdrawn does not count.

    `currency` is empty where the source states none; amounts in the original currency are as
    the source has them, with all their decimals.
    """

    fund_id: int
    fund: str
    donor_id: int
    donor: str
    currency: str
    paid: Decimal
    paid_usd: Money
    pledged: Decimal
    pledged_usd: Money
    paid_lines: int
    pledged_lines: int


@dataclass
class _Sum:
    amount: Decimal = Decimal(0)
    usd_minor: int = 0
    lines: int = 0


_Key = tuple[int, int, str]


def contribution_totals(fund_ids: Collection[int] | None = None) -> list[ContributionTotal]:
    """Totals per fund, donor and stated currency, in that order. None: of every fund.

    `summed` adds them up by fund, donor or currency.
    """
    paid = _sums(Deposit, Deposit.state == DepositState.MATCHED, fund_ids)
    pledged = _sums(Pledge, Pledge.state == PledgeState.OPEN, fund_ids)
    funds = {one.id: one.name for one in db.session.execute(select(Fund.id, Fund.name))}
    donors = {
        one.id: one.name
        for one in db.session.execute(
            select(Organisation.id, Organisation.name).where(
                Organisation.id.in_(
                    select(Deposit.donor_id)
                    .where(Deposit.donor_id.is_not(None))
                    .union(select(Pledge.donor_id))
                )
            )
        )
    }
    found = []
    for key in set(paid) | set(pledged):
        fund_id, donor_id, currency = key
        have, will = paid.get(key, _Sum()), pledged.get(key, _Sum())
        found.append(
            ContributionTotal(
                fund_id=fund_id,
                fund=funds[fund_id],
                donor_id=donor_id,
                donor=donors[donor_id],
                currency=currency,
                paid=have.amount,
                paid_usd=Money.of_minor(have.usd_minor, "USD"),
                pledged=will.amount,
                pledged_usd=Money.of_minor(will.usd_minor, "USD"),
                paid_lines=have.lines,
                pledged_lines=will.lines,
            )
        )
    return sorted(found, key=lambda one: (one.fund, one.donor, one.currency, one.donor_id))


def summed(
    totals: Sequence[ContributionTotal], key: Callable[[ContributionTotal], str]
) -> dict[str, tuple[Money, Money]]:
    """Paid and pledged in US dollars by whatever `key` says of a total, in its order."""
    found: dict[str, tuple[Money, Money]] = {}
    nothing = Money.zero("USD")
    for one in sorted(totals, key=key):
        paid, pledged = found.get(key(one), (nothing, nothing))
        found[key(one)] = (paid + one.paid_usd, pledged + one.pledged_usd)
    return found


def _sums(
    model: type[Deposit | Pledge], counted: Any, fund_ids: Collection[int] | None
) -> dict[_Key, _Sum]:
    """Summed by the database, but for amounts that only the source's own text has exactly."""
    found: dict[_Key, _Sum] = defaultdict(_Sum)
    where = [counted]
    if fund_ids is not None:
        where.append(model.fund_id.in_(list(fund_ids)))
    names = (model.fund_id, model.donor_id, model.stated_currency)
    is_exact = model.stated_amount == literal_column("''")
    grouped = db.session.execute(
        select(
            *names,
            model.currency,
            is_exact.label("is_exact"),
            total(model.amount_minor).label("minor"),
            total(model.usd_minor).label("usd_minor"),
            func.count().label("lines"),
        )
        .where(*where)
        .group_by(*names, model.currency, is_exact)
    )
    for row in grouped:
        one = found[(row.fund_id, row.donor_id, row.stated_currency or "")]
        one.usd_minor += row.usd_minor
        one.lines += row.lines
        if row.is_exact:
            one.amount += Decimal(row.minor).scaleb(-decimals(row.currency))
    stated = db.session.execute(
        select(*names, model.stated_amount).where(*where, model.stated_amount != "")
    )
    for fund_id, donor_id, currency, amount in stated:
        assert donor_id is not None
        found[(fund_id, donor_id, currency or "")].amount += Decimal(amount)
    return found
