"""Sources and uses, of the contributor and of the whole fund, and what became of the deposits.

Every row is a sum over layers of what the ledger says of them, so sources less uses are the
balance: what is unallocated, allocated, reserved or committed, or approved and not paid yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grants.reports.numbers.donor_statement.contributions import usd
from grants.reports.numbers.donor_statement.reading import (
    CONTRIBUTIONS,
    DIRECT_COST,
    HELD,
    UNPAID,
    LayerShare,
    Reading,
    of_layers,
)
from grants.reports.shapes import BalanceLine, FlowLine, FundLine

OPENING = "Opening balance with the fund"
CLOSING = "Closing balance with the fund"


@dataclass
class _Flow:
    """What went through some layers by a day. All in cents."""

    received: int = 0
    other: int = 0
    fee: int = 0
    refunds: int = 0
    paid: int = 0
    unpaid: int = 0
    spent: int = 0
    written_off: int = 0

    @property
    def balance(self) -> int:
        return self.received + self.other - self.fee - self.paid

    @property
    def with_partners(self) -> int:
        return self.paid - self.spent - self.written_off


#: Label, kind and what it is.
_FLOWS: Sequence[tuple[str, str, Callable[[_Flow], int]]] = (
    ("Contributions received", "source", lambda flow: flow.received),
    ("Exchange and bank results", "source", lambda flow: flow.other),
    ("Total sources", "total", lambda flow: flow.received + flow.other),
    ("Transfers to partners", "use", lambda flow: flow.paid + flow.refunds),
    ("Refunds from partners", "use", lambda flow: -flow.refunds),
    ("Net funded amount", "subtotal", lambda flow: flow.paid),
    ("Administrative agent's fee", "use", lambda flow: flow.fee),
    ("Total uses", "total", lambda flow: flow.paid + flow.fee),
)
_MEMO: Sequence[tuple[str, str, Callable[[_Flow], int]]] = (
    ("Partners' expenditure", "memo", lambda flow: flow.spent + flow.written_off),
    ("Balance with partners", "memo", lambda flow: flow.with_partners),
)


#: Rows of the whole fund that are shown even while they hold nothing.
_ALWAYS = frozenset({"Contributions from donors", "Transfers to partners"})


def flow_lines(tracked: Mapping[int, bool], now: Reading, before: Reading) -> list[FlowLine]:
    """The contributor's sources and uses: in the period and cumulative, tracked and notional."""
    parts = [_flow(reading, tracked, kept) for reading in (before, now) for kept in (True, False)]

    def line(label: str, kind: str, of: Callable[[_Flow], int]) -> FlowLine:
        old_tracked, old_notional, new_tracked, new_notional = (of(part) for part in parts)
        return FlowLine(
            label=label,
            kind=kind,
            period_tracked=usd(new_tracked - old_tracked),
            period_notional=usd(new_notional - old_notional),
            tracked=usd(new_tracked),
            notional=usd(new_notional),
        )

    def balance(label: str, tracked_minor: int, notional_minor: int, *, at_end: bool) -> FlowLine:
        return FlowLine(
            label=label,
            kind="balance",
            period_tracked=usd(tracked_minor),
            period_notional=usd(notional_minor),
            tracked=usd(tracked_minor if at_end else 0),
            notional=usd(notional_minor if at_end else 0),
        )

    old_tracked, old_notional, new_tracked, new_notional = (part.balance for part in parts)
    return [
        *(line(*row) for row in _FLOWS),
        balance(OPENING, old_tracked, old_notional, at_end=False),
        balance(CLOSING, new_tracked, new_notional, at_end=True),
        *(line(*row) for row in _MEMO),
    ]


