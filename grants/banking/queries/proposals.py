"""What open movements may be: everything they could be is read once, for all that are shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Select, func, select

from grants.banking.models import BankAccount, BankLine, BankMatch
from grants.banking.queries.lines import LineView
from grants.banking.rules import Movement, Target, TargetKind, Verdict, verdict
from grants.banking.rules.matching import BOOKED_DAYS
from grants.banking.rules.naming import tokens
from grants.db import db
from grants.donors import queries as donors
from grants.donors.models import Deposit, PaymentRequest, RequestState
from grants.donors.queries import DepositLine
from grants.errors import NotFound
from grants.ledger import chart
from grants.ledger import queries as ledger
from grants.ledger.queries import Effect
from grants.money import Money
from grants.people.models import Organisation, OrganisationAlias

TARGETS_MAX: Final = 1000
#: Names of donors that are looked at, with their aliases.
NAMES_MAX: Final = 5000


@dataclass(frozen=True, kw_only=True)
class _Names:
    """The donors, every name that each bears, and which of them share a word."""

    names: dict[int, tuple[str, ...]]
    by_word: dict[str, set[int]]

    def of(self, donor_id: int) -> tuple[str, ...]:
        return self.names.get(donor_id, ())

    def sharing(self, party: str) -> set[int]:
        """The donors with a word of this name in theirs."""
        return {key for word in tokens(party) for key in self.by_word.get(word, ())}


def verdicts(account_id: int, lines: Sequence[LineView]) -> dict[int, Verdict]:
    """For each open movement of an account what it may be. Seven statements, however many."""
    waiting = [one for one in lines if not one.is_settled]
    if not waiting:
        return {}
    account = db.session.get_one(BankAccount, account_id)
    movements = {one.id: movement_of(one) for one in waiting}
    tolerance = Money.of_minor(account.tolerance_minor, account.currency)
    entries = _entries(account, movements.values())
    if not any(one.came_in for one in waiting):
        return {key: verdict(one, entries, tolerance=tolerance) for key, one in movements.items()}
    names = _names()
    payable = _payable(account.fund_id, account.currency, names)
    return {
        key: verdict(one, [*entries, *payable, *_donors(one, payable, names)], tolerance=tolerance)
        for key, one in movements.items()
    }


def verdict_of_receipt(receipt: DepositLine) -> Verdict:
    """Whose an unidentified receipt may be: see verdicts_of_receipts."""
    return verdicts_of_receipts([receipt])[receipt.id]


def verdicts_of_receipts(receipts: Sequence[DepositLine]) -> dict[int, Verdict]:
    """Whose unidentified receipts of a fund may be: by what was written down, and the bank's words.

    Few statements for each currency among them.
    """
    if not receipts:
        return {}
    fund_id = receipts[0].fund_id
    told = _told_of([one.id for one in receipts])
    names = _names()
    found: dict[int, Verdict] = {}
    for currency in sorted({one.amount.currency for one in receipts}):
        payable = _payable(fund_id, currency, names)
        tolerance = Money.of_minor(_tolerance(fund_id, currency), currency)
        for one in receipts:
            if one.amount.currency == currency:
                movement = _movement_of_receipt(one, told.get(one.id))
                targets = [*payable, *_donors(movement, payable, names)]
                by_words = verdict(movement, targets, tolerance=tolerance)
                found[one.id] = Verdict(
                    proposals=tuple(
                        proposal
                        for proposal in by_words.proposals
                        if proposal.target.donor_id is not None
                    )
                )
    return found


def _told_of(deposit_ids: Sequence[int]) -> dict[int, Movement]:
    """What the bank said of receipts that came from it."""
    rows = db.session.execute(
        select(BankMatch.deposit_id, BankLine)
        .join(BankLine, BankLine.id == BankMatch.line_id)
        .where(BankMatch.deposit_id.in_(list(deposit_ids)))
        .order_by(BankMatch.id)
    )
    return {
        key: Movement(
            amount=Money.of_minor(one.amount_minor, one.currency),
            value_on=one.value_on,
            other_party=one.other_party,
            words=one.words,
            reference=one.end_to_end,
        )
        for key, one in rows
        if key is not None
    }


def _movement_of_receipt(receipt: DepositLine, told: Movement | None) -> Movement:
    return Movement(
        amount=receipt.amount,
        value_on=receipt.value_on,
        other_party=receipt.remitter or (told.other_party if told else ""),
        words=told.words if told else "",
        reference=f"{receipt.bank_reference} {told.reference if told else ''}",
    )


def _tolerance(fund_id: int, currency: str) -> int:
    kept = db.session.scalar(
        select(BankAccount.tolerance_minor)
        .where(BankAccount.fund_id == fund_id, BankAccount.currency == currency)
        .order_by(BankAccount.tolerance_minor)
        .limit(1)
    )
    return kept or 0


def movement_of(line: LineView) -> Movement:
    """What of a movement says what it is."""
    return Movement(
        amount=line.amount,
        value_on=line.value_on,
        other_party=line.other_party,
        words=line.words,
        reference=f"{line.reference} {line.end_to_end}",
        code=line.code,
    )


def _payable(fund_id: int, currency: str, names: _Names) -> list[Target]:
    """Instalments and membership contributions in the currency with something still to come."""
    instalments = donors.open_instalments([fund_id], currency=currency, limit=TARGETS_MAX)
    invoices = [one for one in donors.open_invoices(fund_id) if one.left.currency == currency]
    by_instalment, by_invoice = _letters(fund_id)
    found = [
        Target(
            kind=TargetKind.INSTALMENT,
            id=one.id,
            title=f"{one.reference}, instalment {one.number}",
            donor_id=one.donor_id,
            donor=one.donor,
            names=names.of(one.donor_id),
            agreement_id=one.agreement_id,
            reference=one.reference,
            letters=tuple(by_instalment.get(one.id, ())),
            amount=one.left,
            due_on=one.due_on,
        )
        for one in instalments
    ]
    found += [
        Target(
            kind=TargetKind.INVOICE,
            id=one.id,
            title=str(one.year),
            donor_id=one.donor_id,
            donor=one.donor,
            names=names.of(one.donor_id),
            letters=tuple(by_invoice.get(one.id, ())),
            amount=one.left,
            due_on=one.due_on,
        )
        for one in invoices
    ]
    return found


def _donors(movement: Movement, payable: Iterable[Target], names: _Names) -> list[Target]:
    """Donors whose name shares a word with the remitter's, and who owe nothing."""
    owing = {one.donor_id for one in payable}
    return [
        Target(
            kind=TargetKind.DONOR,
            id=key,
            title="without an agreement",
            donor_id=key,
            donor=names.of(key)[0],
            names=names.of(key)[1:],
        )
        for key in sorted(names.sharing(movement.other_party) - owing)
    ]


