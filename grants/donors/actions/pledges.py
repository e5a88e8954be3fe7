"""Pledges: non-binding intentions, kept in the control book and never spendable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.donors import rules
from grants.donors.actions.values import Rates, check_donors, funds_of
from grants.donors.models import Pledge, PledgeState
from grants.donors.rules import NewPledge
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger.actions import NewEntry, NewMove
from grants.money import Money
from grants.people.permissions import Actor, Verb, require


def record_pledge(actor: Actor, new: NewPledge) -> Pledge:
    """Record one pledge: see record_pledges."""
    return record_pledges(actor, [new])[0]


def record_pledges(actor: Actor, new: Sequence[NewPledge]) -> list[Pledge]:
    """Record pledges (Dr 9010 / Cr 9011), many at once. They never raise what can be promised.

    A negative amount takes back part of an earlier pledge. Refuses an amount of nothing, and a
    currency without a known rate.
    """
    for fund_id in {one.fund_id for one in new}:
        require(actor, Verb.RECORD_CONTRIBUTION, fund_id)
    funds_of(one.fund_id for one in new)
    check_donors(one.donor_id for one in new)
    rates = Rates()
    pledges: list[Pledge] = []
    entries: list[NewEntry] = []
    for one in new:
        if one.amount.minor == 0:
            raise rules.NoAmount
        usd, rate = rates.value(one.fund_id, one.amount, one.usd, one.rate, one.pledged_on)
        pledges.append(_row(one, usd))
        move = NewMove(
            debit=chart.pledge_control(one.donor_id, one.amount.currency),
            credit=chart.pledge_outstanding(one.donor_id, one.amount.currency),
            amount=_size(one.amount),
            usd=_size(usd),
            rate=rate,
        )
        entries.append(
            NewEntry(
                fund_id=one.fund_id,
                event="pledge",
                value_on=one.pledged_on,
                moves=[move if one.amount.minor > 0 else move.mirrored],
            )
        )
    _post(actor, pledges, entries)
    for pledge, one in zip(pledges, new, strict=True):
        audit.record(
            actor,
            "pledge.recorded",
            "pledge",
            pledge.id,
            fund_id=pledge.fund_id,
            amount=one.amount,
            donor_id=one.donor_id,
        )
    return pledges


def withdraw_pledge(actor: Actor, pledge_id: int, reason: str, *, on: date | None = None) -> Pledge:
    """Take a pledge back, by reversing its entry. Refuses one that is no longer open.

    It stood until the day `on`; without one it is as if it had never been made.
    """
    return close_pledge(actor, pledge_id, PledgeState.WITHDRAWN, reason, on=on)


def settle_pledge(actor: Actor, pledge_id: int, reason: str, *, on: date | None = None) -> Pledge:
    """Close a pledge because it was paid, by reversing its entry: the deposit stands for it now."""
    return close_pledge(actor, pledge_id, PledgeState.PAID, reason, on=on)


def close_pledge(
    actor: Actor, pledge_id: int, state: PledgeState, reason: str, *, on: date | None = None
) -> Pledge:
    """End an open pledge, by reversing its entry. For the actions of this room."""
    pledge = lock(Pledge, pledge_id)
    require(actor, Verb.RECORD_CONTRIBUTION, pledge.fund_id)
    if pledge.state != PledgeState.OPEN:
        raise rules.PledgeIsClosed(state=pledge.state)
    assert pledge.entry_id is not None
    closed_on = max(on, pledge.pledged_on) if on else pledge.pledged_on
    posted = ledger.reverse(actor, pledge.entry_id, reason=reason, on=on and closed_on)
    pledge.state = state
    pledge.closed_on = closed_on
    pledge.closing_entry_id = posted.id
    audit.record(
        actor, f"pledge.{state}", "pledge", pledge.id, fund_id=pledge.fund_id, reason=reason
    )
    return pledge


def _row(new: NewPledge, usd: Money) -> Pledge:
    return Pledge(
        fund_id=new.fund_id,
        donor_id=new.donor_id,
        reference=new.reference,
        stated_currency=new.amount.currency if new.is_currency_stated else None,
        stated_amount=new.stated_amount,
        currency=new.amount.currency,
        amount_minor=new.amount.minor,
        usd_minor=usd.minor,
        pledged_on=new.pledged_on,
        fiscal_year=new.fiscal_year,
        expected_on=new.expected_on,
        state=PledgeState.OPEN,
        created_at=clock.now(),
    )


def _size(amount: Money) -> Money:
    return Money.of_minor(abs(amount.minor), amount.currency)


def _post(actor: Actor, pledges: Sequence[Pledge], entries: Sequence[NewEntry]) -> None:
    db.session.add_all(pledges)
    db.session.flush()
    by_fund: dict[int, list[tuple[Pledge, NewEntry]]] = defaultdict(list)
    for pledge, entry in zip(pledges, entries, strict=True):
        sourced = NewEntry(
            fund_id=entry.fund_id,
            event=entry.event,
            value_on=entry.value_on,
            moves=entry.moves,
            source=("pledge", pledge.id),
        )
        by_fund[entry.fund_id].append((pledge, sourced))
    for fund_id in sorted(by_fund):
        pairs = by_fund[fund_id]
        posted = ledger.post_all(actor, [entry for _, entry in pairs])
        for (pledge, _), one in zip(pairs, posted, strict=True):
            pledge.entry_id = one.id
    db.session.flush()
