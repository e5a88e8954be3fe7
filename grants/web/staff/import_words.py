"""What the words of imports are on the screen."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

KINDS = {
    "contributions": _l("Contributions"),
    "rounds": _l("Allocation rounds"),
    "grants": _l("Grants"),
    "rates": _l("Rates of exchange"),
}
STATES = {
    "waiting": _l("Waiting"),
    "running": _l("Being read"),
    "done": _l("Done"),
    "failed": _l("Refused"),
}
STATE_TONES = {"running": "accent", "done": "good", "failed": "bad"}
SEVERITIES = {
    "error": _l("Error"),
    "warning": _l("Warning"),
    "notice": _l("Notice"),
}
SEVERITY_TONES = {"error": "bad", "warning": "warn"}
CODES = {
    "bad_amount": _l("Amount and value do not fit"),
    "bad_date": _l("No day"),
    "bad_number": _l("No number"),
    "bad_rate": _l("No rate"),
    "bad_year": _l("No year"),
    "covered": _l("Covered now"),
    "dates_crossed": _l("Ends before it starts"),
    "dollars_differ": _l("Two amounts in US dollars"),
    "donor_renamed": _l("Donor renamed"),
    "duplicate_key": _l("Code used twice"),
    "earlier_file": _l("An earlier file"),
    "encoding": _l("Not UTF-8"),
    "fund_not_yours": _l("Not your fund"),
    "fund_renamed": _l("Fund renamed"),
    "held": _l("Held for another look"),
    "future_date": _l("Date to come"),
    "long_name": _l("Long name"),
    "long_title": _l("Long title"),
    "many_withdrawn": _l("Many lines gone"),
    "missing_amount": _l("No amount in its currency"),
    "missing_date": _l("Missing date"),
    "missing_donor": _l("No donor"),
    "missing_rate": _l("Missing rate"),
    "missing_year": _l("No fiscal year"),
    "negative_amount": _l("Below nothing"),
    "no_fund": _l("No fund"),
    "no_key": _l("No code"),
    "no_orgnm": _l("No grantee"),
    "no_pfid": _l("No fund"),
    "no_title": _l("No title"),
    "not_loaded": _l("Not loaded"),
    "not_updated": _l("Not updated"),
    "not_withdrawn": _l("Not withdrawn"),
    "other_fund": _l("Of another fund"),
    "padded_code": _l("Code with blanks"),
    "rate_factor": _l("Rate off by a factor"),
    "rate_mismatch": _l("Unusual rate"),
    "repeated_line": _l("The same twice"),
    "revised": _l("Stated anew"),
    "rounding_original": _l("Rounded amount"),
    "rounding_usd": _l("Rounded to cents"),
    "scientific_notation": _l("Scientific notation"),
    "sentinel_date": _l("Date that stands for none"),
    "shared_code": _l("Instalment"),
    "too_large": _l("Too large"),
    "twice": _l("There twice"),
    "unfunded": _l("Not covered"),
    "unknown_column": _l("Unknown column"),
    "unknown_currency": _l("Unknown currency"),
    "unknown_fund": _l("Unknown fund"),
    "unknown_state": _l("Unknown state"),
    "withdrawn": _l("Gone from the source"),
    "wrong_number_of_cells": _l("Wrong number of cells"),
    "zero_row": _l("Nothing in it"),
}
