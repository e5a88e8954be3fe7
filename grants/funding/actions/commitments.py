"""Reserving money for a grant, committing it, and giving back what is not needed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import NotFound
from grants.funding import rules
from grants.funding.actions.holdings import (
    attribute,
    check_dollars,
    give_back,
    held_by_layer,
    moves_of,
    require_one_of,
    shares_for,
    split,
)
from grants.funding.models import Grant, GrantState
from grants.funding.queries.layers import COMMITTED, RESERVED, purpose_of, spendable_layers
from grants.funding.rules import NewGrant
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger.actions import NewEntry, NewMove, Posted
from grants.money import Money
from grants.people.models import Organisation
from grants.people.permissions import Actor, Verb, require
from grants.programmes import queries as programmes
from grants.programmes.models import Programme


def reserve(actor: Actor, new: NewGrant) -> Grant:
    """Approve a grant in money: Dr 9120 / Cr 9130, so that nobody else can promise it.

    The programme's own layers pay, the tightest earmark first. Refuses with NotEnoughFunds, which
    says what is left in the programme and why; and what is above the actor's authority.
    """
    check_dollars(new.amount)
    programme = lock(Programme, new.programme_id)
    if programme.fund_id != new.fund_id:
        raise rules.NotOfThisFund(thing="The programme")
    require(actor, Verb.APPROVE, new.fund_id, amount=new.amount, on=clock.today())
    if db.session.get(Organisation, new.grantee_id) is None:
        raise NotFound
    ledger.lock_journal(new.fund_id)
    shares = shares_for(
        programmes.programme(new.programme_id),
        new.amount,
        new.approved_on,
        spendable_layers(new.fund_id, new.programme_id),
        purpose_of(new),
    )
    grant = write_grant(actor, new, state=GrantState.RESERVED)
    parts = {share.layer_id: share.amount_minor for share in shares}
    posted = _post(
        actor,
        grant,
        "reservation",
        new.approved_on,
        moves_of(parts, places(grant).allocated, places(grant).reserved),
    )
    attribute(grant, shares, posted.id)
    note(actor, "grant.reserved", grant, amount=new.amount, entry=posted.sequence)
    return grant


def release_reservation(actor: Actor, grant_id: int, reason: str) -> Grant:
    """Give up a grant that was never agreed: Dr 9130 / Cr 9120, to the same layers."""
    grant = locked_grant(grant_id, GrantState.RESERVED, deed="nothing can be released")
    require_one_of(actor, grant.fund_id, Verb.APPROVE, Verb.MANAGE_GRANTS)
    ledger.lock_journal(grant.fund_id)
    parts = held_by_layer(grant.fund_id, RESERVED, grant_id=grant_id)
    if parts:
        moves = moves_of(parts, places(grant).reserved, places(grant).allocated)
        posted = _post(actor, grant, "reservation.released", clock.today(), moves, reason=reason)
        give_back(grant, parts, "released", posted.id)
    grant.state = GrantState.CANCELLED
    db.session.flush()
    note(actor, "grant.released", grant, reason=reason)
    return grant


def commit(
    actor: Actor, grant_id: int, *, on: date, source: tuple[str, int] | None = None
) -> Posted:
    """The agreement is signed: Dr 9130 / Cr 9140 for all that is reserved. The grant is active."""
    grant = locked_grant(grant_id, GrantState.RESERVED, deed="it cannot be committed")
    require(actor, Verb.MANAGE_GRANTS, grant.fund_id)
    ledger.lock_journal(grant.fund_id)
    parts = held_by_layer(grant.fund_id, RESERVED, grant_id=grant_id)
    moves = moves_of(parts, places(grant).reserved, places(grant).committed)
    posted = _post(actor, grant, "grant_commitment", on, moves, source=source)
    grant.state = GrantState.ACTIVE
    db.session.flush()
    note(actor, "grant.committed", grant, entry=posted.sequence)
    return posted


def decommit(actor: Actor, grant_id: int, amount: Money, *, on: date, reason: str) -> Posted:
    """Give back what will not be paid: Dr 9140 / Cr 9120, in proportion to the layers.

    Refuses with MoreThanHeld more than is committed and not yet advanced.
    """
    check_dollars(amount)
    grant = locked_grant(grant_id)
    require_one_of(actor, grant.fund_id, Verb.MANAGE_GRANTS, Verb.POST_ADJUSTMENT)
    ledger.lock_journal(grant.fund_id)
    held = held_by_layer(grant.fund_id, COMMITTED, grant_id=grant_id)
    parts = split(amount, held, "committed and not yet advanced on this grant")
    moves = moves_of(parts, places(grant).committed, places(grant).allocated)
    posted = _post(actor, grant, "decommitment", on, moves, reason=reason)
    give_back(grant, parts, "decommitted", posted.id)
    note(actor, "grant.decommitted", grant, amount=amount, reason=reason, entry=posted.sequence)
    return posted


class places:  # noqa: N801 - reads as a word: places(grant).reserved
    """Where the money of a layer stands for a grant."""

    def __init__(self, grant: Grant) -> None:
        self._programme_id, self._grant_id = grant.programme_id, grant.id

    def allocated(self, layer_id: int) -> chart.AccountRef:
        return chart.allocated(layer_id, self._programme_id)

    def reserved(self, layer_id: int) -> chart.AccountRef:
        return chart.reserved(layer_id, self._programme_id, self._grant_id)

    def committed(self, layer_id: int) -> chart.AccountRef:
        return chart.committed(layer_id, self._programme_id, self._grant_id)

    def disbursed(self, layer_id: int) -> chart.AccountRef:
        return chart.disbursed(layer_id, self._programme_id, self._grant_id)


def locked_grant(grant_id: int, *states: GrantState, deed: str = "") -> Grant:
    """The grant and, before it, its programme: locked. Refuses a state that is not among these."""
    programme_id = db.session.scalar(select(Grant.programme_id).where(Grant.id == grant_id))
    if programme_id is None:
        raise NotFound
    lock(Programme, programme_id)
    grant = lock(Grant, grant_id)
    if states and grant.state not in states:
        state = grant.state.replace("_", " ")
        raise rules.WrongState(reference=grant.reference, state=state, deed=deed)
    return grant


def write_grant(actor: Actor, new: NewGrant, *, state: GrantState, is_funded: bool = True) -> Grant:
    """The row of a new grant, with a reference of its own. Refuses one that exists."""
    reference = new.reference or _next_reference(new)
    known = select(Grant.id).where(Grant.fund_id == new.fund_id, Grant.reference == reference)
    if db.session.scalar(known) is not None:
        raise rules.ReferenceTaken(reference=reference)
    grant = Grant(
        fund_id=new.fund_id,
        programme_id=new.programme_id,
        grantee_id=new.grantee_id,
        reference=reference,
        title=new.title,
        approved_minor=new.amount.minor,
        approved_on=new.approved_on,
        programme_year=new.programme_year,
        starts_on=new.starts_on,
        ends_on=new.ends_on,
        state=state,
        is_funded=is_funded,
        round_name=new.round_name,
        sector=new.sector,
        items=sorted(new.items),
        cost_type=new.cost_type,
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    db.session.add(grant)
    db.session.flush()
    return grant


def note(actor: Actor, verb: str, grant: Grant, reason: str = "", **facts: object) -> None:
    """Write the grant into the audit trail."""
    audit.record(actor, verb, "grant", grant.id, fund_id=grant.fund_id, reason=reason, **facts)


def _next_reference(new: NewGrant) -> str:
    """The next number of the year; the journal is locked, so nobody else takes it."""
    stem = f"G-{new.programme_year}-"
    count = db.session.scalar(
        select(func.count()).where(
            Grant.fund_id == new.fund_id, Grant.reference.startswith(stem, autoescape=True)
        )
    )
    return f"{stem}{(count or 0) + 1:04d}"


def _post(
    actor: Actor,
    grant: Grant,
    event: str,
    on: date,
    moves: list[NewMove],
    *,
    reason: str = "",
    source: tuple[str, int] | None = None,
) -> Posted:
    return ledger.post(
        actor,
        NewEntry(
            fund_id=grant.fund_id,
            event=event,
            value_on=on,
            may_be_late=True,
            moves=moves,
            reason=reason,
            source=source or ("grant", grant.id),
        ),
    )
