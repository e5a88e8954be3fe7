"""What funding decides: pure functions of values."""

from grants.funding.rules.refusals import (
    MoreThanHeld,
    NoAmount,
    NotEnoughCash,
    NotEnoughFunds,
    NotOfThisFund,
    ReferenceTaken,
    WrongState,
)
from grants.funding.rules.solving import (
    obstacle,
    solve,
    split_by_holdings,
    with_available,
)
from grants.funding.rules.values import (
    Basis,
    Demand,
    ImportedGrant,
    NamedLayer,
    NewGrant,
    Obstacle,
    Plan,
    Policy,
    Reason,
    Share,
    Shortage,
    SpendableLayer,
)
from grants.funding.rules.words import (
    explain_shortage,
    in_words,
    words_of,
)

__all__ = [
    "Basis",
    "Demand",
    "ImportedGrant",
    "MoreThanHeld",
    "NamedLayer",
    "NewGrant",
    "NoAmount",
    "NotEnoughCash",
    "NotEnoughFunds",
    "NotOfThisFund",
    "Obstacle",
    "Plan",
    "Policy",
    "Reason",
    "ReferenceTaken",
    "Share",
    "Shortage",
    "SpendableLayer",
    "WrongState",
    "explain_shortage",
    "in_words",
    "obstacle",
    "solve",
    "split_by_holdings",
    "with_available",
    "words_of",
]
