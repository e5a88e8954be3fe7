"""Members of a fund: joining, leaving, and what they contribute in a year."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed, NotFound
from grants.money import Money
from grants.people.models import (
    Constituency,
    Fund,
    IncomeGroup,
    MemberKind,
    Membership,
    MembershipFee,
    Organisation,
)
from grants.people.permissions import Actor, Verb, require
from grants.people.rules import (
    CONSTITUENCIES,
    FeeIsSet,
    IsAMember,
    LeftBeforeJoining,
    MembershipIsOver,
)


def admit_member(
    actor: Actor,
    fund_id: int,
    organisation_id: int,
    *,
    kind: MemberKind,
    constituency: Constituency,
    income_group: IncomeGroup = IncomeGroup.NONE,
    joined_on: date,
) -> Membership:
    """Record that an organisation is a member from a day on.

    Another kind, constituency or group is a new membership: end the old one first. Refuses an
    organisation that is a member, or whose last membership had not ended by that day.
    """
    organisation = lock(Organisation, organisation_id)
    require(actor, Verb.RECORD_CONTRIBUTION, fund_id)
    if db.session.get(Fund, fund_id) is None:
        raise NotFound
    earlier = db.session.scalar(
        select(Membership)
        .where(Membership.fund_id == fund_id, Membership.organisation_id == organisation_id)
        .order_by(Membership.joined_on.desc(), Membership.id.desc())
        .limit(1)
    )
    if earlier is not None and (earlier.left_on is None or earlier.left_on >= joined_on):
        raise IsAMember(name=organisation.name, since=earlier.joined_on.isoformat())
    membership = Membership(
        fund_id=fund_id,
        organisation_id=organisation_id,
        kind=kind,
        constituency=constituency,
        income_group=income_group,
        joined_on=joined_on,
        created_at=clock.now(),
    )
    db.session.add(membership)
    organisation.constituency = CONSTITUENCIES[constituency]
    organisation.membership = kind
    db.session.flush()
    audit.record(
        actor,
        "member.admitted",
        "membership",
        membership.id,
        fund_id=fund_id,
        member=organisation.name,
        kind=kind,
        joined_on=joined_on,
    )
    return membership


def end_membership(actor: Actor, membership_id: int, *, left_on: date, reason: str) -> Membership:
    """Record the last day of a membership. Refuses one that is over, and a day before it began."""
    found = db.session.get(Membership, membership_id)
    if found is None:
        raise NotFound
    organisation = lock(Organisation, found.organisation_id)
    membership = lock(Membership, membership_id)
    require(actor, Verb.RECORD_CONTRIBUTION, membership.fund_id)
    if membership.left_on is not None:
        raise MembershipIsOver(left_on=membership.left_on.isoformat())
    if left_on < membership.joined_on:
        raise LeftBeforeJoining(joined_on=membership.joined_on.isoformat())
    if not reason.strip():
        raise Malformed("Say why the membership ends.")
    membership.left_on = left_on
    organisation.membership = ""
    db.session.flush()
    audit.record(
        actor,
        "member.left",
        "membership",
        membership.id,
        fund_id=membership.fund_id,
        reason=reason.strip(),
        left_on=left_on,
    )
    return membership


def set_membership_fee(
    actor: Actor,
    fund_id: int,
    *,
    kind: MemberKind,
    constituency: Constituency,
    income_group: IncomeGroup,
    from_year: int,
    amount: Money,
) -> MembershipFee:
    """Set what members of a group contribute from a year on, until a later year says otherwise.

    An amount of nothing asks them for nothing. Invoices that are out stay as they are. Refuses a
    year for which the group's contribution is set already.
    """
    lock(Fund, fund_id)
    require(actor, Verb.RECORD_CONTRIBUTION, fund_id)
    if amount.minor < 0:
        raise Malformed("A contribution cannot be below nothing.")
    group = {"kind": kind, "constituency": constituency, "income_group": income_group}
    known = db.session.query(MembershipFee).filter_by(fund_id=fund_id, from_year=from_year, **group)
    if known.first() is not None:
        raise FeeIsSet(year=from_year)
    fee = MembershipFee(
        fund_id=fund_id,
        **group,
        from_year=from_year,
        currency=amount.currency,
        amount_minor=amount.minor,
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    db.session.add(fee)
    db.session.flush()
    audit.record(
        actor,
        "membership_fee.set",
        "membership_fee",
        fee.id,
        fund_id=fund_id,
        amount=amount,
        **group,
        from_year=from_year,
    )
    return fee
