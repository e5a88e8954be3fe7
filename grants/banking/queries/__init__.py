"""Reading what banks told and what it is in the books. Frozen values, bounded, in a fixed order."""

from grants.banking.queries.accounts import (
    AccountView,
    LayoutView,
    account,
    account_by_number,
    accounts_of,
    layout,
    layouts_of,
    open_lines,
)
from grants.banking.queries.closing import bank_agrees
from grants.banking.queries.lines import (
    LineView,
    MatchView,
    line,
    line_of_entry,
    lines,
    lines_of,
)
from grants.banking.queries.proof import match_breaks
from grants.banking.queries.proposals import (
    open_entries,
    verdict_of_receipt,
    verdicts,
    verdicts_of_receipts,
)
from grants.banking.queries.reconciling import Reconciliation, Unreconciled, reconciliation
from grants.banking.queries.statements import (
    FINDINGS_MAX,
    FindingView,
    ImportView,
    StatementView,
    findings_of,
    import_view,
    imports_of,
    loaded_as,
    statement,
    statements_of,
)

__all__ = [
    "FINDINGS_MAX",
    "AccountView",
    "FindingView",
    "ImportView",
    "LayoutView",
    "LineView",
    "MatchView",
    "Reconciliation",
    "StatementView",
    "Unreconciled",
    "account",
    "account_by_number",
    "accounts_of",
    "bank_agrees",
    "findings_of",
    "import_view",
    "imports_of",
    "layout",
    "layouts_of",
    "line",
    "line_of_entry",
    "lines",
    "lines_of",
    "loaded_as",
    "match_breaks",
    "open_entries",
    "open_lines",
    "reconciliation",
    "statement",
    "statements_of",
    "verdict_of_receipt",
    "verdicts",
    "verdicts_of_receipts",
]
