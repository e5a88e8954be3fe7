"""Payment requests and the bank details that stand on them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from grants.db import db
from grants.donors.models import (
    ContributionAgreement,
    Instalment,
    InstructionState,
    MembershipInvoice,
    PaymentInstruction,
    PaymentRequest,
)
from grants.donors.rules import Letter
from grants.errors import NotFound
from grants.money import Money
from grants.people.models import Organisation, User

ROWS_MAX: Final = 1000


@dataclass(frozen=True, kw_only=True)
class LetterLine:
    """A payment request in a list. `document_id` is None while it is put on paper."""

    id: int
    fund_id: int
    donor_id: int
    donor: str
    number: str
    kind: str
    agreement_id: int | None
    reference: str
    instalment: int | None
    membership_id: int | None
    year: int | None
    amount: Money
    requested_on: date
    due_on: date
    state: str
    reason: str
    document_id: int | None
    letter: Letter


@dataclass(frozen=True, kw_only=True)
class InstructionLine:
    """Bank details for a currency: proposed, in force, or replaced."""

    id: int
    fund_id: int
    currency: str
    lines: tuple[str, ...]
    state: str
    proposed_by_id: int
    proposed_by: str
    proposed_at: datetime
    confirmed_by: str
    confirmed_at: datetime | None


def letter_list(
    fund_id: int,
    *,
    q: str = "",
    state: str = "",
    sort: str = "requested_on",
    is_descending: bool = True,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[LetterLine], int]:
    """A page of the letters of a fund, and how many there are. Two statements.

    Sorts by requested_on, due_on, donor or number.
    """
    query = _letters().where(PaymentRequest.fund_id == fund_id)
    if q:
        query = query.where(
            Organisation.name.icontains(q, autoescape=True)
            | PaymentRequest.number.icontains(q, autoescape=True)
            | ContributionAgreement.reference.icontains(q, autoescape=True)
        )
    if state:
        query = query.where(PaymentRequest.state == state)
    count = db.session.scalar(
        select(func.count()).select_from(query.with_only_columns(PaymentRequest.id).subquery())
    )
    key = _SORTS.get(sort, PaymentRequest.requested_on)
    rows = db.session.execute(
        query.order_by(key.desc() if is_descending else key, PaymentRequest.id.desc())
        .offset(offset)
        .limit(min(limit, ROWS_MAX))
    )
    return [_line(row) for row in rows], count or 0


def letters_of(
    *,
    agreement_id: int | None = None,
    membership_id: int | None = None,
    donor_id: int | None = None,
    fund_id: int | None = None,
    limit: int = 100,
) -> list[LetterLine]:
    """The letters under an agreement or a membership, or to a donor in a fund, the latest first."""
    query = _letters()
    for column, wanted in (
        (Instalment.agreement_id, agreement_id),
        (MembershipInvoice.membership_id, membership_id),
        (PaymentRequest.donor_id, donor_id),
        (PaymentRequest.fund_id, fund_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    rows = db.session.execute(query.order_by(PaymentRequest.id.desc()).limit(min(limit, ROWS_MAX)))
    return [_line(row) for row in rows]


def letter(request_id: int) -> LetterLine:
    """One letter. Refuses with NotFound."""
    row = db.session.execute(_letters().where(PaymentRequest.id == request_id)).one_or_none()
    if row is None:
        raise NotFound
    return _line(row)


def instructions_of(fund_id: int, *, limit: int = 200) -> list[InstructionLine]:
    """The bank details of a fund: what is proposed, in force and replaced, by currency."""
    rows = db.session.execute(
        _instructions()
        .where(PaymentInstruction.fund_id == fund_id)
        .order_by(PaymentInstruction.currency, PaymentInstruction.id.desc())
        .limit(min(limit, ROWS_MAX))
    )
    return [_instruction(row) for row in rows]


def instruction(instruction_id: int) -> InstructionLine:
    """One of them. Refuses with NotFound."""
    row = db.session.execute(
        _instructions().where(PaymentInstruction.id == instruction_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return _instruction(row)


def instructions_to_confirm(
    fund_ids: Collection[int] | None, *, not_by: int, limit: int = 50
) -> list[InstructionLine]:
    """Bank details that wait for a second person other than `not_by`. None: in every fund."""
    query = _instructions().where(
        PaymentInstruction.state == InstructionState.PROPOSED,
        PaymentInstruction.proposed_by_id != not_by,
    )
    if fund_ids is not None:
        query = query.where(PaymentInstruction.fund_id.in_(list(fund_ids)))
    rows = db.session.execute(query.order_by(PaymentInstruction.id).limit(limit))
    return [_instruction(row) for row in rows]


_SORTS: Final[dict[str, ColumnElement[Any] | Any]] = {
    "requested_on": PaymentRequest.requested_on,
    "due_on": PaymentRequest.due_on,
    "donor": Organisation.name,
    "number": PaymentRequest.number,
}


def _letters() -> Select[PaymentRequest, str, int, str, int, int, int]:
    return (
        select(
            PaymentRequest,
            Organisation.name,
            ContributionAgreement.id,
            ContributionAgreement.reference,
            Instalment.number,
            MembershipInvoice.membership_id,
            MembershipInvoice.year,
        )
        .join(Organisation, Organisation.id == PaymentRequest.donor_id)
        .outerjoin(Instalment, Instalment.id == PaymentRequest.instalment_id)
        .outerjoin(ContributionAgreement, ContributionAgreement.id == Instalment.agreement_id)
        .outerjoin(MembershipInvoice, MembershipInvoice.id == PaymentRequest.invoice_id)
    )


def _line(row: Any) -> LetterLine:
    one, donor, agreement_id, reference, number, membership_id, year = row
    return LetterLine(
        id=one.id,
        fund_id=one.fund_id,
        donor_id=one.donor_id,
        donor=donor,
        number=one.number,
        kind="instalment" if one.instalment_id is not None else "membership",
        agreement_id=agreement_id,
        reference=reference or "",
        instalment=number,
        membership_id=membership_id,
        year=year,
        amount=Money.of_minor(one.amount_minor, one.currency),
        requested_on=one.requested_on,
        due_on=one.due_on,
        state=one.state,
        reason=one.reason,
        document_id=one.document_id,
        letter=Letter.of_stored(one.letter),
    )


def _instructions() -> Select[PaymentInstruction, str, str]:
    confirmer = aliased(User)
    return (
        select(PaymentInstruction, User.name, confirmer.name)
        .join(User, User.id == PaymentInstruction.proposed_by_id)
        .outerjoin(confirmer, confirmer.id == PaymentInstruction.confirmed_by_id)
    )


def _instruction(row: Any) -> InstructionLine:
    one, proposed_by, confirmed_by = row
    return InstructionLine(
        id=one.id,
        fund_id=one.fund_id,
        currency=one.currency,
        lines=tuple(one.lines.splitlines()),
        state=one.state,
        proposed_by_id=one.proposed_by_id,
        proposed_by=proposed_by,
        proposed_at=one.proposed_at,
        confirmed_by=confirmed_by or "",
        confirmed_at=one.confirmed_at,
    )
