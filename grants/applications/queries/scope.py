"""Small questions that several others begin with."""

from __future__ import annotations

from grants.applications.models import Call
from grants.applications.rules import Criterion, EligibilityRule
from grants.db import db
from grants.outbox.actions import Recipient
from grants.people.models import User


def recipient(user_id: int) -> Recipient:
    """Somebody as the recipient of a message."""
    user = db.session.get_one(User, user_id)
    return Recipient(user_id=user.id, email=user.email, name=user.name, locale=user.locale)


def criteria_of(call: Call) -> tuple[Criterion, ...]:
    """What reviewers of a call score."""
    return tuple(Criterion(**each) for each in call.criteria)


def eligibility_of(call: Call) -> tuple[EligibilityRule, ...]:
    """What an officer checks before review."""
    return tuple(EligibilityRule(**each) for each in call.eligibility)
