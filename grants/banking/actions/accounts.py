"""The accounts of a fund, and how their banks lay out CSV."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select

from grants import clock
from grants.audit import actions as audit
from grants.banking import rules
from grants.banking.models import BankAccount, BankLayout
from grants.banking.rules import Layout, plain_number
from grants.db import db, lock
from grants.errors import Malformed, NotFound
from grants.money import Money, NotMoney, decimals
from grants.people.models import Fund
from grants.people.permissions import Actor, Verb, require

#: What banks on the way may keep back, in whole units of the currency, unless somebody says else.
TOLERANCE_UNITS = 50
_BIC = re.compile(r"[A-Z0-9]{8}([A-Z0-9]{3})?")


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    """An account at a bank, as it stands on its statements."""

    fund_id: int
    number: str
    currency: str
    bank: str
    bic: str = ""
    holder: str = ""
    #: What banks on the way may keep back of a payment; None: 50 units of the currency.
    tolerance: Money | None = None


def open_account(actor: Actor, new: NewAccount) -> BankAccount:
    """Enter an account of the fund. Refuses one that is known, here or in another fund.

    Refuses an IBAN whose check digits do not fit, a BIC that is none, and no currency.
    """
    require(actor, Verb.RECORD_CONTRIBUTION, new.fund_id)
    number = _checked_number(new.number)
    tolerance = _tolerance(new)
    owner = db.session.scalar(
        select(Fund.name)
        .join(BankAccount, BankAccount.fund_id == Fund.id)
        .where(BankAccount.number == number, BankAccount.currency == new.currency)
    )
    if owner is not None:
        raise rules.AccountIsKnown(number=new.number, owner=f"one of {owner}")
    bic = plain_number(new.bic)
    if bic and not _BIC.fullmatch(bic):
        raise Malformed(f"{new.bic} is no BIC: it has 8 or 11 letters and digits.")
    account = BankAccount(
        fund_id=new.fund_id,
        number=number,
        currency=new.currency,
        bank=new.bank.strip(),
        bic=bic,
        holder=new.holder.strip(),
        tolerance_minor=tolerance.minor,
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    db.session.add(account)
    db.session.flush()
    _note(actor, "opened", account)
    return account


def keep_layout(actor: Actor, fund_id: int, name: str, layout: Layout) -> BankLayout:
    """Keep how a bank lays out its CSV, under a name; the same name again replaces it."""
    require(actor, Verb.RECORD_CONTRIBUTION, fund_id)
    named = " ".join(name.split())
    if not 0 < len(named) <= 80:
        raise Malformed("Give the layout a name, such as that of the bank.")
    found = db.session.scalar(
        select(BankLayout)
        .where(BankLayout.fund_id == fund_id, BankLayout.name == named)
        .with_for_update()
    )
    if found is None:
        found = BankLayout(
            fund_id=fund_id,
            name=named,
            layout=layout.stored(),
            created_at=clock.now(),
            created_by_id=actor.user_id,
        )
        db.session.add(found)
    found.layout = layout.stored()
    db.session.flush()
    audit.record(actor, "bank_layout.kept", "bank_layout", found.id, fund_id=fund_id, name=named)
    return found


def choose_layout(actor: Actor, account_id: int, layout_id: int | None) -> BankAccount:
    """Say how the CSV of an account is laid out; None: with plain English headings."""
    account = lock(BankAccount, account_id)
    require(actor, Verb.RECORD_CONTRIBUTION, account.fund_id)
    if layout_id is not None:
        found = db.session.get(BankLayout, layout_id)
        if found is None or found.fund_id != account.fund_id:
            raise NotFound
    account.layout_id = layout_id
    db.session.flush()
    _note(actor, "layout_chosen", account)
    return account


def _checked_number(said: str) -> str:
    """The number plain; an IBAN (two letters and two digits first) must have its check digits."""
    number = plain_number(said)
    if not 4 <= len(number) <= 40:
        raise rules.AccountIsUnclear
    if re.match(r"[A-Z]{2}\d{2}", number) and len(number) >= 15:
        moved = number[4:] + number[:4]
        if int("".join(str(int(letter, 36)) for letter in moved)) % 97 != 1:
            raise Malformed(f"{said} is no IBAN: its check digits do not fit. Compare it again.")
    return number


def _tolerance(new: NewAccount) -> Money:
    try:
        unit = 10 ** decimals(new.currency)
    except NotMoney as error:
        raise Malformed(f"{new.currency} is no currency.") from error
    tolerance = new.tolerance or Money.of_minor(TOLERANCE_UNITS * unit, new.currency)
    if tolerance.currency != new.currency or tolerance.minor < 0:
        raise Malformed(f"{tolerance} is no charge in {new.currency}.")
    return tolerance


def _note(actor: Actor, verb: str, account: BankAccount) -> None:
    audit.record(
        actor,
        f"bank_account.{verb}",
        "bank_account",
        account.id,
        fund_id=account.fund_id,
        number=account.number,
        currency=account.currency,
        layout=account.layout_id,
    )
