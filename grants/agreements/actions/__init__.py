"""Agreeing with grantees, paying them, and taking their reports."""

from grants.agreements.actions.agreements import (
    close_grant,
    decommit_rest,
    keep_document,
    prepare_agreement,
    sign,
)
from grants.agreements.actions.reports import (
    accept_report,
    record_refund,
    return_report,
    save_report,
    start_report,
    submit_report,
)
from grants.agreements.actions.tranches import (
    certify_tranche,
    release_tranche,
    request_tranche,
)
from grants.agreements.actions.undoing import undo_acceptance, undo_tranche
from grants.agreements.rules import ClaimedLine, NewAgreement, NewTranche, RefusedCost

__all__ = [
    "ClaimedLine",
    "NewAgreement",
    "NewTranche",
    "RefusedCost",
    "accept_report",
    "certify_tranche",
    "close_grant",
    "decommit_rest",
    "keep_document",
    "prepare_agreement",
    "record_refund",
    "release_tranche",
    "request_tranche",
    "return_report",
    "save_report",
    "sign",
    "start_report",
    "submit_report",
    "undo_acceptance",
    "undo_tranche",
]
