"""The books of a small fund, for tests of the ledger alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from grants import clock
from grants.db import db, transaction
from grants.ledger import actions, queries
from grants.ledger.actions import NewEntry, NewMove, Posted
from grants.ledger.chart import AccountRef
from grants.money import Money
from grants.people.models import Fund, Role, User
from grants.people.permissions import Actor

DAY = date(2026, 3, 10)


def usd(text: str | int) -> Money:
    return Money(Decimal(str(text).replace(",", "")), "USD")


def sek(text: str | int) -> Money:
    return Money(Decimal(str(text).replace(",", "")), "SEK")


def move(
    debit: AccountRef, credit: AccountRef, amount: Money, worth: Money | None = None
) -> NewMove:
    return NewMove(debit=debit, credit=credit, amount=amount, usd=worth)


@dataclass
class Books:
    """One fund and the actor who posts into it."""

    fund_id: int
    actor: Actor
    posted: list[Posted] = field(default_factory=list)

    def post(
        self,
        moves: Sequence[NewMove],
        *,
        event: str = "event",
        on: date = DAY,
        source: tuple[str, int] | None = None,
    ) -> Posted:
        new = NewEntry(fund_id=self.fund_id, event=event, value_on=on, moves=moves, source=source)
        with transaction():
            posted = actions.post(self.actor, new)
        self.posted.append(posted)
        return posted

    def another(self) -> Actor:
        """A second person, who approves what the first one made."""
        slug = f"second-{self.fund_id}"
        with transaction():
            user = User(email=f"{slug}@example.org", name="Grace", created_at=clock.now())
            db.session.add(user)
            db.session.flush()
            user_id = user.id
        roles = frozenset({(None, Role.CERTIFYING_OFFICER)})
        return Actor(user_id=user_id, name="Grace", roles=roles)

    def period(self, starts_on: date, ends_on: date, name: str = "the period") -> int:
        """An open period."""
        with transaction():
            return actions.open_period(
                self.actor, self.fund_id, name=name, starts_on=starts_on, ends_on=ends_on
            )

    def close(self, period_id: int, second: Actor, *, reason: str = "Audited") -> None:
        """Close a period for good, by two people."""
        with transaction():
            actions.soft_close_period(self.actor, period_id)
        with transaction():
            actions.close_period(second, period_id, reason=reason)

    def holds(self, account: AccountRef) -> Money:
        return queries.balance(self.fund_id, account)

    def usd_of(self, *numbers: str) -> Money:
        return queries.sum_usd(queries.balances(self.fund_id, numbers))


def open_books(name: str = "The Fund") -> Books:
    """A fund with a finance officer, without any entry."""
    slug = name.lower().replace(" ", "-")
    with transaction():
        fund = Fund(slug=slug, name=name, created_at=clock.now())
        user = User(email=f"finance@{slug}.example", name="Ada", created_at=clock.now())
        db.session.add_all([fund, user])
        db.session.flush()
        fund_id, user_id = fund.id, user.id
    roles = frozenset({(None, Role.FINANCE_OFFICER)})
    return Books(fund_id, Actor(user_id=user_id, name="Ada", roles=roles))
