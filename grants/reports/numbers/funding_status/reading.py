"""The figures that every row of a funding status is made of, from one reading of the books.

Each account of the actual book has its place in exactly one of these figures, so both blocks tie
to the books whatever was posted: sources less uses are what the fund still holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from grants.ledger.chart import CHART, EXPENDITURE
from grants.ledger.queries.flows import Flow, flows

CONTRIBUTIONS: Final = ("4010", "4020", "4030")
FUND_INTEREST: Final = ("4100",)
PARTNER_INTEREST: Final = ("4110",)
OTHER_INCOME: Final = ("4200",)
BROUGHT_FORWARD: Final = ("3010", "3020", "3030")
RETURNED: Final = ("4900",)
FEE: Final = ("5200",)
MANAGEMENT_FEE: Final = ("5210",)
DIRECT_COST: Final = ("5100",)
BANK_CHARGES: Final = ("5300",)
EXCHANGE: Final = ("5500", "5510")
WRITTEN_OFF: Final = ("5400",)
ADVANCED: Final = ("1200", "1250")
WITH_OTHER_FUNDS: Final = ("1210",)
UNPAID: Final = ("2010",)
#: What the administrative agent holds and owes; contributions to come and their mirror are nothing.
HELD: Final = ("1010", "1090", "1095", "1300", "1100", "2020", "2030", "2050", "2100", "2900")
CONTROL: Final = ("9110", "9115", "9120", "9130", "9140")

REFUND: Final = "refund"
TRANSFER: Final = "fund_transfer"


@dataclass(frozen=True)
class Reading:
    """What each account number holds on its normal side, and what each event did to it, in cents.

    What an event did is counted so that it grows with the event; its reversals are taken off.
    """

    held: Mapping[str, int]
    debited: Mapping[tuple[str, str], int]

    def of(self, *numbers: str) -> int:
        return sum(self.held.get(number, 0) for number in numbers)

    def put_in(self, numbers: Iterable[str], event: str) -> int:
        return sum(self.debited.get((number, event), 0) for number in numbers)

    def taken_out(self, numbers: Iterable[str], event: str) -> int:
        return -self.put_in(numbers, event)

    @property
    def contributions(self) -> int:
        return self.of(*CONTRIBUTIONS)

    @property
    def sources(self) -> int:
        others = (*FUND_INTEREST, *PARTNER_INTEREST, *OTHER_INCOME, *BROUGHT_FORWARD)
        return self.contributions + self.of(*others) - self.of(*RETURNED)

    @property
    def programme_refunds(self) -> int:
        """What participating organizations sent back of advances, and of refused costs."""
        return self.taken_out(ADVANCED, REFUND)

    @property
    def fund_refunds(self) -> int:
        """What other funds sent back."""
        return self.taken_out(WITH_OTHER_FUNDS, REFUND)

    @property
    def direct_refunds(self) -> int:
        """What came back of direct cost."""
        return self.taken_out(DIRECT_COST, REFUND)

    @property
    def refunds(self) -> int:
        """Refunds as the first block has them: those of direct cost are taken off that cost."""
        return self.programme_refunds + self.fund_refunds

    @property
    def to_funds(self) -> int:
        """Transferred to other funds."""
        return self.put_in(WITH_OTHER_FUNDS, TRANSFER)

    @property
    def spent_by_funds(self) -> int:
        """What they neither have nor sent back: reported as spent, or written off."""
        return self.to_funds - self.fund_refunds - self.of(*WITH_OTHER_FUNDS)

    @property
    def accepted(self) -> int:
        """Expenditure that partners and other funds reported and the fund accepted."""
        return self.of(*EXPENDITURE)

    @property
    def transferred(self) -> int:
        """Paid to participating organizations: what became of it, and what they sent back."""
        became = self.accepted - self.spent_by_funds + self.of(*WRITTEN_OFF, *ADVANCED)
        return became - self.of(*UNPAID) + self.programme_refunds

    @property
    def direct_cost(self) -> int:
        return self.of(*DIRECT_COST)

    @property
    def fees(self) -> int:
        return self.of(*FEE)

    @property
    def other_uses(self) -> int:
        return self.of(*MANAGEMENT_FEE, *EXCHANGE)

    @property
    def uses(self) -> int:
        paid_out = self.transferred + self.to_funds - self.refunds
        own = self.fees + self.direct_cost + self.of(*BANK_CHARGES) + self.other_uses
        return paid_out + own

    @property
    def agent_balance(self) -> int:
        """What the administrative agent still has."""
        return self.sources - self.uses

    @property
    def net_to_funds(self) -> int:
        """Transferred to other funds, less what they sent back."""
        return self.to_funds - self.fund_refunds

    @property
    def net_funded(self) -> int:
        """Transferred to participating organizations, less what they sent back."""
        return self.transferred - self.programme_refunds

    @property
    def spent_by_organisations(self) -> int:
        """Accepted or written off, without what other funds spent."""
        return self.accepted + self.of(*WRITTEN_OFF) - self.spent_by_funds


def read(fund_id: int, on: date, known_at: int) -> Reading:
    """The books at the end of a day, as the journal up to entry `known_at` has them."""
    return reading_of(flows(fund_id, until_on=on, known_at=known_at))


def reading_of(found: Iterable[Flow]) -> Reading:
    """The figures in these flows."""
    held: dict[str, int] = defaultdict(int)
    debited: dict[tuple[str, str], int] = defaultdict(int)
    for one in found:
        net = one.debit_minor - one.credit_minor
        held[one.number] += net * CHART[one.number].side
        debited[(one.number, one.event.removesuffix(".reversed"))] += net
    return Reading(dict(held), dict(debited))
