"""Issuing statements: asked for at a desk, made by the worker, certified by a second person."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed, NotAllowed, NotFound, Refused
from grants.files import actions as files
from grants.ledger import queries as ledger
from grants.outbox import actions as outbox
from grants.people import queries as people
from grants.people.models import User
from grants.people.permissions import Actor, Verb, may, require
from grants.reports.models import IssuedReport, StatementState
from grants.reports.numbers import donor_statement as numbers
from grants.reports.papers import donor_statement as paper
from grants.reports.papers import plain, spreadsheets
from grants.reports.shapes import Change, Cover, DonorStatement

KIND = "donor_statement"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class StatementNotReady(Refused):
    """The statement {number} is not ready yet; it is being made. Try again in a moment."""


class OwnStatement(NotAllowed):
    """You prepared this statement, so someone else must certify it."""


def request_statement(
    actor: Actor, fund_id: int, donor_id: int, *, from_on: date, until_on: date
) -> IssuedReport:
    """Have the worker make a statement of a period, as the next version if there is one already.

    A donor may ask for its own; the Secretariat for any. Refuses a period that is turned round or
    lies in the future, and a donor without anything in the books.
    """
    if not may(actor, Verb.ISSUE_STATEMENT, fund_id):
        require(actor, Verb.SEE_OWN_STATEMENTS, fund_id, organisation_id=donor_id)
    if until_on < from_on:
        raise Malformed("The statement ends before it begins.")
    if from_on > clock.today():
        raise Malformed("The period has not begun yet.")
    fund = people.fund(fund_id)
    number = _number(fund.slug, donor_id, from_on, until_on)
    latest = db.session.scalar(
        select(func.max(IssuedReport.version)).where(IssuedReport.number == number)
    )
    report = IssuedReport(
        fund_id=fund_id,
        donor_id=donor_id,
        kind=KIND,
        number=number,
        version=(latest or 0) + 1,
        from_on=from_on,
        until_on=until_on,
        state=StatementState.REQUESTED,
        verification_code=_code(),
        prepared_by_id=actor.user_id,
        prepared_at=clock.now(),
    )
    db.session.add(report)
    db.session.flush()
    audit.record(
        actor, "statement.requested", "issued_report", report.id, fund_id=fund_id, number=number
    )
    outbox.enqueue(
        "statement.make", {"report_id": report.id}, unique_key=f"statement.make/{report.id}"
    )
    return report


def build(report_id: int) -> DonorStatement:
    """The figures of a statement that was asked for, at the present end of the fund's journal."""
    report = db.session.get(IssuedReport, report_id)
    if report is None:
        raise NotFound
    head = ledger.head(report.fund_id)
    statement = numbers.build(
        report.fund_id,
        report.donor_id,
        from_on=report.from_on,
        until_on=report.until_on,
        known_at=head.sequence,
        cover=_cover(report, head.sequence, head.hash, StatementState.PROVISIONAL),
    )
    return replace(statement, changes=tuple(_changes(report, plain.figures_of(statement))))


def issue(report_id: int, statement: DonorStatement, pdf: bytes) -> IssuedReport:
    """Freeze a statement as it was made: figures, bytes, and their place in the ledger."""
    report = lock(IssuedReport, report_id)
    if report.state != StatementState.REQUESTED:
        return report
    figures = plain.figures_of(statement)
    report.figures = figures
    report.figures_hash = plain.figures_hash(figures)
    report.ledger_sequence = statement.cover.ledger_sequence
    report.ledger_hash = statement.cover.ledger_hash
    report.state = StatementState.PROVISIONAL
    _keep(report, statement, pdf)
    audit.record(
        people.system_actor(),
        "statement.issued",
        "issued_report",
        report.id,
        fund_id=report.fund_id,
        figures=report.figures_hash,
        sequence=report.ledger_sequence,
    )
    return report


def certify(actor: Actor, report_id: int) -> IssuedReport:
    """Sign for a statement. Refuses whoever prepared it; the paper is made anew with both names.

    The figures stay those that were prepared; only the paper's front and signatures change.
    """
    report = lock(IssuedReport, report_id)
    require(actor, Verb.CERTIFY_STATEMENT, report.fund_id)
    if report.prepared_by_id == actor.user_id:
        raise OwnStatement
    if report.state == StatementState.CERTIFIED:
        raise Refused(f"{report.number}, version {report.version}, is certified already.")
    if report.state != StatementState.PROVISIONAL:
        raise StatementNotReady(number=report.number)
    report.certified_by_id = actor.user_id
    report.certified_at = clock.now()
    report.state = StatementState.CERTIFIED
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
        "statement.certify", {"report_id": report.id}, unique_key=f"statement.certify/{report.id}"
    )
    return report


