"""The two blocks of a funding status, the bridge between them, and how they tie to the books."""

from __future__ import annotations

from collections.abc import Sequence

from grants.ledger.chart import EXPENDITURE
from grants.money import Money
from grants.reports import rules
from grants.reports.numbers.funding_status import reading as parts
from grants.reports.numbers.funding_status.reading import Reading
from grants.reports.shapes.funding_status import BridgeLine, Definition, StatusLine, Tie

_ADMINISTRATOR = "Balance with Administrative Agent"
_ORGANISATIONS = "Balance with Participating Organizations"
_EXPENDITURE = "Participating Organizations' Expenditure"
_REFUNDS = "Refunds from Participating Organizations"
_TO_FUNDS = (parts.TRANSFER, f"{parts.TRANSFER}.reversed")
_REFUNDED = (parts.REFUND, f"{parts.REFUND}.reversed")
_DEPOSITS, _TRANSFERS = "deposits", "transfers"


def agent_lines(now: Reading) -> list[StatusLine]:
    """Funds with the administrative agent. Rows that were not published show only if not zero."""
    sources = [
        _line("contributions", "Contributions from Donors", now.contributions, parts.CONTRIBUTIONS),
        _line(
            "interest",
            "Interest and Investment Income (from Fund)",
            now.of(*parts.FUND_INTEREST),
            parts.FUND_INTEREST,
        ),
        _line(
            "partner_interest",
            "Interest (from Participating Organizations)",
            now.of(*parts.PARTNER_INTEREST),
            parts.PARTNER_INTEREST,
        ),
        *_rare(now, "other_income", "Other Income", parts.OTHER_INCOME),
        *_rare(now, "brought_forward", "Fund balance brought forward", parts.BROUGHT_FORWARD),
        *_rare(now, "returned", "Refunds to Contributors", parts.RETURNED, sign=-1),
        _line("sources", "Total source of funds", now.sources, kind="total"),
    ]
    return [
        *sources,
        *_uses(now),
        _line("uses", "Total use of funds", now.uses, kind="total"),
        _share("agent", _ADMINISTRATOR, now.agent_balance, now.contributions, _DEPOSITS),
    ]


def _uses(now: Reading) -> list[StatusLine]:
    transferred = (*parts.ADVANCED, *EXPENDITURE, *parts.WRITTEN_OFF, *parts.UNPAID)
    return [
        _line(
            "transferred",
            "Transferred to Participating Organizations",
            now.transferred,
            transferred,
        ),
        _line(
            "to_funds",
            "Transfers to MDTFs",
            now.to_funds,
            parts.WITH_OTHER_FUNDS,
            events=_TO_FUNDS,
        ),
        _line(
            "subtotal",
            "- Sub-total Transfers",
            now.transferred + now.to_funds,
            kind="subtotal",
        ),
        _line(
            "refunds",
            _REFUNDS,
            -now.refunds,
            (*parts.ADVANCED, *parts.WITH_OTHER_FUNDS),
            events=_REFUNDED,
        ),
        _line("fee", "Administrative Agent Fee", now.fees, parts.FEE),
        *_rare(now, "management_fee", "Management Fee", parts.MANAGEMENT_FEE),
        _line("direct_cost", "Direct Cost", now.direct_cost, parts.DIRECT_COST),
        _line("charges", "Bank Charges", now.of(*parts.BANK_CHARGES), parts.BANK_CHARGES),
        *_rare(now, "exchange", "Exchange Differences", parts.EXCHANGE),
    ]


def organisation_lines(now: Reading, definition: Definition) -> list[StatusLine]:
    """Funds with participating organizations, by what the definition counts as transferred."""
    transfers, refunds = _outside(now, definition)
    spent = _spent(now, definition)
    return [
        _line("transfers", "Transfers", transfers),
        _line("resources", "Total resources", transfers, kind="total"),
        _line("expenditure", _EXPENDITURE, spent),
        _line("organisation_refunds", _REFUNDS, refunds),
        _line("expenses", "Total expenses", spent + refunds, kind="total"),
        _share("organisations", _ORGANISATIONS, transfers - spent - refunds, transfers, _TRANSFERS),
    ]


def total_line(now: Reading, definition: Definition) -> StatusLine:
    """What the fund and the organizations have together."""
    transfers, refunds = _outside(now, definition)
    left = now.agent_balance + transfers - refunds - _spent(now, definition)
    return _share("total", "Total Balance of Funds", left, now.contributions, _DEPOSITS)


def bridge_lines(now: Reading, definition: Definition) -> list[BridgeLine]:
    """From what the first block calls transferred and refunded to what the second does."""

    def step(label: str, transfers: int, refunds: int, kind: str = "line") -> BridgeLine:
        return BridgeLine(label=label, transfers=_usd(transfers), refunds=_usd(refunds), kind=kind)

    first = step(
        "Funds with Administrative Agent: transferred and refunded",
        now.transferred,
        now.refunds,
        "subtotal",
    )
    if definition is Definition.WHOLE:
        steps = [
            step("Transfers to MDTFs", now.to_funds, 0),
            step("Direct Cost, as the first block has it", now.direct_cost, 0),
            step("Refunds on direct cost", now.direct_refunds, now.direct_refunds),
        ]
    else:
        steps = [step("Less refunds from MDTFs", 0, -now.fund_refunds)]
    last = "Funds with Participating Organizations: transfers and refunds"
    return [first, *steps, step(last, *_outside(now, definition), "total")]


