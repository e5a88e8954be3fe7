"""The figures of a donor's statement, from one reading of the books.

A donor's money is its deposits, each a layer. What a layer became is read from the control book as of
a day and as known at one entry, so every figure ties to the ledger: deposits less fees, and more or
less exchange, are what is disbursed, committed, reserved, allocated and free.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select

from grants.db import db
from grants.donors import queries as donors
from grants.donors.models import Deposit, DepositState
from grants.donors.queries import DepositLine
from grants.funding.models import Attribution, Grant
from grants.ledger import queries as ledger
from grants.ledger.chart import CHART, EXPENDITURE
from grants.money import Money, share_minor
from grants.people import queries as people
from grants.people.models import Organisation
from grants.programmes import queries as programmes
from grants.reports.shapes import (
    BalanceLine,
    CategoryLine,
    Cover,
    DonorStatement,
    FeeLine,
    GrantLine,
    InstalmentLine,
    PlaceLine,
    PledgeLine,
    SourceOrUse,
)

CONTROL = ("9100", "9110", "9115", "9120", "9130", "9140", "9150")
_SET_ASIDE = ("9130", "9140", "9150")


@dataclass(frozen=True)
class _Share:
    """What of a grant the donor's layers bear."""

    approved: int
    disbursed: int
    spent: int
    approved_whole: int
    spent_by_category: Mapping[str, int]


