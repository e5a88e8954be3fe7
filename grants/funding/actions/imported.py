"""Grants of the past, taken over from other books: set aside in one step from what had come in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select

from grants.db import db, lock
from grants.funding import rules
from grants.funding.actions.commitments import (
    locked_grant,
    note,
    places,
    write_grant,
)
from grants.funding.actions.holdings import attribute, give_back, moves_of
from grants.funding.models import Attribution, Grant, GrantState
from grants.funding.queries.layers import demand_of, policy_of, purpose_of, spendable_layers
from grants.funding.rules import ImportedGrant, Policy, Share, Shortage, SpendableLayer
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger.actions import NewEntry, NewMove
from grants.money import Money
from grants.people.permissions import Actor, Verb, require
from grants.programmes import queries as programmes
from grants.programmes.models import Programme

#: Told of a grant that its layers cannot cover, and what is missing.
TellShort = Callable[[Grant, Money], None]
NOTHING = Money.zero("USD")


def record_imported_grant(actor: Actor, new: ImportedGrant) -> Grant:
    """Take over one grant: see record_imported_grants."""
    return record_imported_grants(actor, [new])[0]


def record_imported_grants(
    actor: Actor,
    new: Sequence[ImportedGrant],
    *,
    policy: Policy | None = None,
    tell_short: TellShort | None = None,
) -> list[Grant]:
    """Take over grants of one fund, the earliest approved first; the answer is in the given order.

    Each is allocated, reserved and (unless it says otherwise) committed in one entry, by layers
    that had come in by its approval. One that they cannot cover is recorded as not funded, without
    an entry; `tell_short` hears which, and what is missing. `policy` overrides the fund's own.
    """
    if not new:
        return []
    fund_id = new[0].grant.fund_id
    require(actor, Verb.IMPORT, fund_id)
    views = _programmes(fund_id, new)
    ledger.lock_journal(fund_id)
    purse = _Purse(spendable_layers(fund_id), policy or policy_of(fund_id))
    grants: dict[int, Grant] = {}
    funded: list[tuple[Grant, tuple[Share, ...], NewEntry]] = []
    for index in sorted(range(len(new)), key=lambda at: (new[at].grant.approved_on, at)):
        one = new[index]
        shares, missing = purse.take(views[one.grant.programme_id], one)
        grant = write_grant(actor, one.grant, state=_state_of(one), is_funded=not missing)
        grants[index] = grant
        if missing and tell_short:
            tell_short(grant, missing)
        if shares:
            funded.append((grant, shares, _entry(grant, one, shares)))
    posted = ledger.post_all(actor, [entry for _, _, entry in funded])
    for (grant, shares, _), one_posted in zip(funded, posted, strict=True):
        attribute(grant, shares, one_posted.id)
    for index, one in enumerate(new):
        grant = grants[index]
        note(actor, "grant.imported", grant, amount=one.grant.amount, is_funded=grant.is_funded)
    return [grants[index] for index in range(len(new))]


def cover_imported_grants(
    actor: Actor, known: Mapping[int, ImportedGrant], *, tell_short: TellShort | None = None
) -> list[Grant]:
    """Set money aside for grants of one fund that could not be covered when they were taken over.

    The earliest approved come first. Returns those that are covered now; `tell_short` hears of the
    others, which stay as they were.
    """
    if not known:
        return []
    grants = {grant_id: locked_grant(grant_id) for grant_id in sorted(known)}
    fund_id = next(iter(grants.values())).fund_id
    require(actor, Verb.IMPORT, fund_id)
    views = _programmes(fund_id, list(known.values()))
    ledger.lock_journal(fund_id)
    purse = _Purse(spendable_layers(fund_id), policy_of(fund_id))
    covered = []
    for grant_id in sorted(known, key=lambda one: (known[one].grant.approved_on, one)):
        grant, new = grants[grant_id], known[grant_id]
        if grant.is_funded:
            continue
        shares, missing = purse.take(views[new.grant.programme_id], new)
        if missing:
            if tell_short:
                tell_short(grant, missing)
            continue
        grant.is_funded = True
        posted = ledger.post(actor, _entry(grant, new, shares))
        attribute(grant, shares, posted.id)
        note(actor, "grant.covered", grant, amount=new.grant.amount)
        covered.append(grant)
    return covered


def withdraw_imported_grant(actor: Actor, grant_id: int, reason: str) -> Grant:
    """Take back a grant that its source no longer has: its entry is mirrored, it is cancelled.

    Refuses once anything was advanced on it.
    """
    grant = locked_grant(grant_id)
    require(actor, Verb.IMPORT, grant.fund_id)
    if grant.state == GrantState.CANCELLED:
        raise rules.WrongState(reference=grant.reference, state="cancelled", deed="it stays so")
    _unfund(actor, grant, reason, "withdrawn")
    grant.state, grant.is_funded = GrantState.CANCELLED, False
    db.session.flush()
    note(actor, "grant.withdrawn", grant, reason=reason)
    return grant


def replace_imported_grant(
    actor: Actor,
    grant_id: int,
    new: ImportedGrant,
    reason: str,
    *,
    tell_short: TellShort | None = None,
) -> Grant:
    """Bring a grant up to what its source says now: the old entry is mirrored, a new one posted.

    The grant keeps its number; who pays is solved anew, but for a change of words or dates only,
    which leaves the books as they are. Refuses to move money that was advanced.
    `tell_short` hears what is missing where the layers cannot cover it.
    """
    grant = locked_grant(grant_id)
    require(actor, Verb.IMPORT, grant.fund_id)
    if new.grant.fund_id != grant.fund_id:
        raise rules.NotOfThisFund(thing="The grant")
    view = _programmes(grant.fund_id, [new])[new.grant.programme_id]
    if _is_same_money(grant, new):
        _update(grant, new, is_funded=True)
        note(actor, "grant.changed", grant, reason=reason)
        return grant
    _unfund(actor, grant, reason, "replaced")
    purse = _Purse(spendable_layers(grant.fund_id), policy_of(grant.fund_id))
    shares, missing = purse.take(view, new)
    _update(grant, new, is_funded=not missing)
    if missing and tell_short:
        tell_short(grant, missing)
    if shares:
        posted = ledger.post(actor, _entry(grant, new, shares))
        attribute(grant, shares, posted.id)
    note(actor, "grant.replaced", grant, reason=reason, amount=new.grant.amount)
    return grant


class _Purse:
    """The layers of a fund while many grants are taken out of them."""

    def __init__(self, layers: Sequence[SpendableLayer], policy: Policy) -> None:
        self._layers = {layer.layer_id: layer for layer in layers}
        self._policy = policy

    def take(
        self, programme: programmes.ProgrammeView, one: ImportedGrant
    ) -> tuple[tuple[Share, ...], Money]:
        """Who pays for the grant, taken out of the purse; or nobody, and what is missing."""
        if not one.grant.amount:
            return (), NOTHING
        demand = demand_of(
            programme, one.grant.amount, one.grant.approved_on, purpose_of(one.grant)
        )
        found = rules.solve(list(self._layers.values()), [demand], self._policy)
        if isinstance(found, Shortage):
            return (), Money.of_minor(sum(found.short.values()), "USD")
        for share in found.shares:
            layer = self._layers[share.layer_id]
            left = layer.available_minor - share.amount_minor
            if left:
                self._layers[share.layer_id] = rules.with_available(layer, left)
            else:
                del self._layers[share.layer_id]
        return found.shares, NOTHING


def _programmes(fund_id: int, new: Sequence[ImportedGrant]) -> dict[int, programmes.ProgrammeView]:
    wanted = sorted({one.grant.programme_id for one in new})
    for programme_id in wanted:
        if lock(Programme, programme_id).fund_id != fund_id:
            raise rules.NotOfThisFund(thing="The programme")
    if any(one.grant.fund_id != fund_id for one in new):
        raise rules.NotOfThisFund(thing="A grant")
    known = {view.id: view for view in programmes.programmes_of(fund_id)}
    return {programme_id: known[programme_id] for programme_id in wanted}


def _state_of(one: ImportedGrant) -> GrantState:
    if one.state:
        return GrantState(one.state)
    return GrantState.ACTIVE if one.is_committed else GrantState.RESERVED


def _entry(grant: Grant, one: ImportedGrant, shares: Sequence[Share]) -> NewEntry:
    parts = {share.layer_id: share.amount_minor for share in shares}
    at = places(grant)
    moves: list[NewMove] = [
        *moves_of(parts, chart.unallocated, at.allocated),
        *moves_of(parts, at.allocated, at.reserved),
    ]
    if one.is_committed:
        moves += moves_of(parts, at.reserved, at.committed)
    return NewEntry(
        fund_id=grant.fund_id,
        event="grant.imported",
        value_on=one.grant.approved_on,
        moves=moves,
        reason=grant.reference,
        source=("grant", grant.id),
    )


def _unfund(actor: Actor, grant: Grant, reason: str, rule: str) -> None:
    """Mirror the entry that set money aside for the grant, and note what went back."""
    ledger.lock_journal(grant.fund_id)
    rows = db.session.execute(
        select(Attribution.layer_id, Attribution.amount_minor, Attribution.entry_id)
        .where(Attribution.grant_id == grant.id)
        .order_by(Attribution.id)
    )
    held: dict[int, int] = {}
    last_entry = None
    for layer_id, amount_minor, entry_id in rows:
        held[layer_id] = held.get(layer_id, 0) + amount_minor
        last_entry = entry_id if amount_minor > 0 else last_entry
    parts = {layer_id: minor for layer_id, minor in held.items() if minor}
    if not parts:
        return
    assert last_entry is not None
    posted = ledger.reverse(actor, last_entry, reason=reason)
    give_back(grant, parts, rule, posted.id)


def _is_same_money(grant: Grant, new: ImportedGrant) -> bool:
    """Whether the grant is covered, and nothing changed that decides by what."""
    return (
        grant.is_funded
        and grant.approved_minor == new.grant.amount.minor
        and grant.approved_on == new.grant.approved_on
        and grant.programme_id == new.grant.programme_id
    )


def _update(grant: Grant, new: ImportedGrant, *, is_funded: bool) -> None:
    given = new.grant
    grant.programme_id = given.programme_id
    grant.grantee_id = given.grantee_id
    grant.reference = given.reference or grant.reference
    grant.title = given.title
    grant.approved_minor = given.amount.minor
    grant.approved_on = given.approved_on
    grant.programme_year = given.programme_year
    grant.starts_on = given.starts_on
    grant.ends_on = given.ends_on
    grant.round_name = given.round_name
    grant.sector = given.sector
    grant.state = _state_of(new)
    grant.is_funded = is_funded
    db.session.flush()
