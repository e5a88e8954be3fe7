"""Small questions that several others begin with."""

from __future__ import annotations

from sqlalchemy import select

from grants.agreements.models import GrantAgreement
from grants.agreements.rules import WrongMoment
from grants.db import db
from grants.funding.models import Grant
from grants.money import Money
from grants.outbox.actions import Recipient
from grants.people.models import User


def agreement_of(grant_id: int) -> GrantAgreement:
    """The agreement of a grant. Refuses one for which none was prepared."""
    found = db.session.scalar(select(GrantAgreement).where(GrantAgreement.grant_id == grant_id))
    if found is None:
        raise WrongMoment(what="The agreement", state="not prepared yet", done="used")
    return found


def grantee_people(grant: Grant) -> list[Recipient]:
    """Who is told on the side of the grantee."""
    found = db.session.scalars(
        select(User)
        .where(User.organisation_id == grant.grantee_id, User.is_active)
        .order_by(User.id)
        .limit(20)
    )
    return [
        Recipient(user_id=user.id, email=user.email, name=user.name, locale=user.locale)
        for user in found
    ]


def usd(minor: int) -> Money:
    return Money.of_minor(minor, "USD")
