"""What the words of the bank are on the screen."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

STATES = {"loaded": _l("Loaded"), "tried": _l("Tried out"), "refused": _l("Refused")}
STATE_TONES = {"loaded": "good", "tried": "accent", "refused": "bad"}
SEVERITIES = {"error": _l("Error"), "warning": _l("Warning"), "notice": _l("Notice")}
SEVERITY_TONES = {"error": "bad", "warning": "warn"}
MATCHES = {
    "deposit": _l("Deposit"),
    "unidentified": _l("Unidentified receipt"),
    "booked": _l("In the books already"),
    "charge": _l("Bank charge"),
    "interest": _l("Interest"),
    "other_income": _l("Other income"),
    "conversion": _l("Conversion"),
    "left_out": _l("Left out"),
}
TARGETS = {
    "instalment": _l("Instalment"),
    "invoice": _l("Membership"),
    "donor": _l("Donor"),
    "entry": _l("In the books"),
    "charge": _l("Bank charge"),
    "interest": _l("Interest"),
}
OPEN_STATES = {
    "open": _l("Not settled"),
    "left_out": _l("Left out"),
    "later": _l("In the books later"),
}
CODES = {
    "batch_not_split": _l("Batch kept whole"),
    "bad_amount": _l("No amount"),
    "bad_line": _l("Cannot be read"),
    "bad_row": _l("Cannot be read"),
    "balances_do_not_tie": _l("Balances do not tie"),
    "currency_differs": _l("Another currency"),
    "days_apart": _l("Days far apart"),
    "does_not_tie": _l("Sums do not tie"),
    "encoding": _l("Encoding"),
    "file_known": _l("Loaded before"),
    "future_date": _l("Day to come"),
    "gap": _l("Gap"),
    "incomplete": _l("Incomplete"),
    "known": _l("Known before"),
    "no_balances": _l("No balances"),
    "no_value_date": _l("No value date"),
    "not_booked": _l("Not booked yet"),
    "other_account": _l("Another account"),
    "overlap": _l("Overlap"),
    "unreadable": _l("Cannot be read"),
}
