"""Reading the books: balances, entries, rates, and the proof that they hold."""

from grants.ledger.queries.balances import (
    AccountBalance,
    AccountTurnover,
    balance,
    balances,
    balances_as_of,
    sum_usd,
    totals_between,
)
from grants.ledger.queries.closing import Check, CheckState, Closing, checklist, closing_check
from grants.ledger.queries.documents import document_sums, entries_that_stand, signers_of
from grants.ledger.queries.effects import Effect, effect_of, effects_of, effects_on, is_reversed
from grants.ledger.queries.frozen import (
    BalanceLine,
    PeriodView,
    StepView,
    closed_until,
    frozen_lines,
    period,
    period_on,
    periods_of,
    steps_of,
    trial_balance,
)
from grants.ledger.queries.happenings import (
    EntryBehind,
    Happening,
    entries_behind,
    happenings,
)
from grants.ledger.queries.journal import (
    EntryLine,
    EntrySummary,
    EntryView,
    Head,
    entries,
    entry,
    events,
    head,
)
from grants.ledger.queries.kept import Break
from grants.ledger.queries.proof import Verification, verify
from grants.ledger.queries.rates import (
    KnownRate,
    PolicyView,
    known_rates,
    policies_of,
    policy_on,
    rate_breaks,
    rate_for,
    rate_history,
    rate_on,
)
from grants.ledger.queries.reference_rates import reference_rate_on
from grants.ledger.queries.sums import BalanceSum, balance_sums
from grants.ledger.queries.turnover import balance_by_sum

__all__ = [
    "AccountBalance",
    "AccountTurnover",
    "BalanceLine",
    "BalanceSum",
    "Break",
    "Check",
    "CheckState",
    "Closing",
    "Effect",
    "EntryBehind",
    "EntryLine",
    "EntrySummary",
    "EntryView",
    "Happening",
    "Head",
    "KnownRate",
    "PeriodView",
    "PolicyView",
    "StepView",
    "Verification",
    "balance",
    "balance_by_sum",
    "balance_sums",
    "balances",
    "balances_as_of",
    "checklist",
    "closed_until",
    "closing_check",
    "document_sums",
    "effect_of",
    "effects_of",
    "effects_on",
    "entries",
    "entries_behind",
    "entries_that_stand",
    "entry",
    "events",
    "frozen_lines",
    "happenings",
    "head",
    "is_reversed",
    "known_rates",
    "period",
    "period_on",
    "periods_of",
    "policies_of",
    "policy_on",
    "rate_breaks",
    "rate_for",
    "rate_history",
    "rate_on",
    "reference_rate_on",
    "signers_of",
    "steps_of",
    "sum_usd",
    "totals_between",
    "trial_balance",
    "verify",
]
