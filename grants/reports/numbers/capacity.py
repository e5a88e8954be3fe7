"""What a fund can still commit: read from the journal as of a day, and added up.

Source of the layout: resources available for commitments in a trustee's report to a financial
intermediary fund, rows A to E (domain rules, section 8).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from grants.donors import queries as donors
from grants.ledger import queries as ledger
from grants.ledger.chart import CHART
from grants.ledger.queries import AccountBalance, Happening
from grants.money import Money, share_minor
from grants.people import queries as people
from grants.programmes import queries as programmes
from grants.programmes.queries import ProgrammeView
from grants.reports.shapes.capacity import Capacity, CapacityLine, PlaceCapacity

CONTRIBUTIONS = ("4010", "4020", "4030")
INTEREST = ("4100", "4110")
OTHER_INCOME = ("4200",)
FEES = ("5200", "5210")
CHARGES = ("5300",)
EXCHANGE = ("5500", "5510")
RETURNED = ("4900",)
IN_GRANTS = ("9130", "9140", "9150")
BASIS_POINTS = 10_000
#: Events by which a grant gives back: each credits what can be granted again.
_CANCELLED = {
    "reservation.released": "9130",
    "decommitment": "9140",
    "refund": "9150",
}
_BOOK_B = ("9110", "9115", "9120", "9130", "9140", "9150")


@dataclass
class _Books:
    """Balances in US cents by account number, and what grants gave back."""

    held: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cancelled: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def of(self, *numbers: str) -> int:
        return sum(self.held[number] for number in numbers)


def capacity(
    fund_id: int,
    on: date,
    *,
    known_at: int | None = None,
    donor_id: int | None = None,
    risk_basis_points: int = 0,
) -> Capacity:
    """What the fund can commit at the end of a day, as the journal up to entry `known_at` has it.

    With a donor, only what that donor's money can do. The currency-risk reserve is so many
    hundredths of a per cent of the worth of cash that is still in other currencies.
    """
    head = ledger.head(fund_id)
    known = head.sequence if known_at is None else min(known_at, head.sequence)
    # What is known today needs no looking back.
    earlier = known if known < head.sequence else None
    hashes = ledger.entries_that_stand(fund_id, [known])
    accounts = ledger.balances_as_of(fund_id, on=on, known_at=earlier)
    layers = _layers_of(fund_id, donor_id)
    mine = [one for one in accounts if _is_mine(one, donor_id, layers)]
    books = _read(mine, ledger.happenings(fund_id, _BOOK_B, until_on=on, known_at=earlier), layers)
    foreign = sum(one.usd_minor for one in accounts if _is_foreign_cash(one))
    risk = _part(foreign, risk_basis_points) if donor_id is None else 0
    without_layer = sum(
        one.usd_minor for one in mine if one.number == "9110" and one.layer_id is None
    )
    lines = _lines(books, risk, without_layer, donor_id)
    places = _programmes(programmes.programmes_of(fund_id), mine)
    amounts = {line.key: line.amount for line in lines}
    unrestricted = amounts["E"]
    assert unrestricted is not None
    return Capacity(
        fund_id=fund_id,
        fund=people.fund(fund_id).name,
        on=on,
        known_at=known,
        ledger_hash=hashes.get(known, ""),
        risk_basis_points=risk_basis_points,
        lines=tuple(lines),
        unrestricted=unrestricted,
        free_in_programmes=_usd(books.of("9120")),
        pledged=_usd(sum(one.usd_minor for one in mine if one.number == "9011")),
        receivable=_usd(sum(one.usd_minor for one in mine if one.number == "1100")),
        foreign_cash=_usd(foreign),
        is_tied=amounts["A-B"] == _usd(books.of("9110", "9115", "9120")),
        programmes=tuple(places),
        windows=tuple(_windows(places)),
        donors=tuple(_donors(fund_id, accounts)) if donor_id is None else (),
    )


def _lines(
    books: _Books, risk: int, without_layer: int, donor_id: int | None
) -> list[CapacityLine]:
    contributions = books.of(*CONTRIBUTIONS)
    interest, other = books.of(*INTEREST), books.of(*OTHER_INCOME)
    received = contributions + interest + other
    net_grants = books.of(*IN_GRANTS)
    cancelled = sum(books.cancelled.values())
    costs = _costs(books) if donor_id is None else _costs_of_a_donor(books, received)
    committed = net_grants + sum(line.amount.minor for line in costs if line.amount)
    balance = received - committed
    programmed, reserve = books.of("9120"), books.of("9115")
    unrestricted = balance - programmed - reserve - risk
    return [
        _heading("received", "Cumulative funding received"),
        _line("contributions", "Contributions received in cash", contributions, CONTRIBUTIONS),
        _line("interest", "Investment income", interest, INTEREST),
        _line("other", "Other income", other, OTHER_INCOME),
        _total("A", "Total cumulative funding received", received, "A"),
        _heading("committed", "Cumulative funding commitments"),
        _line("grants", "Projects and programmes", net_grants + cancelled, IN_GRANTS),
        *costs,
        _subtotal("gross", "Total cumulative funding commitments", committed + cancelled),
        _line("cancelled", "Cancellations and refunds of projects", -cancelled, IN_GRANTS),
        _total("B", "Net cumulative funding commitments", committed, "B"),
        _total("A-B", "Fund balance", balance, "A - B"),
        _heading("reserves", "Reserves"),
        _line("programmed", "Allocated to programmes, not yet in grants", -programmed, ("9120",)),
        _line("reserve", "Exchange reserve", -reserve, ("9115",)),
        _line("risk", "Currency-risk reserve", -risk),
        _total("C", "Unrestricted balance for commitments", unrestricted, "C"),
        _line(
            "D", "Of it income without a donor, for administration", without_layer, ("9110",), "D"
        ),
        _total(
            "E",
            "Unrestricted balance for programmes",
            unrestricted - without_layer,
            "E",
        ),
    ]


def _costs(books: _Books) -> list[CapacityLine]:
    return [
        _line(key, label, books.of(*numbers), numbers)
        for key, label, numbers in (
            ("fees", "Administrative agent's fee and management fee", FEES),
            ("charges", "Bank charges", CHARGES),
            ("exchange", "Exchange differences", EXCHANGE),
            ("returned", "Returned to contributors", RETURNED),
        )
    ]


def _costs_of_a_donor(books: _Books, received: int) -> list[CapacityLine]:
    """What of a donor's money cannot be spent: the accounts of costs do not name the donor."""
    spendable = books.of("9100")
    return [_line("costs", "Fees, charges, exchange and returns", received - spendable, ("9100",))]


