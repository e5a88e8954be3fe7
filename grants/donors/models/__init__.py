"""Tables of the incoming side."""

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

__all__ = [
    "AgreementState",
    "ContributionAgreement",
    "Deposit",
    "DepositState",
    "Instalment",
    "InstalmentState",
    "Pledge",
    "PledgeState",
]
