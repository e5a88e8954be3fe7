"""What of the bank is looked at before a period is closed."""

from __future__ import annotations

from collections.abc import Iterable

from grants.banking.queries.accounts import accounts_of
from grants.banking.queries.reconciling import reconciliation
from grants.ledger.queries import Check, CheckState, Closing, closing_check


@closing_check
def bank_agrees(closing: Closing) -> Iterable[Check]:
    """The bank and the books agree at its end, currency by currency; else it warns.

    Without an account there is nothing to agree with, and nothing is said.
    """
    seen: set[str] = set()
    found = accounts_of(closing.fund_id)
    for one in found:
        if one.currency in seen:
            continue
        seen.add(one.currency)
        told = reconciliation(one.id, closing.ends_on, limit=1)
        wrong = ""
        if told is None or one.until_on is None or one.until_on < closing.ends_on:
            wrong = "No statement reaches its end."
        elif not told.is_reconciled:
            wrong = (
                f"The bank has {told.by_bank}, the books {told.by_books};"
                f" {told.lines_total} movements and {told.entries_total} entries are open."
            )
        yield Check(
            key=f"bank.{one.currency}",
            title=f"Bank and books agree in {one.currency}",
            state=CheckState.WARNING if wrong else CheckState.PASS,
            what=wrong,
        )
