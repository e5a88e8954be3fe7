"""Invariant (v): who pays for a grant makes up what the books hold for it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import BigInteger, cast, func, select

from grants.db import db
from grants.funding.models import Attribution, Grant
from grants.funding.queries.layers import COMMITTED, DISBURSED, RESERVED, usd
from grants.ledger import queries as ledger

#: Rows by which money went back to its layers after the grant was approved.
RETURNS = ("released", "decommitted", "refunded")


@dataclass(frozen=True, kw_only=True)
class AttributionBreak:
    """A grant whose payers do not make up what they should."""

    grant_id: int
    reference: str
    what: str


def attribution_breaks(fund_id: int, *, limit: int = 1000) -> list[AttributionBreak]:
    """Grants of a fund whose attribution does not hold; empty when all is well.

    For each grant and layer, the rows sum to what is reserved, committed and disbursed; and for
    each funded grant, the rows without later returns sum to the approved amount.
    """
    held = _held(fund_id)
    attributed = _attributed(fund_id)
    names = {
        row.id: row
        for row in db.session.execute(
            select(Grant.id, Grant.reference, Grant.approved_minor, Grant.is_funded).where(
                Grant.fund_id == fund_id
            )
        )
    }
    breaks = [
        AttributionBreak(
            grant_id=grant_id,
            reference=names[grant_id].reference if grant_id in names else "",
            what=f"layer {layer_id} pays {usd(attributed.get((grant_id, layer_id), 0))}; "
            f"the books hold {usd(held.get((grant_id, layer_id), 0))} of it",
        )
        for grant_id, layer_id in sorted(set(held) | set(attributed))
        if held.get((grant_id, layer_id), 0) != attributed.get((grant_id, layer_id), 0)
    ]
    granted = _granted(fund_id)
    for grant_id in sorted(names):
        row = names[grant_id]
        approved = row.approved_minor if row.is_funded else 0
        if granted.get(grant_id, 0) != approved:
            what = f"its payers make {usd(granted.get(grant_id, 0))} of {usd(approved)} approved"
            breaks.append(AttributionBreak(grant_id=grant_id, reference=row.reference, what=what))
    return breaks[:limit]


def _held(fund_id: int) -> dict[tuple[int, int], int]:
    held: dict[tuple[int, int], int] = defaultdict(int)
    for line in ledger.balances(fund_id, [RESERVED, COMMITTED, DISBURSED]):
        if line.grant_id is not None and line.layer_id is not None:
            held[(line.grant_id, line.layer_id)] += line.usd_minor
    return held


def _attributed(fund_id: int) -> dict[tuple[int, int], int]:
    rows = db.session.execute(
        select(
            Attribution.grant_id,
            Attribution.layer_id,
            cast(func.sum(Attribution.amount_minor), BigInteger),
        )
        .where(Attribution.fund_id == fund_id)
        .group_by(Attribution.grant_id, Attribution.layer_id)
    )
    return {(grant_id, layer_id): minor for grant_id, layer_id, minor in rows}


def _granted(fund_id: int) -> dict[int, int]:
    rows = db.session.execute(
        select(Attribution.grant_id, cast(func.sum(Attribution.amount_minor), BigInteger))
        .where(Attribution.fund_id == fund_id, Attribution.rule.not_in(RETURNS))
        .group_by(Attribution.grant_id)
    )
    return {grant_id: minor for grant_id, minor in rows}