def rebuild_certified(report_id: int) -> DonorStatement:
    """The statement at the entry it was prepared at, with the names of both signatures.

    Refuses if its figures are no longer those that were certified.
    """
    report = db.session.get(IssuedReport, report_id)
    if report is None or report.ledger_sequence is None:
        raise NotFound
    statement = numbers.build(
        report.fund_id,
        report.donor_id,
        from_on=report.from_on,
        until_on=report.until_on,
        known_at=report.ledger_sequence,
        cover=_cover(report, report.ledger_sequence, report.ledger_hash, StatementState.CERTIFIED),
    )
    statement = replace(statement, changes=tuple(_changes(report, plain.figures_of(statement))))
    if plain.figures_hash(plain.figures_of(statement)) != report.figures_hash:
        raise Refused(
            f"The figures of {report.number} would differ from those that were certified;"
            " ask for a new version."
        )
    return statement


def keep_certified(report_id: int, statement: DonorStatement, pdf: bytes) -> None:
    """Hand out the certified paper from now on; the provisional one stays in the file store."""
    report = lock(IssuedReport, report_id)
    assert report.state == StatementState.CERTIFIED
    _keep(report, statement, pdf)


def fail(report_id: int, reason: str) -> None:
    """Say why a statement could not be made."""
    report = lock(IssuedReport, report_id)
    if report.state == StatementState.REQUESTED:
        report.state = StatementState.FAILED
        report.error = reason


def _keep(report: IssuedReport, statement: DonorStatement, pdf: bytes) -> None:
    stem = f"{report.number}-v{report.version}"
    system = people.system_actor()
    figures = plain.figures_of(statement)
    made = {
        "pdf": (pdf, "application/pdf"),
        "xlsx": (
            spreadsheets.render_xlsx(statement),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        "csv": (spreadsheets.render_csv(statement), "text/csv"),
        "json": (plain.render_json(figures), "application/json"),
    }
    for ending, (content, media_type) in made.items():
        stored = files.save(
            system,
            content,
            name=f"{stem}.{ending}",
            owner_type="issued_report",
            owner_id=report.id,
            fund_id=report.fund_id,
            media_type=media_type,
        )
        setattr(report, f"{ending}_file_id", stored.id)
    db.session.flush()


def _cover(report: IssuedReport, sequence: int, ledger_hash: str, state: StatementState) -> Cover:
    fund, donor = people.fund(report.fund_id), people.organisation(report.donor_id)
    return Cover(
        fund=fund.name,
        host=fund.host,
        donor=donor.name,
        constituency=donor.constituency,
        agreements=numbers.agreement_references(report.fund_id, report.donor_id),
        from_on=report.from_on,
        until_on=report.until_on,
        state=state.value,
        number=report.number,
        version=report.version,
        verification_code=report.verification_code,
        verification_url=f"{current_app.config['BASE_URL']}/verify/{report.verification_code}",
        ledger_sequence=sequence,
        ledger_hash=ledger_hash,
        prepared_by=_name(report.prepared_by_id),
        prepared_at=report.prepared_at,
        certified_by=_name(report.certified_by_id),
        certified_at=report.certified_at,
    )


def _name(user_id: int | None) -> str:
    return "" if user_id is None else db.session.get_one(User, user_id).name


def _changes(report: IssuedReport, figures: dict[str, Any]) -> list[Change]:
    before = db.session.scalar(
        select(IssuedReport.figures)
        .where(IssuedReport.number == report.number, IssuedReport.version < report.version)
        .where(IssuedReport.figures.is_not(None))
        .order_by(IssuedReport.version.desc())
        .limit(1)
    )
    if not before:
        return []
    then, now = _headline(before), _headline(figures)
    return [
        Change(label=label, before=then.get(label, "–"), after=now.get(label, "–"))
        for label in dict.fromkeys([*then, *now])
        if then.get(label) != now.get(label)
    ]


def _headline(figures: dict[str, Any]) -> dict[str, str]:
    found = {
        "Received since the start": figures["received"]["amount"],
        "Received in the period": figures["received_in_period"]["amount"],
        "Agreed": figures["agreed"]["amount"],
        "Balance at the end": figures["closing_balance"]["amount"],
    }
    for line in figures["balance"]:
        found[f"{line['label']}, tracked"] = line["tracked"]["amount"]
        found[f"{line['label']}, notional"] = line["notional"]["amount"]
    for line in figures["grants"]:
        found[f"Grant {line['reference']}, approved"] = line["approved"]["amount"]
        found[f"Grant {line['reference']}, spent"] = line["expenditure"]["amount"]
    return found


def _number(slug: str, donor_id: int, from_on: date, until_on: date) -> str:
    is_year = (from_on.month, from_on.day, until_on.month, until_on.day) == (1, 1, 12, 31)
    span = f"{from_on:%Y}" if is_year and from_on.year == until_on.year else ""
    return f"{slug[:24].upper()}-D{donor_id}-{span or f'{from_on:%Y%m%d}-{until_on:%Y%m%d}'}"


def _code() -> str:
    """A code of twelve letters that nobody guesses and everybody can read aloud."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def make_pdf(statement: DonorStatement) -> bytes:
    """The paper of a statement. Takes long: for the worker and the command line only."""
    return paper.render_pdf(statement)
