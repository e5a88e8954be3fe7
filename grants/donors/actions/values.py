"""What amounts are worth, and which donors and funds they belong to: read once for many lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import select

from grants.db import db
from grants.donors import rules
from grants.errors import Malformed, NotFound
from grants.ledger import queries as ledger
from grants.money import Money, Rate
from grants.people.models import Fund, Organisation

_IDS_AT_ONCE = 500


class Rates:
    """Rates of exchange, each looked up once, as the policy of each fund allows them."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str, date], Rate] = {}

    def value(
        self, fund_id: int, amount: Money, usd: Money | None, rate: Rate | None, on: date
    ) -> tuple[Money, Rate | None]:
        """The amount in US dollars, and the rate that says so. Refuses with NoRate."""
        if amount.currency == "USD":
            if usd is not None and usd != amount:
                raise Malformed(f"{amount} cannot be worth {usd}.")
            return amount, None
        if usd is None and rate is None:
            rate = self._on(fund_id, amount.currency, on)
        return rules.usd_of(amount, usd, rate), rate

    def _on(self, fund_id: int, currency: str, on: date) -> Rate:
        key = (fund_id, currency, on)
        if key not in self._known:
            found = ledger.rate_for(fund_id, currency, on)
            if found is None:
                raise rules.NoRate(currency=currency, day=on.isoformat())
            self._known[key] = found
        return self._known[key]


def funds_of(fund_ids: Iterable[int]) -> dict[int, Fund]:
    """The funds by id. Refuses with NotFound if one is missing."""
    wanted = set(fund_ids)
    found = {fund.id: fund for fund in db.session.scalars(select(Fund).where(Fund.id.in_(wanted)))}
    if len(found) != len(wanted):
        raise NotFound
    return found


def check_donors(donor_ids: Iterable[int | None]) -> None:
    """Refuse with NotFound an organisation that is not registered."""
    wanted = sorted({donor_id for donor_id in donor_ids if donor_id is not None})
    for start in range(0, len(wanted), _IDS_AT_ONCE):
        some = wanted[start : start + _IDS_AT_ONCE]
        known = db.session.scalars(select(Organisation.id).where(Organisation.id.in_(some)))
        if len(set(known)) != len(some):
            raise NotFound


def check_positive(amounts: Collection[Money]) -> None:
    """Refuse an amount of nothing or less."""
    if any(amount.minor <= 0 for amount in amounts):
        raise rules.NoAmount
