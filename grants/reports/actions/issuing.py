"""Issuing statements: made by the worker, frozen, certified by a second person.

A statement's figures are read once and frozen; its bytes are kept and never rendered again. What is
certified are those figures: the certified paper is made from them, not from the books of the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import NotAllowed, NotFound, Refused
from grants.files import actions as files
from grants.ledger import queries as ledger
from grants.outbox import actions as outbox
from grants.people import queries as people
from grants.people.models import User
from grants.people.permissions import Actor, Verb, require
from grants.reports.models import IssuedReport, StatementState
from grants.reports.numbers import differences
from grants.reports.numbers import donor_statement as numbers
from grants.reports.papers import donor_statement as paper
from grants.reports.queries import certifying_key
from grants.reports.shapes import Cover, DonorStatement, plain


class StatementNotReady(Refused):
    """The statement {number} is not ready yet; it is being made. Try again in a moment."""


class CertifiedAlready(Refused):
    """{number}, version {version}, is certified already."""


class Superseded(Refused):
    """{number} has a newer version; certify that one."""


class OwnStatement(NotAllowed):
    """You prepared this statement, so someone else must certify it."""


def build(actor: Actor, report_id: int) -> DonorStatement:
    """The figures of a statement that was asked for, at the present end of the fund's journal.

    Call it within one snapshot. Refuses to build anew what is issued already.
    """
    report = _found(report_id)
    require(actor, Verb.ISSUE_STATEMENT, report.fund_id)
    if report.state != StatementState.REQUESTED:
        raise Refused(f"{report.number}, version {report.version}, is {report.state} already.")
    head = ledger.head(report.fund_id)
    statement = numbers.build(
        report.fund_id,
        report.donor_id,
        from_on=report.from_on,
        until_on=report.until_on,
        known_at=head.sequence,
        cover=_cover(report, head.sequence, head.hash),
    )
    before = _version_before(report)
    if before is None:
        return statement
    return differences.compared(
        statement, plain.statement_of(before), report.fund_id, report.donor_id
    )


def issue(
    actor: Actor, report_id: int, statement: DonorStatement, papers: Mapping[str, bytes]
) -> IssuedReport:
    """Freeze a statement as it was made: figures, bytes, and their place in the ledger.

    What was issued before stays as it is.
    """
    report = lock(IssuedReport, report_id)
    require(actor, Verb.ISSUE_STATEMENT, report.fund_id)
    if report.state != StatementState.REQUESTED:
        return report
    figures = plain.figures_of(statement)
    report.figures = figures
    report.figures_hash = plain.figures_hash(figures)
    report.ledger_sequence = statement.cover.ledger_sequence
    report.ledger_hash = statement.cover.ledger_hash
    report.state = StatementState.PROVISIONAL
    _keep(actor, report, papers)
    audit.record(
        actor,
        "statement.issued",
        "issued_report",
        report.id,
        fund_id=report.fund_id,
        figures=report.figures_hash,
        sequence=report.ledger_sequence,
    )
    return report


def certify(actor: Actor, report_id: int) -> IssuedReport:
    """Sign for the figures of a statement; the worker then makes the paper with both names.

    Refuses whoever prepared it, what is certified, and what has a newer version.
    """
    report = lock(IssuedReport, report_id)
    require(actor, Verb.CERTIFY_STATEMENT, report.fund_id)
    if report.prepared_by_id == actor.user_id:
        raise OwnStatement
    if report.certified_by_id is not None:
        raise CertifiedAlready(number=report.number, version=report.version)
    if report.state != StatementState.PROVISIONAL:
        raise StatementNotReady(number=report.number)
    if _newest_version(report.number) > report.version:
        raise Superseded(number=report.number)
    report.certified_by_id = actor.user_id
    report.certified_at = clock.now()
    db.session.flush()
    audit.record(
        actor,
        "statement.certified",
        "issued_report",
        report.id,
        fund_id=report.fund_id,
        figures=report.figures_hash,
    )
    outbox.enqueue(
        "statement.certify", {"report_id": report.id}, unique_key=certifying_key(report.id)
    )
    return report


def certified_statement(actor: Actor, report_id: int) -> DonorStatement:
    """The frozen figures of a statement that somebody has signed for, with both names.

    Refuses figures that are not the ones that were hashed when they were issued.
    """
    report = _found(report_id)
    require(actor, Verb.ISSUE_STATEMENT, report.fund_id)
    if report.figures is None or report.certified_at is None:
        raise StatementNotReady(number=report.number)
    if plain.figures_hash(report.figures) != report.figures_hash:
        raise Refused(f"The figures of {report.number} were changed after they were issued.")
    statement = plain.statement_of(report.figures)
    cover = replace(
        statement.cover,
        state=StatementState.CERTIFIED.value,
        certified_by=_name(report.certified_by_id),
        certified_at=report.certified_at,
    )
    return replace(statement, cover=cover)


def keep_certified(
    actor: Actor, report_id: int, statement: DonorStatement, papers: Mapping[str, bytes]
) -> IssuedReport:
    """Hand out the certified paper from now on; the provisional one stays in the file store."""
    report = lock(IssuedReport, report_id)
    require(actor, Verb.ISSUE_STATEMENT, report.fund_id)
    if report.state == StatementState.PROVISIONAL:
        report.state = StatementState.CERTIFIED
        report.figures = plain.figures_of(statement)
        _keep(actor, report, papers)
    return report


def fail(actor: Actor, report_id: int, reason: str) -> IssuedReport:
    """Say why a statement could not be made."""
    report = lock(IssuedReport, report_id)
    require(actor, Verb.ISSUE_STATEMENT, report.fund_id)
    if report.state == StatementState.REQUESTED:
        report.state = StatementState.FAILED
        report.error = reason
    return report


def _found(report_id: int) -> IssuedReport:
    report = db.session.get(IssuedReport, report_id)
    if report is None:
        raise NotFound
    return report


def _cover(report: IssuedReport, sequence: int, ledger_hash: str) -> Cover:
    fund, donor = people.fund(report.fund_id), people.organisation(report.donor_id)
    is_automatic = report.prepared_by_id == people.system_actor().user_id
    return Cover(
        fund=fund.name,
        host=fund.host,
        donor=donor.name,
        constituency=donor.constituency,
        agreements=numbers.agreement_references(report.fund_id, report.donor_id, report.until_on),
        from_on=report.from_on,
        until_on=report.until_on,
        state=StatementState.PROVISIONAL.value,
        number=report.number,
        version=report.version,
        verification_code=report.verification_code,
        verification_url=f"{current_app.config['BASE_URL']}/verify/{report.verification_code}",
        ledger_sequence=sequence,
        ledger_hash=ledger_hash,
        prepared_by="" if is_automatic else _name(report.prepared_by_id),
        prepared_at=report.prepared_at,
        certified_by="",
        certified_at=None,
    )


def _name(user_id: int | None) -> str:
    return "" if user_id is None else db.session.get_one(User, user_id).name


def _version_before(report: IssuedReport) -> dict[str, Any] | None:
    """The figures of the latest version before this one that was issued."""
    return db.session.scalar(
        select(IssuedReport.figures)
        .where(IssuedReport.number == report.number, IssuedReport.version < report.version)
        .where(IssuedReport.figures_hash != "")
        .order_by(IssuedReport.version.desc())
        .limit(1)
    )


def _newest_version(number: str) -> int:
    found = db.session.scalar(
        select(func.max(IssuedReport.version)).where(
            IssuedReport.number == number, IssuedReport.figures_hash != ""
        )
    )
    return found or 0


def _keep(actor: Actor, report: IssuedReport, papers: Mapping[str, bytes]) -> None:
    for ending, content in sorted(papers.items()):
        stored = files.save(
            actor,
            content,
            name=f"{report.number}-v{report.version}.{ending}",
            owner_type="issued_report",
            owner_id=report.id,
            fund_id=report.fund_id,
            media_type=paper.MEDIA_TYPES[ending],
        )
        setattr(report, f"{ending}_file_id", stored.id)
    db.session.flush()
