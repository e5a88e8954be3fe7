"""Reading what donors promised and paid. Frozen values, bounded, in a fixed order."""

from grants.donors.queries.agreements import (
    AgreementLine,
    AgreementPage,
    InstalmentLine,
    OpenInstalment,
    Payment,
    PledgeLine,
    agreement_page,
    agreements_of,
    open_instalments,
    overdue_instalments,
    pledge,
    pledges_of,
)
from grants.donors.queries.deposits import (
    DepositLine,
    Layer,
    deposit,
    deposits_of,
    layers,
    unidentified,
)
from grants.donors.queries.donors import DonorLine, DonorSums, donor_line, donor_list
from grants.donors.queries.proof import document_breaks
from grants.donors.queries.totals import ContributionTotal, contribution_totals, summed

__all__ = [
    "AgreementLine",
    "AgreementPage",
    "ContributionTotal",
    "DepositLine",
    "DonorLine",
    "DonorSums",
    "InstalmentLine",
    "Layer",
    "OpenInstalment",
    "Payment",
    "PledgeLine",
    "agreement_page",
    "agreements_of",
    "contribution_totals",
    "deposit",
    "deposits_of",
    "document_breaks",
    "donor_line",
    "donor_list",
    "layers",
    "open_instalments",
    "overdue_instalments",
    "pledge",
    "pledges_of",
    "summed",
    "unidentified",
]
