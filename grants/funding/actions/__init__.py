"""Setting money aside, paying it out and taking it back, always to the layers it came from."""

from grants.funding.actions.adjustments import re_attribute, write_off
from grants.funding.actions.allocations import allocate, return_allocation
from grants.funding.actions.commitments import (
    commit,
    decommit,
    release_reservation,
    reserve,
)
from grants.funding.actions.happenings import (
    NewHappening,
    record_bank_charge,
    record_direct_cost,
    record_interest,
    record_other_income,
    record_partner_interest,
    record_spending_of_fund,
    record_transfer_to_fund,
    refund_direct_cost,
    refund_from_fund,
)
from grants.funding.actions.imported import (
    cover_imported_grants,
    record_imported_grant,
    record_imported_grants,
    replace_imported_grant,
    withdraw_imported_grant,
)
from grants.funding.actions.payments import advance, pay, take_refund
from grants.funding.rules import ImportedGrant, NewGrant

__all__ = [
    "ImportedGrant",
    "NewGrant",
    "NewHappening",
    "advance",
    "allocate",
    "commit",
    "cover_imported_grants",
    "decommit",
    "pay",
    "re_attribute",
    "record_bank_charge",
    "record_direct_cost",
    "record_imported_grant",
    "record_imported_grants",
    "record_interest",
    "record_other_income",
    "record_partner_interest",
    "record_spending_of_fund",
    "record_transfer_to_fund",
    "refund_direct_cost",
    "refund_from_fund",
    "release_reservation",
    "replace_imported_grant",
    "reserve",
    "return_allocation",
    "take_refund",
    "withdraw_imported_grant",
    "write_off",
]
