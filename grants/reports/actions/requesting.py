"""Asking for a statement: numbered, and put before the worker."""

from __future__ import annotations

import secrets
import unicodedata
from datetime import date

from sqlalchemy import func, select

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed, Refused
from grants.ledger import queries as ledger
from grants.outbox import actions as outbox
from grants.outbox import queries as jobs
from grants.people import queries as people
from grants.people.models import Fund, Organisation
from grants.people.permissions import Actor, Verb, may, require
from grants.reports.models import IssuedReport, StatementState
from grants.reports.numbers import donor_statement as numbers
from grants.reports.queries import making_key

KIND = "donor_statement"
#: No letter that is mistaken for another when it is read aloud or typed.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_MAX = 10


class NotADonor(Refused):
    """{name} has neither pledged, agreed nor paid anything in this fund."""

    status = 422


def request_statement(
    actor: Actor, fund_id: int, donor_id: int, *, from_on: date, until_on: date
) -> IssuedReport:
    """Have the worker make a statement of a period: as a new version, if one was issued before.

    Where the books have not changed since the latest version, that one is the statement, and is
    returned. A donor may ask for its own; the Secretariat for any. Refuses a period that is turned
    round or lies in the future, and a donor without anything in the books.
    """
    if not may(actor, Verb.ISSUE_STATEMENT, fund_id):
        require(actor, Verb.SEE_OWN_STATEMENTS, fund_id, organisation_id=donor_id)
    if until_on < from_on:
        raise Malformed("The statement ends before it begins.")
    if from_on > clock.today():
        raise Malformed("The period has not begun yet.")
    # Statements of a fund are numbered one after the other.
    fund = lock(Fund, fund_id)
    donor = db.session.get_one(Organisation, people.organisation(donor_id).id)
    latest = _latest(fund_id, donor_id, from_on, until_on)
    if latest is None and not numbers.has_contributed(fund_id, donor_id):
        raise NotADonor(name=donor.name)
    if latest is not None and _is_current(latest, fund, donor):
        return latest
    # What a donor asks for is prepared by the house, not by the donor.
    preparer = actor if may(actor, Verb.ISSUE_STATEMENT, fund_id) else people.system_actor()
    report = _requested(preparer, fund, donor, from_on, until_on, latest)
    audit.record(
        actor,
        "statement.requested",
        "issued_report",
        report.id,
        fund_id=fund_id,
        number=report.number,
        version=report.version,
    )
    outbox.enqueue("statement.make", {"report_id": report.id}, unique_key=making_key(report.id))
    return report


def _latest(fund_id: int, donor_id: int, from_on: date, until_on: date) -> IssuedReport | None:
    return db.session.scalar(
        select(IssuedReport)
        .where(
            IssuedReport.fund_id == fund_id,
            IssuedReport.donor_id == donor_id,
            IssuedReport.kind == KIND,
            IssuedReport.from_on == from_on,
            IssuedReport.until_on == until_on,
        )
        .order_by(IssuedReport.version.desc())
        .limit(1)
    )


def _is_current(latest: IssuedReport, fund: Fund, donor: Organisation) -> bool:
    """Whether a statement would say the same again: being made, or of books as they are now."""
    if latest.state == StatementState.REQUESTED:
        job = jobs.job_by_key(making_key(latest.id))
        return job is not None and not job.is_over
    if latest.figures is None:
        return False
    cover = latest.figures["cover"]
    is_known = ledger.head(fund.id).sequence == latest.ledger_sequence
    return is_known and (cover["fund"], cover["donor"]) == (fund.name, donor.name)


def _requested(
    preparer: Actor,
    fund: Fund,
    donor: Organisation,
    from_on: date,
    until_on: date,
    latest: IssuedReport | None,
) -> IssuedReport:
    report = IssuedReport(
        fund_id=fund.id,
        donor_id=donor.id,
        kind=KIND,
        number=latest.number if latest else _next_number(fund, donor, until_on),
        version=latest.version + 1 if latest else 1,
        from_on=from_on,
        until_on=until_on,
        state=StatementState.REQUESTED,
        verification_code=_verification_code(),
        prepared_by_id=preparer.user_id,
        prepared_at=clock.now(),
    )
    db.session.add(report)
    db.session.flush()
    return report


def _next_number(fund: Fund, donor: Organisation, until_on: date) -> str:
    """`CA-2026-SIDA-0007`: fund, year, contributor, and the fund's statements counted."""
    numbered = db.session.scalar(
        select(func.count(IssuedReport.number.distinct())).where(IssuedReport.fund_id == fund.id)
    )
    code = _code_of(fund.slug.replace("-", " "))
    others = [one for one in people.funds() if one.id < fund.id]
    if any(_code_of(one.slug.replace("-", " ")) == code for one in others):
        code = f"{code}{fund.id}"
    giver = _code_of(donor.short_name or donor.name)
    return f"{code}-{until_on.year}-{giver}-{(numbered or 0) + 1:04d}"


def _code_of(name: str) -> str:
    """The initials of a name of several words, or the beginning of one."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    words = "".join(letter if letter.isalnum() else " " for letter in plain).split()
    code = "".join(word[0] for word in words) if len(words) > 1 else "".join(words)
    return code[:_CODE_MAX] or "X"


def _verification_code() -> str:
    """Twelve letters that nobody guesses and everybody can read aloud."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
