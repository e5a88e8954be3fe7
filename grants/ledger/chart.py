"""The chart of accounts, and references to accounts with their dimensions: pure values.

Two books. A, actual: 1xxx to 5xxx. B, funds control: 9xxx, off the balance sheet, what the fund may
still promise, kept per layer, programme and grant. Numbers and meanings: docs/glossary.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DEBIT: Final = 1
CREDIT: Final = -1


@dataclass(frozen=True)
class ChartLine:
    """An account number: its name, its normal side, and the balance it may never go below."""

    number: str
    name: str
    side: int
    floor: int | None = None


_LINES = (
    ChartLine("1010", "Cash", DEBIT, 0),
    ChartLine("1090", "Cash in transit", DEBIT),
    ChartLine("1095", "Currency trading", DEBIT),
    ChartLine("1100", "Contributions receivable", DEBIT),
    ChartLine("1200", "Advances to grantees", DEBIT, 0),
    ChartLine("1210", "Transferred to other funds, not yet reported", DEBIT, 0),
    ChartLine("1250", "Due from grantees", DEBIT, 0),
    ChartLine("1300", "Accrued interest", DEBIT),
    ChartLine("2010", "Payable to grantees", CREDIT, 0),
    ChartLine("2020", "Fees payable", CREDIT, 0),
    ChartLine("2030", "Payable to contributors", CREDIT, 0),
    ChartLine("2050", "Coordination levy payable", CREDIT, 0),
    ChartLine("2100", "Deferred contributions", CREDIT),
    ChartLine("2900", "Unidentified receipts", CREDIT, 0),
    ChartLine("3010", "Fund balance, core", CREDIT),
    ChartLine("3020", "Fund balance, non-core", CREDIT),
    ChartLine("3030", "Operating reserve", CREDIT),
    ChartLine("4010", "Contribution revenue, core", CREDIT),
    ChartLine("4020", "Contribution revenue, non-core", CREDIT),
    ChartLine("4030", "Membership contributions", CREDIT),
    ChartLine("4100", "Interest of the fund", CREDIT),
    ChartLine("4110", "Interest from partners", CREDIT),
    ChartLine("4200", "Other income", CREDIT),
    ChartLine("4900", "Refunds to contributors", DEBIT),
    ChartLine("5010", "Staff and other personnel", DEBIT),
    ChartLine("5020", "Supplies, commodities, materials", DEBIT),
    ChartLine("5030", "Equipment, vehicles, furniture", DEBIT),
    ChartLine("5040", "Contractual services", DEBIT),
    ChartLine("5050", "Travel", DEBIT),
    ChartLine("5060", "Transfers and grants to counterparts", DEBIT),
    ChartLine("5070", "General operating and other direct costs", DEBIT),
    ChartLine("5080", "Indirect support costs", DEBIT),
    ChartLine("5100", "Secretariat direct cost", DEBIT),
    ChartLine("5200", "Administrative agent's fee", DEBIT),
    ChartLine("5210", "Management fee", DEBIT),
    ChartLine("5300", "Bank charges", DEBIT),
    ChartLine("5400", "Write-offs", DEBIT),
    ChartLine("5500", "Exchange difference, realised", DEBIT),
    ChartLine("5510", "Exchange difference, unrealised", DEBIT),
    ChartLine("9010", "Pledges control", DEBIT),
    ChartLine("9011", "Pledges outstanding", CREDIT),
    ChartLine("9100", "Spendable control", DEBIT),
    ChartLine("9110", "Unallocated", CREDIT, 0),
    ChartLine("9115", "Exchange reserve", CREDIT, 0),
    ChartLine("9120", "Allocated", CREDIT, 0),
    ChartLine("9130", "Reserved", CREDIT, 0),
    ChartLine("9140", "Committed", CREDIT, 0),
    ChartLine("9150", "Disbursed", CREDIT, 0),
)

CHART: Final[dict[str, ChartLine]] = {line.number: line for line in _LINES}

PAYABLES: Final = ("2010", "2020", "2030", "2050", "2900")
SPENDABLE: Final = ("9110", "9115", "9120", "9130", "9140")
EXPENDITURE: Final = ("5010", "5020", "5030", "5040", "5050", "5060", "5070", "5080")
#: What a grant spent: reported by its grantee and accepted, or paid by the secretariat itself.
SPENT: Final = (*EXPENDITURE, "5100")
INCOME: Final = ("4010", "4020", "4030", "4100", "4110", "4200")
COSTS: Final = (
    "4900",
    *EXPENDITURE,
    "5100",
    "5200",
    "5210",
    "5300",
    "5400",
    "5500",
    "5510",
)


@dataclass(frozen=True)
class AccountRef:
    """An account of a fund: number, currency, and what it is kept for."""

    number: str
    currency: str = "USD"
    donor_id: int | None = None
    layer_id: int | None = None
    programme_id: int | None = None
    grant_id: int | None = None

    def __post_init__(self) -> None:
        if self.number not in CHART:
            raise ValueError(f"{self.number} is not in the chart of accounts")

    @property
    def line(self) -> ChartLine:
        return CHART[self.number]

    @property
    def book(self) -> str:
        return "B" if self.number.startswith("9") else "A"

    @property
    def key(self) -> str:
        """Number, currency and dimensions in one string: `9130/USD/L12/P3/G7`."""
        parts = [self.number, self.currency]
        for letter, value in (
            ("D", self.donor_id),
            ("L", self.layer_id),
            ("P", self.programme_id),
            ("G", self.grant_id),
        ):
            if value is not None:
                parts.append(f"{letter}{value}")
        return "/".join(parts)


def cash(currency: str) -> AccountRef:
    return AccountRef("1010", currency)


def trading(currency: str) -> AccountRef:
    """Where two currencies of one entry meet; in US dollars it always holds nothing."""
    return AccountRef("1095", currency)


def receivable(donor_id: int, currency: str) -> AccountRef:
    return AccountRef("1100", currency, donor_id=donor_id)


def advances(grant_id: int) -> AccountRef:
    return AccountRef("1200", grant_id=grant_id)


def with_other_funds(grant_id: int) -> AccountRef:
    """What was transferred to another fund, until that fund reports it as spent."""
    return AccountRef("1210", grant_id=grant_id)


def due_from_grantee(grant_id: int) -> AccountRef:
    return AccountRef("1250", grant_id=grant_id)


def payable_to_grantee(grant_id: int) -> AccountRef:
    return AccountRef("2010", grant_id=grant_id)


def fees_payable() -> AccountRef:
    return AccountRef("2020")


def contributors_payable(donor_id: int) -> AccountRef:
    return AccountRef("2030", donor_id=donor_id)


def levy_payable(currency: str = "USD") -> AccountRef:
    return AccountRef("2050", currency)


def deferred(donor_id: int, currency: str) -> AccountRef:
    return AccountRef("2100", currency, donor_id=donor_id)


def unidentified(currency: str) -> AccountRef:
    return AccountRef("2900", currency)


def revenue(donor_id: int, currency: str, *, is_core: bool) -> AccountRef:
    return AccountRef("4010" if is_core else "4020", currency, donor_id=donor_id)


def membership_revenue(donor_id: int, currency: str) -> AccountRef:
    return AccountRef("4030", currency, donor_id=donor_id)


def interest() -> AccountRef:
    return AccountRef("4100")


def partner_interest(grant_id: int | None = None) -> AccountRef:
    """What a partner earned on its advances and paid over; None where it names no grant."""
    return AccountRef("4110", grant_id=grant_id)


def other_income() -> AccountRef:
    return AccountRef("4200")


def returned_to_contributors(donor_id: int) -> AccountRef:
    return AccountRef("4900", donor_id=donor_id)


def expenditure(grant_id: int, category: int) -> AccountRef:
    """Accepted spending of a grantee by UNSDG category 1 to 8."""
    if not 1 <= category <= 8:
        raise ValueError(f"{category} is not an UNSDG budget category")
    return AccountRef(f"50{category}0", grant_id=grant_id)


def secretariat_cost(grant_id: int | None = None) -> AccountRef:
    return AccountRef("5100", grant_id=grant_id)


def fee_cost() -> AccountRef:
    return AccountRef("5200")


def bank_charges() -> AccountRef:
    return AccountRef("5300")


def write_offs(grant_id: int | None = None) -> AccountRef:
    return AccountRef("5400", grant_id=grant_id)


def exchange_realised() -> AccountRef:
    return AccountRef("5500")


def exchange_unrealised(currency: str) -> AccountRef:
    return AccountRef("5510", currency)


def pledge_control(donor_id: int, currency: str) -> AccountRef:
    return AccountRef("9010", currency, donor_id=donor_id)


def pledge_outstanding(donor_id: int, currency: str) -> AccountRef:
    return AccountRef("9011", currency, donor_id=donor_id)


def spendable(layer_id: int | None) -> AccountRef:
    """The debit side of everything a layer may spend. None: money that no deposit brought."""
    return AccountRef("9100", layer_id=layer_id)


def unallocated(layer_id: int | None) -> AccountRef:
    return AccountRef("9110", layer_id=layer_id)


def fx_reserve(layer_id: int | None) -> AccountRef:
    return AccountRef("9115", layer_id=layer_id)


def allocated(layer_id: int | None, programme_id: int) -> AccountRef:
    return AccountRef("9120", layer_id=layer_id, programme_id=programme_id)


def reserved(layer_id: int | None, programme_id: int, grant_id: int) -> AccountRef:
    return AccountRef("9130", layer_id=layer_id, programme_id=programme_id, grant_id=grant_id)


def committed(layer_id: int | None, programme_id: int, grant_id: int) -> AccountRef:
    return AccountRef("9140", layer_id=layer_id, programme_id=programme_id, grant_id=grant_id)


def disbursed(layer_id: int | None, programme_id: int, grant_id: int) -> AccountRef:
    return AccountRef("9150", layer_id=layer_id, programme_id=programme_id, grant_id=grant_id)