@dataclass
class _Reading:
    """The control book and the expenditure of a fund as of a day."""

    by_layer: dict[int, dict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )
    by_grant: dict[int, dict[int, dict[str, int]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    )
    spent: dict[int, dict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )


def build(
    fund_id: int, donor_id: int, *, from_on: date, until_on: date, known_at: int, cover: Cover
) -> DonorStatement:
    """The statement of a donor for the days from `from_on` to `until_on`, both included.

    Reads only what the journal held up to entry `known_at`. Refuses with NotFound an unknown fund
    or donor. Shares of a grant's expenditure follow what each layer disbursed, to the cent.
    """
    people.fund(fund_id)
    people.organisation(donor_id)
    deposits = _deposits(fund_id, donor_id, until_on)
    tracked = _tracked(deposits)
    now = _read(fund_id, until_on, known_at)
    before = _read(fund_id, from_on - timedelta(days=1), known_at)
    mine = set(tracked)
    shares = _shares(now, mine)
    grants, places = _grants(fund_id, shares, mine)
    received = _sum(line.usd for line in deposits)
    agreements = donors.agreements_of(fund_id, donor_id)
    pledges = [
        one
        for one in donors.pledges_of(fund_id, donor_id, state="open")
        if one.pledged_on <= until_on
    ]
    balance = _balance(now, tracked)
    return DonorStatement(
        cover=cover,
        pledged=_sum(one.usd for one in pledges),
        agreed=_sum(one.usd for one in agreements),
        received=received,
        received_in_period=_sum(line.usd for line in deposits if line.value_on >= from_on),
        pledges=tuple(
            PledgeLine(
                reference=one.reference,
                pledged_on=one.pledged_on,
                amount=one.amount,
                usd=one.usd,
            )
            for one in pledges
        ),
        instalments=tuple(_instalments(deposits, [one.id for one in agreements], until_on)),
        sources_and_uses=tuple(_sources_and_uses(deposits, tracked, from_on, now, before)),
        places=tuple(places),
        categories=tuple(_categories(shares)),
        grants=tuple(grants),
        fees=tuple(_fees(deposits, now)),
        balance=tuple(balance),
        closing_balance=_sum(
            line.total for line in balance if line.label != "Disbursed to grantees"
        ),
        notes=_notes(deposits),
    )


def _deposits(fund_id: int, donor_id: int, until_on: date) -> list[DepositLine]:
    found: list[DepositLine] = []
    total = 1
    while len(found) < total:
        part, total = donors.deposits_of(
            fund_id, donor_id, sort="value_on", offset=len(found), limit=1000
        )
        if not part:
            break
        found += part
    return [
        line for line in found if line.state == DepositState.MATCHED and line.value_on <= until_on
    ]


def _read(fund_id: int, on: date, known_at: int) -> _Reading:
    reading = _Reading()
    for held in ledger.balances_as_of(fund_id, CONTROL, on=on, known_at=known_at):
        if held.layer_id is None:
            continue
        reading.by_layer[held.layer_id][held.number] += held.usd_minor
        if held.grant_id is not None:
            reading.by_grant[held.grant_id][held.layer_id][held.number] += held.usd_minor
    for held in ledger.balances_as_of(fund_id, EXPENDITURE, on=on, known_at=known_at):
        if held.grant_id is not None:
            reading.spent[held.grant_id][held.number] += held.usd_minor
    return reading


def _tracked(deposits: Iterable[DepositLine]) -> dict[int, bool]:
    """The donor's layers, and whether an earmark says what each may pay for."""
    ids = [line.id for line in deposits]
    found: dict[int, bool] = {}
    for start in range(0, len(ids), 500):
        rows = db.session.execute(
            select(Deposit.id, Deposit.is_core).where(Deposit.id.in_(ids[start : start + 500]))
        )
        found.update({row.id: not row.is_core for row in rows})
    return found


def _shares(reading: _Reading, mine: set[int]) -> dict[int, _Share]:
    """The donor's part of each grant; parts of expenditure follow what each layer disbursed."""
    found: dict[int, _Share] = {}
    for grant_id, layers in reading.by_grant.items():
        if not mine & layers.keys():
            continue
        order = sorted(layers)
        weights = [max(layers[layer]["9150"], 0) for layer in order]
        by_category = {}
        for number, minor in reading.spent[grant_id].items():
            parts = share_minor(minor, weights) if any(weights) else [0] * len(order)
            by_category[number] = sum(
                part for layer, part in zip(order, parts, strict=True) if layer in mine
            )
        approved = {
            layer: sum(held[number] for number in _SET_ASIDE) for layer, held in layers.items()
        }
        found[grant_id] = _Share(
            approved=sum(minor for layer, minor in approved.items() if layer in mine),
            disbursed=sum(held["9150"] for layer, held in layers.items() if layer in mine),
            spent=sum(by_category.values()),
            approved_whole=sum(approved.values()),
            spent_by_category=by_category,
        )
    return found


def _grants(
    fund_id: int, shares: Mapping[int, _Share], mine: set[int]
) -> tuple[list[GrantLine], list[PlaceLine]]:
    views = {view.id: view for view in programmes.programmes_of(fund_id)}
    bases = _bases(shares, mine)
    lines: list[tuple[Grant, GrantLine]] = []
    for found, partner in _grant_rows(shares):
        share = shares[found.id]
        view = views[found.programme_id]
        whole = share.approved_whole
        lines.append(
            (
                found,
                GrantLine(
                    reference=found.reference,
                    title=found.title,
                    partner=partner,
                    country=view.country or view.name,
                    state=found.state,
                    share_basis_points=round(share.approved * 10_000 / whole) if whole else 0,
                    basis=bases.get(found.id, "notional"),
                    approved=_usd(share.approved),
                    net_funded=_usd(share.disbursed),
                    expenditure=_usd(share.spent),
                ),
            )
        )
    lines.sort(key=lambda pair: (-pair[1].approved.minor, pair[1].reference))
    groups: dict[int, list[GrantLine]] = defaultdict(list)
    for found, line in lines:
        groups[found.programme_id].append(line)
    places = [
        PlaceLine(
            country=views[programme_id].country or "Global and regional",
            window=views[programme_id].window,
            programme=views[programme_id].name,
            grants=len(group),
            approved=_sum(line.approved for line in group),
            net_funded=_sum(line.net_funded for line in group),
            expenditure=_sum(line.expenditure for line in group),
        )
        for programme_id, group in groups.items()
    ]
    places.sort(key=lambda place: (-place.approved.minor, place.programme))
    return [line for _, line in lines], places


def _grant_rows(shares: Mapping[int, _Share]) -> list[tuple[Grant, str]]:
    ids = sorted(grant_id for grant_id, share in shares.items() if share.approved)
    found: list[tuple[Grant, str]] = []
    for start in range(0, len(ids), 500):
        rows = db.session.execute(
            select(Grant, Organisation.name)
            .join(Organisation, Organisation.id == Grant.grantee_id)
            .where(Grant.id.in_(ids[start : start + 500]))
            .order_by(Grant.id)
        )
        found += [(row[0], row[1]) for row in rows]
    return found


def _bases(shares: Mapping[int, _Share], mine: set[int]) -> dict[int, str]:
    """Tracked where every share of the donor is; notional where any is; both are said as mixed."""
    seen: dict[int, set[str]] = defaultdict(set)
    ids = sorted(shares)
    for start in range(0, len(ids), 500):
        rows = db.session.execute(
            select(Attribution.grant_id, Attribution.layer_id, Attribution.basis)
            .where(Attribution.grant_id.in_(ids[start : start + 500]))
            .distinct()
        )
        for grant_id, layer_id, basis in rows:
            if layer_id in mine:
                seen[grant_id].add(basis)
    return {grant_id: "+".join(sorted(bases)) for grant_id, bases in seen.items()}


def _instalments(
    deposits: list[DepositLine], agreement_ids: list[int], until_on: date
) -> list[InstalmentLine]:
    lines: list[InstalmentLine] = []
    shown: set[int] = set()
    by_id = {line.id: line for line in deposits}
    for agreement_id in agreement_ids:
        page = donors.agreement_page(agreement_id, until_on)
        for one in page.instalments:
            paid = [by_id[each.deposit_id] for each in one.payments if each.deposit_id in by_id]
            shown |= {line.id for line in paid}
            for line in paid or (None,):
                lines.append(
                    _instalment(page.reference, one.number, one.due_on, one.amount, one.usd, line)
                )
    lines += [
        _instalment(line.agreement, line.instalment, None, None, None, line)
        for line in deposits
        if line.id not in shown
    ]
    return sorted(lines, key=lambda one: (one.due_on or one.paid_on or until_on, one.agreement))


def _instalment(
    reference: str,
    number: int | None,
    due_on: date | None,
    agreed: Money | None,
    agreed_usd: Money | None,
    paid: DepositLine | None,
) -> InstalmentLine:
    late = (paid.value_on - due_on).days if paid and due_on else None
    return InstalmentLine(
        agreement=reference or (paid.bank_reference if paid else ""),
        number=number,
        due_on=due_on,
        agreed=agreed,
        agreed_usd=agreed_usd,
        paid_on=paid.value_on if paid else None,
        paid=paid.amount if paid else None,
        rate=paid.rate if paid else "",
        rate_source=paid.rate_source if paid else "",
        usd=paid.usd if paid else None,
        difference=paid.difference if paid and due_on else None,
        days_late=max(late, 0) if late is not None else None,
    )


def _sources_and_uses(
    deposits: list[DepositLine],
    tracked: Mapping[int, bool],
    from_on: date,
    now: _Reading,
    before: _Reading,
) -> list[SourceOrUse]:
    layers = sorted(tracked)

    def of(reading: _Reading, *numbers: str) -> dict[int, int]:
        return {
            layer: sum(reading.by_layer[layer][number] for number in numbers) for layer in layers
        }

    received = {line.id: line.usd.minor for line in deposits}
    in_period = {line.id: line.usd.minor for line in deposits if line.value_on >= from_on}
    fees = {line.id: line.fee.minor for line in deposits}
    period_fees = {line.id: line.fee.minor for line in deposits if line.value_on >= from_on}
    control, control_before = of(now, "9100"), of(before, "9100")
    other = {layer: control[layer] - received[layer] + fees[layer] for layer in layers}
    other_before = {
        layer: control_before[layer]
        - (received[layer] - fees[layer] if layer not in in_period else 0)
        for layer in layers
    }
    period_other = {layer: other[layer] - other_before[layer] for layer in layers}
    sent, sent_before = of(now, "9150"), of(before, "9150")
    period_sent = {layer: sent[layer] - sent_before[layer] for layer in layers}
    row = _Rows(tracked)
    row.add("Contributions received", "source", in_period, received)
    row.add("Exchange and bank results", "source", period_other, other)
    row.total("Total sources", "source")
    row.add("Transfers to grantees, less refunds", "use", period_sent, sent)
    row.add("Administrative agent's fee", "use", period_fees, fees)
    row.total("Total uses", "use")
    row.balance("Change in balance")
    return row.rows


class _Rows:
    """Rows of sources and uses as they are written down."""

    def __init__(self, tracked: Mapping[int, bool]) -> None:
        self.tracked = tracked
        self.rows: list[SourceOrUse] = []

    def add(
        self, label: str, kind: str, period: Mapping[int, int], cumulative: Mapping[int, int]
    ) -> None:
        tracked, notional = self._parts(period)
        all_tracked, all_notional = self._parts(cumulative)
        self._row(label, kind, tracked, notional, all_tracked, all_notional)

    def total(self, label: str, kind: str) -> None:
        rows = [row for row in self.rows if row.kind == kind]
        self._row(label, f"total_{kind}", *self._sums(rows))

    def balance(self, label: str) -> None:
        sources = self._sums([row for row in self.rows if row.kind == "total_source"])
        uses = self._sums([row for row in self.rows if row.kind == "total_use"])
        self._row(label, "balance", *(a - b for a, b in zip(sources, uses, strict=True)))

    def _parts(self, by_layer: Mapping[int, int]) -> tuple[Money, Money]:
        tracked = sum(minor for layer, minor in by_layer.items() if self.tracked[layer])
        notional = sum(minor for layer, minor in by_layer.items() if not self.tracked[layer])
        return _usd(tracked), _usd(notional)

    def _sums(self, rows: list[SourceOrUse]) -> tuple[Money, Money, Money, Money]:
        return (
            _sum(row.tracked for row in rows),
            _sum(row.notional for row in rows),
            _sum(row.cumulative_tracked for row in rows),
            _sum(row.cumulative_notional for row in rows),
        )

    def _row(self, label: str, kind: str, *amounts: Money) -> None:
        tracked, notional, all_tracked, all_notional = amounts
        self.rows.append(
            SourceOrUse(
                label=label,
                kind=kind,
                tracked=tracked,
                notional=notional,
                cumulative_tracked=all_tracked,
                cumulative_notional=all_notional,
            )
        )


def _categories(shares: Mapping[int, _Share]) -> list[CategoryLine]:
    totals: dict[str, int] = defaultdict(int)
    for share in shares.values():
        for number, minor in share.spent_by_category.items():
            totals[number] += minor
    return [
        CategoryLine(number=int(number[2]), name=CHART[number].name, expenditure=_usd(minor))
        for number, minor in sorted(totals.items())
        if minor
    ]


def _fees(deposits: list[DepositLine], now: _Reading) -> list[FeeLine]:
    return [
        FeeLine(
            value_on=line.value_on,
            reference=line.agreement or line.bank_reference,
            deposit=line.usd,
            fee=line.fee,
            other=_usd(now.by_layer[line.id]["9100"]) - line.usd + line.fee,
            difference=line.difference,
        )
        for line in deposits
        if line.fee
        or line.difference
        or now.by_layer[line.id]["9100"] != line.usd.minor - line.fee.minor
    ]


_BALANCE = (
    ("Disbursed to grantees", ("9150",)),
    ("Committed, not yet disbursed", ("9140",)),
    ("Reserved for approved grants", ("9130",)),
    ("Allocated to programmes", ("9120",)),
    ("Not yet allocated", ("9110",)),
    ("Held against exchange risk", ("9115",)),
)


def _balance(now: _Reading, tracked: Mapping[int, bool]) -> list[BalanceLine]:
    lines = []
    for label, numbers in _BALANCE:
        parts = {True: 0, False: 0}
        for layer, is_tracked in tracked.items():
            parts[is_tracked] += sum(now.by_layer[layer][number] for number in numbers)
        lines.append(
            BalanceLine(label=label, tracked=_usd(parts[True]), notional=_usd(parts[False]))
        )
    return lines


def _notes(deposits: list[DepositLine]) -> tuple[str, ...]:
    notes = [
        "Amounts are in US dollars unless another currency stands beside them. Deposits are valued"
        " at the United Nations operational rate of exchange of their value date, or at the rate"
        " that the source states.",
        "Tracked: the earmark of the contribution decides what it pays for. Notional: a calculated"
        " share of money given without earmark; it is not traced and is never added to results as"
        " attributable.",
        "A share of a grant's expenditure follows what each contribution disbursed to it, to the"
        " cent. Refunds return to the contributions that paid, in the same proportion.",
        "Expenditure is what partners reported and the fund accepted by the end of the period.",
    ]
    if any(line.stated_currency is None for line in deposits):
        notes.append(
            "Some deposits came without the name of their currency; they are shown in US dollars."
        )
    return tuple(notes)


def _sum(amounts: Iterable[Money]) -> Money:
    total = Money.zero("USD")
    for amount in amounts:
        total += amount
    return total


def _usd(minor: int) -> Money:
    return Money.of_minor(minor, "USD")


def agreement_references(fund_id: int, donor_id: int) -> tuple[str, ...]:
    """The references of a donor's agreements in a fund, oldest first."""
    found = donors.agreements_of(fund_id, donor_id)
    return tuple(one.reference for one in reversed(found))
