"""The whole portfolio solved at once, as a what-if: who would pay for every grant of a fund.

No books are touched. All that ever became spendable is asked to pay for all that was approved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from grants.db import db
from grants.donors.rules import CostType
from grants.funding import rules
from grants.funding.models import Grant, GrantState
from grants.funding.queries.layers import STANDING, demand_of, policy_of, spendable, usd
from grants.funding.rules import Demand, Policy, Purpose, Share, Shortage, SpendableLayer
from grants.ledger import queries as ledger
from grants.money import Money
from grants.people.models import Organisation
from grants.programmes import queries as programmes


@dataclass(frozen=True, kw_only=True)
class Question:
    """All layers and all grants of a fund, as the solver sees them."""

    layers: tuple[SpendableLayer, ...]
    demands: tuple[Demand, ...]


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """Every grant of a fund with those who would pay for it; what is short, by grant."""

    fund_id: int
    approved: Money
    shares: tuple[Share, ...]
    short: Mapping[int, Money]
    question: Question

    @property
    def attributed(self) -> Money:
        return usd(sum(share.amount_minor for share in self.shares))

    def by_grant(self) -> dict[int, Money]:
        """What is paid of each grant, by its number."""
        return _summed([(int(share.demand_key), share) for share in self.shares])

    def by_donor(self) -> dict[int, Money]:
        """What each donor pays, by its number."""
        donor = {layer.layer_id: layer.donor_id for layer in self.question.layers}
        return _summed([(donor[share.layer_id], share) for share in self.shares])


def portfolio(fund_id: int, policy: Policy | None = None) -> Portfolio:
    """Attribute every grant of a fund to its donors anew, all at once; earlier approvals first."""
    question = portfolio_question(fund_id)
    found = rules.solve(question.layers, question.demands, policy or policy_of(fund_id))
    short = found.short if isinstance(found, Shortage) else {}
    return Portfolio(
        fund_id=fund_id,
        approved=usd(sum(one.amount_minor for one in question.demands)),
        shares=found.shares,
        short={int(key): usd(minor) for key, minor in short.items()},
        question=question,
    )


def portfolio_question(fund_id: int) -> Question:
    """What the solver is asked: all that was ever spendable, and all that was approved."""
    held: dict[int, int] = defaultdict(int)
    for line in ledger.balance_sums(fund_id, STANDING, by="layer_id"):
        if isinstance(line.key, int):
            held[line.key] += line.usd_minor
    views = {one.id: one for one in programmes.programmes_of(fund_id)}
    rows = db.session.execute(
        select(Grant, Organisation.kind)
        .join(Organisation, Organisation.id == Grant.grantee_id)
        .where(Grant.fund_id == fund_id, Grant.state != GrantState.CANCELLED)
        .where(Grant.approved_minor > 0)
        .order_by(Grant.approved_on, Grant.id)
    )
    return Question(
        layers=tuple(spendable(fund_id, held)),
        demands=tuple(
            rules.named(
                demand_of(
                    views[grant.programme_id],
                    usd(grant.approved_minor),
                    grant.approved_on,
                    Purpose(
                        sectors=frozenset({grant.sector} if grant.sector else ()),
                        recipient_kind=kind,
                        items=frozenset(grant.items or ()),
                        cost_type=grant.cost_type or CostType.GRANT,
                    ),
                ),
                key=str(grant.id),
                priority=place,
            )
            for place, (grant, kind) in enumerate(rows)
        ),
    )


def _summed(pairs: list[tuple[int, Share]]) -> dict[int, Money]:
    sums: dict[int, int] = defaultdict(int)
    for key, share in pairs:
        sums[key] += share.amount_minor
    return {key: usd(minor) for key, minor in sums.items()}
