"""The bank of the demonstration fund: what its statement says, most of which the books have."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from grants import clock
from grants.banking import actions
from grants.banking import queries as banking
from grants.banking.actions import NewAccount
from grants.banking.rules import TargetKind, certain_ones
from grants.cli.demo.story import Scene, Story, money
from grants.db import db
from grants.donors import queries as donors
from grants.ledger import chart
from grants.ledger import queries as ledger
from grants.ledger.queries import Effect
from grants.money import Money

#: The accounts by currency.
NUMBERS = {"USD": "DK5000400440116243", "GBP": "GB29NWBK60161331926819"}
_DAYS = 400
_LINES_MAX = 200

_Row = tuple[date, str, str, str, Money]


def scenes() -> list[tuple[int, Scene]]:
    """The accounts are entered, and a week ago their statements came."""
    return [(410, open_accounts), (6, bring_statements)]


def open_accounts(story: Story) -> None:
    """The fund has an account for dollars and one for pounds."""
    for currency, number in NUMBERS.items():
        new = NewAccount(
            fund_id=story.fund_id,
            number=number,
            currency=currency,
            bank="Danske Bank" if currency == "USD" else "National Westminster Bank",
            holder="Cities Alliance Multi-Donor Fund",
        )
        story.made[f"account {currency}"] = actions.open_account(story.actor("finance"), new).id


def bring_statements(story: Story) -> None:
    """What the books have is ticked off; a payment, a gift and a charge wait."""
    until = clock.today() - timedelta(days=1)
    for currency in NUMBERS:
        _bring(story, currency, until)


def _bring(story: Story, currency: str, until: date) -> None:
    who, account_id = story.actor("finance"), story.made[f"account {currency}"]
    content = _statement(story.fund_id, currency, until - timedelta(days=_DAYS), until)
    name = f"{currency}-{until}.csv"
    actions.import_file(who, account_id, content, file_name=name, is_trial=False)
    lines, _total = banking.lines_of(account_id, state="open", limit=_LINES_MAX)
    sure = certain_ones(list(banking.verdicts(account_id, lines).items()))
    keys = [
        (line_id, proposal.target.key)
        for line_id, proposal in sure.items()
        if proposal.target.kind is TargetKind.ENTRY
    ]
    actions.accept_certain(who, account_id, sorted(keys))


def _statement(fund_id: int, currency: str, since: date, until: date) -> bytes:
    """The statement as a file: the cash of the books day by day, and what the bank alone knows."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(
        ["Booking date", "Value date", "Name", "Details", "Reference", "Amount", "Balance"]
    )
    balance = _held(fund_id, currency, since - timedelta(days=1))
    rows = [_booked(effect) for effect in _effects(fund_id, currency, since, until)]
    unknown = _own_of_bank(until) if currency == "USD" else _paid(fund_id, currency, until)
    for day, name, words, reference, amount in sorted([*rows, *unknown], key=lambda row: row[:4]):
        balance += amount
        table.writerow([day, day, name, words, reference, amount.amount, balance.amount])
    return written.getvalue().encode()


def _booked(effect: Effect) -> _Row:
    name = effect.event.replace(".", " ").replace("_", " ").capitalize()
    words = effect.reason
    if effect.source_type == "deposit" and effect.source_id is not None:
        deposit = donors.deposit(effect.source_id)
        name, words = deposit.donor or deposit.remitter, deposit.agreement or words
    return (effect.value_on, name, words, f"B{effect.sequence:06}", effect.amount)


def _own_of_bank(until: date) -> Sequence[_Row]:
    return [
        (until - timedelta(days=2), "Danske Bank", "Account charges", "C1", money("-35.00")),
        (until - timedelta(days=3), "Nordhavn Harbour Trust", "Gift", "G1", money("4,200.00")),
    ]


def _paid(fund_id: int, currency: str, until: date) -> Sequence[_Row]:
    """A donor has paid what the fund asked for."""
    asked = {one.instalment: one.number for one in donors.letters_of(fund_id=fund_id)}
    return [
        (
            until - timedelta(days=1),
            one.donor,
            f"Your letter {asked.get(one.number, '')} {one.reference}",
            "P1",
            one.left,
        )
        for one in donors.open_instalments([fund_id], currency=currency, limit=1)
    ]


def _effects(fund_id: int, currency: str, since: date, until: date) -> list[Effect]:
    found = ledger.effects_on(fund_id, chart.cash(currency), from_on=since, until_on=until)
    rows = db.session.execute(
        select(found)
        .where(~found.c.is_undone)
        .order_by(found.c.value_on, found.c.sequence)
        .limit(_LINES_MAX)
    )
    return [ledger.effect_of(row, currency) for row in rows]


def _held(fund_id: int, currency: str, on: date) -> Money:
    held = ledger.balances_as_of(fund_id, [chart.cash(currency).number], on=on)
    minor = sum(one.balance_minor for one in held if one.currency == currency)
    return Money.of_minor(minor, currency)
