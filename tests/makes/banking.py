"""Arranging accounts at banks and what their statements tell."""

from __future__ import annotations

from datetime import date

from grants.banking import actions, queries
from grants.banking.actions import NewAccount
from grants.banking.models import BankImport
from grants.banking.queries import LineView
from grants.banking.rules import Proposal, Verdict
from grants.corrections import actions as corrections
from grants.db import transaction
from grants.ledger import chart
from grants.ledger import queries as books
from grants.money import Money
from grants.proof import queries as proof
from tests.makes.donors import DAY, money
from tests.makes.funding import FundingMakes

IBAN = "DE89370400440532013000"
SWEDISH = "SE4550000000058398257466"


class BankingMakes(FundingMakes):
    """What tests say about the bank: one account for each currency, statements as text."""

    def account(self, currency: str = "USD", *, number: str = IBAN, fund: str = "The Fund") -> int:
        """The account in a currency, entered the first time it is asked for; its id."""
        key = f"account {number} {currency}"
        if key not in self.made:
            fund_id, treasurer = self.books(fund), self.treasurer()
            with transaction():
                new = NewAccount(fund_id=fund_id, number=number, currency=currency, bank="Bank One")
                self.made[key] = actions.open_account(treasurer, new).id
        found = self.made[key]
        assert isinstance(found, int)
        return found

    def brought(
        self,
        content: bytes,
        *,
        currency: str = "USD",
        name: str = "statement.xml",
        is_trial: bool = False,
    ) -> BankImport:
        """A file that the treasurer brought in."""
        account_id, treasurer = self.account(currency), self.treasurer()
        with transaction():
            return actions.import_file(
                treasurer, account_id, content, file_name=name, is_trial=is_trial
            )

    def codes(self, brought: BankImport) -> list[tuple[str, str]]:
        """Severity and code of what was found in a file."""
        found, _ = queries.findings_of(brought.id)
        return [(one.severity, one.code) for one in found]

    def lines(self, currency: str = "USD") -> list[LineView]:
        found, _ = queries.lines_of(self.account(currency), is_descending=False, limit=500)
        return found

    def only_line(self, currency: str = "USD") -> LineView:
        (found,) = self.lines(currency)
        return found

    def verdict(self, currency: str = "USD") -> Verdict:
        """What the only movement of the account may be."""
        found = self.only_line(currency)
        return queries.verdicts(found.account_id, [found])[found.id]

    def best(self, currency: str = "USD") -> Proposal:
        """The likeliest of that."""
        found = self.verdict(currency).best
        assert found is not None
        return found

    def holds(self, account: chart.AccountRef) -> Money:
        return books.balance(self.books(), account)

    def approve_correction(self, correction_id: int) -> None:
        boss = self.director()
        with transaction():
            corrections.approve(boss, correction_id)

    def instalments(self, *parts: str, reference: str = "SWE-2026-1", due: date = DAY) -> int:
        """An agreement of Sweden in dollars, whose instalments are all due that day."""
        amounts = [money(part) for part in parts]
        total = sum(amounts, money("0"))
        return self.agreement(
            total, reference=reference, instalments=[(due, amount) for amount in amounts]
        )

    def prove(self) -> None:
        found = proof.examine(self.books())
        assert found.holds, found.breaks
