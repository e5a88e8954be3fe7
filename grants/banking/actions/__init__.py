"""Bringing in what banks tell, and saying what it is. Inside a transaction."""

from grants.banking.actions.accounts import (
    TOLERANCE_UNITS,
    NewAccount,
    choose_layout,
    keep_layout,
    open_account,
)
from grants.banking.actions.importing import import_file
from grants.banking.actions.matching import (
    Whose,
    accept,
    accept_certain,
    leave_out,
    record_charge,
    record_conversion,
    record_interest,
    record_other_income,
    record_receipt,
    tick_off,
)
from grants.banking.actions.undoing import undo

__all__ = [
    "TOLERANCE_UNITS",
    "NewAccount",
    "Whose",
    "accept",
    "accept_certain",
    "choose_layout",
    "import_file",
    "keep_layout",
    "leave_out",
    "open_account",
    "record_charge",
    "record_conversion",
    "record_interest",
    "record_other_income",
    "record_receipt",
    "tick_off",
    "undo",
]
