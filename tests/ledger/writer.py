"""Processes that post entries for ever, each over several accounts, until they are killed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from grants.app import create_app
from grants.db import transaction
from grants.ledger import actions, chart
from grants.ledger.actions import NewEntry, NewMove
from grants.money import Money
from grants.people import queries as people
from grants.settings import Settings
from tests.ledger.books import DAY


def main(fund_id: int) -> None:
    """For each line that comes in, a child that writes until somebody kills it; say its number."""
    settings = Settings(
        database_url=os.environ["DATABASE_URL"],
        secret_key=os.environ["SECRET_KEY"],
        var_dir=Path(os.environ["GRANTS_VAR"]),
        is_testing=True,
    )
    with create_app(settings).app_context():
        for _ in sys.stdin:
            child = os.fork()
            if child == 0:
                write(fund_id)
            os.waitpid(child, 0)


def write(fund_id: int) -> None:
    """Post two entries in one transaction, again and again: a fund has both or neither."""
    actor = people.system_actor()
    print(os.getpid(), flush=True)
    while True:
        with transaction():
            actions.post(actor, _entry(fund_id, "first"))
            actions.post(actor, _entry(fund_id, "second"))


def _entry(fund_id: int, event: str) -> NewEntry:
    amount = Money.of_minor(100, "USD")
    return NewEntry(
        fund_id=fund_id,
        event=event,
        value_on=DAY,
        moves=[
            NewMove(debit=chart.cash("USD"), credit=chart.interest(), amount=amount),
            NewMove(debit=chart.spendable(None), credit=chart.unallocated(None), amount=amount),
        ],
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