def balance_lines(tracked: Mapping[int, bool], now: Reading) -> list[BalanceLine]:
    """What became of the deposits less fees: spent, with partners, and what the fund still has."""
    parts = {kept: _flow(now, tracked, kept) for kept in (True, False)}
    held = {
        (kept, number): sum(
            now.layer(layer).held[number] for layer, kind in tracked.items() if kind is kept
        )
        for kept in (True, False)
        for number in HELD
    }

    def line(label: str, of: Callable[[bool], int], kind: str = "line") -> BalanceLine:
        return BalanceLine(label=label, kind=kind, tracked=usd(of(True)), notional=usd(of(False)))

    lines = [
        line("Not yet allocated", lambda kept: held[kept, "9110"]),
        line("Held against exchange risk", lambda kept: held[kept, "9115"]),
        line("Allocated to programmes", lambda kept: held[kept, "9120"]),
        line("Reserved for approved grants", lambda kept: held[kept, "9130"]),
        line("Committed in grant agreements", lambda kept: held[kept, "9140"]),
        line("Approved for payment, not yet paid", lambda kept: parts[kept].unpaid),
        line("With the fund", lambda kept: parts[kept].balance, "subtotal"),
        line("Paid, not yet reported as spent", lambda kept: parts[kept].with_partners),
        line("Spent by partners and accepted", lambda kept: parts[kept].spent),
        line("Written off", lambda kept: parts[kept].written_off),
        line(
            "Deposits less fees and exchange",
            lambda kept: parts[kept].balance + parts[kept].paid,
            "total",
        ),
    ]
    optional = {"Held against exchange risk", "Written off"}
    return [one for one in lines if one.label not in optional or one.total]


def fund_lines(now: Reading, before: Reading) -> list[FundLine]:
    """Sources and uses of the whole fund, as its annual financial report has them."""
    sides = [_fund_rows(before), _fund_rows(now)]
    lines = [
        FundLine(label=label, kind=kind, period=usd(new - old), cumulative=usd(new))
        for (label, kind, old), (_, _, new) in zip(*sides, strict=True)
        if kind in {"total", "subtotal"} or label in _ALWAYS or old or new
    ]
    opening, closing = (_fund_balance(reading) for reading in (before, now))
    return [
        *lines,
        FundLine(label=OPENING, kind="balance", period=usd(opening), cumulative=usd(0)),
        FundLine(label=CLOSING, kind="balance", period=usd(closing), cumulative=usd(closing)),
    ]


def _flow(reading: Reading, tracked: Mapping[int, bool], kept: bool) -> _Flow:  # noqa: FBT001 - a key
    mine = [layer for layer, kind in tracked.items() if kind is kept]
    flow = _Flow()
    for layer in mine:
        book = reading.layer(layer)
        flow.received += book.received
        flow.other += book.other
        flow.fee += book.fee
    for by_layer in of_layers(reading.shares, mine).values():
        for share in by_layer.values():
            _add(flow, share)
    return flow


def _add(flow: _Flow, share: LayerShare) -> None:
    flow.refunds += share.refunds
    flow.paid += share.paid
    flow.unpaid += share.unpaid
    flow.spent += share.expenditure
    flow.written_off += share.written_off


def _fund_rows(reading: Reading) -> list[tuple[str, str, int]]:
    held = reading.fund

    def of(*numbers: str) -> int:
        return sum(held.get(number, 0) for number in numbers)

    # Direct cost is disbursed on grants of its own; here it has a row of its own.
    refunds = sum(share.refunds for by in reading.shares.values() for share in by.values())
    refunds -= reading.direct_refunds
    sources = [
        ("Contributions from donors", "source", of(*CONTRIBUTIONS)),
        ("Fund earned interest", "source", of("4100")),
        ("Interest received from partners", "source", of("4110")),
        ("Refunds to contributors", "source", -of("4900")),
        ("Other income", "source", of("4200")),
    ]
    net = of("9150") - of(UNPAID, DIRECT_COST)
    uses = [
        ("Transfers to partners", "use", net + refunds),
        ("Refunds from partners", "use", -refunds),
        ("Net funded amount", "subtotal", net),
        ("Administrative agent's and management fees", "use", of("5200", "5210")),
        ("Direct costs", "use", of(DIRECT_COST)),
        ("Bank charges", "use", of("5300")),
        ("Exchange differences", "use", of("5500", "5510")),
    ]
    income = sum(minor for _, _, minor in sources)
    spent = sum(minor for _, kind, minor in uses if kind == "use")
    return [*sources, ("Total sources", "total", income), *uses, ("Total uses", "total", spent)]


def _fund_balance(reading: Reading) -> int:
    rows = {label: minor for label, _, minor in _fund_rows(reading)}
    return rows["Total sources"] - rows["Total uses"]