def _entries(account: BankAccount, movements: Collection[Movement]) -> list[Target]:
    """Entries that moved the account by one of these amounts about the same days, and stand."""
    first = min(one.value_on for one in movements) - timedelta(days=BOOKED_DAYS)
    last = max(one.value_on for one in movements) + timedelta(days=BOOKED_DAYS)
    found = ledger.effects_on(
        account.fund_id, chart.cash(account.currency), from_on=first, until_on=last
    )
    amounts = sorted({one.amount.minor for one in movements})
    rows = db.session.execute(
        select(found, Deposit.remitter, Organisation.name.label("donor"))
        .outerjoin(Deposit, (found.c.source_type == "deposit") & (Deposit.id == found.c.source_id))
        .outerjoin(Organisation, Organisation.id == Deposit.donor_id)
        .where(~found.c.is_undone, found.c.amount_minor.in_(amounts))
        .where(found.c.entry_id.not_in(_taken(account.currency)))
        .order_by(found.c.sequence)
        .limit(TARGETS_MAX)
    ).all()
    targets = []
    for row in rows:
        effect = ledger.effect_of(row, account.currency)
        targets.append(
            Target(
                kind=TargetKind.ENTRY,
                id=effect.entry_id,
                title=_titled(effect),
                donor=row.donor or "",
                names=(row.remitter,) if row.remitter else (),
                reference=effect.reason if len(effect.reason) <= 60 else "",
                amount=effect.amount,
                due_on=effect.value_on,
                sequence=effect.sequence,
            )
        )
    return targets


