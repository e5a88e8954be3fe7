"""Deposits: cash that came in, its value, its fee, and the layer of spendable money it makes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from grants import clock
from grants.audit import actions as audit
from grants.db import db
from grants.donors import rules
from grants.donors.actions.invoices import check_invoices
from grants.donors.actions.settling import OpenAgreements
from grants.donors.actions.values import Rates, check_donors, check_positive, funds_of
from grants.donors.models import ContributionAgreement, Deposit, DepositState
from grants.donors.rules import Earmark, NewDeposit
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger.actions import NewEntry, NewMove
from grants.money import Money, Rate
from grants.people.models import Fund
from grants.people.permissions import Actor, Verb, require


def record_deposit(actor: Actor, new: NewDeposit) -> Deposit:
    """Record one deposit: see record_deposits."""
    return record_deposits(actor, [new])[0]


def record_deposits(actor: Actor, new: Sequence[NewDeposit]) -> list[Deposit]:
    """Record cash received, many deposits at once, each with its entry.

    Dr 2100 / Cr 1100 at the value when it was agreed, Dr 1010 / Cr 4010 or 4020 at the rate of
    the value date, Dr 9100 / Cr 9110 for its layer, and the fund's fee: Dr 5200 / Cr 2020 and
    Dr 9110 / Cr 9100. Without a donor: Dr 1010 / Cr 2900, and no layer.
    Refuses an amount of nothing, a currency without a known rate, an agreement of someone else or
    in another currency, and conditions wider than its earmark.
    """
    for fund_id in {one.fund_id for one in new}:
        require(actor, Verb.RECORD_CONTRIBUTION, fund_id)
    funds = funds_of(one.fund_id for one in new)
    check_donors(one.donor_id for one in new)
    check_positive([one.amount for one in new])
    agreements = OpenAgreements(one.agreement_id for one in new)
    check_invoices(new)
    rates = Rates()
    deposits, rated = [], []
    for one in new:
        deposit = Deposit(created_at=clock.now())
        rated.append(fill(deposit, one, funds[one.fund_id], agreements, rates))
        deposits.append(deposit)
    db.session.add_all(deposits)
    db.session.flush()
    by_fund: dict[int, list[tuple[Deposit, NewEntry]]] = defaultdict(list)
    for deposit, rate in zip(deposits, rated, strict=True):
        # A person's late receipt is dated today; a line of imported books belongs to its day.
        entry = replace(entry_of(deposit, rate), may_be_late=not actor.is_system)
        by_fund[deposit.fund_id].append((deposit, entry))
    agreements.mark_instalments()
    db.session.flush()
    for fund_id in sorted(by_fund):
        pairs = by_fund[fund_id]
        posted = ledger.post_all(actor, [entry for _, entry in pairs])
        for (deposit, _), one_posted in zip(pairs, posted, strict=True):
            deposit.entry_id = one_posted.id
    db.session.flush()
    for deposit in deposits:
        note(actor, "deposit.recorded", deposit)
    return deposits


def fill(
    deposit: Deposit, new: NewDeposit, fund: Fund, agreements: OpenAgreements, rates: Rates
) -> Rate | None:
    """Set the deposit to what was received, and settle its agreement. Returns the rate used."""
    usd, rate = rates.value(new.fund_id, new.amount, new.usd, new.rate, new.value_on)
    check_positive([usd])
    deposit.fund_id = new.fund_id
    deposit.stated_currency = new.amount.currency if new.is_currency_stated else None
    deposit.stated_amount = new.stated_amount
    deposit.currency = new.amount.currency
    deposit.amount_minor = new.amount.minor
    deposit.usd_minor = usd.minor
    deposit.rate = f"{rate.units_per_usd:f}" if rate else ""
    deposit.rate_source = rate.source if rate else ""
    deposit.rate_on = rate.on if rate else None
    deposit.value_on = new.value_on
    deposit.programming_year = new.programming_year or new.value_on.year
    deposit.remitter = new.remitter
    deposit.bank_reference = new.bank_reference
    deposit.invoice_id = new.invoice_id
    identify(
        deposit,
        fund,
        agreements,
        donor_id=new.donor_id,
        agreement_id=new.agreement_id,
        instalment_id=new.instalment_id,
        conditions=new.conditions,
    )
    return rate


def identify(
    deposit: Deposit,
    fund: Fund,
    agreements: OpenAgreements,
    *,
    donor_id: int | None,
    agreement_id: int | None,
    instalment_id: int | None,
    conditions: Earmark | None,
) -> None:
    """Say whose the deposit is, what it settles, what it may pay for, and what fee it bears."""
    agreement = agreements.agreement(agreement_id, deposit.fund_id, donor_id)
    instalment = agreements.instalment(agreement, instalment_id)
    amount = Money.of_minor(deposit.amount_minor, deposit.currency)
    settled = agreements.settle(agreement, instalment, amount)
    earmark = conditions_under(agreement, conditions)
    deposit.donor_id = donor_id
    deposit.agreement_id = agreement.id if agreement else None
    deposit.instalment_id = instalment.id if instalment else None
    deposit.settled_minor = settled.amount_minor
    deposit.settled_usd_minor = settled.usd_minor
    deposit.conditions = dict(earmark.stored())
    deposit.usable_from = earmark.usable_from
    deposit.usable_until = earmark.usable_until
    deposit.is_core = agreement.is_core if agreement else not earmark.is_earmarked
    deposit.state = DepositState.MATCHED if donor_id else DepositState.UNIDENTIFIED
    usd = Money.of_minor(deposit.usd_minor, "USD")
    fee = rules.fee_of(usd, fund.fee_basis_points) if donor_id else Money.zero("USD")
    deposit.fee_minor = fee.minor


def entry_of(deposit: Deposit, rate: Rate | None) -> NewEntry:
    """The entry of a deposit that has its number: cash against income or unidentified receipts."""
    if deposit.donor_id is None:
        return _entry(
            deposit, "receipt", [_cash_move(deposit, chart.unidentified(deposit.currency), rate)]
        )
    moves = [
        *settling_moves(deposit),
        _cash_move(deposit, income_of(deposit), rate),
        *layer_moves(deposit),
    ]
    return _entry(deposit, "deposit", moves)


def income_of(deposit: Deposit) -> chart.AccountRef:
    """Where the income of a deposit stands: 4030 for a membership contribution, 4010 or 4020."""
    assert deposit.donor_id is not None
    if deposit.invoice_id is not None:
        return chart.membership_revenue(deposit.donor_id, deposit.currency)
    return chart.revenue(deposit.donor_id, deposit.currency, is_core=deposit.is_core)


def settling_moves(deposit: Deposit) -> list[NewMove]:
    """Dr 2100 / Cr 1100 for what the deposit settles, at its agreed value."""
    if not deposit.settled_minor:
        return []
    assert deposit.donor_id is not None
    return [
        NewMove(
            debit=chart.deferred(deposit.donor_id, deposit.currency),
            credit=chart.receivable(deposit.donor_id, deposit.currency),
            amount=Money.of_minor(deposit.settled_minor, deposit.currency),
            usd=Money.of_minor(deposit.settled_usd_minor, "USD"),
        )
    ]


def layer_moves(deposit: Deposit) -> list[NewMove]:
    """Dr 9100 / Cr 9110 for the layer, and the fee out of it."""
    usd = Money.of_minor(deposit.usd_minor, "USD")
    fee = Money.of_minor(deposit.fee_minor, "USD")
    layer, free = chart.spendable(deposit.id), chart.unallocated(deposit.id)
    moves = [NewMove(debit=layer, credit=free, amount=usd)]
    if fee:
        moves.append(NewMove(debit=chart.fee_cost(), credit=chart.fees_payable(), amount=fee))
        moves.append(NewMove(debit=free, credit=layer, amount=fee))
    return moves


def note(actor: Actor, verb: str, deposit: Deposit, reason: str = "") -> None:
    """Write the deposit into the audit trail."""
    audit.record(
        actor,
        verb,
        "deposit",
        deposit.id,
        fund_id=deposit.fund_id,
        reason=reason,
        amount=Money.of_minor(deposit.amount_minor, deposit.currency),
        usd=Money.of_minor(deposit.usd_minor, "USD"),
        value_on=deposit.value_on,
        donor_id=deposit.donor_id,
        agreement_id=deposit.agreement_id,
    )


def conditions_under(agreement: ContributionAgreement | None, given: Earmark | None) -> Earmark:
    """What a deposit may pay for: what is given, and what its agreement says beside.

    Refuses what the agreement does not allow, and an earmark of core money.
    """
    if agreement is None:
        return given or Earmark()
    agreed = Earmark.of_stored(agreement.earmark)
    if given is None:
        return agreed
    narrowed = given.inheriting(agreed)
    if not narrowed.is_within(agreed):
        raise rules.WiderThanEarmark(reference=agreement.reference)
    if agreement.is_core and narrowed.is_earmarked:
        raise rules.CoreWithEarmark
    return narrowed


def _cash_move(deposit: Deposit, against: chart.AccountRef, rate: Rate | None) -> NewMove:
    return NewMove(
        debit=chart.cash(deposit.currency),
        credit=against,
        amount=Money.of_minor(deposit.amount_minor, deposit.currency),
        usd=Money.of_minor(deposit.usd_minor, "USD"),
        rate=rate,
    )


def _entry(deposit: Deposit, event: str, moves: Sequence[NewMove]) -> NewEntry:
    return NewEntry(
        fund_id=deposit.fund_id,
        event=event,
        value_on=deposit.value_on,
        moves=moves,
        reason=deposit.bank_reference,
        source=("deposit", deposit.id),
    )
