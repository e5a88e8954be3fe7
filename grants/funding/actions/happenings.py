"""What happens to the money of the fund besides deposits and tranches, as the bank booked it.

Interest, other income and bank charges change what a layer may spend, or what belongs to no
deposit (domain rules, section 7, rows 15 and 15b). Direct cost of the secretariat and transfers to
another fund are paid out of a grant of their own, by the layers that pay for it (row 19).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from grants import clock
from grants.audit import actions as audit
from grants.db import db
from grants.donors.models import Deposit, DepositState
from grants.funding import rules
from grants.funding.actions.commitments import locked_grant, note, places
from grants.funding.actions.holdings import (
    check_dollars,
    give_back,
    held_by_layer,
    moves_of,
    require_one_of,
    split,
)
from grants.funding.models import Grant, GrantState
from grants.funding.queries.layers import COMMITTED, DISBURSED
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger import queries as books
from grants.ledger.actions import NewEntry, NewMove, Posted
from grants.ledger.chart import AccountRef
from grants.money import Money, Rate
from grants.people.permissions import Actor, Verb, require

_UNDER_WAY = (GrantState.ACTIVE, GrantState.REPORTING)
_NOT_PAID = "nothing can be paid on it"


@dataclass(frozen=True, kw_only=True)
class NewHappening:
    """An amount in US dollars that the bank booked on a day.

    It belongs to the layer of a deposit or, without one, to money that no deposit brought. Where
    the account is kept in another currency, `booked` is the amount as the bank has it, and `rate`
    says what it is worth: the amount.
    """

    fund_id: int
    amount: Money
    on: date
    reason: str
    layer_id: int | None = None
    booked: Money | None = None
    rate: Rate | None = None


def record_interest(actor: Actor, new: NewHappening) -> Posted:
    """The fund earned interest: Dr 1010 / Cr 4100, and Dr 9100 / Cr 9110 (row 15).

    Refuses a day to come, an amount of nothing and a layer that is not of the fund.
    """
    return _take_in(actor, new, "interest", chart.interest())


def record_partner_interest(
    actor: Actor, new: NewHappening, *, grant_id: int | None = None
) -> Posted:
    """A partner paid over interest on its advances: Dr 1010 / Cr 4110, and Dr 9100 / Cr 9110.

    Refuses what record_interest refuses, and a grant of another fund.
    """
    if grant_id is not None and locked_grant(grant_id).fund_id != new.fund_id:
        raise rules.NotOfThisFund(thing="The grant")
    return _take_in(actor, new, "interest.partner", chart.partner_interest(grant_id))


def record_other_income(actor: Actor, new: NewHappening) -> Posted:
    """The fund received what is neither contribution nor interest: Dr 1010 / Cr 4200."""
    return _take_in(actor, new, "income.other", chart.other_income())


def record_bank_charge(actor: Actor, new: NewHappening) -> Posted:
    """The bank charged the fund: Dr 5300 / Cr 1010, and Dr 9110 / Cr 9100 (row 15b).

    Refuses with MoreThanHeld a charge above what is unallocated in the layer that is to bear it:
    choose another one, or take money back from a programme first.
    """
    _check(new.amount, new.on)
    require(actor, Verb.POST_ADJUSTMENT, new.fund_id)
    ledger.lock_journal(new.fund_id)
    _check_layer(new)
    place = chart.unallocated(new.layer_id)
    free = books.balance(new.fund_id, place)
    if free < new.amount:
        what = "unallocated in this layer" if new.layer_id else "left of money without a deposit"
        raise rules.MoreThanHeld(held=free, what=what, asked=new.amount)
    _check_cash(new.fund_id, new.booked or new.amount)
    moves = [
        *_paid_in_cash(new, chart.bank_charges()),
        NewMove(debit=place, credit=chart.spendable(new.layer_id), amount=new.amount),
    ]
    return _post_happening(actor, new, "bank_charge", moves)


def record_direct_cost(
    actor: Actor, grant_id: int, amount: Money, *, on: date, reason: str
) -> Posted:
    """The secretariat spent on a grant of its own: Dr 5100 / Cr 1010, Dr 9140 / Cr 9150 (row 19).

    The cost counts as spent when it is paid. Refuses whoever approved the grant, with MoreThanHeld
    more than is committed and not yet paid, and more than the account has.
    """
    return _pay_out(
        actor, grant_id, amount, on, reason, "direct_cost", chart.secretariat_cost(grant_id)
    )


def record_transfer_to_fund(
    actor: Actor, grant_id: int, amount: Money, *, on: date, reason: str
) -> Posted:
    """Money goes to another fund: Dr 1210 / Cr 1010, and Dr 9140 / Cr 9150 by the layers.

    It stays on 1210 until that fund reports it as spent. Refuses what record_direct_cost refuses.
    """
    return _pay_out(
        actor, grant_id, amount, on, reason, "fund_transfer", chart.with_other_funds(grant_id)
    )


def record_spending_of_fund(
    actor: Actor, grant_id: int, spent: Mapping[int, Money], *, on: date, reason: str
) -> Posted:
    """Another fund reports what it spent, by UNSDG category: Dr 5010 to 5080 / Cr 1210.

    Refuses with MoreThanHeld more than was transferred and not yet reported.
    """
    total = sum(spent.values(), Money.zero("USD"))
    for amount in (total, *spent.values()):
        _check(amount, on)
    grant = locked_grant(grant_id)
    require(actor, Verb.ACCEPT_REPORT, grant.fund_id)
    ledger.lock_journal(grant.fund_id)
    transferred = chart.with_other_funds(grant_id)
    _check_holds(grant, transferred, total, "with the other fund and not yet reported")
    moves = [
        NewMove(debit=chart.expenditure(grant_id, category), credit=transferred, amount=amount)
        for category, amount in sorted(spent.items())
    ]
    posted = _post(actor, grant, "fund_transfer.spent", on, moves, reason)
    note(actor, "grant.spent_by_fund", grant, amount=total, reason=reason, entry=posted.sequence)
    return posted


def refund_direct_cost(
    actor: Actor, grant_id: int, amount: Money, *, on: date, reason: str
) -> Posted:
    """Direct cost comes back: Dr 1010 / Cr 5100, and Dr 9150 / Cr 9120 to the same layers.

    Refuses with MoreThanHeld more than was spent so.
    """
    return _take_back(actor, grant_id, amount, on, reason, chart.secretariat_cost(grant_id))


def refund_from_fund(
    actor: Actor, grant_id: int, amount: Money, *, on: date, reason: str
) -> Posted:
    """Another fund sends money back: Dr 1010 / Cr 1210, and Dr 9150 / Cr 9120 to the same layers.

    Refuses with MoreThanHeld more than it has not reported as spent.
    """
    return _take_back(actor, grant_id, amount, on, reason, chart.with_other_funds(grant_id))


def _take_in(actor: Actor, new: NewHappening, event: str, income: AccountRef) -> Posted:
    _check(new.amount, new.on)
    require(actor, Verb.RECORD_CONTRIBUTION, new.fund_id)
    ledger.lock_journal(new.fund_id)
    _check_layer(new)
    moves = [
        *(move.mirrored for move in _paid_in_cash(new, income)),
        NewMove(
            debit=chart.spendable(new.layer_id),
            credit=chart.unallocated(new.layer_id),
            amount=new.amount,
        ),
    ]
    return _post_happening(actor, new, event, moves)


def _paid_in_cash(new: NewHappening, account: AccountRef) -> list[NewMove]:
    """Account against cash; in another currency through the trading account."""
    if new.booked is None:
        return [NewMove(debit=account, credit=chart.cash("USD"), amount=new.amount)]
    foreign = new.booked.currency
    return [
        NewMove(debit=account, credit=chart.trading("USD"), amount=new.amount),
        NewMove(
            debit=chart.trading(foreign),
            credit=chart.cash(foreign),
            amount=new.booked,
            usd=new.amount,
            rate=new.rate,
        ),
    ]


def _pay_out(
    actor: Actor,
    grant_id: int,
    amount: Money,
    on: date,
    reason: str,
    event: str,
    account: AccountRef,
) -> Posted:
    _check(amount, on)
    grant = locked_grant(grant_id, *_UNDER_WAY, deed=_NOT_PAID)
    require(actor, Verb.RELEASE_TRANCHE, grant.fund_id)
    if grant.created_by_id == actor.user_id:
        raise rules.ApprovedByYou(reference=grant.reference)
    ledger.lock_journal(grant.fund_id)
    held = held_by_layer(grant.fund_id, COMMITTED, grant_id=grant_id)
    parts = split(amount, held, "committed and not yet paid on this grant")
    _check_cash(grant.fund_id, amount)
    paid = NewMove(debit=account, credit=chart.cash("USD"), amount=amount)
    control = moves_of(parts, places(grant).committed, places(grant).disbursed)
    posted = _post(actor, grant, event, on, [paid, *control], reason)
    note(actor, f"grant.{event}", grant, amount=amount, reason=reason, entry=posted.sequence)
    return posted


def _take_back(
    actor: Actor, grant_id: int, amount: Money, on: date, reason: str, account: AccountRef
) -> Posted:
    """The event is a refund like a grantee's; the account says whose."""
    _check(amount, on)
    grant = locked_grant(grant_id)
    require_one_of(actor, grant.fund_id, Verb.POST_ADJUSTMENT, Verb.MANAGE_GRANTS)
    ledger.lock_journal(grant.fund_id)
    _check_holds(grant, account, amount, "spent so, or not yet reported, on this grant")
    held = held_by_layer(grant.fund_id, DISBURSED, grant_id=grant_id)
    parts = split(amount, held, "disbursed on this grant")
    back = NewMove(debit=chart.cash("USD"), credit=account, amount=amount)
    control = moves_of(parts, places(grant).disbursed, places(grant).allocated)
    posted = _post(actor, grant, "refund", on, [back, *control], reason)
    give_back(grant, parts, "refunded", posted.id)
    note(actor, "grant.refunded", grant, amount=amount, reason=reason, entry=posted.sequence)
    return posted


