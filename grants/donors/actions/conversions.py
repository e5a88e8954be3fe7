"""The bank turns foreign cash of a deposit into US dollars."""

from __future__ import annotations

from datetime import date

from grants.audit import actions as audit
from grants.db import db, lock
from grants.donors import rules
from grants.donors.actions.values import check_positive
from grants.donors.models import Deposit, DepositState
from grants.errors import Malformed
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger import queries as books
from grants.ledger.actions import NewEntry, NewMove, Posted
from grants.money import Money, share_minor
from grants.people.permissions import Actor, Verb, require


def record_conversion(
    actor: Actor, deposit_id: int, amount: Money, proceeds: Money, *, on: date
) -> Posted:
    """The bank took `amount` of a deposit's currency and credited `proceeds` in US dollars.

    Through the trading account, at the value of the deposit: a loss is 5500 and leaves the layer
    (Dr 9110 / Cr 9100), a gain joins it. Refuses more than is left in the currency, and a loss
    greater than what of the layer is not set aside.
    """
    deposit = lock(Deposit, deposit_id)
    require(actor, Verb.RECORD_CONTRIBUTION, deposit.fund_id)
    check_positive([amount, proceeds])
    is_foreign = amount.currency == deposit.currency != "USD"
    if proceeds.currency != "USD" or not is_foreign:
        raise Malformed(f"{amount} of a deposit in {deposit.currency} is turned into US dollars.")
    left = Money.of_minor(deposit.amount_minor - deposit.converted_minor, deposit.currency)
    if deposit.state != DepositState.MATCHED or amount > left:
        raise rules.NothingToConvert(left=left, wanted=amount)
    book = _book_value(deposit, amount, left)
    ledger.lock_journal(deposit.fund_id)
    free = books.balance(deposit.fund_id, chart.unallocated(deposit.id))
    if book - proceeds > free:
        raise rules.DepositIsSetAside(left=free, wanted=book - proceeds)
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=deposit.fund_id,
            event="conversion",
            value_on=on,
            may_be_late=True,
            moves=_moves(deposit, amount, book, proceeds),
            source=("deposit", deposit.id),
        ),
    )
    deposit.converted_minor += amount.minor
    deposit.converted_usd_minor += book.minor
    db.session.flush()
    audit.record(
        actor,
        "deposit.converted",
        "deposit",
        deposit.id,
        fund_id=deposit.fund_id,
        amount=amount,
        proceeds=proceeds,
        entry=posted.sequence,
    )
    return posted


def _book_value(deposit: Deposit, amount: Money, left: Money) -> Money:
    """What the amount is in the books: its part of the deposit; the last part takes the rest."""
    rest = deposit.usd_minor - deposit.converted_usd_minor
    return Money.of_minor(share_minor(rest, [amount.minor, left.minor - amount.minor])[0], "USD")


def _moves(deposit: Deposit, amount: Money, book: Money, proceeds: Money) -> list[NewMove]:
    foreign, dollars = chart.trading(amount.currency), chart.trading("USD")
    moves = [
        NewMove(debit=foreign, credit=chart.cash(amount.currency), amount=amount, usd=book),
        NewMove(debit=chart.cash("USD"), credit=dollars, amount=proceeds),
    ]
    layer, free = chart.spendable(deposit.id), chart.unallocated(deposit.id)
    if proceeds < book:
        loss = book - proceeds
        moves.append(NewMove(debit=chart.exchange_realised(), credit=dollars, amount=loss))
        moves.append(NewMove(debit=free, credit=layer, amount=loss))
    elif proceeds > book:
        gain = proceeds - book
        moves.append(NewMove(debit=dollars, credit=chart.exchange_realised(), amount=gain))
        moves.append(NewMove(debit=layer, credit=free, amount=gain))
    return moves
