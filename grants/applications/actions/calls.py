"""Forms and calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import func, select

from grants import clock
from grants.applications import rules
from grants.applications.models import Call, CallState, FormVersion
from grants.applications.rules import Criterion, EligibilityRule
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed, NotFound, Refused
from grants.money import Money
from grants.people.permissions import Actor, Verb, require
from grants.programmes import queries as programmes


@dataclass(frozen=True, kw_only=True)
class NewCall:
    """What a call says. Amounts in US dollars; the deadline is an instant and its zone."""

    programme_id: int
    form_version_id: int
    reference: str
    title: str
    summary: str
    year: int
    envelope: Money | None
    grant_min: Money | None
    grant_max: Money | None
    opens_at: datetime | None
    closes_at: datetime
    time_zone: str
    grace_minutes: int = 0
    criteria: Sequence[Criterion] = ()
    eligibility: Sequence[EligibilityRule] = ()


def publish_form(
    actor: Actor, fund_id: int, *, name: str, definition: Mapping[str, Any]
) -> FormVersion:
    """Keep a form as a new version that never changes. Refuses what could not be asked."""
    require(actor, Verb.MANAGE_CALLS, fund_id)
    rules.parse_form(definition)
    latest = db.session.scalar(
        select(func.max(FormVersion.version)).where(
            FormVersion.fund_id == fund_id, FormVersion.name == name
        )
    )
    form = FormVersion(
        fund_id=fund_id,
        name=name,
        version=(latest or 0) + 1,
        definition=dict(definition),
        created_at=clock.now(),
    )
    db.session.add(form)
    db.session.flush()
    audit.record(
        actor, "form.published", "form", form.id, fund_id=fund_id, name=name, version=form.version
    )
    return form


def new_call(actor: Actor, new: NewCall) -> Call:
    """Write a call as a draft that only the Secretariat sees."""
    programme = programmes.programme(new.programme_id)
    require(actor, Verb.MANAGE_CALLS, programme.fund_id)
    _check(new, programme.fund_id)
    taken = db.session.scalar(
        select(Call.id).where(Call.fund_id == programme.fund_id, Call.reference == new.reference)
    )
    if taken is not None:
        raise Refused(f"There is already a call with the reference {new.reference}.")
    call = Call(
        fund_id=programme.fund_id,
        state=CallState.DRAFT,
        created_at=clock.now(),
        created_by_id=actor.user_id,
        **_columns(new),
    )
    db.session.add(call)
    db.session.flush()
    audit.record(actor, "call.written", "call", call.id, fund_id=call.fund_id)
    return call


def change_call(actor: Actor, call_id: int, new: NewCall) -> Call:
    """Change a draft. A published call stays as it was announced."""
    call = lock(Call, call_id)
    require(actor, Verb.MANAGE_CALLS, call.fund_id)
    if call.state != CallState.DRAFT:
        raise Refused(f"{call.reference} is published, so it stays as it was announced.")
    _check(new, call.fund_id)
    for name, value in _columns(new).items():
        setattr(call, name, value)
    db.session.flush()
    audit.record(actor, "call.changed", "call", call.id, fund_id=call.fund_id)
    return call


def publish_call(actor: Actor, call_id: int) -> Call:
    """Announce a call to everybody. Refuses one without criteria or whose deadline has passed."""
    call = lock(Call, call_id)
    require(actor, Verb.MANAGE_CALLS, call.fund_id)
    if call.state != CallState.DRAFT:
        raise Refused(f"{call.reference} is {call.state} already.")
    if not call.criteria:
        raise Malformed(
            "A call needs at least one criterion: applicants read them before they write."
        )
    if call.closes_at is None or call.closes_at <= clock.now():
        raise Malformed("The deadline must lie in the future.")
    call.state = CallState.PUBLISHED
    db.session.flush()
    audit.record(actor, "call.published", "call", call.id, fund_id=call.fund_id)
    return call


def _check(new: NewCall, fund_id: int) -> None:
    form = db.session.get(FormVersion, new.form_version_id)
    if form is None or form.fund_id != fund_id:
        raise NotFound
    if new.time_zone not in available_timezones():
        raise Malformed(f"{new.time_zone} is not a time zone of the IANA list.")
    if not new.reference.strip() or not new.title.strip():
        raise Malformed("A call needs a reference and a title.")
    if new.opens_at and new.opens_at >= new.closes_at:
        raise Malformed("A call closes after it opens.")
    if new.grant_min and new.grant_max and new.grant_min > new.grant_max:
        raise Malformed("The smallest grant is larger than the largest.")


def _columns(new: NewCall) -> dict[str, Any]:
    return {
        "programme_id": new.programme_id,
        "form_version_id": new.form_version_id,
        "reference": new.reference.strip(),
        "title": new.title.strip(),
        "summary": new.summary,
        "year": new.year,
        "envelope_minor": new.envelope.minor if new.envelope else None,
        "grant_min_minor": new.grant_min.minor if new.grant_min else None,
        "grant_max_minor": new.grant_max.minor if new.grant_max else None,
        "opens_at": new.opens_at,
        "closes_at": new.closes_at,
        "time_zone": new.time_zone,
        "grace_minutes": new.grace_minutes,
        "criteria": [asdict(criterion) for criterion in new.criteria],
        "eligibility": [asdict(rule) for rule in new.eligibility],
    }