def _check(amount: Money, on: date) -> None:
    check_dollars(amount)
    if on > clock.today():
        raise rules.NotYetThatDay(day=on.isoformat())


def _check_layer(new: NewHappening) -> None:
    """The layer is an identified deposit of this fund that stands."""
    if new.layer_id is None:
        return
    state = db.session.scalar(
        select(Deposit.state).where(Deposit.id == new.layer_id, Deposit.fund_id == new.fund_id)
    )
    if state != DepositState.MATCHED:
        raise rules.NoSuchLayer


def _check_cash(fund_id: int, amount: Money) -> None:
    cash = books.balance(fund_id, chart.cash(amount.currency))
    if cash < amount:
        raise rules.NotEnoughCash(held=cash, asked=amount)


def _check_holds(grant: Grant, account: AccountRef, amount: Money, what: str) -> None:
    held = books.balance(grant.fund_id, account)
    if held < amount:
        raise rules.MoreThanHeld(held=held, what=what, asked=amount)


def _post_happening(
    actor: Actor, new: NewHappening, event: str, moves: Sequence[NewMove]
) -> Posted:
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=new.fund_id,
            event=event,
            value_on=new.on,
            moves=moves,
            reason=new.reason,
            source=("deposit", new.layer_id) if new.layer_id else None,
            may_be_late=True,
        ),
    )
    audit.record(
        actor,
        f"fund.{event}",
        "fund",
        new.fund_id,
        fund_id=new.fund_id,
        reason=new.reason,
        amount=new.amount,
        layer=new.layer_id,
        entry=posted.sequence,
    )
    return posted


def _post(
    actor: Actor, grant: Grant, event: str, on: date, moves: Sequence[NewMove], reason: str
) -> Posted:
    return ledger.post(
        actor,
        NewEntry(
            fund_id=grant.fund_id,
            event=event,
            value_on=on,
            moves=moves,
            reason=reason,
            source=("grant", grant.id),
            may_be_late=True,
        ),
    )
