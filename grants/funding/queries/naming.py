"""What the dimensions of accounts are called, so that the books can be read by people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from grants.db import db
from grants.donors.models import Deposit
from grants.funding.models import Grant
from grants.funding.rules import in_words
from grants.ledger.chart import AccountRef
from grants.people.models import Organisation
from grants.programmes.models import Programme


@dataclass(frozen=True)
class DimensionNames:
    """Names of donors, layers, programmes and grants by their number."""

    donors: dict[int, str] = field(default_factory=dict)
    layers: dict[int, str] = field(default_factory=dict)
    programmes: dict[int, str] = field(default_factory=dict)
    grants: dict[int, str] = field(default_factory=dict)

    def words(self, account: AccountRef) -> str:
        """What an account is kept for: `Sweden, deposit of 3 May 2026 · Uganda · G-2026-0001`."""
        parts = [
            (self.donors, account.donor_id),
            (self.layers, account.layer_id),
            (self.programmes, account.programme_id),
            (self.grants, account.grant_id),
        ]
        return " · ".join(names.get(key, f"no. {key}") for names, key in parts if key is not None)


def dimension_names(accounts: Collection[AccountRef]) -> DimensionNames:
    """The names that these accounts need. At most four statements."""
    return DimensionNames(
        donors=_named(Organisation.id, Organisation.name, {one.donor_id for one in accounts}),
        layers=_layers({one.layer_id for one in accounts}),
        programmes=_named(Programme.id, Programme.name, {one.programme_id for one in accounts}),
        grants=_named(Grant.id, Grant.reference, {one.grant_id for one in accounts}),
    )


def _named(
    key: InstrumentedAttribute[int], name: InstrumentedAttribute[str], wanted: set[int | None]
) -> dict[int, str]:
    ids = [one for one in wanted if one is not None]
    if not ids:
        return {}
    rows = db.session.execute(select(key, name).where(key.in_(ids)))
    return {row[0]: row[1] for row in rows}


def _layers(wanted: set[int | None]) -> dict[int, str]:
    ids = [one for one in wanted if one is not None]
    if not ids:
        return {}
    rows = db.session.execute(
        select(Deposit.id, Organisation.name, Deposit.value_on)
        .join(Organisation, Organisation.id == Deposit.donor_id)
        .where(Deposit.id.in_(ids))
    )
    return {
        layer_id: f"{donor}, deposit of {in_words(value_on)}" for layer_id, donor, value_on in rows
    }
