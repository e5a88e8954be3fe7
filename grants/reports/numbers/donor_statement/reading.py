"""The books of a fund as of a day, as far as a statement needs them: one statement of SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from grants.ledger import queries as ledger
from grants.ledger.chart import CHART, SPENT
from grants.ledger.queries import Happening
from grants.reports import rules

CONTRIBUTIONS: Final = ("4010", "4020", "4030")
DISBURSED: Final = "9150"
DIRECT_COST: Final = "5100"
UNPAID: Final = "2010"
WRITTEN_OFF: Final = "5400"
HELD: Final = ("9110", "9115", "9120", "9130", "9140")
SET_ASIDE: Final = ("9130", "9140", DISBURSED)
#: What of a grant is shared among its layers, in this order.
_PARTS: Final = (*SPENT, WRITTEN_OFF, UNPAID)
_RECEIPTS: Final = ("deposit", "receipt.matched")
_REVERSED_RECEIPTS: Final = tuple(f"{event}.reversed" for event in _RECEIPTS)
_REFUNDS: Final = ("refund", "refund.reversed")
#: Money that no deposit brought (interest) is kept under this number.
NO_LAYER: Final = 0


@dataclass
class LayerBook:
    """What a layer received and what is left of it. All in cents."""

    received: int = 0
    fee: int = 0
    #: What the bank and the exchange added or took.
    other: int = 0
    held: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass
class GrantBook:
    """What a grant had from each layer, and what became of it. All in cents."""

    by_layer: dict[int, dict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )
    refunds: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    whole: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(frozen=True)
class LayerShare:
    """What a layer bears of one grant. All in cents."""

    set_aside: int
    disbursed: int
    unpaid: int
    refunds: int
    written_off: int
    spent: Mapping[str, int]

    @property
    def paid(self) -> int:
        """What was paid to the partner less what came back."""
        return self.disbursed - self.unpaid

    @property
    def expenditure(self) -> int:
        return sum(self.spent.values())


@dataclass(frozen=True)
class Reading:
    """A fund's books at the end of a day."""

    fund: Mapping[str, int]
    #: What came back of direct cost; `fund` has the cost less this.
    direct_refunds: int
    layers: Mapping[int, LayerBook]
    #: By grant, then by layer.
    shares: Mapping[int, Mapping[int, LayerShare]]

    def layer(self, layer_id: int) -> LayerBook:
        return self.layers.get(layer_id) or LayerBook()


def read(fund_id: int, on: date, known_at: int) -> Reading:
    """The books at the end of a day, as the journal up to entry `known_at` has them."""
    fund: dict[str, int] = defaultdict(int)
    direct_refunds = 0
    layers: dict[int, LayerBook] = defaultdict(LayerBook)
    grants: dict[int, GrantBook] = defaultdict(GrantBook)
    for one in ledger.happenings(fund_id, (), until_on=on, known_at=known_at):
        balance = (one.debit_minor - one.credit_minor) * CHART[one.number].side
        fund[one.number] += balance
        if one.number == DIRECT_COST and one.event in _REFUNDS:
            direct_refunds -= balance
        if one.number == "9100":
            _receive(layers[one.layer_id or NO_LAYER], one)
        elif one.number in HELD:
            layers[one.layer_id or NO_LAYER].held[one.number] += balance
        if one.grant_id is not None:
            _note_grant(grants[one.grant_id], one, balance)
    return Reading(
        fund=dict(fund),
        direct_refunds=direct_refunds,
        layers=dict(layers),
        shares={grant_id: _shares(book) for grant_id, book in grants.items()},
    )


def read_now(fund_id: int) -> Reading:
    """The books as they stand, from the kept balances: what a page shows.

    A layer counts as received what it may spend, after fees and exchange; refunds are not told
    apart from what was paid.
    """
    layers: dict[int, LayerBook] = defaultdict(LayerBook)
    grants: dict[int, GrantBook] = defaultdict(GrantBook)
    for one in ledger.balances(fund_id, ("9100", *HELD, *SET_ASIDE, *_PARTS)):
        layer_id = one.layer_id or NO_LAYER
        if one.number == "9100":
            layers[layer_id].received += one.usd_minor
        elif one.number in HELD:
            layers[layer_id].held[one.number] += one.usd_minor
        if one.grant_id is not None and one.number in SET_ASIDE:
            grants[one.grant_id].by_layer[layer_id][one.number] += one.usd_minor
        elif one.grant_id is not None:
            grants[one.grant_id].whole[one.number] += one.usd_minor
    return Reading(
        fund={},
        direct_refunds=0,
        layers=dict(layers),
        shares={grant_id: _shares(book) for grant_id, book in grants.items()},
    )


def of_layers(
    shares: Mapping[int, Mapping[int, LayerShare]], layer_ids: Iterable[int]
) -> dict[int, dict[int, LayerShare]]:
    """The grants that any of these layers pays for, with what those layers bear."""
    mine = set(layer_ids)
    found = {
        grant_id: {layer: share for layer, share in by_layer.items() if layer in mine}
        for grant_id, by_layer in shares.items()
    }
    return {grant_id: by_layer for grant_id, by_layer in found.items() if by_layer}


def _receive(book: LayerBook, one: Happening) -> None:
    """A deposit is debited whole to its layer, and its fee credited; a reversal mirrors both."""
    if one.event in _RECEIPTS:
        book.received += one.debit_minor
        book.fee += one.credit_minor
    elif one.event in _REVERSED_RECEIPTS:
        book.received -= one.credit_minor
        book.fee -= one.debit_minor
    else:
        book.other += one.debit_minor - one.credit_minor


def _note_grant(book: GrantBook, one: Happening, balance: int) -> None:
    layer_id = one.layer_id or NO_LAYER
    if one.number in SET_ASIDE:
        book.by_layer[layer_id][one.number] += balance
    elif one.number in _PARTS:
        book.whole[one.number] += balance
    if one.number == DISBURSED and one.event == "refund":
        book.refunds[layer_id] += one.debit_minor
    elif one.number == DISBURSED and one.event == "refund.reversed":
        book.refunds[layer_id] -= one.credit_minor


def _shares(book: GrantBook) -> dict[int, LayerShare]:
    order = sorted(book.by_layer)
    disbursed = [book.by_layer[layer][DISBURSED] for layer in order]
    set_aside = [sum(book.by_layer[layer][number] for number in SET_ASIDE) for layer in order]
    parts = [book.whole[number] for number in _PARTS]
    rows = dict(zip(_PARTS, rules.split_parts(parts, disbursed, set_aside), strict=True))
    return {
        layer: LayerShare(
            set_aside=set_aside[index],
            disbursed=disbursed[index],
            unpaid=rows[UNPAID][index],
            refunds=book.refunds[layer],
            written_off=rows[WRITTEN_OFF][index],
            spent={number: rows[number][index] for number in SPENT if rows[number][index]},
        )
        for index, layer in enumerate(order)
    }
