"""Small questions that several others begin with."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, select

from grants import clock
from grants.applications import rules
from grants.applications.models import AnswerVersion, Application, Call, FormVersion
from grants.applications.rules import Criterion, EligibilityRule, Form
from grants.db import db
from grants.money import Money
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


def form_of(application: Application) -> Form:
    """The form as it was when the draft was begun."""
    version = db.session.get_one(FormVersion, application.form_version_id)
    return rules.parse_form(version.definition)


def check_call_open(call: Call) -> None:
    """Refuse what a call does not take at this instant."""
    rules.check_open(
        clock.now(),
        call.opens_at,
        call.closes_at,
        zone=call.time_zone,
        grace_minutes=call.grace_minutes,
    )


def authors_of(application: Application) -> set[int]:
    """Everybody who wrote in an application."""
    saved = db.session.scalars(
        select(AnswerVersion.saved_by_id)
        .where(AnswerVersion.application_id == application.id)
        .distinct()
    )
    return {application.author_id, *saved}


def answers_before(
    application: Application, revision: int | None, names: Iterable[str]
) -> dict[str, str]:
    """What these controls held at a revision. Without one, or at one to come: what they hold."""
    wanted = set(names)
    found = {name: str(application.answers.get(name, "")) for name in wanted}
    if revision is None or revision >= application.revision or not wanted:
        return found
    later = _versions(application, AnswerVersion.revision > revision)
    touched = {name for version in later for name in version.changes} & wanted
    if touched:
        earlier = _versions(application, AnswerVersion.revision <= revision)
        for name in touched:
            held = (v.changes[name] for v in reversed(earlier) if name in v.changes)
            found[name] = str(next(held, ""))
    return found


def usd(minor: int | None) -> Money | None:
    return None if minor is None else Money.of_minor(minor, "USD")


def _versions(application: Application, which: ColumnElement[bool]) -> list[AnswerVersion]:
    return list(
        db.session.scalars(
            select(AnswerVersion)
            .where(AnswerVersion.application_id == application.id, which)
            .order_by(AnswerVersion.revision)
        )
    )
