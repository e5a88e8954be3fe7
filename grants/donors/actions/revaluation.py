"""Valuing foreign cash at the end of a period, and taking it back on the day after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from grants import clock
from grants.audit import actions as audit
from grants.db import db
from grants.donors import rules
from grants.donors.models import Deposit, Revaluation
from grants.donors.queries.revaluation import Revalued, revaluation_preview
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger import queries as books
from grants.ledger.actions import Bearer, NewEntry, NewMove
from grants.money import Money, share_minor
from grants.people.permissions import Actor, Verb, require


def revalue(actor: Actor, fund_id: int, *, on: date) -> int:
    """Value the cash in other currencies at the rate of a day, and take it back the day after.

    A gain: Dr 1010 / Cr 5510 in US dollars alone, and Dr 9100 / Cr 9115, not spendable until it is
    realised. A loss: Dr 5510 / Cr 1010, and Dr 9110 / Cr 9100 at once (domain rules, section 7,
    row 16). By the fund's policy the deposit's layer bears it, the fund's own pot, or all layers
    by what they have free. Done again for the same day with a revised rate, it posts what that
    changes. Returns how many deposits changed. Refuses a loss that is greater than what of the
    layer is not set aside.
    """
    require(actor, Verb.POST_ADJUSTMENT, fund_id)
    lock = select(Deposit.id).where(Deposit.fund_id == fund_id, Deposit.currency != "USD")
    db.session.execute(lock.order_by(Deposit.id).with_for_update())
    ledger.lock_journal(fund_id)
    changed = [one for one in revaluation_preview(fund_id, on) if one.difference]
    if not changed:
        return 0
    policy = books.policy_on(fund_id, on)
    bearer = Bearer(policy.bearer) if policy else Bearer.CONTRIBUTOR
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=fund_id,
            event="revaluation",
            value_on=on,
            moves=[*_cash_moves(changed), *_control_moves(fund_id, changed, bearer)],
            reason=f"Cash in other currencies at the rates of {on:%d %B %Y}",
        ),
    )
    undone = ledger.reverse(
        actor,
        posted.id,
        reason="Taken back on the first day after",
        on=on + timedelta(days=1),
    )
    rows = [_row(actor, fund_id, on, one, bearer) for one in changed]
    for row in rows:
        row.entry_id, row.reversal_entry_id = posted.id, undone.id
    db.session.add_all(rows)
    db.session.flush()
    audit.record(
        actor,
        "fund.revalued",
        "fund",
        fund_id,
        fund_id=fund_id,
        on=on.isoformat(),
        deposits=len(changed),
        entry=posted.sequence,
    )
    return len(changed)


def _row(actor: Actor, fund_id: int, on: date, one: Revalued, bearer: Bearer) -> Revaluation:
    return Revaluation(
        fund_id=fund_id,
        on=on,
        deposit_id=one.deposit_id,
        currency=one.left.currency,
        left_minor=one.left.minor,
        book_usd_minor=one.book.minor,
        difference_minor=one.difference.minor,
        rate=str(one.rate.units_per_usd),
        rate_source=one.rate.source,
        rate_on=one.rate.on,
        bearer=bearer,
        by_id=actor.user_id,
        at=clock.now(),
    )


def _cash_moves(changed: Sequence[Revalued]) -> list[NewMove]:
    """One move for each currency: no amount of it, dollars alone."""
    by_currency: dict[str, int] = defaultdict(int)
    for one in changed:
        by_currency[one.left.currency] += one.difference.minor
    moves = []
    for currency, minor in sorted(by_currency.items()):
        cash, difference = chart.cash(currency), chart.exchange_unrealised(currency)
        if minor:
            moves.append(
                NewMove(
                    debit=cash if minor > 0 else difference,
                    credit=difference if minor > 0 else cash,
                    amount=Money.zero(currency),
                    usd=Money.of_minor(abs(minor), "USD"),
                )
            )
    return moves


def _control_moves(fund_id: int, changed: Sequence[Revalued], bearer: Bearer) -> list[NewMove]:
    """What each pot may spend more, kept in reserve, or less."""
    borne: dict[int | None, int] = defaultdict(int)
    for one in changed:
        for layer_id, minor in _borne_by(fund_id, one, bearer):
            borne[layer_id] += minor
    moves = []
    for layer_id in sorted(borne, key=lambda one: (one is not None, one)):
        minor = borne[layer_id]
        amount, whole = Money.of_minor(abs(minor), "USD"), chart.spendable(layer_id)
        if minor > 0:
            moves.append(NewMove(debit=whole, credit=chart.fx_reserve(layer_id), amount=amount))
        elif minor < 0:
            free = books.balance(fund_id, chart.unallocated(layer_id))
            if amount > free:
                raise rules.DepositIsSetAside(left=free, wanted=amount)
            moves.append(NewMove(debit=chart.unallocated(layer_id), credit=whole, amount=amount))
    return moves


def _borne_by(fund_id: int, one: Revalued, bearer: Bearer) -> list[tuple[int | None, int]]:
    minor = one.difference.minor
    if bearer is Bearer.CONTRIBUTOR:
        return [(one.deposit_id, minor)]
    if bearer is Bearer.FUND:
        return [(None, minor)]
    free = {
        line.key: line.usd_minor
        for line in books.balance_sums(fund_id, ["9110"], by="layer_id")
        if isinstance(line.key, int) and line.usd_minor > 0
    }
    if not free:
        return [(one.deposit_id, minor)]
    layers = sorted(free)
    sign = 1 if minor > 0 else -1
    parts = share_minor(abs(minor), [free[layer] for layer in layers])
    return [(layer, sign * part) for layer, part in zip(layers, parts, strict=True) if part]
