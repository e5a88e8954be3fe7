"""Recording what donors promise and pay. Each posts through the ledger, inside a transaction."""

from grants.donors.actions.agreements import cancel_instalment, request_payment, sign_agreement
from grants.donors.actions.conversions import record_conversion
from grants.donors.actions.corrections import replace_deposit, reverse_deposit
from grants.donors.actions.deposits import record_deposit, record_deposits
from grants.donors.actions.pledges import (
    record_pledge,
    record_pledges,
    settle_pledge,
    withdraw_pledge,
)
from grants.donors.actions.receipts import match_receipt
from grants.donors.rules import Earmark, NewAgreement, NewDeposit, NewInstalment, NewPledge

__all__ = [
    "Earmark",
    "NewAgreement",
    "NewDeposit",
    "NewInstalment",
    "NewPledge",
    "cancel_instalment",
    "match_receipt",
    "record_conversion",
    "record_deposit",
    "record_deposits",
    "record_pledge",
    "record_pledges",
    "replace_deposit",
    "request_payment",
    "reverse_deposit",
    "settle_pledge",
    "sign_agreement",
    "withdraw_pledge",
]
