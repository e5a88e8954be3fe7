"""Tranches paid to grantees and money that comes back, by the layers of the commitment."""

from __future__ import annotations

from datetime import date

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
from grants.funding.queries.layers import COMMITTED, DISBURSED
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger import queries as books
from grants.ledger.actions import NewEntry, NewMove, Posted
from grants.ledger.chart import AccountRef
from grants.money import Money
from grants.people.permissions import Actor, Verb


def advance(
    actor: Actor, grant_id: int, amount: Money, *, on: date, source: tuple[str, int] | None = None
) -> Posted:
    """A tranche is approved: Dr 1200 / Cr 2010, and Dr 9140 / Cr 9150 by the layers.

    Refuses with MoreThanHeld more than is committed and not yet advanced.
    """
    check_dollars(amount)
    grant = locked_grant(grant_id)
    require_one_of(actor, grant.fund_id, Verb.RELEASE_TRANCHE, Verb.CERTIFY_TRANCHE)
    ledger.lock_journal(grant.fund_id)
    held = held_by_layer(grant.fund_id, COMMITTED, grant_id=grant_id)
    parts = split(amount, held, "committed and not yet advanced on this grant")
    owed = NewMove(
        debit=chart.advances(grant_id), credit=chart.payable_to_grantee(grant_id), amount=amount
    )
    control = moves_of(parts, places(grant).committed, places(grant).disbursed)
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=grant.fund_id,
            event="tranche.approved",
            value_on=on,
            may_be_late=True,
            moves=[owed, *control],
            source=source or ("grant", grant_id),
        ),
    )
    note(actor, "grant.advanced", grant, amount=amount, entry=posted.sequence)
    return posted


def pay(
    actor: Actor, grant_id: int, amount: Money, *, on: date, source: tuple[str, int] | None = None
) -> Posted:
    """The bank has paid: Dr 2010 / Cr 1010. Refuses more than is owed, or than the account has."""
    check_dollars(amount)
    grant = locked_grant(grant_id)
    require_one_of(actor, grant.fund_id, Verb.RELEASE_TRANCHE)
    ledger.lock_journal(grant.fund_id)
    _check_holds(grant.fund_id, chart.payable_to_grantee(grant_id), amount, "owed to this grantee")
    cash = books.balance(grant.fund_id, chart.cash("USD"))
    if cash < amount:
        raise rules.NotEnoughCash(held=cash, asked=amount)
    move = NewMove(
        debit=chart.payable_to_grantee(grant_id), credit=chart.cash("USD"), amount=amount
    )
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=grant.fund_id,
            event="tranche.paid",
            value_on=on,
            may_be_late=True,
            moves=[move],
            source=source or ("grant", grant_id),
        ),
    )
    note(actor, "grant.paid", grant, amount=amount, entry=posted.sequence)
    return posted


def take_refund(
    actor: Actor,
    grant_id: int,
    *,
    unspent: Money,
    refused: Money,
    on: date,
    source: tuple[str, int] | None = None,
) -> Posted:
    """Money comes back: Dr 1010 / Cr 1200 unspent, Cr 1250 refused costs; Dr 9150 / Cr 9120.

    It returns to the layers that paid, in the proportion in which they paid, to the cent. Refuses
    with MoreThanHeld more than the grantee has unspent, or owes.
    """
    total = unspent + refused
    check_dollars(total)
    if unspent.minor < 0 or refused.minor < 0:
        raise rules.NoAmount
    grant = locked_grant(grant_id)
    require_one_of(actor, grant.fund_id, Verb.POST_ADJUSTMENT, Verb.MANAGE_GRANTS)
    ledger.lock_journal(grant.fund_id)
    taken = (
        (chart.advances(grant_id), unspent, "advanced and unspent on this grant"),
        (chart.due_from_grantee(grant_id), refused, "owed by this grantee for refused costs"),
    )
    for account, amount, what in taken:
        _check_holds(grant.fund_id, account, amount, what)
    held = held_by_layer(grant.fund_id, DISBURSED, grant_id=grant_id)
    parts = split(total, held, "disbursed on this grant")
    cash = [
        NewMove(debit=chart.cash("USD"), credit=account, amount=amount)
        for account, amount, _ in taken
        if amount
    ]
    control = moves_of(parts, places(grant).disbursed, places(grant).allocated)
    posted = ledger.post(
        actor,
        NewEntry(
            fund_id=grant.fund_id,
            event="refund",
            value_on=on,
            may_be_late=True,
            moves=[*cash, *control],
            source=source or ("grant", grant_id),
        ),
    )
    give_back(grant, parts, "refunded", posted.id)
    note(actor, "grant.refunded", grant, amount=total, entry=posted.sequence)
    return posted


def _check_holds(fund_id: int, account: AccountRef, amount: Money, what: str) -> None:
    held = books.balance(fund_id, account)
    if held < amount:
        raise rules.MoreThanHeld(held=held, what=what, asked=amount)
