"""The columns of each kind of file, as OCHA's pooled funds publish them."""

from __future__ import annotations

from grants.imports.rules.table import Layout

#: Numbers of funds are kept among their names with this before them.
FUND_NUMBER = "PF"

CONTRIBUTIONS = Layout(
    kind="contributions",
    needed=(
        "ContributionCode",
        "DonorName",
        "FiscalYear",
        "PooledFundName",
        "PaidDate",
        "PaidAmtLocalCurrency",
        "PaidAmtCurrencyExchangeRate",
        "PaidAmtLocal",
        "PaidAmt",
        "PledgeDate",
        "PledgeAmtLocalCurrency",
        "PledgeAmtCurrencyExchangeRate",
        "PledgeAmtLocal",
        "PledgeAmt",
    ),
    others=(
        "CERF_ContributionId",
        "RegionName",
        "DonorType",
        "LatestDate",
        "ActivityDate",
        "ActivityDateType",
        "ContributionStatus",
        "FundType",
        "ReceivedComments",
    ),
)
ROUNDS = Layout(
    kind="allocation rounds",
    needed=(
        "AllocationTitle",
        "AllocationSource",
        "TotalUSDPlanned",
        "PlannedStartDate",
        "PlannedEndDate",
        "PooledFundId",
        "PooledFundName",
        "AllocationYear",
        "TotalProjectsApproved",
        "TotalApprovedBudget",
        "AllocationTypeId",
        "FundTypeId",
    ),
    others=(
        "AllocationSummary",
        "Documents",
        "HRPPlans",
        "AllocationHCLastProjectApprovalDate",
        "TotalProjectsunderApproval",
        "TotalUnderApprovalBudget",
        "AllocationSourceId",
    ),
)
GRANTS = Layout(
    kind="grants",
    needed=(
        "PFId",
        "AllNm",
        "PrjCode",
        "AllYr",
        "OrgNm",
        "OrgTypeId",
        "PrjTitle",
        "AStrDt",
        "AEndDt",
        "PrgBdg",
        "PrjStsNm",
        "ApprDt",
    ),
    others=(
        "OPSCodeAgg",
        "EmgAgg",
        "AllSrc",
        "PrjDur",
        "BgdDC",
        "BdgSC",
        "PrjSubDt",
        "BenAgg",
        "PrjGM",
        "PrjStsId",
        "PrjStsCode",
        "PartCode",
    ),
)
LAYOUTS = (CONTRIBUTIONS, ROUNDS, GRANTS)
