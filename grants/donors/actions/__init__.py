"""Recording what donors promise and pay. Each posts through the ledger, inside a transaction."""

from grants.donors.actions.agreements import cancel_instalment, sign_agreement, withdraw_agreement
from grants.donors.actions.amending import amend_agreement
from grants.donors.actions.conditions import (
    confirm_conditions,
    propose_conditions,
    refuse_conditions,
)
from grants.donors.actions.conversions import record_conversion
from grants.donors.actions.corrections import replace_deposit, reverse_deposit
from grants.donors.actions.deposits import record_deposit, record_deposits
from grants.donors.actions.instructions import confirm_instruction, propose_instruction
from grants.donors.actions.invoices import cancel_invoice, issue_invoice, issue_invoices
from grants.donors.actions.letters import (
    cancel_request,
    keep_letter,
    reissue_request,
    request_membership,
    request_payment,
)
from grants.donors.actions.pledges import (
    record_pledge,
    record_pledges,
    settle_pledge,
    withdraw_pledge,
)
from grants.donors.actions.receipts import match_receipt
from grants.donors.actions.reminders import send_reminders
from grants.donors.actions.returns import (
    pay_contributor,
    return_receipt,
    return_to_contributor,
)
from grants.donors.actions.revaluation import revalue
from grants.donors.actions.terms import (
    add_condition,
    add_duty,
    meet_condition,
    note_report_delivered,
    reopen_condition,
)
from grants.donors.rules import (
    AmendedInstalment,
    Amendment,
    Earmark,
    NewAgreement,
    NewCondition,
    NewDeposit,
    NewDuty,
    NewInstalment,
    NewPledge,
)

__all__ = [
    "AmendedInstalment",
    "Amendment",
    "Earmark",
    "NewAgreement",
    "NewCondition",
    "NewDeposit",
    "NewDuty",
    "NewInstalment",
    "NewPledge",
    "add_condition",
    "add_duty",
    "amend_agreement",
    "cancel_instalment",
    "cancel_invoice",
    "cancel_request",
    "confirm_conditions",
    "confirm_instruction",
    "issue_invoice",
    "issue_invoices",
    "keep_letter",
    "match_receipt",
    "meet_condition",
    "note_report_delivered",
    "pay_contributor",
    "propose_conditions",
    "propose_instruction",
    "record_conversion",
    "record_deposit",
    "record_deposits",
    "record_pledge",
    "record_pledges",
    "refuse_conditions",
    "reissue_request",
    "reopen_condition",
    "replace_deposit",
    "request_membership",
    "request_payment",
    "return_receipt",
    "return_to_contributor",
    "revalue",
    "reverse_deposit",
    "send_reminders",
    "settle_pledge",
    "sign_agreement",
    "withdraw_agreement",
    "withdraw_pledge",
]