def _titled(effect: Effect) -> str:
    if effect.source_type == "deposit" and effect.event in {"deposit", "receipt"}:
        return f"deposit {effect.source_id}"
    return effect.event.replace("_", " ").replace(".", " ")


def _letters(fund_id: int) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """The numbers of the payment requests that are out, by what they ask for."""
    by_instalment: dict[int, list[str]] = defaultdict(list)
    by_invoice: dict[int, list[str]] = defaultdict(list)
    rows = db.session.execute(
        select(PaymentRequest.number, PaymentRequest.instalment_id, PaymentRequest.invoice_id)
        .where(PaymentRequest.fund_id == fund_id, PaymentRequest.state == RequestState.ISSUED)
        .order_by(PaymentRequest.id.desc())
        .limit(TARGETS_MAX)
    )
    for number, instalment_id, invoice_id in rows:
        if instalment_id is not None:
            by_instalment[instalment_id].append(number)
        if invoice_id is not None:
            by_invoice[invoice_id].append(number)
    return by_instalment, by_invoice


def _names() -> _Names:
    """The registered name comes first, then the short one and those of sources."""
    rows = db.session.execute(
        select(Organisation.id, Organisation.name, Organisation.short_name)
        .where(Organisation.is_donor)
        .order_by(Organisation.id)
        .limit(NAMES_MAX)
    ).all()
    names: dict[int, list[str]] = {
        key: [name, *([short] if short else [])] for key, name, short in rows
    }
    aliases = db.session.execute(
        select(OrganisationAlias.organisation_id, OrganisationAlias.name)
        .join(Organisation, Organisation.id == OrganisationAlias.organisation_id)
        .where(Organisation.is_donor)
        .order_by(OrganisationAlias.id)
        .limit(NAMES_MAX)
    )
    for key, alias in aliases:
        if key in names and alias not in names[key]:
            names[key].append(alias)
    by_word: dict[str, set[int]] = defaultdict(set)
    for key, known in names.items():
        for name in known:
            for word in tokens(name):
                by_word[word].add(key)
    return _Names(names={key: tuple(known) for key, known in names.items()}, by_word=by_word)


def open_entries(line_id: int, *, near: timedelta, limit: int = 200) -> list[Effect]:
    """Entries that moved the account the same way about the same days, and are no movement yet."""
    line = db.session.get(BankLine, line_id)
    if line is None:
        raise NotFound
    account = db.session.get_one(BankAccount, line.account_id)
    found = ledger.effects_on(
        account.fund_id,
        chart.cash(account.currency),
        from_on=line.value_on - near,
        until_on=line.value_on + near,
    )
    way = found.c.amount_minor > 0 if line.amount_minor > 0 else found.c.amount_minor < 0
    rows = db.session.execute(
        select(found)
        .where(way, ~found.c.is_undone, found.c.entry_id.not_in(_taken(account.currency)))
        .order_by(func.abs(found.c.amount_minor - line.amount_minor), found.c.sequence)
        .limit(limit)
    )
    return [ledger.effect_of(row, account.currency) for row in rows]


def _taken(currency: str) -> Select[int | None]:
    """The entries that are movements in this currency already."""
    return select(BankMatch.entry_id).where(
        BankMatch.entry_id.is_not(None),
        BankMatch.currency == currency,
        BankMatch.ended_at.is_(None),
    )
