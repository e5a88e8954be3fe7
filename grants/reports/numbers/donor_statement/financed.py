"""The outgoing side of a statement: grants financed, where the money went, what it was spent on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grants.funding import queries as funding
from grants.funding.queries import GrantLine as FundedGrant
from grants.ledger.chart import CHART
from grants.reports import rules
from grants.reports.numbers.donor_statement.contributions import total, usd
from grants.reports.numbers.donor_statement.reading import LayerShare, Reading, of_layers
from grants.reports.shapes import CategoryLine, GrantLine, PlaceLine, SpendingLine

NO_COUNTRY = "Global and regional"


@dataclass(frozen=True)
class Financed:
    """A grant, what all layers set aside for it, and what the contributor's layers bear."""

    grant: FundedGrant
    line: GrantLine
    by_layer: Mapping[int, LayerShare]


def read_financed(fund_id: int, tracked: Mapping[int, bool], now: Reading) -> list[Financed]:
    """The grants that the contributor's layers pay for, the largest share first."""
    mine = of_layers(now.shares, tracked)
    wanted = {
        grant_id
        for grant_id, by_layer in mine.items()
        # Money can be dated before the approval that it belongs to: then it alone tells.
        if any(one.set_aside or one.refunds or one.paid for one in by_layer.values())
    }
    found = [
        _financed(grant, mine[grant.id], now.shares[grant.id].values(), tracked)
        for grant in funding.grants_by_id(fund_id, wanted)
    ]
    return sorted(found, key=lambda one: (-one.line.approved.minor, one.line.reference))


def places(financed: Iterable[Financed]) -> list[PlaceLine]:
    """The same money by country, window and programme, the largest first."""
    groups: dict[int, list[Financed]] = defaultdict(list)
    for one in financed:
        groups[one.grant.programme_id].append(one)
    found = [
        PlaceLine(
            country=group[0].line.country,
            window=group[0].line.window,
            programme=group[0].grant.programme,
            grants=len(group),
            approved=total(one.line.approved for one in group),
            net_funded=total(one.line.net_funded for one in group),
            expenditure=total(one.line.expenditure for one in group),
        )
        for group in groups.values()
    ]
    return sorted(found, key=lambda one: (-one.approved.minor, one.country, one.programme))


def categories(tracked: Mapping[int, bool], now: Reading, before: Reading) -> list[CategoryLine]:
    """Accepted expenditure by UNSDG category: before the period, in it, and in all."""
    old, new = _by_category(tracked, before), _by_category(tracked, now)
    return [
        CategoryLine(
            number=_category(number),
            name=CHART[number].name,
            before=usd(old[number]),
            in_period=usd(new[number] - old[number]),
            expenditure=usd(new[number]),
        )
        for number in sorted({*old, *new})
        if old[number] or new[number]
    ]


def spending(financed: Iterable[Financed]) -> list[SpendingLine]:
    """Country by window by category, in that order."""
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for one in financed:
        for share in one.by_layer.values():
            for number, minor in share.spent.items():
                sums[one.line.country, one.line.window, number] += minor
    return [
        SpendingLine(
            country=country,
            window=window,
            number=_category(number),
            category=CHART[number].name,
            expenditure=usd(minor),
        )
        for (country, window, number), minor in sorted(sums.items())
        if minor
    ]


def _financed(
    grant: FundedGrant,
    by_layer: Mapping[int, LayerShare],
    every: Iterable[LayerShare],
    tracked: Mapping[int, bool],
) -> Financed:
    mine = sum(share.set_aside for share in by_layer.values())
    whole = sum(share.set_aside for share in every)
    paid = sum(share.paid for share in by_layer.values())
    spent = sum(share.expenditure for share in by_layer.values())
    line = GrantLine(
        reference=grant.reference,
        title=grant.title,
        partner=grant.grantee,
        country=grant.country or NO_COUNTRY,
        window=grant.window,
        state=grant.state,
        grant_approved=grant.approved,
        share_basis_points=rules.basis_points(mine, whole) or 0,
        basis=_basis(by_layer, tracked),
        approved=usd(mine),
        net_funded=usd(paid),
        expenditure=usd(spent),
        delivery_basis_points=rules.basis_points(spent, paid),
    )
    return Financed(grant=grant, line=line, by_layer=by_layer)


def _basis(by_layer: Mapping[int, LayerShare], tracked: Mapping[int, bool]) -> str:
    kinds = {tracked[layer] for layer in by_layer}
    if len(kinds) > 1:
        return "mixed"
    return "tracked" if True in kinds else "notional"


def _by_category(tracked: Mapping[int, bool], reading: Reading) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for by_layer in of_layers(reading.shares, tracked).values():
        for share in by_layer.values():
            for number, minor in share.spent.items():
                sums[number] += minor
    return sums


def _category(number: str) -> int:
    """The UNSDG category that an account of expenditure is for: 5040 is category 4.

    Direct cost of the secretariat has none and is listed last, as number 0.
    """
    return int(number[2])
