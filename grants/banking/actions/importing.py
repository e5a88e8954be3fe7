"""Bringing in a file of a bank: all that is new of it, or nothing of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, insert, select

from grants import clock
from grants.audit import actions as audit
from grants.banking import rules
from grants.banking.models import (
    BankAccount,
    BankFinding,
    BankImport,
    BankLayout,
    BankLine,
    BankStatement,
    ImportState,
)
from grants.banking.rules import (
    PLAIN,
    Findings,
    Kept,
    Layout,
    NewLine,
    NewStatement,
    ReadFile,
    Unreadable,
)
from grants.db import db, lock
from grants.errors import Malformed
from grants.files import actions as files
from grants.money import Money
from grants.people.models import User
from grants.people.permissions import Actor, Verb, require

_MEDIA = {"camt.053": "application/xml", "MT940": "text/plain", "CSV": "text/csv"}
_ROWS_AT_ONCE = 1000


def import_file(
    actor: Actor,
    account_id: int,
    content: bytes,
    *,
    file_name: str,
    is_trial: bool,
    file_id: int | None = None,
) -> BankImport:
    """Read a file of a bank for an account; unless it is a trial, keep what is new of it.

    The file and what was found in it are kept either way. With an error among the findings (what
    cannot be read, another currency, sums that do not tie, a file that was loaded before) the
    state is refused and no movement is kept. `file_id`: the same bytes, kept before. People and
    processes that bring in the same file at once take turns: one loads it.
    """
    account = lock(BankAccount, account_id)
    require(actor, Verb.RECORD_CONTRIBUTION, account.fund_id)
    if not content:
        raise Malformed(f"The file {file_name} is empty.")
    findings = Findings()
    read = _read(account, content, findings)
    sha256 = hashlib.sha256(content).hexdigest()
    _look_for_it(account_id, sha256, findings)
    planned = _plan(account, read, findings) if read and not findings.errors else []
    is_refused = bool(findings.errors)
    done = BankImport(
        account_id=account_id,
        file_id=file_id or _keep_file(actor, account, content, file_name, read),
        file_name=file_name[-255:],
        sha256=sha256,
        format=read.format if read else "",
        encoding=read.encoding if read else "",
        state=_state(is_refused=is_refused, is_trial=is_trial),
        is_trial=is_trial,
        statements=len(read.statements) if read else 0,
        lines_read=read.lines if read else 0,
        lines_new=0 if is_refused else sum(len(one.lines) for one in planned),
        lines_known=0 if is_refused else _known(read, planned),
        at=clock.now(),
        actor_id=actor.user_id,
    )
    db.session.add(done)
    db.session.flush()
    _keep_findings(done, findings)
    if done.state == ImportState.LOADED:
        for position, one in enumerate(planned, 1):
            _keep(done, one, position)
    _note(actor, account, done, findings)
    return done


def _note(actor: Actor, account: BankAccount, done: BankImport, findings: Findings) -> None:
    audit.record(
        actor,
        f"bank_file.{done.state}",
        "bank_account",
        account.id,
        fund_id=account.fund_id,
        file=done.sha256,
        statements=done.statements,
        new=done.lines_new,
        known=done.lines_known,
        findings=len(findings.found),
    )


def _state(*, is_refused: bool, is_trial: bool) -> ImportState:
    if is_refused:
        return ImportState.REFUSED
    return ImportState.TRIED if is_trial else ImportState.LOADED


def _read(account: BankAccount, content: bytes, findings: Findings) -> ReadFile | None:
    try:
        return rules.read_file(content, _layout(account), account.currency, findings)
    except Unreadable as refusal:
        findings.error(0, "unreadable", str(refusal))
        return None


def _layout(account: BankAccount) -> Layout:
    if account.layout_id is None:
        return PLAIN
    return Layout.of_stored(db.session.get_one(BankLayout, account.layout_id).layout)


def _look_for_it(account_id: int, sha256: str, findings: Findings) -> None:
    """Refuse a file that was loaded, saying when and by whom."""
    earlier = db.session.execute(
        select(BankImport.at, User.name)
        .join(User, User.id == BankImport.actor_id)
        .where(
            BankImport.account_id == account_id,
            BankImport.sha256 == sha256,
            BankImport.state == ImportState.LOADED,
        )
    ).one_or_none()
    if earlier is not None:
        what = f"This very file was loaded on {earlier.at:%d %B %Y at %H:%M} UTC by {earlier.name}."
        findings.error(0, "file_known", what)


def _plan(account: BankAccount, read: ReadFile, findings: Findings) -> list[NewStatement]:
    return rules.plan(
        read,
        account.number,
        account.currency,
        keys=_keys(account.id, read),
        kept=_kept(account),
        today=clock.today(),
        findings=findings,
    )


def _keys(account_id: int, read: ReadFile) -> dict[str, int]:
    """How many of each fingerprint the account has on the value dates of the file."""
    days = [line.value_on for one in read.statements for line in one.lines]
    if not days:
        return {}
    rows = db.session.execute(
        select(BankLine.fingerprint, func.max(BankLine.occurrence))
        .where(
            BankLine.account_id == account_id,
            BankLine.value_on.between(min(days), max(days)),
        )
        .group_by(BankLine.fingerprint)
    )
    return {fingerprint: int(occurrence) for fingerprint, occurrence in rows}


def _kept(account: BankAccount) -> list[Kept]:
    rows = db.session.scalars(
        select(BankStatement)
        .where(BankStatement.account_id == account.id)
        .order_by(BankStatement.to_on, BankStatement.id)
    )
    return [
        Kept(
            number=one.number,
            from_on=one.from_on,
            to_on=one.to_on,
            opening=Money.of_minor(one.opening_minor, account.currency),
            closing=Money.of_minor(one.closing_minor, account.currency),
        )
        for one in rows
    ]


def _known(read: ReadFile | None, planned: Sequence[NewStatement]) -> int:
    new = sum(len(one.lines) for one in planned)
    moving = sum(bool(line.amount) for one in read.statements for line in one.lines) if read else 0
    return moving - new


def _keep_file(
    actor: Actor, account: BankAccount, content: bytes, file_name: str, read: ReadFile | None
) -> int:
    return files.save(
        actor,
        content,
        name=file_name,
        owner_type="bank_account",
        owner_id=account.id,
        fund_id=account.fund_id,
        media_type=_MEDIA[read.format] if read else "application/octet-stream",
    ).id


def _keep_findings(done: BankImport, findings: Findings) -> None:
    rows = [
        {
            "import_id": done.id,
            "row_number": found.row,
            "severity": found.severity.value,
            "code": found.code,
            "message": found.message,
        }
        for found in findings.found
    ]
    if rows:
        db.session.execute(insert(BankFinding), rows)


def _keep(done: BankImport, new: NewStatement, position: int) -> None:
    statement = BankStatement(
        account_id=done.account_id,
        import_id=done.id,
        position=position,
        number=new.read.number[:60],
        from_on=new.read.from_on,
        to_on=new.read.to_on,
        opening_minor=new.opening.minor,
        closing_minor=new.closing.minor,
        has_balances=new.read.closing is not None,
    )
    db.session.add(statement)
    db.session.flush()
    rows = [_row(statement, one) for one in new.lines]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        db.session.execute(insert(BankLine), rows[start : start + _ROWS_AT_ONCE])


def _row(statement: BankStatement, new: NewLine) -> dict[str, str | int | bool | date]:
    line = new.line
    return {
        "account_id": statement.account_id,
        "statement_id": statement.id,
        "row_number": line.row,
        "fingerprint": new.fingerprint,
        "occurrence": new.occurrence,
        "booked_on": line.booked_on,
        "value_on": line.value_on,
        "currency": line.amount.currency,
        "amount_minor": line.amount.minor,
        "reference": line.reference[:200],
        "end_to_end": line.end_to_end[:200],
        "other_party": line.other_party[:300],
        "other_account": line.other_account[:60],
        "words": line.words[:2000],
        "code": line.code[:40],
        "is_reversal": line.is_reversal,
        "charges": str(line.charges or ""),
        "sent": str(line.sent or ""),
    }
