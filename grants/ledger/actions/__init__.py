"""Writing into the books. Every other room posts through here, inside a transaction."""

from grants.ledger.actions.periods import (
    close_period,
    open_period,
    reopen_period,
    soft_close_period,
)
from grants.ledger.actions.posting import Posted, lock_journal, post, post_all, reverse
from grants.ledger.actions.rates import record_rate
from grants.ledger.rules import NewEntry, NewMove

__all__ = [
    "NewEntry",
    "NewMove",
    "Posted",
    "close_period",
    "lock_journal",
    "open_period",
    "post",
    "post_all",
    "record_rate",
    "reopen_period",
    "reverse",
    "soft_close_period",
]
