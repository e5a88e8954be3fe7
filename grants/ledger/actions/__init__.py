"""Writing into the books. Every other room posts through here, inside a transaction."""

from grants.ledger.actions.periods import (
    close_period,
    open_period,
    reopen_period,
    soft_close_period,
)
from grants.ledger.actions.posting import Posted, lock_journal, post, post_all, reverse
from grants.ledger.actions.rates import (
    Bearer,
    RecordedRate,
    approve_policy,
    confirm_rate,
    propose_policy,
    record_rate,
)
from grants.ledger.rules import NewEntry, NewMove

__all__ = [
    "Bearer",
    "NewEntry",
    "NewMove",
    "Posted",
    "RecordedRate",
    "approve_policy",
    "close_period",
    "confirm_rate",
    "lock_journal",
    "open_period",
    "post",
    "post_all",
    "propose_policy",
    "record_rate",
    "reopen_period",
    "reverse",
    "soft_close_period",
]
