"""What is kept beside the entries (accounts, balances, months), held against what they make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from grants.db import db
from grants.ledger.chart import CHART
from grants.ledger.models import Account, Balance, JournalHead, MonthTurnover
from grants.ledger.queries.accounts import ref_of
from grants.money import Money

#: Debits and credits in minor units of the currency, then in US dollars.
Sides = tuple[int, int, int, int]
_NOTHING: Sides = (0, 0, 0, 0)


@dataclass(frozen=True)
class Break:
    """The first place where something does not hold: which check, where, and what is wrong."""

    check: str
    where: str
    what: str


@dataclass(frozen=True)
class KnownAccount:
    """An account as the proof needs it."""

    id: int
    key: str
    number: str
    book: str
    currency: str
    side: int


@dataclass
class Reckoning:
    """What the journal says, as it is read from the first entry to the last."""

    accounts: Mapping[int, KnownAccount]
    entries: int = 0
    moves: int = 0
    sequence: int = 0
    hash: str = "0" * 64
    #: By account, month and event.
    months: dict[tuple[int, date, str], Sides] = field(default_factory=dict)
    #: How many moves touch each account.
    touched: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    breaks: list[Break] = field(default_factory=list)

    def add(self, account_id: int, month: date, event: str, sides: Sides) -> None:
        """Count one side of a move."""
        key = (account_id, month, event)
        a, b, c, d = self.months.get(key, _NOTHING)
        self.months[key] = (a + sides[0], b + sides[1], c + sides[2], d + sides[3])
        self.touched[account_id] += 1

    def holdings(self) -> dict[int, tuple[int, int]]:
        """What each account holds on its normal side: minor units, and US cents."""
        held: dict[int, tuple[int, int]] = {}
        for (account_id, _, _), (debit, credit, debit_usd, credit_usd) in self.months.items():
            side = self.accounts[account_id].side
            minor, usd = held.get(account_id, (0, 0))
            held[account_id] = (
                minor + (debit - credit) * side,
                usd + (debit_usd - credit_usd) * side,
            )
        return held


def read_accounts(fund_id: int) -> tuple[dict[int, KnownAccount], list[Break]]:
    """The accounts of a fund, and those whose key, book or side is not what they should be."""
    known: dict[int, KnownAccount] = {}
    breaks: list[Break] = []
    for account in db.session.scalars(
        select(Account)
        .where(Account.fund_id == fund_id)
        .order_by(Account.id)
        .execution_options(populate_existing=True)
    ):
        line = CHART.get(account.number)
        if line is None:
            breaks.append(Break("account", account.key, f"{account.number} is not in the chart"))
            continue
        ref = ref_of(account)
        if (account.key, account.book, account.normal_side) != (ref.key, ref.book, line.side):
            breaks.append(Break("account", account.key, f"it should be {ref.key} as in the chart"))
        known[account.id] = KnownAccount(
            account.id, account.key, account.number, account.book, account.currency, line.side
        )
    return known, breaks


def check_kept(fund_id: int, reckoning: Reckoning) -> dict[str, int]:
    """Hold kept balances and months against the entries. Returns US cents by account number."""
    usd_by_number: dict[str, int] = defaultdict(int)
    held = reckoning.holdings()
    kept = _balances(fund_id)
    for account in reckoning.accounts.values():
        minor, usd = held.get(account.id, (0, 0))
        usd_by_number[account.number] += usd
        floor = CHART[account.number].floor
        expected = (minor, usd, reckoning.touched[account.id], floor)
        reckoning.breaks += _balance_breaks(account, kept.get(account.id), expected)
    _check_months(fund_id, reckoning)
    return usd_by_number


def _balance_breaks(
    account: KnownAccount,
    kept: tuple[int, int, int, int | None] | None,
    expected: tuple[int, int, int, int | None],
) -> Iterator[Break]:
    minor, _, _, floor = expected
    if kept is None or kept != expected:
        shown = "nothing" if kept is None else Money.of_minor(kept[0], account.currency)
        made = Money.of_minor(minor, account.currency)
        yield Break("balance", account.key, f"it is kept as {shown}; its moves make {made}")
    if floor is not None and minor < floor:
        what = f"it holds {Money.of_minor(minor, account.currency)}, below its floor"
        yield Break("(ii)", account.key, what)


def _balances(fund_id: int) -> dict[int, tuple[int, int, int, int | None]]:
    rows = db.session.execute(
        select(
            Balance.account_id,
            Balance.balance_minor,
            Balance.usd_minor,
            Balance.moves,
            Balance.floor_minor,
        )
        .join(Account, Account.id == Balance.account_id)
        .where(Account.fund_id == fund_id)
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


def _check_months(fund_id: int, reckoning: Reckoning) -> None:
    rows = db.session.execute(
        select(
            MonthTurnover.account_id,
            MonthTurnover.month,
            MonthTurnover.event,
            MonthTurnover.debit_minor,
            MonthTurnover.credit_minor,
            MonthTurnover.debit_usd_minor,
            MonthTurnover.credit_usd_minor,
        )
        .join(Account, Account.id == MonthTurnover.account_id)
        .where(Account.fund_id == fund_id)
    )
    kept = {(row[0], row[1], row[2]): (row[3], row[4], row[5], row[6]) for row in rows}
    for key in sorted({*kept, *reckoning.months}):
        if kept.get(key) != reckoning.months.get(key):
            account_id, month, event = key
            account = reckoning.accounts.get(account_id)
            where = f"{account.key if account else account_id} {event} {month:%Y-%m}"
            what = f"it is kept as {kept.get(key)}; its moves make {reckoning.months.get(key)}"
            reckoning.breaks.append(Break("month", where, what))


def check_head(fund_id: int, reckoning: Reckoning) -> None:
    """Hold the end of the journal against its head."""
    head = db.session.execute(
        select(JournalHead.sequence, JournalHead.hash).where(JournalHead.fund_id == fund_id)
    ).one_or_none()
    known = (head.sequence, head.hash) if head else (0, "0" * 64)
    if known != (reckoning.sequence, reckoning.hash):
        what = f"the journal should end with entry {known[0]}"
        reckoning.breaks.append(Break("head", f"entry {reckoning.sequence}", what))