def _read(
    accounts: Iterable[AccountBalance],
    happened: Iterable[Happening],
    layers: Collection[int] | None,
) -> _Books:
    books = _Books()
    for one in accounts:
        books.held[one.number] += one.usd_minor
    for event in happened:
        if layers is not None and event.layer_id not in layers:
            continue
        name = event.event.removesuffix(".reversed")
        if _CANCELLED.get(name) == event.number:
            given_back = (event.credit_minor - event.debit_minor) * CHART[event.number].side
            books.cancelled[name] += given_back
    return books


def _programmes(
    views: Iterable[ProgrammeView], accounts: Iterable[AccountBalance]
) -> list[PlaceCapacity]:
    held: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in accounts:
        if one.programme_id is not None:
            held[one.programme_id][one.number] += one.usd_minor
    return [_place(view.name, view.window, held[view.id], programme_id=view.id) for view in views]


def _windows(places: Iterable[PlaceCapacity]) -> list[PlaceCapacity]:
    """The same money by window."""
    sums: dict[str, list[PlaceCapacity]] = defaultdict(list)
    for place in places:
        sums[place.window].append(place)
    return [
        PlaceCapacity(
            name=window,
            window=window,
            set_aside=_sum(one.set_aside for one in group),
            reserved=_sum(one.reserved for one in group),
            committed=_sum(one.committed for one in group),
            disbursed=_sum(one.disbursed for one in group),
            free=_sum(one.free for one in group),
        )
        for window, group in sorted(sums.items())
    ]


def _donors(fund_id: int, accounts: Iterable[AccountBalance]) -> list[PlaceCapacity]:
    """What each donor's deposits have set aside, in grants, and still free."""
    donor_of = {one.layer_id: (one.donor_id, one.donor) for one in donors.layers(fund_id)}
    held: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in accounts:
        if one.layer_id is not None and one.number in _BOOK_B and one.layer_id in donor_of:
            held[donor_of[one.layer_id][0]][one.number] += one.usd_minor
    names = {donor_id: name for donor_id, name in donor_of.values()}
    found = [
        _place(names[donor_id], "", sums, donor_id=donor_id) for donor_id, sums in held.items()
    ]
    return sorted(found, key=lambda one: (-one.free.minor, one.name))


def _place(
    name: str,
    window: str,
    held: Mapping[str, int],
    *,
    programme_id: int | None = None,
    donor_id: int | None = None,
) -> PlaceCapacity:
    """A donor is free to pay with what is not allocated too; a programme with what it was given."""
    granted = [held.get(number, 0) for number in IN_GRANTS]
    allocated = held.get("9120", 0)
    free = allocated + (held.get("9110", 0) if donor_id is not None else 0)
    return PlaceCapacity(
        name=name,
        window=window,
        set_aside=_usd(allocated + sum(granted)),
        reserved=_usd(granted[0]),
        committed=_usd(granted[1]),
        disbursed=_usd(granted[2]),
        free=_usd(free),
        programme_id=programme_id,
        donor_id=donor_id,
    )


def _layers_of(fund_id: int, donor_id: int | None) -> set[int] | None:
    if donor_id is None:
        return None
    return {one.layer_id for one in donors.layers(fund_id) if one.donor_id == donor_id}


def _is_mine(one: AccountBalance, donor_id: int | None, layers: Collection[int] | None) -> bool:
    """Whether an account is the donor's: by its name, or by the deposit it is kept for."""
    return layers is None or one.donor_id == donor_id or one.layer_id in layers


def _part(whole: int, basis_points: int) -> int:
    """So many hundredths of a per cent of an amount, to the cent."""
    return share_minor(max(whole, 0), [basis_points, BASIS_POINTS - basis_points])[0]


def _is_foreign_cash(one: AccountBalance) -> bool:
    return one.number == "1010" and one.currency != "USD"


def _line(
    key: str, label: str, minor: int, numbers: tuple[str, ...] = (), letter: str = ""
) -> CapacityLine:
    return CapacityLine(key=key, label=label, amount=_usd(minor), numbers=numbers, letter=letter)


def _heading(key: str, label: str) -> CapacityLine:
    return CapacityLine(key=f"heading {key}", label=label, amount=None, kind="heading")


def _subtotal(key: str, label: str, minor: int) -> CapacityLine:
    return CapacityLine(key=key, label=label, amount=_usd(minor), kind="subtotal")


def _total(key: str, label: str, minor: int, letter: str) -> CapacityLine:
    return CapacityLine(key=key, label=label, amount=_usd(minor), kind="total", letter=letter)


def _sum(amounts: Iterable[Money]) -> Money:
    return _usd(sum(amount.minor for amount in amounts))


def _usd(minor: int) -> Money:
    return Money.of_minor(minor, "USD")
