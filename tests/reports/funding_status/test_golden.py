"""The published funding status of a real fund, in three dated versions, out of our own books.

Only the components are fed, as events; every total, balance and share has to come out. Source: the
gateway of the United Nations' pooled funds, Peacebuilding Fund (domain rules, section 8).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from grants.money import Money
from grants.reports.shapes.funding_status import Definition, FundingStatus
from tests.makes.donors import money
from tests.reports.funding_status.world import Components, StatusWorld

_ROW = re.compile(r"^ *(\S.*?) {2,}(-?[\d,]+)(?: +([\d.]+) %)?$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """A published row: label, whole dollars and, of a balance, its share."""

    label: str
    amount: Decimal
    share: str


def rows_of(test: Callable[..., object]) -> list[Row]:
    """The table in the docstring of a test."""
    return [
        Row(label, Decimal(amount.replace(",", "")), share)
        for label, amount, share in _ROW.findall(test.__doc__ or "")
    ]


def components(rows: list[Row]) -> Components:
    """What is fed: the rows that are read and not added up."""
    amounts = [row.amount for row in rows]
    return Components(
        contributions=amounts[0],
        interest=amounts[1],
        partner_interest=amounts[2],
        transferred=amounts[4],
        to_funds=amounts[5],
        refunds=-amounts[7],
        fee=amounts[8],
        direct_cost=amounts[9],
        charges=amounts[10],
        expenditure=amounts[15],
        direct_refunds=amounts[16] + amounts[7],
    )


def whole(amount: Money) -> Decimal:
    return amount.amount.quantize(Decimal(1), ROUND_HALF_UP)


def differences(status: FundingStatus, rows: list[Row]) -> dict[str, Decimal]:
    """By how much our rows are above the published ones; labels and shares must be the same."""
    assert [line.label for line in status.lines] == [row.label for row in rows]
    shares = [
        "" if line.share_tenths is None else f"{Decimal(line.share_tenths) / 10:.1f}"
        for line in status.lines
    ]
    assert shares == [row.share for row in rows]
    return {
        line.key: whole(line.amount) - row.amount
        for line, row in zip(status.lines, rows, strict=True)
        if whole(line.amount) != row.amount
    }


def check_ties(status: FundingStatus) -> None:
    """The bridge closes, and each balance is what the books hold."""
    *steps, last = status.bridge
    assert sum(step.transfers.minor for step in steps) == last.transfers.minor
    assert sum(step.refunds.minor for step in steps) == last.refunds.minor
    assert last.transfers == status.line("transfers").amount
    assert last.refunds == status.line("organisation_refunds").amount
    for tie in status.ties:
        assert sum(line.amount.minor for line in tie.lines) == tie.total.amount.minor, tie.title
    assert status.ties[0].total.amount == status.line("agent").amount
    assert status.ties[2].total.amount == status.line("expenditure").amount
    assert status.ties[3].total.amount == status.line("organisations").amount


def test_first_version_with_the_plain_definition(world: StatusWorld) -> None:
    """
    Contributions from Donors                       756,821,732
    Interest and Investment Income (from Fund)       20,006,220
    Interest (from Participating Organizations)       3,122,214
    Total source of funds                           779,950,166
    Transferred to Participating Organizations      693,135,684
    Transfers to MDTFs                               13,792,503
    - Sub-total Transfers                           706,928,187
    Refunds from Participating Organizations        -48,030,831
    Administrative Agent Fee                          7,484,571
    Direct Cost                                      22,638,221
    Bank Charges                                         29,699
    Total use of funds                              689,049,847
    Balance with Administrative Agent                90,900,319   12.0 %
    Transfers                                       693,135,684
    Total resources                                 693,135,684
    Participating Organizations' Expenditure        535,464,931
    Refunds from Participating Organizations         48,030,831
    Total expenses                                  583,495,762
    Balance with Participating Organizations        109,639,922   15.8 %
    Total Balance of Funds                          200,540,241   26.5 %
    """
    rows = rows_of(test_first_version_with_the_plain_definition)
    world.published(components(rows), is_direct_in_expenditure=False)
    status = world.status(definition=Definition.PLAIN)
    assert differences(status, rows) == {}
    check_ties(status)
    world.prove()


def test_second_version_and_its_bridge(world: StatusWorld) -> None:
    """
    Contributions from Donors                       898,977,165
    Interest and Investment Income (from Fund)       21,894,817
    Interest (from Participating Organizations)       3,140,769
    Total source of funds                           924,012,751
    Transferred to Participating Organizations      832,445,065
    Transfers to MDTFs                               35,023,152
    - Sub-total Transfers                           867,468,217
    Refunds from Participating Organizations        -53,310,773
    Administrative Agent Fee                          8,812,000
    Direct Cost                                      24,028,968
    Bank Charges                                         30,070
    Total use of funds                              847,028,482
    Balance with Administrative Agent                76,984,269    8.6 %
    Transfers                                       891,524,944
    Total resources                                 891,524,944
    Participating Organizations' Expenditure        647,027,068
    Refunds from Participating Organizations         53,338,532
    Total expenses                                  700,365,600
    Balance with Participating Organizations        191,159,344   21.4 %
    Total Balance of Funds                          268,143,613   29.8 %

    The bridge: 832,445,065 + 35,023,152 + 24,028,968 + 27,759 = 891,524,944 of transfers, and
    53,310,773 + 27,759 = 53,338,532 of refunds.
    """
    rows = rows_of(test_second_version_and_its_bridge)
    world.published(components(rows))
    status = world.status()
    assert differences(status, rows) == {}
    assert [(step.transfers, step.refunds) for step in status.bridge] == [
        (money("832,445,065"), money("53,310,773")),
        (money("35,023,152"), money("0")),
        (money("24,028,968"), money("0")),
        (money("27,759"), money("27,759")),
        (money("891,524,944"), money("53,338,532")),
    ]
    check_ties(status)
    world.prove()


def test_third_version_in_whole_dollars_is_off_by_one_as_published(world: StatusWorld) -> None:
    """
    Contributions from Donors                     1,016,268,638
    Interest and Investment Income (from Fund)       24,223,374
    Interest (from Participating Organizations)       3,181,470
    Total source of funds                         1,043,673,482
    Transferred to Participating Organizations      928,973,453
    Transfers to MDTFs                               40,832,220
    - Sub-total Transfers                           969,805,672
    Refunds from Participating Organizations        -55,683,757
    Administrative Agent Fee                          9,987,157
    Direct Cost                                      26,204,342
    Bank Charges                                         30,130
    Total use of funds                              950,343,544
    Balance with Administrative Agent                93,329,938    9.2 %
    Transfers                                       996,089,242
    Total resources                                 996,089,242
    Participating Organizations' Expenditure        754,655,459
    Refunds from Participating Organizations         55,762,984
    Total expenses                                  810,418,443
    Balance with Participating Organizations        185,670,798   18.6 %
    Total Balance of Funds                          279,000,736   27.5 %

    The whole dollars do not add up: 928,973,453 + 40,832,220 is 969,805,673. We add exactly, so
    two sums and the balances under them differ by one dollar.
    """
    rows = rows_of(test_third_version_in_whole_dollars_is_off_by_one_as_published)
    world.published(components(rows))
    status = world.status()
    assert differences(status, rows) == {
        "subtotal": 1,
        "uses": 1,
        "agent": -1,
        "organisations": 1,
    }
    check_ties(status)
    world.prove()


def test_third_version_in_cents_comes_out_to_the_dollar(world: StatusWorld) -> None:
    """
    Cents that the published whole dollars hide, as one set of them explains every row:

    Transferred 928,973,452.60    Fee          9,987,156.70    Expenditure 754,655,459.30
    To MDTFs     40,832,219.80    Direct cost 26,204,342.30
    """
    rows = rows_of(test_third_version_in_whole_dollars_is_off_by_one_as_published)
    fed = components(rows)
    world.published(
        Components(
            contributions=fed.contributions,
            interest=fed.interest,
            partner_interest=fed.partner_interest,
            transferred=Decimal("928973452.60"),
            to_funds=Decimal("40832219.80"),
            refunds=fed.refunds,
            fee=Decimal("9987156.70"),
            direct_cost=Decimal("26204342.30"),
            charges=fed.charges,
            expenditure=Decimal("754655459.30"),
            direct_refunds=fed.direct_refunds,
        )
    )
    status = world.status()
    assert differences(status, rows) == {}
    check_ties(status)
    world.prove()
