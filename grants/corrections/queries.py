"""Corrections that wait, and what became of the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from grants.corrections import rules
from grants.corrections.models import Correction, CorrectionState
from grants.corrections.rules import Change
from grants.db import db
from grants.errors import NotFound
from grants.ledger import queries as books
from grants.ledger.queries import Break, Check, CheckState, Closing, EntryView, closing_check
from grants.money import Money
from grants.people.models import User

#: Events that stand for themselves: their entry is all there is of them.
BY_THEMSELVES = frozenset(
    {
        "interest",
        "interest.partner",
        "income.other",
        "bank_charge",
        "write_off",
        "contributor.returned",
        "contributor.paid",
    }
)
#: Events of a record whose own room takes the step back together with the entry.
STEPS_OF_RECORDS = frozenset(
    {
        "deposit",
        "receipt",
        "receipt.matched",
        "tranche.approved",
        "tranche.paid",
        "report.accepted",
    }
)
RECORDS = frozenset({"deposit", "tranche", "partner_report"})


@dataclass(frozen=True, kw_only=True)
class CorrectionLine:
    """A correction with the names of its two people."""

    id: int
    fund_id: int
    kind: str
    change: Change
    amount: Money
    reason: str
    state: str
    proposed_by_id: int
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    note: str
    entry_id: int | None


def correction(correction_id: int) -> CorrectionLine:
    """One correction. Refuses with NotFound."""
    found = _lines(Correction.id == correction_id, 0, 1)
    if not found:
        raise NotFound
    return found[0]


def corrections_of(
    fund_id: int, *, state: str = "", offset: int = 0, limit: int = 50
) -> tuple[list[CorrectionLine], int]:
    """The corrections of a fund, the newest first, and how many there are."""
    where = Correction.fund_id == fund_id
    if state:
        where = where & (Correction.state == state)
    total = db.session.scalar(select(func.count()).select_from(Correction).where(where)) or 0
    return _lines(where, offset, limit), total


def is_undoable(entry: EntryView) -> bool:
    """Whether an entry is undone here: it stands for itself, or its record can step back."""
    is_step = entry.event in STEPS_OF_RECORDS and entry.source_type in RECORDS
    may_go = entry.event in BY_THEMSELVES or is_step
    return may_go and not entry.reverses and not entry.reversed_by


def waiting_for(fund_ids: Iterable[int] | None, *, limit: int = 50) -> list[CorrectionLine]:
    """What waits to be decided in these funds (None: in all)."""
    where = Correction.state == CorrectionState.PROPOSED
    if fund_ids is not None:
        where = where & Correction.fund_id.in_(sorted(fund_ids))
    return _lines(where, 0, limit)


def signature_breaks(fund_id: int) -> Iterator[Break]:
    """Approved corrections whose entry is gone, or bears other names than their two people."""
    rows = db.session.execute(
        select(
            Correction.id,
            Correction.entry_id,
            Correction.proposed_by_id,
            Correction.decided_by_id,
        )
        .where(Correction.fund_id == fund_id, Correction.state == CorrectionState.APPROVED)
        .order_by(Correction.id)
    ).all()
    signers = books.signers_of(fund_id, [row.entry_id for row in rows])
    for row in rows:
        if signers.get(row.entry_id) != (row.proposed_by_id, row.decided_by_id):
            where = f"correction {row.id}"
            yield Break("document", where, "its entry is not signed by the two who agreed on it")


@closing_check
def corrections_are_decided(closing: Closing) -> Iterable[Check]:
    """What two people have not agreed on yet belongs into the period, or not."""
    count = db.session.scalar(
        select(func.count())
        .select_from(Correction)
        .where(Correction.fund_id == closing.fund_id, Correction.state == CorrectionState.PROPOSED)
    )
    yield Check(
        key="corrections",
        title="Every correction is decided",
        state=CheckState.BLOCKER if count else CheckState.PASS,
        what=f"Corrections that wait to be decided: {count}." if count else "",
    )


def _lines(where: object, offset: int, limit: int) -> list[CorrectionLine]:
    proposed, decided = aliased(User), aliased(User)
    rows = db.session.execute(
        select(Correction, proposed.name, decided.name)
        .join(proposed, proposed.id == Correction.proposed_by_id)
        .outerjoin(decided, decided.id == Correction.decided_by_id)
        .where(where)  # type: ignore[arg-type] # a condition
        .order_by(Correction.id.desc())
        .offset(offset)
        .limit(min(limit, 500))
    )
    return [
        CorrectionLine(
            id=found.id,
            fund_id=found.fund_id,
            kind=found.kind,
            change=rules.read(found.kind, found.payload),
            amount=Money.of_minor(found.usd_minor, "USD"),
            reason=found.reason,
            state=found.state,
            proposed_by_id=found.proposed_by_id,
            proposed_by=by,
            proposed_at=found.proposed_at,
            decided_by=other or "",
            decided_at=found.decided_at,
            note=found.note,
            entry_id=found.entry_id,
        )
        for found, by, other in rows
    ]
