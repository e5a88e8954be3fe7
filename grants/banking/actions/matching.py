"""What a movement of the bank is: recorded from it, or found in the books already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from grants.banking import queries, rules
from grants.banking.actions.settling import (
    OpenLine,
    check_way,
    open_line,
    settle,
)
from grants.banking.models import BankAccount, BankLine, BankMatch, MatchKind
from grants.banking.queries import LineView
from grants.banking.rules import Proposal, TargetKind
from grants.db import lock
from grants.donors import actions as donors
from grants.donors.actions import NewDeposit
from grants.donors.models import Deposit
from grants.donors.rules import Earmark, NoRate
from grants.errors import NotFound
from grants.funding import actions as funding
from grants.funding.actions import NewHappening
from grants.ledger import actions as ledger
from grants.ledger import queries as books
from grants.people.permissions import Actor, Verb, require


@dataclass(frozen=True, kw_only=True)
class Whose:
    """Whose money came in and what it pays; without a donor nobody knows yet."""

    donor_id: int | None = None
    agreement_id: int | None = None
    instalment_id: int | None = None
    invoice_id: int | None = None
    conditions: Earmark | None = None
    programming_year: int | None = None


def record_receipt(
    actor: Actor, line_id: int, whose: Whose, *, proposal: Proposal | None = None
) -> BankMatch:
    """Record money that came in as a deposit, or as a receipt that nobody knows yet.

    With the bank's value date, reference and remitter. Refuses money that went out, a movement
    that is settled, and what a deposit refuses.
    """
    found = open_line(actor, line_id, Verb.RECORD_CONTRIBUTION)
    check_way(found, came_in=True, what="a deposit")
    deposit = donors.record_deposit(
        actor,
        NewDeposit(
            fund_id=found.account.fund_id,
            donor_id=whose.donor_id,
            agreement_id=whose.agreement_id,
            instalment_id=whose.instalment_id,
            invoice_id=whose.invoice_id,
            conditions=whose.conditions,
            programming_year=whose.programming_year,
            amount=found.amount,
            value_on=found.line.value_on,
            remitter=found.line.other_party[:300],
            bank_reference=found.reference[:200],
        ),
    )
    assert deposit.entry_id is not None
    kind = MatchKind.DEPOSIT if whose.donor_id is not None else MatchKind.UNIDENTIFIED
    return settle(actor, found, kind, [deposit.entry_id], deposit_id=deposit.id, proposal=proposal)[
        0
    ]


def accept(actor: Actor, line_id: int, key: str) -> BankMatch:
    """Take a proposal as it is made at this moment, with its reasons.

    Refuses with ProposalChanged one that is no longer made.
    """
    seen = _locked(actor, line_id)
    if seen.is_settled:
        raise rules.LineIsSettled
    told = queries.verdicts(seen.account_id, [seen]).get(line_id)
    proposals = told.proposals if told else ()
    proposal = next((one for one in proposals if one.target.key == key), None)
    if proposal is None:
        raise rules.ProposalChanged
    return _accept(actor, line_id, proposal)


def accept_certain(actor: Actor, account_id: int, keys: Sequence[tuple[int, str]]) -> list[int]:
    """Take many proposals that are certain, one after the other. Returns the movements settled.

    Each is looked at again before it is taken: one that is settled meanwhile, no longer certain,
    or no longer the same, is left for a person.
    """
    account = lock(BankAccount, account_id)
    require(actor, Verb.RECORD_CONTRIBUTION, account.fund_id)
    done = []
    for line_id, key in keys:
        seen = _locked(actor, line_id)
        if seen.account_id != account_id:
            raise rules.NotOfThisAccount
        told = queries.verdicts(account_id, [seen])
        best = rules.certain_ones(list(told.items())).get(line_id)
        if best is not None and best.target.key == key:
            _accept(actor, line_id, best)
            done.append(line_id)
    return done


def tick_off(
    actor: Actor, line_id: int, entry_ids: Sequence[int], *, proposal: Proposal | None = None
) -> list[BankMatch]:
    """Say that the books have a movement already: one entry, or several that it pays together.

    Refuses entries that moved another amount, another account or another fund's, that were
    reversed, and that another movement is already.
    """
    found = open_line(actor, line_id, Verb.RECORD_CONTRIBUTION)
    if not entry_ids:
        raise NotFound
    ledger.lock_journal(found.account.fund_id)
    return settle(actor, found, MatchKind.BOOKED, sorted(set(entry_ids)), proposal=proposal)


def record_charge(
    actor: Actor, line_id: int, *, layer_id: int | None, proposal: Proposal | None = None
) -> BankMatch:
    """Record money that went out as a charge of the bank: Dr 5300 / Cr 1010, Dr 9110 / Cr 9100.

    Borne by the layer of a deposit, or without one by money that no deposit brought.
    """
    found = open_line(actor, line_id, Verb.POST_ADJUSTMENT)
    check_way(found, came_in=False, what="a charge")
    posted = funding.record_bank_charge(actor, _happening(found, layer_id, "Charges of a bank"))
    return settle(actor, found, MatchKind.CHARGE, [posted.id], proposal=proposal)[0]


def record_interest(
    actor: Actor, line_id: int, *, layer_id: int | None, proposal: Proposal | None = None
) -> BankMatch:
    """Record money that came in as interest of the fund: Dr 1010 / Cr 4100, Dr 9100 / Cr 9110."""
    found = open_line(actor, line_id, Verb.RECORD_CONTRIBUTION)
    check_way(found, came_in=True, what="interest")
    posted = funding.record_interest(actor, _happening(found, layer_id, "Interest"))
    return settle(actor, found, MatchKind.INTEREST, [posted.id], proposal=proposal)[0]


def record_other_income(actor: Actor, line_id: int, *, layer_id: int | None) -> BankMatch:
    """Record money that came in as other income: Dr 1010 / Cr 4200, Dr 9100 / Cr 9110."""
    found = open_line(actor, line_id, Verb.RECORD_CONTRIBUTION)
    check_way(found, came_in=True, what="income")
    posted = funding.record_other_income(actor, _happening(found, layer_id, "Other income"))
    return settle(actor, found, MatchKind.OTHER_INCOME, [posted.id])[0]


def record_conversion(
    actor: Actor, line_id: int, deposit_id: int, other_line_id: int
) -> list[BankMatch]:
    """The bank took a deposit's currency (one movement) and credited US dollars (the other).

    Refuses movements that are no such pair, a deposit in another currency, and what a conversion
    refuses.
    """
    first, second = sorted((line_id, other_line_id))
    pair = {key: open_line(actor, key, Verb.RECORD_CONTRIBUTION) for key in (first, second)}
    out, back = pair[line_id], pair[other_line_id]
    check_way(out, came_in=False, what="what was converted")
    check_way(back, came_in=True, what="what a conversion brought")
    deposit = lock(Deposit, deposit_id)
    if {deposit.fund_id, out.account.fund_id, back.account.fund_id} != {deposit.fund_id}:
        raise rules.NotOfThisAccount
    posted = donors.record_conversion(
        actor, deposit_id, out.size, back.amount, on=back.line.value_on
    )
    return [
        match
        for one in (out, back)
        for match in settle(actor, one, MatchKind.CONVERSION, [posted.id], deposit_id=deposit_id)
    ]


def leave_out(actor: Actor, line_id: int, *, reason: str) -> BankMatch:
    """Leave a movement out of the books, and say why: a transfer between own accounts, say."""
    found = open_line(actor, line_id, Verb.RECORD_CONTRIBUTION)
    if not reason.strip():
        raise rules.ReasonWanted
    return settle(actor, found, MatchKind.LEFT_OUT, reason=reason.strip()[:500])[0]


def _accept(actor: Actor, line_id: int, proposal: Proposal) -> BankMatch:
    target = proposal.target
    if target.kind is TargetKind.ENTRY:
        return tick_off(actor, line_id, [target.id], proposal=proposal)[0]
    if target.kind is TargetKind.CHARGE:
        return record_charge(actor, line_id, layer_id=None, proposal=proposal)
    if target.kind is TargetKind.INTEREST:
        return record_interest(actor, line_id, layer_id=None, proposal=proposal)
    whose = Whose(donor_id=target.donor_id, agreement_id=target.agreement_id)
    if target.kind is TargetKind.INSTALMENT:
        whose = replace(whose, instalment_id=target.id)
    elif target.kind is TargetKind.INVOICE:
        whose = replace(whose, invoice_id=target.id)
    return record_receipt(actor, line_id, whose, proposal=proposal)


def _locked(actor: Actor, line_id: int) -> LineView:
    """The movement as it stands now that it is locked: what it may be is read after this."""
    lock(BankLine, line_id)
    found = queries.line(line_id)
    require(actor, Verb.RECORD_CONTRIBUTION, found.fund_id)
    return found


def _happening(found: OpenLine, layer_id: int | None, what: str) -> NewHappening:
    booked, rate = None, None
    amount = found.size
    if found.line.currency != "USD":
        rate = books.rate_on(found.line.currency, found.line.value_on)
        if rate is None:
            raise NoRate(currency=found.line.currency, day=found.line.value_on.isoformat())
        booked, amount = found.size, rate.to_usd(found.size)
        if not amount:
            raise rules.NotInDollars(what=what)
    return NewHappening(
        fund_id=found.account.fund_id,
        amount=amount,
        on=found.line.value_on,
        reason=found.told,
        layer_id=layer_id,
        booked=booked,
        rate=rate,
    )