def ties(now: Reading, definition: Definition) -> list[Tie]:
    """Where both balances and the expenditure stand in the books."""
    transfers, refunds = _outside(now, definition)
    spent = _spent(now, definition)
    return [
        _tie(
            _ADMINISTRATOR,
            [
                *_rare(now, "cash", "Cash", ("1010", "1090", "1095")),
                *_rare(now, "accrued", "Accrued interest", ("1300",)),
                *_rare(now, "unidentified", "Less unidentified receipts", ("2900",), sign=-1),
                *_rare(now, "fees_payable", "Less fees payable", ("2020",), sign=-1),
                *_rare(now, "levy", "Less coordination levy payable", ("2050",), sign=-1),
                *_rare(now, "owed", "Less payable to contributors", ("2030",), sign=-1),
                *_rare(now, "receivable", "Contributions receivable", ("1100",)),
                *_rare(now, "deferred", "Less deferred contributions", ("2100",), sign=-1),
            ],
            now.agent_balance,
        ),
        _tie(
            f"{_ADMINISTRATOR}, in funds control",
            [
                *_rare(now, "unallocated", "Not yet allocated", ("9110",)),
                *_rare(now, "reserve", "Held against exchange risk", ("9115",)),
                *_rare(now, "allocated", "Allocated to programmes", ("9120",)),
                *_rare(now, "reserved", "Reserved for approved grants", ("9130",)),
                *_rare(now, "committed", "Committed in grant agreements", ("9140",)),
                *_rare(now, "unpaid", "Approved for payment, not yet paid", parts.UNPAID),
            ],
            now.agent_balance,
        ),
        _tie(_EXPENDITURE, _spending(now, definition), spent),
        _tie(_ORGANISATIONS, _outstanding(now, definition), transfers - refunds - spent),
    ]


def _spending(now: Reading, definition: Definition) -> list[StatusLine]:
    whole = definition is Definition.WHOLE
    lines = [
        _line("accepted", "Reported and accepted", now.accepted, EXPENDITURE),
        *_rare(now, "written_off", "Written off", parts.WRITTEN_OFF),
    ]
    if whole:
        lines += _rare(now, "direct", "Direct cost, spent when it was paid", parts.DIRECT_COST)
    elif now.spent_by_funds:
        label = "Less reported by other funds"
        lines.append(_line("by_funds", label, -now.spent_by_funds, parts.WITH_OTHER_FUNDS))
    return lines


def _outstanding(now: Reading, definition: Definition) -> list[StatusLine]:
    lines = [
        _line("advances", "Advances not yet reported", now.of("1200"), ("1200",)),
        *_rare(now, "due", "Due for refused costs", ("1250",)),
        *_rare(now, "approved", "Less approved, not yet paid", parts.UNPAID, sign=-1),
    ]
    if definition is Definition.WHOLE:
        lines += _rare(now, "funds", "With other funds, not yet reported", parts.WITH_OTHER_FUNDS)
    return lines


def _outside(now: Reading, definition: Definition) -> tuple[int, int]:
    """Transfers and refunds of the second block."""
    if definition is Definition.PLAIN:
        return now.transferred, now.programme_refunds
    direct = now.direct_cost + now.direct_refunds
    return now.transferred + now.to_funds + direct, now.refunds + now.direct_refunds


def _spent(now: Reading, definition: Definition) -> int:
    if definition is Definition.PLAIN:
        return now.spent_by_organisations
    return now.spent_by_organisations + now.spent_by_funds + now.direct_cost


def _tie(title: str, lines: Sequence[StatusLine], whole: int) -> Tie:
    return Tie(title=title, lines=tuple(lines), total=_line("total", title, whole, kind="total"))


def _rare(
    now: Reading, key: str, label: str, numbers: tuple[str, ...], *, sign: int = 1
) -> list[StatusLine]:
    held = now.of(*numbers)
    return [_line(key, label, sign * held, numbers)] if held else []


def _line(
    key: str,
    label: str,
    minor: int,
    numbers: tuple[str, ...] = (),
    *,
    events: tuple[str, ...] = (),
    kind: str = "line",
) -> StatusLine:
    return StatusLine(
        key=key, label=label, amount=_usd(minor), kind=kind, numbers=numbers, events=events
    )


def _share(key: str, label: str, minor: int, whole: int, share_of: str) -> StatusLine:
    return StatusLine(
        key=key,
        label=label,
        amount=_usd(minor),
        kind="balance",
        share_tenths=rules.tenths_of_per_cent(minor, whole),
        share_of=share_of,
    )


def _usd(minor: int) -> Money:
    return Money.of_minor(minor, "USD")
