"""Tables of the incoming side."""

from grants.donors.models.conditions import ChangeState, ConditionChange
from grants.donors.models.contributions import (
    AgreementState,
    ContributionAgreement,
    Deposit,
    DepositState,
    Instalment,
    InstalmentState,
    Pledge,
    PledgeState,
)
from grants.donors.models.requests import (
    InstructionState,
    InvoiceState,
    MembershipInvoice,
    PaymentInstruction,
    PaymentRequest,
    Reminder,
    RequestState,
)
from grants.donors.models.revaluations import Revaluation
from grants.donors.models.terms import (
    AgreementCondition,
    AgreementVersion,
    DutyKind,
    ReportingDuty,
    VersionKind,
)

__all__ = [
    "AgreementCondition",
    "AgreementState",
    "AgreementVersion",
    "ChangeState",
    "ConditionChange",
    "ContributionAgreement",
    "Deposit",
    "DepositState",
    "DutyKind",
    "Instalment",
    "InstalmentState",
    "InstructionState",
    "InvoiceState",
    "MembershipInvoice",
    "PaymentInstruction",
    "PaymentRequest",
    "Pledge",
    "PledgeState",
    "Reminder",
    "ReportingDuty",
    "RequestState",
    "Revaluation",
    "VersionKind",
]
